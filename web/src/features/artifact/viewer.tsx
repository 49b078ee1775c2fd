/** The dataset in the viewer, or in plain words why it cannot be shown. */
import type { Artifact } from "../../api/types";
import { getViewUrl } from "../../api/views";
import { useColorScheme } from "../../lib/use-color-scheme";
import { FindingList } from "./finding-list";
import styles from "./viewer.module.css";

/** @param viewUid A saved view; null for the automatic one. */
export function Viewer({ artifact, viewUid }: { artifact: Artifact; viewUid: string | null }) {
  const theme = useColorScheme();
  if (!artifact.viewer.ready && !viewUid) return <NotViewable artifact={artifact} />;
  return (
    <section aria-label="Viewer">
      <iframe
        allow="fullscreen"
        className={styles.frame}
        src={getViewUrl(artifact, viewUid, theme)}
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
