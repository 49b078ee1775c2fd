/** What a model was trained on: datasets, split, seed. Nothing for what no training saved. */
import { useCallback } from "react";
import { Link } from "react-router";
import { getPageUrl } from "../../api/artifacts";
import { listRunsOf } from "../../api/runs";
import { parseVersion } from "../../api/summary";
import { parseTraining, type Training } from "../../api/training";
import type { Artifact } from "../../api/types";
import { useResource } from "../../lib/use-resource";
import { ErrorNotice } from "../../ui/notice";
import { Section } from "../../ui/section";
import { Properties } from "./properties";

export function TrainedOn({ artifact }: { artifact: Artifact }) {
  return artifact.kind === "model" ? <TrainingOf uid={artifact.uid} /> : null;
}

function TrainingOf({ uid }: { uid: string }) {
  const runs = useResource(useCallback((signal) => listRunsOf(uid, signal), [uid]));
  if (runs.status === "failed") {
    return <ErrorNotice error={runs.error} onRetry={runs.retry} title="What it was trained on could not be loaded" />;
  }
  if (runs.status === "loading") return null;
  const training = runs.value.map(parseTraining).find((found) => found !== null);
  return training ? <TrainingSection training={training} /> : null;
}

function TrainingSection({ training }: { training: Training }) {
  const parts = training.parts.map(({ history, name, nTiles }) => [
    name,
    [`${nTiles.toLocaleString("en")} tiles`, ...history].join("; "),
  ]);
  return (
    <Section count={training.datasets.length} title="Trained on">
      <ul>
        {training.datasets.map(({ key, uid, version }) => (
          <li key={uid}>
            <Link to={getPageUrl(uid)}>{key}</Link> version {parseVersion(version)}
          </li>
        ))}
      </ul>
      <Properties
        values={{
          Tiles: training.tiles,
          ...Object.fromEntries(parts),
          Query: training.query ? <code>{training.query}</code> : null,
          Seed: training.seed,
          "Hash of the plan": training.planHash ? <code>{training.planHash}</code> : null,
          ...Object.fromEntries(training.hyperparameters),
        }}
      />
    </Section>
  );
}
