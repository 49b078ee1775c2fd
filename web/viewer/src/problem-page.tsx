/** What the page shows instead of a view that cannot be shown. */
import type { Problem } from "./problem";

export function ProblemPage({ problem }: { problem: Problem }) {
  return (
    <main className="problem" role="alert">
      <h1>{problem.title}</h1>
      <p>{problem.detail}</p>
      {problem.hint ? <p className="hint">{problem.hint}</p> : null}
      {problem.findings?.length ? (
        <ul>
          {problem.findings.map((finding) => (
            <li key={`${finding.code} ${finding.path}`}>
              {finding.message} {finding.fix}
            </li>
          ))}
        </ul>
      ) : null}
    </main>
  );
}
