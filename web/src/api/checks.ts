/** Checks of stored bytes over HTTP. */
import { getJson } from "./client";
import type { Report } from "./types";

export type Purpose = "specification" | "viewer";

/** What a check of an artifact says; the server reads the bytes for it now. */
export function checkArtifact(uid: string, purpose: Purpose, signal?: AbortSignal): Promise<Report> {
  return getJson(`/api/v1/artifacts/${encodeURIComponent(uid)}/check?purpose=${purpose}`, signal);
}
