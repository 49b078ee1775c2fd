import { expect, test } from "vitest";
import { buildLineage, buildLineageArtifact } from "../testing/build-artifact";
import { listResults, listSources } from "./lineage";

test("sources and results are one run away, and no further", () => {
  const root = buildLineageArtifact();
  const uids = ["raw", "image", "cells", "table"];
  // raw -> align -> image -> segment -> root and cells; root -> measure -> table
  const graph = buildLineage({
    artifacts: [root, ...uids.map((uid) => buildLineageArtifact({ uid, key: uid }))],
    edges: [
      { source: "raw", target: "align" },
      { source: "align", target: "image" },
      { source: "image", target: "segment" },
      { source: "segment", target: root.uid },
      { source: "segment", target: "cells" },
      { source: root.uid, target: "measure" },
      { source: "measure", target: "table" },
    ],
  });
  expect(listSources(graph).map(({ key }) => key)).toEqual(["image"]);
  expect(listResults(graph).map(({ key }) => key)).toEqual(["table"]);
});
