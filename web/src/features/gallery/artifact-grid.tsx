/** The datasets side by side. */
import type { Artifact } from "../../api/types";
import { Skeleton } from "../../ui/skeleton";
import { ArtifactCard } from "./artifact-card";
import styles from "./artifact-grid.module.css";

const SKELETONS = ["a", "b", "c", "d", "e", "f", "g", "h"];

/** @param isStale Whether these are the answers to the search before. */
export function ArtifactGrid({ artifacts, isStale }: { artifacts: readonly Artifact[]; isStale: boolean }) {
  return (
    <ul aria-busy={isStale} className={styles.grid}>
      {artifacts.map((artifact) => (
        <li key={artifact.uid}>
          <ArtifactCard artifact={artifact} />
        </li>
      ))}
    </ul>
  );
}

export function GridSkeleton() {
  return (
    <div aria-label="Loading the datasets" className={styles.grid} role="status">
      {SKELETONS.map((key) => (
        <div className={styles.placeholder} key={key}>
          <Skeleton className={styles.picture} />
          <Skeleton className={styles.line} />
          <Skeleton className={styles.shortLine} />
        </div>
      ))}
    </div>
  );
}
