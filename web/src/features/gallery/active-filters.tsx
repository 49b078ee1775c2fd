/** The values that are filtered by, each to be taken away with one click. */
import type { Filters } from "../../api/artifacts";
import { getFacetTitle } from "../../api/facets";
import styles from "./active-filters.module.css";
import { toggleValue } from "./query";
import type { FacetGroup } from "./use-facets";

interface Props {
  filters: Filters;
  groups: readonly FacetGroup[];
  onChange: (filters: Filters) => void;
}

export function ActiveFilters({ filters, groups, onChange }: Props) {
  const chosen = Object.entries(filters).flatMap(([facet, values]) => values.map((value) => ({ facet, value })));
  if (chosen.length === 0) return null;
  return (
    <ul aria-label="Active filters" className={styles.chips}>
      {chosen.map(({ facet, value }) => {
        const label = findLabel(groups, facet, value);
        return (
          <li key={`${facet}=${value}`}>
            <button
              aria-label={`Remove ${getFacetTitle(facet)} ${label}`}
              className={styles.chip}
              onClick={() => onChange(toggleValue(filters, facet, value))}
              type="button"
            >
              <span className={styles.facet}>{getFacetTitle(facet)}</span> {label}
              <span aria-hidden="true" className={styles.cross}>
                ×
              </span>
            </button>
          </li>
        );
      })}
      {chosen.length > 1 ? (
        <li>
          <button className={styles.clear} onClick={() => onChange({})} type="button">
            Clear all
          </button>
        </li>
      ) : null}
    </ul>
  );
}

function findLabel(groups: readonly FacetGroup[], facet: string, value: string): string {
  return (
    groups.find((group) => group.facet === facet)?.values.find(({ chosenAs }) => chosenAs === value)?.label ?? value
  );
}
