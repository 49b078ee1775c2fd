/** What was run, over HTTP. */
import { getJson } from "./client";
import type { Run, RunPage } from "./types";

/** The runs that saved an artifact, newest first. */
export async function listRunsOf(uid: string, signal?: AbortSignal): Promise<Run[]> {
  const page = await getJson<RunPage>(`/api/v1/runs?output_uid=${uid}`, signal);
  return page.items;
}
