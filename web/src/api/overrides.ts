/** What people know better than the file of a dataset, over HTTP. */
import { sendJson } from "./client";
import type { ElementOverrides, Overrides } from "./types";

/** Say this of the elements of a dataset, in place of all that was said; nothing goes back to what the file says. */
export function setOverrides(uid: string, elements: readonly ElementOverrides[]): Promise<Overrides> {
  return sendJson("PUT", `/api/v1/artifacts/${encodeURIComponent(uid)}/overrides`, { elements });
}
