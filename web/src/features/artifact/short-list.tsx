/** The first few names of many, and more on demand. */
import { useState } from "react";
import { formatInteger } from "../../lib/format";
import styles from "./short-list.module.css";

const N_SHORT = 6;

/** @param total How many there are in all: `items` may be the first of them only. */
export function ShortList({ items, total }: { items: readonly string[]; total: number }) {
  const [isLong, setIsLong] = useState(false);
  const shown = isLong || items.length <= N_SHORT + 1 ? items : items.slice(0, N_SHORT);
  const rest = total - shown.length;
  return (
    <>
      {shown.join(", ")}
      {shown.length < items.length ? (
        <>
          {" "}
          <button className={styles.more} onClick={() => setIsLong(true)} type="button">
            and {formatInteger(rest)} more
          </button>
        </>
      ) : null}
      {shown.length === items.length && rest > 0 ? ` and ${formatInteger(rest)} more` : null}
    </>
  );
}
