import { describe, expect, test } from "vitest";
import { parseConfigAddress, resolveConfig } from "./config";
import { ViewerError } from "./problem";

const HUB = "http://hub.test:8765";

function getProblem(act: () => unknown) {
  try {
    act();
  } catch (error) {
    if (error instanceof ViewerError) return error.problem;
    throw error;
  }
  throw new Error("It did not throw.");
}

describe("the address of the config", () => {
  const parse = (query: string) => parseConfigAddress(new URL(`/viewer/${query}`, HUB)).href;

  test("is resolved against the page", () => {
    expect(parse("?config=/api/v1/artifacts/u/vitessce.json")).toBe(`${HUB}/api/v1/artifacts/u/vitessce.json`);
    expect(parse("?config=../a.json")).toBe(`${HUB}/a.json`);
    expect(parse(`?config=${encodeURIComponent(`${HUB}/a.json?x=1`)}`)).toBe(`${HUB}/a.json?x=1`);
  });

  test.each([
    "https://evil.test/a.json",
    "//evil.test/a.json",
    "http://hub.test/a.json",
    "http://hub.test:8765@evil.test/a.json",
    "javascript:alert(1)",
    "data:application/json,{}",
    "blob:http://hub.test:8765/x",
    "file:///etc/passwd",
    "http://",
  ])("is refused when it is %s", (address) => {
    // blob: has the page's origin, but nothing could have put it there
    const problem = getProblem(() => parse(`?config=${encodeURIComponent(address)}`));
    expect(problem.title).toBe("This view is elsewhere");
    expect(problem.detail).toContain(address);
  });

  test("is asked for when it is missing", () => {
    expect(getProblem(() => parse("")).title).toBe("Nothing to show");
    expect(getProblem(() => parse("?config=")).title).toBe("Nothing to show");
  });
});

describe("the config", () => {
  const base = new URL("/api/v1/artifacts/u/vitessce.json", HUB);
  const build = (file: object) => ({
    version: "1.0.18",
    name: "n",
    datasets: [{ uid: "A", files: [file] }],
    layout: [],
  });

  test("gets absolute addresses of data, at any depth of its datasets", () => {
    const options = { offsetsUrl: "/data/o.json", images: [{ url: "b.tif" }], path: "images/he", urls: "as it is" };
    const config = resolveConfig(build({ url: "/zarr/u/", refSpecUrl: "ref.json", options }), base);
    expect(config.datasets).toEqual([
      {
        uid: "A",
        files: [
          {
            url: `${HUB}/zarr/u/`,
            refSpecUrl: `${HUB}/api/v1/artifacts/u/ref.json`,
            options: {
              offsetsUrl: `${HUB}/data/o.json`,
              images: [{ url: `${HUB}/api/v1/artifacts/u/b.tif` }],
              path: "images/he",
              urls: "as it is",
            },
          },
        ],
      },
    ]);
    expect(config.layout).toEqual([]);
  });

  test("with data on another server is refused, and says which", () => {
    const problem = getProblem(() => resolveConfig(build({ url: "https://s3.test/a.zarr" }), base));
    expect(problem.detail).toContain("https://s3.test/a.zarr");
  });

  test.each([null, [], "text", {}, { version: "1.0.18" }, { version: 1, datasets: [] }])("is not %j", (value) => {
    expect(getProblem(() => resolveConfig(value, base)).title).toBe("This is not a view");
  });
});
