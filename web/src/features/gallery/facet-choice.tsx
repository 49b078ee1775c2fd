/** The values of one facet, to be chosen from. */
import { useState } from "react";
import { getFacetTitle } from "../../api/facets";
import { formatInteger } from "../../lib/format";
import styles from "./facet-choice.module.css";
import type { FacetGroup, FacetValue } from "./use-facets";

const N_SHOWN = 7;
/** From here on a list is long enough to be searched. */
const N_SEARCHED = 20;

interface Props {
  group: FacetGroup;
  /** Asks for the values beyond the most frequent ones. */
  onExpand: () => void;
  /** Gets the value as it is, or will be, in the address. */
  onToggle: (value: string) => void;
}

export function FacetChoice({ group: { facet, isCut, values }, onExpand, onToggle }: Props) {
  const [showsAll, setShowsAll] = useState(false);
  const [sought, setSought] = useState("");
  const most = Math.max(...values.map(({ count }) => count ?? 0), 1);
  const title = getFacetTitle(facet);
  const isSearched = showsAll && values.length > N_SEARCHED;
  const shown = values.filter(({ chosenAs, id, label }, index) => {
    if (isSearched && sought) return `${label} ${id}`.toLowerCase().includes(sought.toLowerCase());
    return showsAll || index < N_SHOWN || chosenAs !== null;
  });
  return (
    <fieldset className={styles.group}>
      <legend>{title}</legend>
      {isSearched ? (
        <input
          aria-label={`Find in ${title}`}
          className={styles.search}
          onChange={({ target }) => setSought(target.value)}
          placeholder="Find…"
          spellCheck={false}
          type="search"
          value={sought}
        />
      ) : null}
      {shown.map((value) => (
        <Choice key={value.id} most={most} onToggle={onToggle} value={value} />
      ))}
      {shown.length === 0 ? <p className={styles.none}>None is called that.</p> : null}
      {values.length > N_SHOWN ? (
        <button
          className={styles.more}
          onClick={() => {
            if (!showsAll && isCut) onExpand();
            setShowsAll(!showsAll);
            setSought("");
          }}
          type="button"
        >
          {showsAll ? "Show fewer" : `Show all${isCut ? "" : ` ${values.length}`}`}
        </button>
      ) : null}
    </fieldset>
  );
}

interface ChoiceProps {
  /** Count of the most frequent value, whose bar is the longest. */
  most: number;
  onToggle: (value: string) => void;
  value: FacetValue;
}

function Choice({ most, onToggle, value: { chosenAs, count, id, label } }: ChoiceProps) {
  const isOntologyId = id.includes(":");
  return (
    <label className={styles.value} title={isOntologyId ? `${label} (${id})` : label}>
      <input checked={chosenAs !== null} onChange={() => onToggle(chosenAs ?? id)} type="checkbox" />
      <span className={styles.label}>{label}</span>
      <span className={styles.count}>{count === null ? "" : formatInteger(count)}</span>
      {count ? <span aria-hidden="true" className={styles.bar} style={{ width: `${(100 * count) / most}%` }} /> : null}
    </label>
  );
}
