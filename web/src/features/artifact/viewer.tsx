/** The dataset in the viewer, or in plain words why it cannot be shown. */
import { getViewerUrl } from "../../api/artifacts";
import type { Artifact } from "../../api/types";
import { useColorScheme } from "../../lib/use-color-scheme";
import { FindingList } from "./finding-list";
import styles from "./viewer.module.css";

export function Viewer({ artifact }: { artifact: Artifact }) {
  const theme = useColorScheme();
  if (!artifact.viewer.ready) return <NotViewable artifact={artifact} />;
  return (
    <section aria-label="Viewer">
      <iframe
        allow="fullscreen"
        className={styles.frame}
        src={getViewerUrl(artifact, theme)}
        title={`Viewer of ${artifact.key}`}
      />
      {artifact.content.is_simulated ? (
        <p className={styles.simulated}>Simulated data: made by a program, not measured.</p>
      ) : null}
    </section>
  );
}

function NotViewable({ artifact }: { artifact: Artifact }) {
  const reasons = artifact.viewer.findings.filter(({ severity }) => severity === "error");
  return (
    <section aria-label="Viewer" className={styles.panel}>
      <h2>The viewer cannot show this dataset</h2>
      <FindingList findings={reasons.length > 0 ? reasons : artifact.viewer.findings} />
    </section>
  );
}
