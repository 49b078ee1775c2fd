/** Where datasets came from and what they went into, over HTTP. */
import { getJson } from "./client";
import type { LineageArtifact, LineageGraph } from "./types";

const LINEAGE = "/api/v1/lineage";

export function getLineage(uid: string, signal?: AbortSignal): Promise<LineageGraph> {
  return getJson(`${LINEAGE}/${uid}`, signal);
}

/** The graph as a picture. */
export function getLineagePictureUrl(uid: string): string {
  return `${LINEAGE}/${uid}?format=svg`;
}

/** What the runs that saved the root had read. */
export function listSources(graph: LineageGraph): LineageArtifact[] {
  return listNeighbours(graph, ({ source, target }) => [target, source]);
}

/** What the runs that read the root have saved. */
export function listResults(graph: LineageGraph): LineageArtifact[] {
  return listNeighbours(graph, ({ source, target }) => [source, target]);
}

type Step = (edge: LineageGraph["edges"][number]) => [from: string, to: string];

/** Artifacts two steps from the root: one to a run, one to an artifact. */
function listNeighbours({ artifacts, edges, root_uid }: LineageGraph, step: Step): LineageArtifact[] {
  const steps = edges.map(step);
  const runs = new Set(steps.flatMap(([from, to]) => (from === root_uid ? [to] : [])));
  const reached = new Set(steps.flatMap(([from, to]) => (runs.has(from) ? [to] : [])));
  return artifacts.filter(({ uid }) => uid !== root_uid && reached.has(uid));
}
