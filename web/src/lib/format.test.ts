import { expect, test } from "vitest";
import { formatBytes, formatCount, formatNumber, formatQuantity, formatShape, formatSize } from "./format";

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1 kB"],
  [1234, "1.23 kB"],
  [999_499, "999 kB"],
  [999_600, "1 MB"],
  [45_678_901_234, "45.7 GB"],
  [2.5e18, "2500 PB"],
])("%d bytes are %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test("a count of one is singular", () => {
  expect(formatCount(1, "dataset")).toBe("1 dataset");
  expect(formatCount(0, "dataset")).toBe("0 datasets");
  expect(formatCount(12_345, "entry", "entries")).toBe("12,345 entries");
});

test("sizes and shapes have thousands separators", () => {
  expect(formatSize([20480, 512])).toBe("20,480 × 512 px");
  expect(formatShape([3, 1024, 2048])).toBe("3 × 1,024 × 2,048");
});

test.each([
  [0.2125, "0.2125"],
  [1 / 3, "0.3333"],
  [0, "0"],
  [65535, "65,540"],
  [0.00001234, "1.23e-5"],
  [12_345_678, "1.23e+7"],
])("%d is written %s", (value, text) => {
  expect(formatNumber(value)).toBe(text);
});

test("units known to NGFF get their symbol, others stay as they are", () => {
  expect(formatQuantity(0.5, "micrometer")).toBe("0.5 µm");
  expect(formatQuantity(2, "furlong")).toBe("2 furlong");
  expect(formatQuantity(2, null)).toBe("2");
});
