/** What the datasets can be narrowed by, with how many there are of each. */
import { useId, useState } from "react";
import type { Filters } from "../../api/artifacts";
import { Icon } from "../../ui/icon";
import { Skeleton } from "../../ui/skeleton";
import { FacetChoice } from "./facet-choice";
import styles from "./facet-panel.module.css";
import { toggleValue } from "./query";
import type { FacetGroup } from "./use-facets";

interface Props {
  filters: Filters;
  groups: readonly FacetGroup[];
  /** Whether nothing has been counted yet. */
  isLoading: boolean;
  onChange: (filters: Filters) => void;
  /** Asks for all values of a facet. */
  onExpand: (facet: string) => void;
}

export function FacetPanel({ filters, groups, isLoading, onChange, onExpand }: Props) {
  const [isOpen, setIsOpen] = useState(false);
  const id = useId();
  const nChosen = Object.values(filters).flat().length;
  return (
    <aside aria-label="Filters" className={styles.panel}>
      <button
        aria-controls={id}
        aria-expanded={isOpen}
        className={styles.toggle}
        onClick={() => setIsOpen(!isOpen)}
        type="button"
      >
        Filters{nChosen > 0 ? ` (${nChosen})` : ""}
        <Icon name="chevron" size={16} />
      </button>
      <div className={styles.groups} data-open={isOpen} id={id}>
        {groups.map((group) => (
          <FacetChoice
            group={group}
            key={group.facet}
            onExpand={() => onExpand(group.facet)}
            onToggle={(value) => onChange(toggleValue(filters, group.facet, value))}
          />
        ))}
        {isLoading ? <PanelSkeleton /> : null}
      </div>
    </aside>
  );
}

function PanelSkeleton() {
  return [5, 4, 3].map((nLines) => (
    <div aria-hidden="true" className={styles.placeholder} key={nLines}>
      {Array.from({ length: nLines }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: placeholders are all alike
        <Skeleton className={styles.line} key={line} />
      ))}
    </div>
  ));
}
