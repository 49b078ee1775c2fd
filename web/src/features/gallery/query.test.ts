import { expect, test } from "vitest";
import { parseQuery, replaceValue, toggleValue, writeQuery } from "./query";

test("an address without parameters is everything, latest first", () => {
  expect(parseQuery(new URLSearchParams())).toEqual({ text: "", filters: {}, order: "relevance" });
});

test("what differs from the default is in the address, and comes back from it", () => {
  const query = { text: "lung", filters: { tissue: ["UBERON:0002048"], format: ["anndata", "tiff"] }, order: "key" };
  expect(writeQuery(query).toString()).toBe("q=lung&tissue=UBERON%3A0002048&format=anndata&format=tiff&order=key");
  expect(parseQuery(writeQuery(query))).toEqual(query);
});

test("the default is not in the address", () => {
  expect(writeQuery({ text: "", filters: {}, order: "relevance" }).toString()).toBe("");
});

test("an unknown order falls back to the default", () => {
  expect(parseQuery(new URLSearchParams("order=size;drop")).order).toBe("relevance");
});

test("a value is switched on and off, and an empty facet is gone", () => {
  const on = toggleValue({ tissue: ["lung"] }, "tissue", "brain");
  expect(on).toEqual({ tissue: ["lung", "brain"] });
  expect(toggleValue(on, "tissue", "lung")).toEqual({ tissue: ["brain"] });
  expect(toggleValue({ tissue: ["brain"] }, "tissue", "brain")).toEqual({});
});

test("a value takes the place of another one, and is there once", () => {
  expect(replaceValue({ tissue: ["lnug", "brain"] }, "tissue", "lnug", "lung")).toEqual({ tissue: ["brain", "lung"] });
  expect(replaceValue({ tissue: ["lnug", "lung"] }, "tissue", "lnug", "lung")).toEqual({ tissue: ["lung"] });
});
