/** A server for tests: answers by path, and remembers what was asked. */
import { vi } from "vitest";
import { buildLineage } from "./build-artifact";

type Answer = unknown | ((url: URL) => unknown);

/** An answer that is a problem. */
export class ProblemAnswer {
  readonly body: { status: number; code: string; title: string; detail: string; hint: string | null };

  constructor(status: number, code: string, detail: string, hint: string | null = null) {
    this.body = { status, code, title: "Problem", detail, hint };
  }
}

/**
 * @param answers By path without query; a function is called with the whole address.
 * @returns Addresses of the requests so far, in order.
 */
export function serve(answers: Readonly<Record<string, Answer>>): URL[] {
  const requests: URL[] = [];
  const health = { status: "ok", version: "1.2.3", name: "Test lab", server_id: "x", n_artifacts: 1 };
  const noViews = { items: [], total: 0, next_cursor: null, facets: {} };
  const known: Record<string, Answer> = {
    "/api/v1/health": health,
    "/api/v1/views": noViews,
    "/api/v1/lineage/AAAABBBBCCCCDDDD0001": buildLineage(),
    ...answers,
  };
  vi.stubGlobal("fetch", async (input: string) => {
    const url = new URL(input, "http://hub.test");
    requests.push(url);
    const found = known[url.pathname];
    const answer = typeof found === "function" ? await found(url) : found;
    if (answer === undefined) throw new TypeError(`The test's server has nothing at ${url.pathname}.`);
    if (answer instanceof ProblemAnswer) {
      const headers = { "content-type": "application/problem+json" };
      return new Response(JSON.stringify(answer.body), { status: answer.body.status, headers });
    }
    return new Response(JSON.stringify(answer), { headers: { "content-type": "application/json" } });
  });
  return requests;
}
