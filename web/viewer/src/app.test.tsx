import { act, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { App, type ViewerControl } from "./app";

const ORIGIN = window.location.origin;
const CONFIG = { version: "1.0.18", name: "lung", datasets: [{ uid: "A", files: [{ url: "/zarr/u/" }] }] };

function renderPage(search: string, answer: () => Response | Promise<Response>) {
  vi.stubGlobal("fetch", vi.fn(answer));
  const page = new URL(`/viewer/${search}`, ORIGIN);
  const control: { current: ViewerControl | null } = { current: null };
  const expose = (given: ViewerControl) => {
    control.current = given;
  };
  render(<App expose={expose} page={page} />);
  if (!control.current) throw new Error("The page exposed no control.");
  return control.current;
}

test("the view is shown with resolved addresses in the theme of the address", async () => {
  const control = renderPage("?config=/v.json&theme=dark", () => Response.json(CONFIG));
  expect(screen.getByRole("status").textContent).toContain("Loading");
  const view = await screen.findByRole("button");
  expect(view.textContent).toMatch(/^dark /);
  expect(view.textContent).toContain(`${ORIGIN}/zarr/u/`);
  expect(control.getConfig()?.name).toBe("lung");
});

test("a problem of the server is told in its words", async () => {
  const body = {
    status: 501,
    code: "view-unavailable",
    title: "Not Implemented",
    detail: "A plain table.",
    hint: "Take it.",
  };
  renderPage("?config=/v.json", () =>
    Response.json(body, { status: 501, headers: { "content-type": "application/problem+json" } }),
  );
  const alert = await screen.findByRole("alert");
  expect(alert.textContent).toBe("This dataset cannot be shown hereA plain table.Take it.");
});

test("an answer that is no problem document is told by its status", async () => {
  renderPage("?config=/v.json", () => {
    const response = new Response("<html>", { status: 502, statusText: "Bad Gateway" });
    Object.defineProperty(response, "url", { value: `${ORIGIN}/v.json` });
    return response;
  });
  expect((await screen.findByRole("alert")).textContent).toContain("The server answered 502 Bad Gateway for /v.json.");
});

test("a config of another origin is not even asked for", async () => {
  renderPage("?config=https://evil.test/v.json", () => Response.json(CONFIG));
  expect((await screen.findByRole("alert")).textContent).toContain("https://evil.test/v.json");
  expect(fetch).not.toHaveBeenCalled();
});

test("changes of the view reach the control and the framing page of the same origin", async () => {
  const postMessage = vi.fn();
  vi.stubGlobal("parent", { postMessage });
  const control = renderPage("?config=/v.json", () => Response.json(CONFIG));
  await userEvent.click(await screen.findByRole("button"));
  expect(control.getConfig()?.name).toBe("moved");
  await vi.waitFor(() => {
    const [message, target] = postMessage.mock.calls.at(-1) ?? [];
    expect(message).toMatchObject({ source: "vitrina-viewer", type: "view-state", config: { name: "moved" } });
    expect(target).toBe(ORIGIN);
  });
  expect(postMessage.mock.calls.map(([message]) => message.type)).toEqual(["ready", "view-state"]);
});

test("another config can be shown, and a wrong one is a problem", async () => {
  const control = renderPage("?config=/v.json", () => Response.json(CONFIG));
  await screen.findByRole("button");
  await act(async () => control.setConfig({ ...CONFIG, name: "second" }));
  expect(screen.getByRole("button").textContent).toContain('"name":"second"');
  await act(async () => control.setConfig({ nothing: true }));
  expect(screen.getByRole("alert").textContent).toContain("This is not a view");
});
