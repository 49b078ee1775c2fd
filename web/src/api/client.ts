/** Requests to the API: JSON in, and errors as the server tells them. */
import { HintedError } from "../lib/hinted-error";
import type { Problem } from "./types";

/** A request that did not work, in words for the reader. */
export class ApiError extends HintedError {
  readonly code: string;
  readonly status: number | null;

  constructor(problem: { code: string; detail: string; hint?: string | null; status?: number | null }) {
    super(problem.detail, problem.hint ?? null);
    this.name = "ApiError";
    this.code = problem.code;
    this.status = problem.status ?? null;
  }
}

/**
 * The JSON at an address of the server.
 *
 * @throws ApiError The server told a problem, could not be reached, or answered something else than JSON.
 */
export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await request(path, signal);
  if (!response.ok) throw await readError(response);
  return (await response.json()) as T;
}

/**
 * Send JSON to an address of the server, and give its answer.
 *
 * @throws ApiError The server refused it, could not be reached, or answered something else than JSON.
 */
export async function sendJson<T>(method: "PUT" | "POST" | "DELETE", path: string, body: unknown): Promise<T> {
  const headers = { "content-type": "application/json" };
  const response = await request(path, undefined, { method, headers, body: JSON.stringify(body) });
  if (!response.ok) throw await readError(response);
  return (await response.json()) as T;
}

async function request(path: string, signal: AbortSignal | undefined, init: RequestInit = {}): Promise<Response> {
  try {
    const headers = { accept: "application/json", ...init.headers };
    return await fetch(path, { ...init, headers, signal: signal ?? null });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError({
      code: "server-unreachable",
      detail: "The server does not answer.",
      hint: "Check that “vitrina serve” is running, then try again.",
    });
  }
}

async function readError(response: Response): Promise<ApiError> {
  const isProblem = response.headers.get("content-type")?.includes("problem+json");
  if (isProblem) return new ApiError((await response.json()) as Problem);
  return new ApiError({
    code: "answer-unexpected",
    detail: `The server answered ${response.status} ${response.statusText}`.trim(),
    status: response.status,
  });
}
