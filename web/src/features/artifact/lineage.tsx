/** Where a dataset came from and what it went into. Nothing when no run made or read it. */
import { useCallback } from "react";
import { Link } from "react-router";
import { getPageUrl } from "../../api/artifacts";
import { getLineage, getLineagePictureUrl, listResults, listSources } from "../../api/lineage";
import type { LineageArtifact, LineageGraph } from "../../api/types";
import { formatCount } from "../../lib/format";
import { useResource } from "../../lib/use-resource";
import { ErrorNotice } from "../../ui/notice";
import { Section } from "../../ui/section";
import styles from "./lineage.module.css";

export function Lineage({ artifactKey, uid }: { artifactKey: string; uid: string }) {
  const lineage = useResource(useCallback((signal) => getLineage(uid, signal), [uid]));
  if (lineage.status === "loading") return null;
  if (lineage.status === "failed") {
    return <ErrorNotice error={lineage.error} onRetry={lineage.retry} title="The lineage could not be loaded" />;
  }
  const graph = lineage.value;
  if (graph.runs.length === 0) return null;
  return (
    <div className={styles.lineage}>
      <Section title="Lineage">
        <dl className={styles.neighbours}>
          <Neighbours artifacts={listSources(graph)} title="Made from" />
          <Neighbours artifacts={listResults(graph)} title="Went into" />
        </dl>
        <a
          aria-label="Open the picture, in which every dataset is a link"
          className={styles.frame}
          href={getLineagePictureUrl(uid)}
          rel="noopener"
          target="_blank"
        >
          <img alt={describe(artifactKey, graph)} src={getLineagePictureUrl(uid)} />
        </a>
      </Section>
    </div>
  );
}

function Neighbours({ artifacts, title }: { artifacts: readonly LineageArtifact[]; title: string }) {
  if (artifacts.length === 0) return null;
  return (
    <div>
      <dt>{title}</dt>
      {artifacts.map(({ key, uid }) => (
        <dd key={uid}>
          <Link to={getPageUrl(uid)}>{key}</Link>
        </dd>
      ))}
    </div>
  );
}

function describe(key: string, { artifacts, is_complete, runs }: LineageGraph): string {
  const figures = `${formatCount(artifacts.length, "dataset")} and ${formatCount(runs.length, "run")}`;
  return `Lineage of ${key}: ${figures}${is_complete ? "" : ", the nearest of more"}`;
}
