/** Which formats to show: none selected means all. */
import { getFormatName, KNOWN_FORMATS } from "../../api/summary";
import type { Facet } from "../../api/types";
import { formatInteger } from "../../lib/format";
import styles from "./format-filter.module.css";

interface Props {
  facets: readonly Facet[];
  onChange: (formats: string[]) => void;
  selected: readonly string[];
}

export function FormatFilter({ facets, onChange, selected }: Props) {
  const counts = new Map(facets.map(({ id, count }) => [id, count]));
  const formats = [...new Set([...(counts.size > 0 ? counts.keys() : KNOWN_FORMATS), ...selected])];
  const toggle = (format: string) =>
    onChange(selected.includes(format) ? selected.filter((other) => other !== format) : [...selected, format]);
  return (
    <fieldset className={styles.filter}>
      <legend className="visually-hidden">Format</legend>
      {formats.map((format) => {
        const count = counts.get(format);
        return (
          <button
            aria-pressed={selected.includes(format)}
            className={styles.chip}
            key={format}
            onClick={() => toggle(format)}
            type="button"
          >
            {getFormatName(format)}
            {count === undefined ? null : <span className={styles.count}> {formatInteger(count)}</span>}
          </button>
        );
      })}
    </fieldset>
  );
}
