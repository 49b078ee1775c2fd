/** A short word about something. */
import type { ReactNode } from "react";
import styles from "./badge.module.css";

export function Badge({ children, tone = "plain" }: { children: ReactNode; tone?: "plain" | "warning" }) {
  return <span className={`${styles.badge} ${styles[tone]}`}>{children}</span>;
}

/** On everything that shows data which were made by a program. */
export function SimulatedBadge() {
  return <Badge tone="warning">Simulated</Badge>;
}
