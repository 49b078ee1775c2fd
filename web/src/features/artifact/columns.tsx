/** The contents on the left, what to do with them on the right. */
import type { ReactNode } from "react";
import styles from "./columns.module.css";

export function Columns({ aside, children }: { aside: ReactNode; children: ReactNode }) {
  return (
    <div className={styles.columns}>
      <div className={styles.main}>{children}</div>
      <aside className={styles.aside}>{aside}</aside>
    </div>
  );
}
