/** What the page of a dataset tells beside its contents: labels, values, versions, lineage, trash. */
import { act, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import type { Annotations, Artifact, Label } from "../api/types";
import { buildArtifact, buildLineage, buildLineageArtifact, buildPage } from "../testing/build-artifact";
import { renderAt } from "../testing/render-at";
import { serve } from "../testing/serve";

const UID = "AAAABBBBCCCCDDDD0001";
const NEWER = "AAAABBBBCCCCDDDD0002";
const ARTIFACTS = "/api/v1/artifacts";
const NO_FILES = { items: [], total: 0, next_cursor: null };

function renderArtifact(artifact: Artifact, answers: Record<string, unknown> = {}) {
  const requests = serve({
    [`${ARTIFACTS}/${UID}`]: artifact,
    [`${ARTIFACTS}/${UID}/files`]: NO_FILES,
    ...answers,
  });
  return { requests, ...renderAt(`/a/${UID}`) };
}

function annotate(changes: Partial<Annotations>): Artifact {
  return buildArtifact({ annotations: { labels: [], values: [], schema_uid: null, slots: [], ...changes } });
}

const LABELS: Label[] = [
  { registry: "ExperimentalFactor", name: "10x Xenium", uid: "e", ontology_id: "EFO:0022615", feature: "assay" },
  { registry: "Tissue", name: "lung", uid: "l", ontology_id: "UBERON:0002048", feature: null },
  { registry: "Tissue", name: "pleura", uid: "p", ontology_id: "UBERON:0000977", feature: null },
  { registry: "ULabel", name: "B7", uid: "b", ontology_id: null, feature: "batch" },
];

test("labels are told by what they are of, and lead to the datasets that have them", async () => {
  const { router } = renderArtifact(annotate({ labels: LABELS }), { [ARTIFACTS]: buildPage([buildArtifact()]) });
  const labels = within(await screen.findByRole("region", { name: "Labels" }));
  expect(labels.getAllByRole("term").map(({ textContent }) => textContent)).toEqual(["Tissue", "Assay", "Batch"]);
  expect(labels.getAllByRole("link").map((link) => [link.textContent, link.getAttribute("href")])).toEqual([
    ["lung UBERON:0002048", "/?tissue=UBERON%3A0002048"],
    ["pleura UBERON:0000977", "/?tissue=UBERON%3A0000977"],
    ["10x Xenium EFO:0022615", "/?assay=EFO%3A0022615"],
    ["B7 ", "/?batch=b"],
  ]);
  await userEvent.click(labels.getByRole("link", { name: /^lung/ }));
  expect(router.state.location.search).toBe("?tissue=UBERON%3A0002048");
  expect(await screen.findByRole("checkbox", { name: /UBERON:0002048/, checked: true })).toBeDefined();
});

test("values of features stand with their units", async () => {
  const value = (feature: string, value: unknown, unit: string | null = null) => ({
    feature,
    dtype: "any",
    value,
    unit,
  });
  const values = [
    value("age", 61, "year"),
    value("collected_on", "2025-02-01"),
    value("is_treated", true),
    value("markers", ["CD3", "CD8"]),
    value("scan", { passes: 2 }),
    value("ph", 7.123456),
  ];
  renderArtifact(annotate({ values }));
  const table = within(await screen.findByRole("region", { name: "Values" }));
  const rows = table.getAllByRole("row").slice(1);
  expect(rows.map((row) => [...row.children].map(({ textContent }) => textContent))).toEqual([
    ["age", "61 year"],
    ["collected_on", "2025-02-01"],
    ["is_treated", "yes"],
    ["markers", "CD3, CD8"],
    ["scan", '{"passes":2}'],
    ["ph", "7.123456"],
  ]);
});

test("what nobody has said anything of has neither labels nor values", async () => {
  renderArtifact(annotate({}));
  await screen.findByTitle("Viewer of xenium/lung.zarr");
  expect(screen.queryByRole("region", { name: "Labels" })).toBeNull();
  expect(screen.queryByRole("region", { name: "Values" })).toBeNull();
});

test("an older version leads to the latest, and lists all of them", async () => {
  const older = buildArtifact({ is_latest: false });
  const newer = buildArtifact({
    uid: NEWER,
    version: "0002",
    size_bytes: 2_000_000,
    created_at: "2025-12-24T12:00:00Z",
  });
  renderArtifact(older, { [`${ARTIFACTS}/${UID}/versions`]: buildPage([newer, older]) });
  expect((await screen.findByRole("link", { name: "See the latest version" })).getAttribute("href")).toBe(
    "/a/xenium/lung.zarr",
  );
  const versions = within(await screen.findByRole("region", { name: "Versions 2" }));
  expect(versions.getAllByRole("listitem").map((item) => [...item.children].map((part) => part.textContent))).toEqual([
    ["Version 2", "Dec 24, 2025", "2 MB"],
    ["Version 1", "Nov 21, 2025", "1.23 MB"],
  ]);
  expect(versions.getByRole("link", { name: "Version 2" }).getAttribute("href")).toBe(`/a/${NEWER}`);
  expect(versions.getAllByRole("listitem").map((item) => item.getAttribute("aria-current"))).toEqual([null, "true"]);
});

test("the only version asks for no others", async () => {
  const { requests } = renderArtifact(buildArtifact());
  await screen.findByTitle("Viewer of xenium/lung.zarr");
  expect(requests.some(({ pathname }) => pathname.endsWith("/versions"))).toBe(false);
  expect(screen.queryByRole("region", { name: /Versions/ })).toBeNull();
  expect(screen.queryByText(/older version/)).toBeNull();
});

test("a second version whose first one is gone has no list", async () => {
  const artifact = buildArtifact({ version: "0002" });
  renderArtifact(artifact, { [`${ARTIFACTS}/${UID}/versions`]: buildPage([artifact]) });
  expect(await screen.findByRole("region", { name: "Versions" })).toBeDefined(); // while they are loaded
  await vi.waitFor(() => expect(screen.queryByRole("region", { name: /Versions/ })).toBeNull());
});

test("what lies in the trash says since when", async () => {
  const trashed = buildArtifact({ is_latest: false, trashed_at: "2025-12-24T12:00:00Z" });
  renderArtifact(trashed, { [`${ARTIFACTS}/${UID}/versions`]: buildPage([]) });
  expect((await screen.findByText(/has been in the trash since/)).textContent).toContain("Dec 24, 2025");
  expect(screen.queryByText(/older version/)).toBeNull();
  expect(within(screen.getByRole("region", { name: "Details" })).getByText("1 (in the trash)")).toBeDefined();
});

test("the lineage is drawn, with links to what is one run away", async () => {
  const source = buildLineageArtifact({ uid: "SSSSSSSSSSSSSSSS0001", key: "raw.tif" });
  const run = {
    uid: "run",
    transform_uid: "t",
    key: "segment.py",
    version: "0001",
    kind: "script" as const,
    status: "completed" as const,
    started_at: "2025-11-21T12:00:00Z",
    created_by: "ada",
    parent_uid: null,
  };
  const graph = buildLineage({
    artifacts: [buildLineageArtifact(), source],
    runs: [run],
    edges: [
      { source: source.uid, target: "run" },
      { source: "run", target: UID },
    ],
  });
  renderArtifact(buildArtifact(), { [`/api/v1/lineage/${UID}`]: graph });
  const lineage = within(await screen.findByRole("region", { name: "Lineage" }));
  const picture = lineage.getByRole("img", { name: "Lineage of xenium/lung.zarr: 2 datasets and 1 run" });
  expect(picture.getAttribute("src")).toBe(`/api/v1/lineage/${UID}?format=svg`);
  expect(lineage.getByText("Made from")).toBeDefined();
  expect(lineage.getByRole("link", { name: "raw.tif" }).getAttribute("href")).toBe(`/a/${source.uid}`);
  expect(lineage.queryByText("Went into")).toBeNull();
});

test("a dataset that no run made or read has no lineage", async () => {
  const { requests } = renderArtifact(buildArtifact());
  await screen.findByTitle("Viewer of xenium/lung.zarr");
  await vi.waitFor(() => expect(requests.some(({ pathname }) => pathname.includes("lineage"))).toBe(true));
  await act(() => new Promise((resolve) => setTimeout(resolve))); // the answer is drawn
  expect(screen.queryByRole("region", { name: "Lineage" })).toBeNull();
});
