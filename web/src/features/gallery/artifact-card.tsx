/** One dataset: a picture, its name, and the figures that tell it from its neighbours. */
import { useState } from "react";
import { Link } from "react-router";
import { getPageUrl, getThumbnailUrl } from "../../api/artifacts";
import { groupLabels } from "../../api/facets";
import { findMainImage, getFormatName, splitKey, summarize } from "../../api/summary";
import type { Artifact, Label } from "../../api/types";
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
          <Link className={styles.link} to={getPageUrl(artifact.uid)}>
            {name}
          </Link>
        </h2>
        <p className={styles.summary}>{summarize(artifact).join(" · ") || " "}</p>
        <CardLabels labels={artifact.annotations?.labels ?? []} />
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

const N_LABELS = 3;

/** The first term of each registry, which tells more than three tissues would. */
function CardLabels({ labels }: { labels: readonly Label[] }) {
  const groups = groupLabels(labels);
  if (groups.length === 0) return null;
  const shown = groups
    .slice(0, N_LABELS)
    .flatMap(({ title, terms }) => terms.slice(0, 1).map((term) => ({ title, term })));
  const n_more = groups.flatMap(({ terms }) => terms).length - shown.length;
  return (
    <ul aria-label="Labels" className={styles.labels}>
      {shown.map(({ title, term }) => (
        <li key={term.uid} title={`${title}: ${term.name}`}>
          {term.name}
        </li>
      ))}
      {n_more > 0 ? <li className={styles.rest}>+{n_more}</li> : null}
    </ul>
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
