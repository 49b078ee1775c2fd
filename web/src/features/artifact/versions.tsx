/** All versions of a dataset, newest first. Nothing when there is only this one. */
import { useCallback } from "react";
import { Link } from "react-router";
import { getPageUrl, listVersions } from "../../api/artifacts";
import { parseVersion } from "../../api/summary";
import type { Artifact } from "../../api/types";
import { formatBytes, formatDate } from "../../lib/format";
import { useResource } from "../../lib/use-resource";
import { ErrorNotice } from "../../ui/notice";
import { Section } from "../../ui/section";
import { Skeleton } from "../../ui/skeleton";
import styles from "./versions.module.css";

export function Versions({ artifact }: { artifact: Artifact }) {
  const isOnly = artifact.is_latest && parseVersion(artifact.version) === 1;
  return isOnly ? null : <VersionList uid={artifact.uid} />;
}

function VersionList({ uid }: { uid: string }) {
  const versions = useResource(useCallback((signal) => listVersions(uid, signal), [uid]));
  if (versions.status === "failed") {
    return <ErrorNotice error={versions.error} onRetry={versions.retry} title="The versions could not be loaded" />;
  }
  if (versions.status === "loading") {
    return (
      <Section title="Versions">
        <Skeleton className={styles.placeholder} />
      </Section>
    );
  }
  const others = versions.value.filter((version) => version.uid !== uid);
  if (others.length === 0) return null;
  return (
    <Section count={versions.value.length} title="Versions">
      <ul className={styles.list}>
        {versions.value.map((version) => (
          <li aria-current={version.uid === uid ? "true" : undefined} key={version.uid}>
            <Link to={getPageUrl(version.uid)}>Version {parseVersion(version.version)}</Link>
            <time dateTime={version.created_at}>{formatDate(version.created_at)}</time>
            <span className={styles.size}>{formatBytes(version.size_bytes)}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
