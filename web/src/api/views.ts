/** Saved views over HTTP, and their addresses in the viewer. */
import { getViewerUrl } from "./artifacts";
import { getJson } from "./client";
import type { Artifact, SavedViewPage } from "./types";

const VIEWS = "/api/v1/views";
const MAX_LISTED = 100;

/** The views that were saved of an artifact, newest first. */
export function listViews(subjectUid: string, signal?: AbortSignal): Promise<SavedViewPage> {
  const parameters = new URLSearchParams({ subject_uid: subjectUid, limit: String(MAX_LISTED) });
  return getJson(`${VIEWS}?${parameters}`, signal);
}

/** The viewer on a saved view, or on the automatic one of the artifact when `viewUid` is null. */
export function getViewUrl(artifact: Artifact, viewUid: string | null, theme?: "light" | "dark"): string {
  if (!viewUid) return getViewerUrl(artifact, theme);
  const parameters = new URLSearchParams({ config: `${VIEWS}/${encodeURIComponent(viewUid)}/vitessce.json` });
  if (theme) parameters.set("theme", theme);
  return `/viewer/?${parameters}`;
}
