/** Corrections of a dataset, on its page: what is sent to the server is worked out by hand. */
import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { buildArtifact } from "../testing/build-artifact";
import { renderAt } from "../testing/render-at";
import { ProblemAnswer, serve } from "../testing/serve";

const UID = "AAAABBBBCCCCDDDD0001";
const URL_OF = `/api/v1/artifacts/${UID}`;
const FILES = { items: [], total: 0, next_cursor: null };
const SAID = { path: "images/morphology", channel_names: [null, "CD3e"], affine_xy: [1, 0, 5, 0, 1, 5] };

/** Serve a dataset; what is sent to its overrides is kept. */
function serveAndKeep(overrides: object, answer: unknown): unknown[] {
  serve({
    [URL_OF]: buildArtifact({ overrides: { elements: [], changed_at: null, changed_by: null, ...overrides } }),
    [`${URL_OF}/files`]: FILES,
    [`${URL_OF}/overrides`]: answer,
  });
  const sent: unknown[] = [];
  const answering = globalThis.fetch;
  vi.stubGlobal("fetch", async (input: string, init?: RequestInit) => {
    if (init?.method === "PUT") sent.push(JSON.parse(String(init.body)));
    return answering(input, init);
  });
  return sent;
}

async function openEditor() {
  renderAt(`/a/${UID}`);
  await userEvent.click(await screen.findByRole("button", { name: /^Correct morphology/ }));
  return within(screen.getByRole("form", { name: "morphology" }));
}

test("only what was changed is sent", async () => {
  const sent = serveAndKeep({}, { elements: [] });
  const form = await openEditor();
  const size = form.getByRole("textbox", { name: "x" });
  await userEvent.clear(size);
  await userEvent.type(size, "0.25");
  const name = form.getByRole("textbox", { name: "Name of channel 2" });
  await userEvent.clear(name);
  await userEvent.type(name, "CD8");
  await userEvent.click(form.getByRole("button", { name: "Save" }));
  expect(sent).toEqual([
    {
      elements: [
        {
          path: "images/morphology",
          pixel_size: [0.5, 0.25],
          unit: "micrometer",
          channel_names: [null, "CD8"],
          channel_colors: null,
          channel_windows: null,
        },
      ],
    },
  ]);
});

test("what was said before stays", async () => {
  const sent = serveAndKeep(
    { elements: [SAID], changed_at: "2025-11-21T12:00:00Z", changed_by: "eve" },
    { elements: [] },
  );
  const form = await openEditor();
  expect(screen.getByText(/Last changed by eve/)).toBeDefined();
  await userEvent.type(form.getByRole("textbox", { name: "Highest intensity of channel 1" }), "0");
  await userEvent.click(form.getByRole("button", { name: "Save" }));
  expect(sent).toEqual([{ elements: [{ ...SAID, channel_colors: null, channel_windows: [[0, 40000], null] }] }]);
});

test("what was said can be taken back", async () => {
  const sent = serveAndKeep(
    { elements: [SAID], changed_at: "2025-11-21T12:00:00Z", changed_by: "eve" },
    { elements: [] },
  );
  const form = await openEditor();
  await userEvent.click(form.getByRole("button", { name: "Back to what the file says" }));
  expect(sent).toEqual([{ elements: [] }]);
});

test("what does not fit is told beside the form, and nothing is lost", async () => {
  serveAndKeep({}, new ProblemAnswer(400, "override-unfit", "This does not fit: sizes are above 0."));
  const form = await openEditor();
  const size = form.getByRole("textbox", { name: "x" });
  await userEvent.clear(size);
  await userEvent.type(size, "-1");
  await userEvent.click(form.getByRole("button", { name: "Save" }));
  expect(await form.findByText(/sizes are above 0/)).toBeDefined();
  expect((size as HTMLInputElement).value).toBe("-1");
});

test("a text that is no number is not sent", async () => {
  const sent = serveAndKeep({}, { elements: [] });
  const form = await openEditor();
  await userEvent.type(form.getByRole("textbox", { name: "x" }), "abc");
  await userEvent.click(form.getByRole("button", { name: "Save" }));
  expect(await form.findByText(/pixel size along x is no number/)).toBeDefined();
  expect(sent).toEqual([]);
});
