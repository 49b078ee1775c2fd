/** Which findings a reader of the page should see. */
import type { Artifact, Finding } from "../../api/types";

const RANKS: Readonly<Record<Finding["severity"], number>> = { error: 0, warning: 1, info: 2 };

/** What readers and viewer found, worst first, each once; the reasons why there is no view stand in its place instead. */
export function collectFindings(artifact: Artifact): Finding[] {
  const { findings, ready } = artifact.viewer;
  const fromViewer = ready ? findings : findings.filter(({ severity }) => severity !== "error");
  const unique = new Map(
    [...artifact.content.findings, ...fromViewer].map((finding) => [getFindingKey(finding), finding]),
  );
  return [...unique.values()].sort((a, b) => RANKS[a.severity] - RANKS[b.severity]);
}

export function getFindingKey({ code, message, path }: Finding): string {
  return `${code} ${path} ${message}`;
}
