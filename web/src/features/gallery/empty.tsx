/** When there is nothing to show. */
import type { ArtifactQuery } from "../../api/artifacts";
import { getFacetTitle } from "../../api/facets";
import { Button } from "../../ui/button";
import { CodeBlock } from "../../ui/code-block";
import { Logo } from "../../ui/logo";
import { Notice } from "../../ui/notice";
import styles from "./empty.module.css";

export function EmptyCatalog() {
  return (
    <div className={styles.welcome}>
      <title>Vitrina</title>
      <Logo size={56} />
      <Notice title="Nothing on display yet">
        <p>Add a dataset: a SpatialData or AnnData store, an h5ad file, an OME-Zarr or TIFF image, a table.</p>
        <CodeBlock code="vitrina add path/to/data.zarr" label="Command that adds a dataset" />
        <p className={styles.quiet}>Then reload this page. Your files are copied, never changed.</p>
      </Notice>
    </div>
  );
}

export function NoMatch({ onClear, query }: { onClear: () => void; query: ArtifactQuery }) {
  const filters = Object.keys(query.filters).map(getFacetTitle).join(", ");
  return (
    <Notice title="No dataset matches">
      <p>
        Nothing
        {query.text ? (
          <>
            {" "}
            contains all words of <strong>{query.text}</strong>
          </>
        ) : null}
        {query.text && filters ? " and" : null}
        {filters ? <> has what is chosen of {filters}</> : null}.
      </p>
      <Button onClick={onClear}>Show all datasets</Button>
    </Notice>
  );
}
