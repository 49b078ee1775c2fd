import { expect, test } from "vitest";
import { listQuoted } from "./hints";

// The texts are what Python 3.12 prints of `" or ".join(map(repr, names))`.
test.each([
  ["Did you mean 'lung' or 'pair of lungs'?", ["lung", "pair of lungs"]],
  [`Did you mean "Crohn's disease" or 'colitis'?`, ["Crohn's disease", "colitis"]],
  [`Did you mean '5\\' "capped" end'?`, [`5' "capped" end`]],
  ["Did you mean 'a\\\\b'?", ["a\\b"]],
  ["Try another word.", []],
])("the names in %s", (text, names) => {
  expect(listQuoted(text)).toEqual(names);
});
