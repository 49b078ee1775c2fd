/** Artifacts over HTTP, and the addresses of what belongs to them. */
import { getJson } from "./client";
import type { Artifact, ArtifactPage, Facet, FilePage } from "./types";

const ARTIFACTS = "/api/v1/artifacts";

export type Filters = Readonly<Record<string, readonly string[]>>;

export interface ArtifactQuery {
  /** Words that must all occur. */
  text: string;
  /** Per facet the values, any of which a dataset must have; a facet without values is not here. */
  filters: Filters;
  /** A field, with `-` for descending. */
  order: string;
}

const PAGE_SIZE = 48;

export function findArtifacts(
  query: ArtifactQuery,
  cursor: string | null,
  signal?: AbortSignal,
): Promise<ArtifactPage> {
  const parameters = new URLSearchParams({ limit: String(PAGE_SIZE), order: query.order, include: "annotations" });
  writeConditions(parameters, query);
  if (cursor) parameters.set("cursor", cursor);
  return getJson(`${ARTIFACTS}?${parameters}`, signal);
}

/** Values of a facet that come with a list of artifacts, and those that come when it is counted alone. */
export const N_FACET_VALUES = 20;
const MAX_FACET_VALUES = 1000;

/** The values of one facet among what fulfils all other conditions: what may be chosen beside the values that are. */
export async function countFacet(query: ArtifactQuery, facet: string, signal?: AbortSignal): Promise<readonly Facet[]> {
  const { [facet]: _, ...others } = query.filters;
  const parameters = new URLSearchParams({ limit: "1", facets: facet, facet_values: String(MAX_FACET_VALUES) });
  writeConditions(parameters, { text: query.text, filters: others });
  const page: ArtifactPage = await getJson(`${ARTIFACTS}?${parameters}`, signal);
  return page.facets?.[facet] ?? [];
}

function writeConditions(parameters: URLSearchParams, { text, filters }: Pick<ArtifactQuery, "text" | "filters">) {
  if (text) parameters.set("q", text);
  for (const [facet, values] of Object.entries(filters)) {
    for (const value of values) parameters.append(facet, value);
  }
}

/** All versions of the dataset that an artifact is one of, newest first. */
export async function listVersions(uid: string, signal?: AbortSignal): Promise<readonly Artifact[]> {
  const page: ArtifactPage = await getJson(`${ARTIFACTS}/${uid}/versions`, signal);
  return page.items;
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

/** The page of an artifact by uid, or of the latest version by key. */
export function getPageUrl(ref: string): string {
  return `/a/${encodePath(ref)}`;
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
