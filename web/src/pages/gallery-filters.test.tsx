/** The filters beside the gallery, as they are used. */
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import type { Artifact, ArtifactPage, Facet } from "../api/types";
import { buildArtifact, buildPage } from "../testing/build-artifact";
import { renderAt } from "../testing/render-at";
import { ProblemAnswer, serve } from "../testing/serve";

const ARTIFACTS = "/api/v1/artifacts";
const LUNG = "UBERON:0002048";
const BRAIN = "UBERON:0000955";
const BLOOD = "UBERON:0000178";

const TISSUES: Facet[] = [
  { id: LUNG, label: "lung", count: 1200 },
  { id: BRAIN, label: "brain", count: 30 },
  { id: BLOOD, label: "blood", count: 4 },
];
const FORMATS: Facet[] = [{ id: "anndata", label: "anndata", count: 1234 }];

/** A catalog whose tissues are counted among all datasets, and among the hits once one is filtered by. */
function answer({ searchParams }: URL): ArtifactPage {
  if (searchParams.get("facets") === "tissue") return buildPage([buildArtifact()], { facets: { tissue: TISSUES } });
  const chosen = searchParams.getAll("tissue");
  const tissue = chosen.length > 0 ? TISSUES.filter(({ id }) => chosen.includes(id)) : TISSUES;
  return buildPage([buildArtifact()], { facets: { format: FORMATS, tissue } });
}

function readBoxes(title: string): string[] {
  const group = screen.getByRole("group", { name: title });
  return within(group)
    .getAllByRole("checkbox")
    .map((box) => `${(box as HTMLInputElement).checked ? "+" : "-"}${box.closest("label")?.textContent}`);
}

test("each facet is a group of its values with their counts, most frequent first", async () => {
  serve({ [ARTIFACTS]: answer });
  renderAt("/");
  await screen.findByRole("group", { name: "Tissue" });
  expect(screen.getAllByRole("group").map((group) => within(group).getByText(/^[A-Z][a-z]+$/).textContent)).toEqual([
    "Tissue",
    "Format",
  ]);
  expect(readBoxes("Tissue")).toEqual(["-lung1,200", "-brain30", "-blood4"]);
});

test("two values of one facet are chosen, and the others stay with what they would add", async () => {
  const requests = serve({ [ARTIFACTS]: answer });
  const { router } = renderAt("/");
  await userEvent.click(await screen.findByRole("checkbox", { name: /^lung/ }));
  expect(router.state.location.search).toBe(`?tissue=${encodeURIComponent(LUNG)}`);
  await waitFor(() => expect(readBoxes("Tissue")).toEqual(["+lung1,200", "-brain30", "-blood4"]));
  await userEvent.click(screen.getByRole("checkbox", { name: /^brain/ }));
  expect(new URLSearchParams(router.state.location.search).getAll("tissue")).toEqual([LUNG, BRAIN]);
  await waitFor(() => expect(readBoxes("Tissue")).toEqual(["+lung1,200", "+brain30", "-blood4"]));
  const asked = requests.filter(({ pathname }) => pathname === ARTIFACTS).map(({ searchParams }) => searchParams);
  expect(asked.at(-2)?.getAll("tissue")).toEqual([LUNG, BRAIN]);
  expect(asked.at(-1)?.toString()).toBe("limit=1&facets=tissue&facet_values=1000");
});

test("a value is counted among what fulfils the other conditions", async () => {
  const requests = serve({ [ARTIFACTS]: answer });
  renderAt(`/?q=cd3&tissue=${LUNG}&format=anndata`);
  await screen.findByRole("group", { name: "Tissue" });
  const counted = requests
    .map(({ searchParams }) => searchParams.toString())
    .filter((search) => /facets=/.test(search));
  expect(counted.toSorted()).toEqual([
    `limit=1&facets=format&facet_values=1000&q=cd3&tissue=${encodeURIComponent(LUNG)}`,
    "limit=1&facets=tissue&facet_values=1000&q=cd3&format=anndata",
  ]);
});

test("chips name what is filtered by, and take it away", async () => {
  serve({ [ARTIFACTS]: answer });
  const { router } = renderAt(`/?tissue=${LUNG}&tissue=${BRAIN}&format=anndata`);
  const chips = within(await screen.findByRole("list", { name: "Active filters" }));
  await userEvent.click(await chips.findByRole("button", { name: "Remove Tissue lung" }));
  expect(new URLSearchParams(router.state.location.search).getAll("tissue")).toEqual([BRAIN]);
  expect(screen.getByRole("checkbox", { name: /^lung/, checked: false })).toBeDefined();
  expect(chips.getByRole("button", { name: "Remove Format AnnData" })).toBeDefined();
  await userEvent.click(chips.getByRole("button", { name: "Clear all" }));
  expect(router.state.location.search).toBe("");
  expect(screen.queryByRole("list", { name: "Active filters" })).toBeNull();
});

test("a chosen value that nothing has stays, with 0", async () => {
  serve({
    [ARTIFACTS]: (url: URL) =>
      url.searchParams.has("facets") ? answer(url) : buildPage([], { facets: { format: [], tissue: [] } }),
  });
  renderAt("/?tissue=UBERON:9999999");
  await screen.findByRole("heading", { name: "No dataset matches" });
  await waitFor(() => expect(readBoxes("Tissue")).toEqual(["-lung1,200", "-brain30", "-blood4", "+UBERON:99999990"]));
});

test("a value that is chosen by its name is that of its id", async () => {
  serve({ [ARTIFACTS]: answer });
  const { router } = renderAt("/?tissue=Lung");
  await waitFor(() => expect(readBoxes("Tissue")).toEqual(["+lung1,200", "-brain30", "-blood4"]));
  await userEvent.click(screen.getByRole("button", { name: "Remove Tissue lung" }));
  expect(router.state.location.search).toBe("");
});

test("a term above those that datasets are labelled with has the count of what it finds", async () => {
  serve({ [ARTIFACTS]: (url: URL) => ({ ...answer(url), total: 37 }) });
  renderAt("/?tissue=organ");
  await waitFor(() => expect(readBoxes("Tissue")).toEqual(["-lung1,200", "-brain30", "-blood4", "+organ37"]));
});

test("a facet that the server does not know stays in the address and can be taken away", async () => {
  serve({
    [ARTIFACTS]: (url: URL) =>
      url.searchParams.has("colour")
        ? new ProblemAnswer(400, "field-unknown", "There is no field colour.")
        : answer(url),
  });
  const { router } = renderAt("/?colour=red");
  expect(await screen.findByText("There is no field colour.")).toBeDefined();
  expect(router.state.location.search).toBe("?colour=red");
  await userEvent.click(screen.getByRole("button", { name: "Remove Colour red" }));
  expect(await screen.findByRole("article")).toBeDefined();
  expect(router.state.location.search).toBe("");
});

test("the nearest terms to one that nobody knows are one click away", async () => {
  const hint = {
    code: "value-unknown",
    severity: "info" as const,
    path: "tissue",
    message: "No Tissue is called 'lnug', so nothing has it.",
    fix: "Did you mean 'lung' or \"Peyer's patch\"?",
  };
  serve({
    [ARTIFACTS]: (url: URL) =>
      url.searchParams.getAll("tissue").includes("lnug") ? { ...answer(url), hints: [hint] } : answer(url),
  });
  const { router } = renderAt(`/?tissue=${BRAIN}&tissue=lnug`);
  expect(await screen.findByText(hint.message)).toBeDefined();
  expect(screen.getByRole("button", { name: "Peyer's patch" })).toBeDefined();
  await userEvent.click(screen.getByRole("button", { name: "lung" }));
  expect(new URLSearchParams(router.state.location.search).getAll("tissue")).toEqual([BRAIN, "lung"]);
  await waitFor(() => expect(screen.queryByText(hint.message)).toBeNull());
});

test("a long list shows its most frequent values, then all of them, to be searched", async () => {
  const many = Array.from({ length: 24 }, (_, n) => ({ id: `CL:${n}`, label: `cell ${n}`, count: 100 - n }));
  const requests = serve({
    [ARTIFACTS]: ({ searchParams }: URL) => {
      const cell_type = searchParams.has("facet_values") ? many : many.slice(0, 20); // as many as the server gives
      return buildPage([buildArtifact()], { facets: { cell_type } });
    },
  });
  renderAt("/");
  const group = within(await screen.findByRole("group", { name: "Cell type" }));
  expect(group.getAllByRole("checkbox")).toHaveLength(7);
  await userEvent.click(group.getByRole("button", { name: "Show all" }));
  await waitFor(() => expect(group.getAllByRole("checkbox")).toHaveLength(24));
  expect(requests.at(-1)?.search).toBe("?limit=1&facets=cell_type&facet_values=1000");
  await userEvent.type(group.getByRole("searchbox", { name: "Find in Cell type" }), "CELL 2");
  expect(readBoxes("Cell type")).toEqual(["-cell 298", "-cell 2080", "-cell 2179", "-cell 2278", "-cell 2377"]);
  await userEvent.click(group.getByRole("button", { name: "Show fewer" }));
  expect(group.getAllByRole("checkbox")).toHaveLength(7);
});

test("a field with one value is no choice, unless it is filtered by", async () => {
  const facets = { created_by: [{ id: "ada", label: "ada", count: 1 }] };
  serve({ [ARTIFACTS]: buildPage([buildArtifact()], { facets }) });
  const { unmount } = renderAt("/");
  await screen.findByRole("article");
  expect(screen.queryByRole("group", { name: "Added by" })).toBeNull();
  unmount();
  renderAt("/?created_by=ada");
  expect(await screen.findByRole("group", { name: "Added by" })).toBeDefined();
});

test("a card names one term of each registry, and counts the rest", async () => {
  const label = (registry: string, name: string) => ({ registry, name, uid: name, ontology_id: null, feature: null });
  const artifact: Artifact = buildArtifact({
    annotations: {
      labels: [
        label("CellType", "B cell"),
        label("CellType", "T cell"),
        label("Disease", "normal"),
        label("Organism", "human"),
        label("Tissue", "lung"),
      ],
      values: [],
      schema_uid: null,
      slots: [],
    },
  });
  serve({ [ARTIFACTS]: buildPage([artifact]) });
  renderAt("/");
  const labels = within(await screen.findByRole("list", { name: "Labels" }));
  expect(labels.getAllByRole("listitem").map(({ textContent }) => textContent)).toEqual([
    "human",
    "lung",
    "B cell",
    "+2",
  ]);
});
