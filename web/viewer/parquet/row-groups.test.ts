// @vitest-environment node
import { makeVector, Table, tableFromIPC, tableToIPC, vectorFromArray } from "apache-arrow";
import { Compression, Table as WasmTable, WriterPropertiesBuilder, writeParquet } from "parquet-wasm/node";
import { describe, expect, test } from "vitest";
import { readMetadata, readParquetRowGroup } from "./row-groups";

const N = 1000;
const GROUP = 300; // three full row groups and one of 100

const x = Float32Array.from({ length: N }, (_, index) => index / 2);
const morton = Uint32Array.from({ length: N }, (_, index) => 4_294_960_000 + index); // above 2^31: the sign must not flip
const codes = Int32Array.from({ length: N }, (_, index) => (index % 7) - 1);
const ids = BigInt64Array.from({ length: N }, (_, index) => 2n ** 53n + BigInt(index));
const genes = Array.from({ length: N }, (_, index) => `Gene${index % 3}`);
const qualities = Array.from({ length: N }, (_, index) => (index % 5 === 0 ? null : index / 4));

/** Written by parquet-wasm (arrow-rs): the second implementation that we compare with. */
function write(compression: Compression): Uint8Array {
  const table = new Table({
    x: makeVector(x),
    morton_code_2d: makeVector(morton),
    gene_codes: makeVector(codes),
    id: makeVector(ids),
    gene: vectorFromArray(genes),
    quality: vectorFromArray(qualities),
  });
  const properties = new WriterPropertiesBuilder().setMaxRowGroupSize(GROUP).setCompression(compression).build();
  return writeParquet(WasmTable.fromIPCStream(tableToIPC(table, "stream")), properties);
}

/** As Vitessce reads it: length and magic number are the last eight bytes. */
function getFooter(file: Uint8Array): Uint8Array {
  const length = new DataView(file.buffer, file.byteOffset + file.length - 8).getInt32(0, true);
  return file.subarray(file.length - length - 8);
}

async function readGroup(file: Uint8Array, index: number) {
  const footer = getFooter(file);
  const group = readMetadata(footer).rowGroup(index);
  const bytes = file.slice(group.fileOffset(), group.fileOffset() + group.compressedSize());
  return tableFromIPC(await readParquetRowGroup(footer, bytes, index).intoIPCStream());
}

test("the metadata tell rows and row groups", () => {
  const metadata = readMetadata(getFooter(write(Compression.SNAPPY)));
  expect(metadata.fileMetadata().numRows()).toBe(N);
  expect(metadata.numRowGroups()).toBe(4);
  expect([0, 1, 2, 3].map((index) => metadata.rowGroup(index).numRows())).toEqual([300, 300, 300, 100]);
});

test("the row groups fill the file from the first magic number on, one after the other", () => {
  const metadata = readMetadata(getFooter(write(Compression.ZSTD)));
  const groups = [0, 1, 2, 3].map((index) => metadata.rowGroup(index));
  expect(groups[0]?.fileOffset()).toBe(4); // after "PAR1"
  for (const [index, group] of groups.slice(1).entries()) {
    const before = groups[index];
    expect(group.fileOffset()).toBe((before?.fileOffset() ?? 0) + (before?.compressedSize() ?? 0));
  }
});

describe.each([
  ["uncompressed", Compression.UNCOMPRESSED],
  ["snappy", Compression.SNAPPY],
  ["gzip", Compression.GZIP],
  ["brotli", Compression.BROTLI],
  ["zstd", Compression.ZSTD],
  ["lz4", Compression.LZ4_RAW],
])("a file that is %s", (_, compression) => {
  test.each([
    [0, 0, 300],
    [2, 600, 900],
    [3, 900, 1000],
  ])("gives the rows of group %d, %d to %d", async (index, start, end) => {
    const table = await readGroup(write(compression), index);
    expect(table.numRows).toBe(end - start);
    expect(Array.from(table.getChild("x") ?? [])).toEqual(Array.from(x.subarray(start, end)));
    expect(Array.from(table.getChild("morton_code_2d") ?? [])).toEqual(Array.from(morton.subarray(start, end)));
    expect(Array.from(table.getChild("gene_codes") ?? [])).toEqual(Array.from(codes.subarray(start, end)));
    expect(Array.from(table.getChild("id") ?? [])).toEqual(Array.from(ids.subarray(start, end)));
    expect(Array.from(table.getChild("gene") ?? [])).toEqual(genes.slice(start, end));
    expect(Array.from(table.getChild("quality") ?? [])).toEqual(qualities.slice(start, end));
  });
});

test("a row group beyond the last is an error that names it", () => {
  const footer = getFooter(write(Compression.SNAPPY));
  expect(() => readMetadata(footer).rowGroup(4)).toThrow("Row group 4 is not among the 4");
});
