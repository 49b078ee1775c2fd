/** What the server has to say of the search, such as the nearest terms to one that nobody knows. */
import { Fragment } from "react";
import type { Filters } from "../../api/artifacts";
import type { Finding } from "../../api/types";
import styles from "./hints.module.css";
import { replaceValue } from "./query";

interface Props {
  filters: Filters;
  hints: readonly Finding[];
  onChange: (filters: Filters) => void;
}

export function Hints({ filters, hints, onChange }: Props) {
  if (hints.length === 0) return null;
  return (
    <ul className={styles.hints} role="status">
      {hints.map((hint) => (
        <li key={hint.message}>
          <span>{hint.message}</span>
          <Proposals
            hint={hint}
            onChoose={(unknown, name) => onChange(replaceValue(filters, hint.path, unknown, name))}
          />
        </li>
      ))}
    </ul>
  );
}

function Proposals({ hint, onChoose }: { hint: Finding; onChoose: (unknown: string, name: string) => void }) {
  const [unknown] = listQuoted(hint.message);
  const names = listQuoted(hint.fix ?? "");
  if (names.length === 0 || unknown === undefined) return hint.fix ? <span>{hint.fix}</span> : null;
  return (
    <span>
      Did you mean{" "}
      {names.map((name, index) => (
        <Fragment key={name}>
          {index > 0 ? " or " : null}
          <button className={styles.proposal} onClick={() => onChoose(unknown, name)} type="button">
            {name}
          </button>
        </Fragment>
      ))}
      ?
    </span>
  );
}

/** The texts in quotes, which the server writes as Python does: `'lung'`, `"Crohn's disease"`, `'5\' "end"'`. */
export function listQuoted(text: string): string[] {
  return [...text.matchAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/g)].map(([, single, double]) =>
    (single ?? double ?? "").replaceAll(/\\(.)/g, "$1"),
  );
}
