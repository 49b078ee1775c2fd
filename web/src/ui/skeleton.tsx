/** Where something will be. */
import styles from "./skeleton.module.css";

export function Skeleton({ className = "" }: { className?: string | undefined }) {
  return <span aria-hidden="true" className={`${styles.skeleton} ${className}`} />;
}
