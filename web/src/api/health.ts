/** The server itself. */
import { getJson } from "./client";
import type { Health } from "./types";

export function getHealth(signal?: AbortSignal): Promise<Health> {
  return getJson("/api/v1/health", signal);
}
