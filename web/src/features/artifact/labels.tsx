/** The terms that a dataset is labelled with; each leads to all datasets that have it. */
import { Link } from "react-router";
import { getLabelUrl, groupLabels } from "../../api/facets";
import type { Label } from "../../api/types";
import styles from "./labels.module.css";

export function Labels({ labels }: { labels: readonly Label[] }) {
  return (
    <dl className={styles.groups}>
      {groupLabels(labels).map(({ facet, terms, title }) => (
        <div key={facet}>
          <dt>{title}</dt>
          <dd className={styles.terms}>
            {terms.map((term) => (
              <Link className={styles.term} key={term.uid} to={getLabelUrl(facet, term)}>
                {term.name} {term.ontology_id ? <span className={styles.id}>{term.ontology_id}</span> : null}
              </Link>
            ))}
          </dd>
        </div>
      ))}
    </dl>
  );
}
