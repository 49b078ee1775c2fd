/** Checks of a dataset, on its page. */
import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import type { Report } from "../api/types";
import { buildArtifact } from "../testing/build-artifact";
import { renderAt } from "../testing/render-at";
import { serve } from "../testing/serve";

const UID = "AAAABBBBCCCCDDDD0001";
const URL_OF = `/api/v1/artifacts/${UID}`;
const VALID: Report = { source: "xenium/lung.zarr", valid: true, version: "0.5", kind: "image", findings: [] };
const BROKEN: Report = {
  ...VALID,
  valid: false,
  findings: [
    {
      code: "ngff-omero-missing",
      severity: "error",
      path: "images/he#/ome",
      message: "The image says nothing of how it is displayed.",
      fix: "Add omero.",
    },
  ],
};

test("a dataset is checked when somebody asks, against its specification and for the viewer", async () => {
  const requests = serve({
    [URL_OF]: buildArtifact(),
    [`${URL_OF}/files`]: { items: [], total: 0, next_cursor: null },
    [`${URL_OF}/check`]: (url: URL) => (url.searchParams.get("purpose") === "viewer" ? BROKEN : VALID),
  });
  renderAt(`/a/${UID}`);
  const section = within(await screen.findByRole("region", { name: "Check" }));
  expect(requests.filter(({ pathname }) => pathname.endsWith("/check"))).toEqual([]);
  await userEvent.click(section.getByRole("button", { name: "Check the stored data" }));
  expect(await section.findByRole("heading", { name: "Against its specification: valid image 0.5" })).toBeDefined();
  expect(await section.findByRole("heading", { name: "For the viewer: not valid image 0.5" })).toBeDefined();
  expect(section.getByText("The image says nothing of how it is displayed.")).toBeDefined();
  expect(section.getByText("Add omero.")).toBeDefined();
});
