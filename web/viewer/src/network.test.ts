import { expect, test, vi } from "vitest";
import { buildGuardedFetch } from "./network";

const PAGE = new URL("http://hub.test:8765/viewer/?config=/a.json");

function build() {
  const browser = vi.fn(async () => new Response("bytes"));
  return { browser, fetch: buildGuardedFetch(browser as unknown as typeof window.fetch, PAGE) };
}

test.each(["/data/u/x", "data/u/x", "http://hub.test:8765/a", "data:text/plain,x"])(
  "%s is let through",
  async (address) => {
    const { browser, fetch } = build();
    const init = { headers: { range: "bytes=0-1" } };
    expect(await (await fetch(address, init)).text()).toBe("bytes");
    expect(browser).toHaveBeenCalledExactlyOnceWith(address, init);
  },
);

test.each([
  "https://cdn.vitessce.io/x.js",
  "//other.test/x",
  "http://hub.test/other-port",
  "https://hub.test:8765/other-scheme",
  new URL("https://other.test/"),
  new Request("https://other.test/"),
])("%s is refused without a request", async (address) => {
  const { browser, fetch } = build();
  await expect(fetch(address)).rejects.toThrow(/was refused: the viewer works offline/);
  expect(browser).not.toHaveBeenCalled();
});

test.each([
  ["https://data-1.vitessce.io/genes_filtered.json", "{}"],
  ["https://storage.googleapis.com/vitessce-demo-data/enrichr-kg-september-2023/genes.csv", ""],
])("%s is answered with nothing", async (address, body) => {
  const { browser, fetch } = build();
  const response = await fetch(address);
  expect(response.ok).toBe(true);
  expect(await response.text()).toBe(body);
  expect(browser).not.toHaveBeenCalled();
});
