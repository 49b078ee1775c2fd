import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { buildArtifact, buildPage } from "../testing/build-artifact";
import { renderAt } from "../testing/render-at";
import { ProblemAnswer, serve } from "../testing/serve";

const ARTIFACTS = "/api/v1/artifacts";

function getSearches(requests: readonly URL[]): string[] {
  return requests.filter(({ pathname }) => pathname === ARTIFACTS).map(({ search }) => search);
}

test("placeholders stand where the datasets will be", async () => {
  serve({ [ARTIFACTS]: () => new Promise(() => undefined) });
  renderAt("/");
  expect(screen.getByRole("status", { name: "Loading the datasets" })).toBeDefined();
  expect(await screen.findByText("Test lab")).toBeDefined();
});

test("a card tells name, folder, format, figures, size and date, and links to the dataset", async () => {
  serve({ [ARTIFACTS]: buildPage([buildArtifact()]) });
  renderAt("/");
  const card = within(await screen.findByRole("article"));
  expect(card.getByRole("link", { name: "lung.zarr" }).getAttribute("href")).toBe("/a/AAAABBBBCCCCDDDD0001");
  expect(card.getByText("xenium/")).toBeDefined();
  expect(card.getByText("SpatialData")).toBeDefined();
  expect(card.getByText("4,321 observations · 2,048 × 1,024 px")).toBeDefined();
  expect(card.getByText("1.23 MB · Nov 21, 2025")).toBeDefined();
  expect(card.queryByText("Simulated")).toBeNull();
  expect(screen.getByText("1 dataset")).toBeDefined();
});

test("simulated data say so", async () => {
  const artifact = buildArtifact();
  artifact.content.is_simulated = true;
  serve({ [ARTIFACTS]: buildPage([artifact]) });
  renderAt("/");
  expect(await screen.findByText("Simulated")).toBeDefined();
});

test("a missing thumbnail gives way to the logo", async () => {
  serve({ [ARTIFACTS]: buildPage([buildArtifact()]) });
  const { container } = renderAt("/");
  await screen.findByRole("article");
  const picture = container.querySelector("article img");
  expect(picture?.getAttribute("src")).toBe("/api/v1/artifacts/AAAABBBBCCCCDDDD0001/thumbnail");
  fireEvent.error(picture as Element);
  expect(container.querySelector("article img")).toBeNull();
  expect(container.querySelector("article svg")).not.toBeNull();
});

test("typing searches once, after a pause, and writes the address", async () => {
  const requests = serve({ [ARTIFACTS]: buildPage([buildArtifact()]) });
  const { router } = renderAt("/");
  await screen.findByRole("article");
  await userEvent.type(screen.getByRole("searchbox"), "lung cd3");
  await waitFor(() => expect(router.state.location.search).toBe("?q=lung+cd3"));
  await waitFor(() => expect(getSearches(requests)).toHaveLength(2));
  expect(new URLSearchParams(getSearches(requests)[1]).get("q")).toBe("lung cd3");
});

test("an address with a search shows it in the box and asks for it at once", async () => {
  const requests = serve({ [ARTIFACTS]: buildPage([buildArtifact()]) });
  renderAt("/?q=lung&format=anndata&format=tiff&order=key");
  await screen.findByRole("article");
  expect(screen.getByRole<HTMLInputElement>("searchbox").value).toBe("lung");
  expect(screen.getByRole("checkbox", { name: "AnnData", checked: true })).toBeDefined();
  expect(screen.getByRole<HTMLSelectElement>("combobox", { name: "Sort by" }).value).toBe("key");
  expect(getSearches(requests).toSorted()).toEqual([
    "?limit=1&facets=format&facet_values=1000&q=lung",
    "?limit=48&order=key&include=annotations&q=lung&format=anndata&format=tiff",
  ]);
});

test("the slash key puts the focus into the search box", async () => {
  serve({ [ARTIFACTS]: buildPage([buildArtifact()]) });
  renderAt("/");
  await screen.findByRole("article");
  await userEvent.keyboard("/");
  expect(document.activeElement).toBe(screen.getByRole("searchbox"));
  await userEvent.keyboard("a/b");
  expect(screen.getByRole<HTMLInputElement>("searchbox").value).toBe("a/b");
});

test("load more adds the next page below", async () => {
  const first = buildArtifact();
  const second = buildArtifact({ uid: "AAAABBBBCCCCEEEE0001", key: "second.h5ad" });
  const requests = serve({
    [ARTIFACTS]: ({ searchParams }: URL) =>
      searchParams.has("cursor")
        ? buildPage([second], { total: 2 })
        : buildPage([first], { total: 2, next_cursor: "page 2" }),
  });
  renderAt("/");
  await userEvent.click(await screen.findByRole("button", { name: "Load more" }));
  expect(await screen.findByRole("link", { name: "second.h5ad" })).toBeDefined();
  expect(screen.getByRole("link", { name: "lung.zarr" })).toBeDefined();
  expect(screen.queryByRole("button", { name: "Load more" })).toBeNull();
  expect(getSearches(requests).at(-1)).toContain("cursor=page+2");
});

test("a page that fails to load leaves the ones before and can be asked for again", async () => {
  const second = buildArtifact({ uid: "AAAABBBBCCCCEEEE0001", key: "second.h5ad" });
  let isBroken = true;
  serve({
    [ARTIFACTS]: ({ searchParams }: URL) => {
      if (!searchParams.has("cursor")) return buildPage([buildArtifact()], { total: 2, next_cursor: "2" });
      return isBroken ? new ProblemAnswer(502, "bytes-lost", "The disk is gone.") : buildPage([second], { total: 2 });
    },
  });
  renderAt("/");
  await userEvent.click(await screen.findByRole("button", { name: "Load more" }));
  expect(await screen.findByText("The disk is gone.")).toBeDefined();
  expect(screen.getAllByRole("article")).toHaveLength(1);
  isBroken = false;
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("link", { name: "second.h5ad" })).toBeDefined();
  expect(screen.getAllByRole("article")).toHaveLength(2);
});

test("an empty catalog tells how to add data", async () => {
  serve({ [ARTIFACTS]: buildPage([]) });
  renderAt("/");
  expect(await screen.findByText("vitrina add path/to/data.zarr")).toBeDefined();
  expect(screen.queryByRole("searchbox")).toBeNull();
});

test("a search without hits names what was searched, and can be cleared", async () => {
  serve({
    [ARTIFACTS]: ({ searchParams }: URL) => buildPage(searchParams.has("q") ? [] : [buildArtifact()]),
  });
  const { router } = renderAt("/?q=unicorn&format=tiff");
  expect(await screen.findByRole("heading", { name: "No dataset matches" })).toBeDefined();
  expect(screen.getByText("unicorn")).toBeDefined();
  expect(screen.getByText(/has what is chosen of Format/)).toBeDefined();
  await userEvent.click(screen.getByRole("button", { name: "Show all datasets" }));
  expect(router.state.location.search).toBe("");
  expect(await screen.findByRole("article")).toBeDefined();
  expect(screen.getByRole<HTMLInputElement>("searchbox").value).toBe("");
});

test("a problem is told in the server's words with its hint, and retried", async () => {
  let isBroken = true;
  serve({
    [ARTIFACTS]: () =>
      isBroken
        ? new ProblemAnswer(400, "field-unknown", "There is no field colour.", "Try color.")
        : buildPage([buildArtifact()]),
  });
  renderAt("/");
  const alert = await screen.findByRole("alert");
  expect(within(alert).getByText("There is no field colour.")).toBeDefined();
  expect(within(alert).getByText("Try color.")).toBeDefined();
  isBroken = false;
  await userEvent.click(within(alert).getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("article")).toBeDefined();
  expect(screen.queryByRole("alert")).toBeNull();
});

test("a server that does not answer is told as such", async () => {
  serve({});
  renderAt("/");
  expect(await screen.findByText("The server does not answer.")).toBeDefined();
});
