/** Artifacts over HTTP, and the addresses of what belongs to them. */
import { getJson } from "./client";
import type { Artifact, ArtifactPage, FilePage } from "./types";

const ARTIFACTS = "/api/v1/artifacts";

export interface ArtifactQuery {
  /** Words that must all occur. */
  text: string;
  /** Any of these formats; all when empty. */
  formats: readonly string[];
  /** A field, with `-` for descending. */
  order: string;
}

const PAGE_SIZE = 48;

export function findArtifacts(
  query: ArtifactQuery,
  cursor: string | null,
  signal?: AbortSignal,
): Promise<ArtifactPage> {
  const parameters = new URLSearchParams({ limit: String(PAGE_SIZE), order: query.order });
  if (query.text) parameters.set("q", query.text);
  for (const format of query.formats) parameters.append("format", format);
  if (cursor) parameters.set("cursor", cursor);
  return getJson(`${ARTIFACTS}?${parameters}`, signal);
}

/** An artifact by uid or key. */
export function getArtifact(ref: string, signal?: AbortSignal): Promise<Artifact> {
  return getJson(`${ARTIFACTS}/${encodePath(ref)}`, signal);
}

/** What lies directly in a folder of an artifact. */
export function listFiles(uid: string, folder: string, cursor: string | null, signal?: AbortSignal): Promise<FilePage> {
  const parameters = new URLSearchParams({ folder });
  if (cursor) parameters.set("cursor", cursor);
  return getJson(`${ARTIFACTS}/${uid}/files?${parameters}`, signal);
}

export function getThumbnailUrl(artifact: Artifact): string {
  return `${ARTIFACTS}/${artifact.uid}/thumbnail`;
}

/** The stored bytes of an artifact that is a file, or of one file in an artifact that is a folder. */
export function getDataUrl(artifact: Artifact, path = ""): string {
  return `/data/${artifact.uid}/${encodePath(path ? `${artifact.basename}/${path}` : artifact.basename)}`;
}

export function getViewerUrl(artifact: Artifact, theme?: "light" | "dark"): string {
  const parameters = new URLSearchParams({ config: `${ARTIFACTS}/${artifact.uid}/vitessce.json` });
  if (theme) parameters.set("theme", theme);
  return `/viewer/?${parameters}`;
}

function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}
