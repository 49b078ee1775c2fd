/** A part of a page under its own heading. */
import { type ReactNode, useId } from "react";
import styles from "./section.module.css";

export function Section({ children, count, title }: { children: ReactNode; count?: number; title: string }) {
  const id = useId();
  return (
    <section aria-labelledby={id} className={styles.section}>
      <h2 id={id}>
        {title} {count === undefined ? null : <span className={styles.count}>{count}</span>}
      </h2>
      {children}
    </section>
  );
}
