/** The page before the dataset is known. */
import { Skeleton } from "../../ui/skeleton";
import styles from "./skeleton.module.css";

export function ArtifactSkeleton() {
  return (
    <div aria-label="Loading the dataset" className={styles.page} role="status">
      <Skeleton className={styles.path} />
      <Skeleton className={styles.title} />
      <Skeleton className={styles.facts} />
      <Skeleton className={styles.viewer} />
    </div>
  );
}
