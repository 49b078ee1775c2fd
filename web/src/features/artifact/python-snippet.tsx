/** How to load the dataset in Python. */
import type { Artifact } from "../../api/types";
import { CodeBlock } from "../../ui/code-block";

/** What `load()` gives, by format, under the name that its users give it. */
const VARIABLES: Readonly<Record<string, string>> = { spatialdata: "sdata", anndata: "adata", table: "df" };

export function buildSnippet({ format, uid }: Pick<Artifact, "format" | "uid">): string {
  const variable = VARIABLES[format] ?? "image";
  const isUnread = format === "file" || format === "folder";
  return [
    "import vitrina as vt",
    "",
    "vt.connect()",
    `artifact = vt.Artifact.get("${uid}")`,
    isUnread ? "path = artifact.cache()" : `${variable} = artifact.load()`,
  ].join("\n");
}

export function PythonSnippet({ artifact }: { artifact: Artifact }) {
  return <CodeBlock code={buildSnippet(artifact)} label="Python code that loads this dataset" />;
}
