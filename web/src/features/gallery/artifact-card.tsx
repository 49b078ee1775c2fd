/** One dataset: a picture, its name, and the figures that tell it from its neighbours. */
import { useState } from "react";
import { Link } from "react-router";
import { getThumbnailUrl } from "../../api/artifacts";
import { findMainImage, getFormatName, splitKey, summarize } from "../../api/summary";
import type { Artifact } from "../../api/types";
import { formatBytes, formatDate } from "../../lib/format";
import { Badge, SimulatedBadge } from "../../ui/badge";
import { Logo } from "../../ui/logo";
import { Skeleton } from "../../ui/skeleton";
import styles from "./artifact-card.module.css";

export function ArtifactCard({ artifact }: { artifact: Artifact }) {
  const { folder, name } = splitKey(artifact.key);
  return (
    <article className={styles.card}>
      <Thumbnail artifact={artifact} />
      <div className={styles.body}>
        <h2 className={styles.title}>
          {folder ? <span className={styles.folder}>{folder}</span> : null}
          <Link className={styles.link} to={`/a/${artifact.uid}`}>
            {name}
          </Link>
        </h2>
        <p className={styles.summary}>{summarize(artifact).join(" · ") || " "}</p>
        <p className={styles.foot}>
          <Badge>{getFormatName(artifact.format)}</Badge>
          {artifact.content.is_simulated ? <SimulatedBadge /> : null}
          <span className={styles.facts}>
            {formatBytes(artifact.size_bytes)} · {formatDate(artifact.created_at)}
          </span>
        </p>
      </div>
    </article>
  );
}

function Thumbnail({ artifact }: { artifact: Artifact }) {
  const [state, setState] = useState<"loading" | "shown" | "missing">("loading");
  return (
    <div className={styles.stage} data-state={state}>
      {state === "loading" ? <Skeleton className={styles.waiting} /> : null}
      {state === "missing" ? (
        <Logo size={40} />
      ) : (
        <img
          alt=""
          className={findMainImage(artifact) ? styles.image : styles.plot}
          decoding="async"
          loading="lazy"
          onError={() => setState("missing")}
          onLoad={() => setState("shown")}
          src={getThumbnailUrl(artifact)}
        />
      )}
    </div>
  );
}
