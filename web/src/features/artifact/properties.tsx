/** Names and values of an element. */
import type { ReactNode } from "react";
import styles from "./properties.module.css";

/** @param values Those that are null or empty are left out. */
export function Properties({ values }: { values: Readonly<Record<string, ReactNode>> }) {
  const present = Object.entries(values).filter(([, value]) => value !== null && value !== "");
  return (
    <dl className={styles.properties}>
      {present.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A heading inside an element with what it stands over. */
export function Part({ children, count, title }: { children: ReactNode; count?: number; title: string }) {
  return (
    <div>
      <h4 className={styles.heading}>
        {title} {count === undefined ? null : <span>{count}</span>}
      </h4>
      {children}
    </div>
  );
}
