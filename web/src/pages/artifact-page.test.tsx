import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import type { Artifact } from "../api/types";
import { buildArtifact } from "../testing/build-artifact";
import { renderAt } from "../testing/render-at";
import { ProblemAnswer, serve } from "../testing/serve";

const UID = "AAAABBBBCCCCDDDD0001";
const URL_OF = `/api/v1/artifacts/${UID}`;
const NO_FILES = { items: [], total: 0, next_cursor: null };

function renderArtifact(artifact: Artifact, answers: Record<string, unknown> = {}) {
  const requests = serve({ [URL_OF]: artifact, [`${URL_OF}/files`]: NO_FILES, ...answers });
  return { requests, ...renderAt(`/a/${UID}`) };
}

test("a placeholder stands where the dataset will be", () => {
  serve({ [URL_OF]: () => new Promise(() => undefined) });
  renderAt(`/a/${UID}`);
  expect(screen.getByRole("status", { name: "Loading the dataset" })).toBeDefined();
});

test("the page shows the dataset in the viewer, in the browser's colours", async () => {
  renderArtifact(buildArtifact());
  const frame = await screen.findByTitle("Viewer of xenium/lung.zarr");
  expect(frame.getAttribute("src")).toBe(
    `/viewer/?config=${encodeURIComponent(`${URL_OF}/vitessce.json`)}&theme=light`,
  );
  expect(screen.getByRole("link", { name: "Full screen" }).getAttribute("href")).toContain("/viewer/?config=");
  expect(document.title).toBe("xenium/lung.zarr · Vitrina");
});

test("a dataset that cannot be shown says why and what to do", async () => {
  const reason = {
    code: "view-image-missing",
    severity: "error" as const,
    path: "",
    message: "The table has no coordinates.",
    fix: "Add obsm/spatial.",
  };
  const note = { ...reason, code: "note", severity: "info" as const, message: "Only a note.", fix: null };
  renderArtifact(buildArtifact({ viewer: { ready: false, findings: [reason, note] } }));
  const viewer = within(await screen.findByRole("region", { name: "Viewer" }));
  expect(viewer.getByText("The table has no coordinates.")).toBeDefined();
  expect(viewer.getByText("Add obsm/spatial.")).toBeDefined();
  expect(viewer.queryByText("Only a note.")).toBeNull();
  expect(screen.queryByTitle("Viewer of xenium/lung.zarr")).toBeNull();
  expect(within(screen.getByRole("region", { name: "Worth knowing 1" })).getByText("Only a note.")).toBeDefined();
});

test("simulated data say so at the title and under the viewer", async () => {
  const artifact = buildArtifact();
  artifact.content.is_simulated = true;
  renderArtifact(artifact);
  expect(await screen.findByText("Simulated")).toBeDefined();
  expect(screen.getByText("Simulated data: made by a program, not measured.")).toBeDefined();
});

test("findings of readers and viewer are listed once, worst first", async () => {
  const finding = (severity: "warning" | "info", message: string) => ({
    code: "c",
    severity,
    path: "",
    message,
    fix: null,
  });
  const artifact = buildArtifact({
    viewer: { ready: true, findings: [finding("warning", "Second."), finding("info", "Twice.")] },
  });
  artifact.content.findings = [finding("info", "Twice.")];
  renderArtifact(artifact);
  const list = within(await screen.findByRole("region", { name: "Worth knowing 2" }));
  expect(list.getAllByRole("listitem").map(({ textContent }) => textContent)).toEqual([
    "Warning: Second.",
    "Note: Twice.",
  ]);
});

test("the details tell uid, version, format, size, date and hash", async () => {
  renderArtifact(buildArtifact());
  const details = within(await screen.findByRole("region", { name: "Details" }));
  expect(details.getByText(UID)).toBeDefined();
  expect(details.getByText("1 (latest)")).toBeDefined();
  expect(details.getByText("SpatialData 0.2, Zarr 3")).toBeDefined();
  expect(details.getByText("1.23 MB in 42 files")).toBeDefined();
  expect(details.getByText("0123456789ab…")).toBeDefined();
});

test("the uid is copied", async () => {
  const user = userEvent.setup(); // gives jsdom a clipboard
  renderArtifact(buildArtifact());
  await user.click(await screen.findByRole("button", { name: "Copy the uid" }));
  expect(await navigator.clipboard.readText()).toBe(UID);
  expect(screen.getByText("Copied")).toBeDefined();
});

test("the description lists elements by kind with their figures", async () => {
  renderArtifact(buildArtifact());
  const contents = within(await screen.findByRole("region", { name: "What it contains" }));
  expect(contents.getAllByRole("heading", { level: 3 }).map(({ textContent }) => textContent)).toEqual([
    "Images",
    "Tables",
  ]);
  expect(contents.getByText("2,048 × 1,024 px, 2 channels")).toBeDefined();
  expect(contents.getByText("4,321 observations × 377 variables")).toBeDefined();
  expect(contents.getAllByText("0.5 µm × 0.5 µm").length).toBeGreaterThan(0);
  expect(contents.getByText("DAPI")).toBeDefined();
  expect(contents.getByText("B cell, T cell")).toBeDefined();
  expect(contents.getByText("X_umap (2)")).toBeDefined();
  expect(contents.getByText("CD3E, MS4A1 and 375 more")).toBeDefined();
  expect(contents.getByText("1 coordinate system: global")).toBeDefined();
});

test("folders are listed when they are opened, and files lead to their bytes", async () => {
  const root = {
    items: [
      { name: "images", is_folder: true },
      { name: "zarr.json", is_folder: false, size_bytes: 512 },
    ],
    total: 2,
  };
  const images = { items: [{ name: "he #1.tif", is_folder: false, size_bytes: 2048 }], total: 1 };
  const { requests } = renderArtifact(buildArtifact(), {
    [`${URL_OF}/files`]: ({ searchParams }: URL) => (searchParams.get("folder") === "images" ? images : root),
  });
  const files = within(await screen.findByRole("region", { name: "Files" }));
  const file = await files.findByRole("link", { name: "zarr.json 512 B" });
  expect(file.getAttribute("href")).toBe(`/data/${UID}/lung.zarr/zarr.json`);
  const getFolders = () =>
    requests
      .filter(({ pathname }) => pathname.endsWith("/files"))
      .map(({ searchParams }) => searchParams.get("folder"));
  expect(getFolders()).toEqual([""]);
  await userEvent.click(files.getByRole("button", { name: "images", expanded: false }));
  const inner = await files.findByRole("link", { name: "he #1.tif 2.05 kB" });
  expect(inner.getAttribute("href")).toBe(`/data/${UID}/lung.zarr/images/he%20%231.tif`);
  expect(getFolders()).toEqual(["", "images"]);
});

test("a single file is offered for download without listing anything", async () => {
  const artifact = buildArtifact({
    basename: "a b.h5ad",
    format: "anndata",
    is_folder: false,
    key: "a b.h5ad",
    n_files: 1,
  });
  const { requests } = renderArtifact(artifact);
  const link = await screen.findByRole("link", { name: "Download" });
  expect(link.getAttribute("href")).toBe(`/data/${UID}/a%20b.h5ad`);
  expect(requests.some(({ pathname }) => pathname.endsWith("/files"))).toBe(false);
});

test("the Python code loads this very version", async () => {
  renderArtifact(buildArtifact());
  const code = await screen.findByText(/import vitrina as vt/);
  expect(code.textContent).toContain(`vt.Artifact.get("${UID}")`);
  expect(code.textContent).toContain("sdata = artifact.load()");
});

test("a key with slashes is an address as well", async () => {
  const requests = serve({ "/api/v1/artifacts/xenium/lung.zarr": buildArtifact(), [`${URL_OF}/files`]: NO_FILES });
  renderAt("/a/xenium/lung.zarr");
  expect(await screen.findByRole("heading", { level: 1, name: "lung.zarr" })).toBeDefined();
  expect(requests.map(({ pathname }) => pathname)).toContain("/api/v1/artifacts/xenium/lung.zarr");
});

test("an unknown dataset says what was looked for and leads back", async () => {
  serve({ [URL_OF]: new ProblemAnswer(404, "artifact-missing", `There is no artifact ${UID}.`, "Did you mean …02?") });
  renderAt(`/a/${UID}`);
  expect(await screen.findByText(`There is no artifact ${UID}.`)).toBeDefined();
  expect(screen.getByText("Did you mean …02?")).toBeDefined();
  expect(screen.getByRole("link", { name: "See all datasets" })).toBeDefined();
});

test("another problem can be retried", async () => {
  let isBroken = true;
  serve({
    [URL_OF]: () => (isBroken ? new ProblemAnswer(500, "internal", "The server met an error.") : buildArtifact()),
    [`${URL_OF}/files`]: NO_FILES,
  });
  renderAt(`/a/${UID}`);
  await screen.findByText("The server met an error.");
  isBroken = false;
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("heading", { level: 1, name: "lung.zarr" })).toBeDefined();
});

test("an address that leads nowhere says so", async () => {
  serve({});
  renderAt("/nowhere/at/all");
  expect(await screen.findByText("There is nothing at this address")).toBeDefined();
});

const VIEW = {
  uid: "VVVVWWWWYYYYZZZZ",
  name: "T cells in the tumour",
  subject_uid: UID,
  config: {},
  created_at: "2026-01-31T12:00:00Z",
  created_by: "ada",
};
const VIEWS = { "/api/v1/views": { items: [VIEW], total: 1, next_cursor: null, facets: {} } };

test("saved views are listed and open in the viewer, and the address says which", async () => {
  const { requests, router } = renderArtifact(buildArtifact(), VIEWS);
  const list = within(await screen.findByRole("region", { name: "Saved views 1" }));
  expect(requests.some(({ search }) => search === `?subject_uid=${UID}&limit=100`)).toBe(true);
  expect(list.getByRole("link", { name: "Automatic view" }).getAttribute("aria-current")).toBe("true");
  await userEvent.click(list.getByRole("link", { name: VIEW.name }));
  expect(router.state.location.search).toBe(`?view=${VIEW.uid}`);
  const config = encodeURIComponent(`/api/v1/views/${VIEW.uid}/vitessce.json`);
  const frame = screen.getByTitle("Viewer of xenium/lung.zarr");
  expect(frame.getAttribute("src")).toBe(`/viewer/?config=${config}&theme=light`);
  expect(screen.getByRole("link", { name: "Full screen" }).getAttribute("href")).toContain(config);
  await userEvent.click(list.getByRole("link", { name: "Automatic view" }));
  expect(router.state.location.search).toBe("");
});

test("without saved views there is no list of them", async () => {
  renderArtifact(buildArtifact());
  await screen.findByTitle("Viewer of xenium/lung.zarr");
  expect(screen.queryByRole("region", { name: /Saved views/ })).toBeNull();
});

test("saved views that cannot be loaded are told, beside the dataset", async () => {
  renderArtifact(buildArtifact(), { "/api/v1/views": new ProblemAnswer(502, "catalog-unavailable", "It is locked.") });
  expect(await screen.findByText("It is locked.")).toBeDefined();
  expect(screen.getByTitle("Viewer of xenium/lung.zarr")).toBeDefined();
});
