/** What a run of a training says: parameters as `vitrina.ml.torch.ArtifactCheckpoint` records them. */
import type { Run } from "./types";

export interface TrainedPart {
  name: string;
  nTiles: number;
  history: string[];
}

export interface Training {
  datasets: { uid: string; key: string; version: string }[];
  parts: TrainedPart[];
  tiles: string | null;
  query: string | null;
  seed: string | null;
  planHash: string | null;
  hyperparameters: [name: string, value: string][];
}

type Json = Record<string, unknown>;

/** The training that a run is; null for a run that is none. */
export function parseTraining(run: Run): Training | null {
  const { datasets, hparams, loader, parts, query } = run.parameters as Json;
  if (!Array.isArray(datasets) || !isObject(parts)) return null;
  const told = Object.entries(parts).flatMap(([name, part]) => (isObject(part) ? [{ name, part }] : []));
  const first = told[0]?.part;
  return {
    datasets: datasets.filter(isObject).map(({ key, uid, version }) => ({
      key: String(key),
      uid: String(uid),
      version: String(version),
    })),
    parts: told.map(({ name, part }) => ({
      name,
      nTiles: Number(part.n_tiles),
      history: describeHistory(part.history),
    })),
    tiles: first ? describeTiles(first) : null,
    query: isObject(query) && Object.keys(query).length > 0 ? JSON.stringify(query) : null,
    seed: isObject(loader) && loader.seed !== undefined ? String(loader.seed) : null,
    planHash: isObject(loader) && typeof loader.plan_hash === "string" ? loader.plan_hash : null,
    hyperparameters: isObject(hparams)
      ? Object.entries(hparams).map(([name, value]) => [
          name,
          typeof value === "string" ? value : JSON.stringify(value),
        ])
      : [],
  };
}

function describeTiles(part: Json): string {
  const size = `${part.size_px} × ${part.size_px} pixels`;
  return typeof part.pixel_size_um === "number" ? `${size} of ${part.pixel_size_um} µm` : size;
}

/** How tiles were chosen; which datasets there are is told elsewhere. */
function describeHistory(history: unknown): string[] {
  const steps = Array.isArray(history) ? history.filter(isObject) : [];
  return steps.flatMap((step) => {
    if (step.step === "split") return [`by ${step.by}: ${(step.values as unknown[]).join(", ")}`];
    if (step.step === "split-blocks") return [`squares of ${step.block_px} pixels, ${step.gap_px} apart`];
    return step.step === "subset" ? ["chosen by hand"] : [];
  });
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
