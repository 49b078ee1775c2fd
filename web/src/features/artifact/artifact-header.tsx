/** What this dataset is called and how it differs from others. */
import { Link } from "react-router";
import { getDataUrl } from "../../api/artifacts";
import { getFormatName, splitKey, summarize } from "../../api/summary";
import type { Artifact } from "../../api/types";
import { getViewUrl } from "../../api/views";
import { formatBytes, formatDate } from "../../lib/format";
import { Badge, SimulatedBadge } from "../../ui/badge";
import { ButtonLink } from "../../ui/button";
import { Icon } from "../../ui/icon";
import styles from "./artifact-header.module.css";

export function ArtifactHeader({ artifact, viewUid }: { artifact: Artifact; viewUid: string | null }) {
  const { folder, name } = splitKey(artifact.key);
  const facts = [...summarize(artifact), formatBytes(artifact.size_bytes), formatDate(artifact.created_at)];
  return (
    <header className={styles.header}>
      <nav aria-label="Breadcrumb" className={styles.path}>
        <Link to="/">Datasets</Link>
        {folder ? <span>{` / ${folder.slice(0, -1)}`}</span> : null}
      </nav>
      <div className={styles.row}>
        <h1>{name}</h1>
        <div className={styles.actions}>
          {artifact.viewer.ready || viewUid ? (
            <ButtonLink href={getViewUrl(artifact, viewUid)} rel="noopener" target="_blank">
              <Icon name="expand" /> Full screen
            </ButtonLink>
          ) : null}
          {artifact.is_folder ? null : (
            <ButtonLink download={artifact.basename} href={getDataUrl(artifact)}>
              <Icon name="download" /> Download
            </ButtonLink>
          )}
        </div>
      </div>
      <p className={styles.facts}>
        <Badge>{getFormatName(artifact.format)}</Badge>
        {artifact.content.is_simulated ? <SimulatedBadge /> : null}
        {facts.map((fact) => (
          <span key={fact}>{fact}</span>
        ))}
      </p>
      {artifact.description ? <p className={styles.description}>{artifact.description}</p> : null}
    </header>
  );
}
