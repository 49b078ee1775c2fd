import { expect, test } from "vitest";
import { parseQuery, writeQuery } from "./query";

test("an address without parameters is everything, newest first", () => {
  expect(parseQuery(new URLSearchParams())).toEqual({ text: "", formats: [], order: "-created_at" });
});

test("what differs from the default is in the address, and comes back from it", () => {
  const query = { text: "lung", formats: ["anndata", "tiff"], order: "key" };
  expect(writeQuery(query).toString()).toBe("q=lung&format=anndata&format=tiff&order=key");
  expect(parseQuery(writeQuery(query))).toEqual(query);
});

test("the default is not in the address", () => {
  expect(writeQuery({ text: "", formats: [], order: "-created_at" }).toString()).toBe("");
});

test("an unknown order falls back to the default", () => {
  expect(parseQuery(new URLSearchParams("order=size;drop")).order).toBe("-created_at");
});
