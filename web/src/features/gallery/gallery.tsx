/** Search, filters, and the datasets that match. */
import { useCallback } from "react";
import { type ArtifactQuery, type Filters, findArtifacts } from "../../api/artifacts";
import type { Artifact, ArtifactPage } from "../../api/types";
import { formatCount } from "../../lib/format";
import { type Pages, usePages } from "../../lib/use-pages";
import { Button } from "../../ui/button";
import { ErrorNotice } from "../../ui/notice";
import { ActiveFilters } from "./active-filters";
import { ArtifactGrid, GridSkeleton } from "./artifact-grid";
import { EmptyCatalog, NoMatch } from "./empty";
import { FacetPanel } from "./facet-panel";
import styles from "./gallery.module.css";
import { Hints } from "./hints";
import { OrderSelect } from "./order-select";
import { hasFilter } from "./query";
import { SearchBox } from "./search-box";
import { useFacets } from "./use-facets";

interface Props {
  onChange: (part: Partial<ArtifactQuery>) => void;
  query: ArtifactQuery;
}

export function Gallery({ onChange, query }: Props) {
  const list = usePages<Artifact, ArtifactPage>(
    useCallback((cursor, signal) => findArtifacts(query, cursor, signal), [query]),
  );
  const { expand, groups } = useFacets(query, list.page);
  const total = list.page?.total ?? null;
  const setFilters = (filters: Filters) => onChange({ filters });
  if (list.status === "ready" && total === 0 && !hasFilter(query)) return <EmptyCatalog />;
  return (
    <>
      <h1 className="visually-hidden">Datasets</h1>
      <div className={styles.controls}>
        <SearchBox onChange={(text) => onChange({ text })} text={query.text} />
      </div>
      <div className={styles.columns}>
        <FacetPanel
          filters={query.filters}
          groups={groups}
          isLoading={list.page === null && list.status === "loading"}
          onChange={setFilters}
          onExpand={expand}
        />
        <div className={styles.results}>
          <div className={styles.summary}>
            <span aria-live="polite" className={styles.count}>
              {total === null ? "" : formatCount(total, "dataset")}
            </span>
            <OrderSelect hasText={query.text !== ""} onChange={(order) => onChange({ order })} order={query.order} />
          </div>
          <ActiveFilters filters={query.filters} groups={groups} onChange={setFilters} />
          <Hints filters={query.filters} hints={list.page?.hints ?? []} onChange={setFilters} />
          <Results list={list} onClear={() => onChange({ text: "", filters: {} })} query={query} />
        </div>
      </div>
    </>
  );
}

function Results({
  list,
  onClear,
  query,
}: {
  list: Pages<Artifact, ArtifactPage>;
  onClear: () => void;
  query: ArtifactQuery;
}) {
  const { hasMore, items, status } = list;
  return (
    <>
      {items.length > 0 ? <ArtifactGrid artifacts={items} isStale={status === "loading"} /> : null}
      {items.length === 0 && status === "loading" ? <GridSkeleton /> : null}
      {items.length === 0 && status === "ready" ? <NoMatch onClear={onClear} query={query} /> : null}
      {status === "failed" ? (
        <ErrorNotice error={list.error} onRetry={list.retry} title="The datasets could not be loaded" />
      ) : null}
      {hasMore && status !== "failed" ? (
        <div className={styles.more}>
          <Button disabled={status !== "ready"} onClick={list.loadMore}>
            {status === "loading-more" ? "Loading…" : "Load more"}
          </Button>
        </div>
      ) : null}
    </>
  );
}
