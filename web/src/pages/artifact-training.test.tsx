/** What the page of a model tells of its training. */
import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import type { Artifact } from "../api/types";
import { buildArtifact } from "../testing/build-artifact";
import { renderAt } from "../testing/render-at";
import { serve } from "../testing/serve";

const UID = "AAAABBBBCCCCDDDD0001";
const NO_FILES = { items: [], total: 0, next_cursor: null };

const RUN = {
  uid: "r",
  parameters: {
    query: { query: { where: { and: [{ tissue: "breast" }] } } },
    datasets: [
      { uid: "SSSSSSSSSSSSSSSS0002", key: "cohort/D1-S1.zarr", version: "0002", hash: "h" },
      { uid: "TTTTTTTTTTTTTTTT0001", key: "cohort/D2-S1.zarr", version: "0001", hash: "i" },
    ],
    parts: {
      train: {
        n_tiles: 7200,
        size_px: 32,
        pixel_size_um: 1,
        history: [{ step: "datasets" }, { step: "split", by: "donor", values: ["D1", "D3"] }],
      },
      val: { n_tiles: 480, size_px: 32, history: [{ step: "split-blocks", block_px: 256, gap_px: 32 }] },
    },
    loader: { seed: 7, plan_hash: "abc123" },
    hparams: { lr: 0.01, name: "dense" },
  },
};

function renderModel(runs: unknown[], changes: Partial<Artifact> = { kind: "model" }) {
  const requests = serve({
    [`/api/v1/artifacts/${UID}`]: buildArtifact(changes),
    [`/api/v1/artifacts/${UID}/files`]: NO_FILES,
    "/api/v1/runs": { items: runs, total: runs.length, next_cursor: null },
  });
  renderAt(`/a/${UID}`);
  return requests;
}

test("a model tells the versions of the datasets, the split and the seed that it was trained with", async () => {
  renderModel([RUN]);
  const section = within(await screen.findByRole("region", { name: /Trained on/ }));
  expect(section.getAllByRole("listitem").map(({ textContent }) => textContent)).toEqual([
    "cohort/D1-S1.zarr version 2",
    "cohort/D2-S1.zarr version 1",
  ]);
  expect(section.getByRole("link", { name: "cohort/D1-S1.zarr" }).getAttribute("href")).toBe("/a/SSSSSSSSSSSSSSSS0002");
  const terms = section.getAllByRole("term").map(({ textContent }) => textContent);
  const told = section.getAllByRole("definition").map(({ textContent }) => textContent);
  expect(Object.fromEntries(terms.map((term, i) => [term, told[i]]))).toEqual({
    Tiles: "32 × 32 pixels of 1 µm",
    train: "7,200 tiles; by donor: D1, D3",
    val: "480 tiles; squares of 256 pixels, 32 apart",
    Query: '{"query":{"where":{"and":[{"tissue":"breast"}]}}}',
    Seed: "7",
    "Hash of the plan": "abc123",
    lr: "0.01",
    name: "dense",
  });
});

test("a model that no training saved, and a dataset, tell nothing of one", async () => {
  renderModel([{ uid: "r", parameters: { radius: 2 } }]);
  await screen.findByRole("region", { name: "What it contains" });
  expect(screen.queryByRole("region", { name: /Trained on/ })).toBeNull();
});

test("of a dataset nobody asks what it was trained on", async () => {
  const requests = renderModel([RUN], {});
  await screen.findByRole("region", { name: "What it contains" });
  expect(requests.some(({ pathname }) => pathname === "/api/v1/runs")).toBe(false);
});
