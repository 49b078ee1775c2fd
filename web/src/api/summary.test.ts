import { expect, test } from "vitest";
import { buildArtifact, buildImage } from "../testing/build-artifact";
import { findMainImage, parseVersion, splitKey, summarize } from "./summary";

test("a summary tells observations and the size of the largest image", () => {
  const small = buildImage({
    name: "thumbnail",
    levels: [{ path: "0", shape: [2, 8, 8], chunk_shape: null, scale: [1, 1, 1], translation: [0, 0, 0] }],
  });
  const artifact = buildArtifact();
  artifact.content.elements = [small, buildImage()];
  expect(findMainImage(artifact)?.name).toBe("morphology");
  expect(summarize(artifact)).toEqual(["4,321 observations", "2,048 × 1,024 px"]);
});

test("a dataset without tables and images has an empty summary", () => {
  const artifact = buildArtifact({ n_observations: null });
  artifact.content.elements = [];
  expect(summarize(artifact)).toEqual([]);
});

test("a key is split at its last slash", () => {
  expect(splitKey("a/b/c.zarr")).toEqual({ folder: "a/b/", name: "c.zarr" });
  expect(splitKey("c.zarr")).toEqual({ folder: "", name: "c.zarr" });
});

test("versions count in base 62 with digits before capitals before small letters", () => {
  expect(["0001", "000A", "000a", "0010"].map(parseVersion)).toEqual([1, 10, 36, 62]);
});
