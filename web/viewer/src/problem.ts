/** What went wrong, in the words that the page shows. */

export interface Finding {
  code: string;
  severity: "error" | "warning" | "info";
  path: string;
  message: string;
  fix: string | null;
}

export interface Problem {
  title: string;
  detail: string;
  hint?: string | undefined;
  findings?: readonly Finding[] | undefined;
}

/** An error that is a problem already. */
export class ViewerError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.name = "ViewerError";
    this.problem = problem;
  }
}

/** Headings for problems whose HTTP title ("Not Implemented") would tell a reader nothing. */
const TITLES: Readonly<Record<string, string>> = {
  "view-unavailable": "This dataset cannot be shown here",
};

/** The problem that an answer of the server tells: `application/problem+json`, or else its status. Source: RFC 9457 */
export async function readProblem(response: Response): Promise<Problem> {
  const title = "The view could not be loaded";
  const status = `The server answered ${response.status} ${response.statusText}`.trim();
  if (!(response.headers.get("content-type") ?? "").includes("json")) {
    return { title, detail: `${status} for ${new URL(response.url).pathname}.` };
  }
  const body = (await response.json()) as Partial<Record<keyof Problem | "code", unknown>>;
  return {
    title: TITLES[String(body.code)] ?? title,
    detail: typeof body.detail === "string" ? body.detail : `${status}.`,
    hint: typeof body.hint === "string" ? body.hint : undefined,
    findings: Array.isArray(body.findings) ? (body.findings as Finding[]) : undefined,
  };
}

/** Any error as a problem. */
export function toProblem(error: unknown): Problem {
  if (error instanceof ViewerError) return error.problem;
  const detail = error instanceof Error ? error.message : String(error);
  return { title: "The view could not be shown", detail };
}
