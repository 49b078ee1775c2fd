/**
 * Metadata and single row groups of a Parquet file, from ranges of its bytes.
 *
 * A footer is the end of a file: the Thrift-encoded metadata, its length (4 bytes), and the magic number `PAR1`.
 *
 * Source: https://parquet.apache.org/docs/file-format/
 */
import { makeVector, Table, tableToIPC, type Vector, vectorFromArray } from "apache-arrow";
import { type FileMetaData, parquetMetadata, parquetRead, type RowGroup } from "hyparquet";
import { compressors } from "hyparquet-compressors";

export interface RowGroupMetadata {
  numRows(): number;
  /** Position of the row group's first byte in the file. */
  fileOffset(): number;
  /** Number of bytes from there on that hold all its columns. */
  compressedSize(): number;
}

export interface ParquetMetadata {
  fileMetadata(): { numRows(): number };
  numRowGroups(): number;
  rowGroup(index: number): RowGroupMetadata;
}

/** Values of one column as hyparquet decodes them: typed arrays for numbers without nulls, else plain arrays. */
type Values = Parameters<NonNullable<Parameters<typeof parquetRead>[0]["onChunk"]>>[0]["columnData"];

export function readMetadata(footer: Uint8Array): ParquetMetadata {
  const metadata = parquetMetadata(copyBuffer(footer));
  return {
    fileMetadata: () => ({ numRows: () => Number(metadata.num_rows) }),
    numRowGroups: () => metadata.row_groups.length,
    rowGroup: (index) => {
      const group = getRowGroup(metadata, index);
      return {
        numRows: () => Number(group.num_rows),
        fileOffset: () => getRange(group).start,
        compressedSize: () => getRange(group).size,
      };
    },
  };
}

/**
 * Read one row group.
 *
 * @param footer End of the file, from the start of the metadata on.
 * @param bytes The row group's bytes, as `fileOffset` and `compressedSize` of its metadata tell.
 * @param index Which row group.
 * @returns A table as parquet-wasm gives it, save that its Arrow stream is a promise, which `tableFromIPC` takes as well.
 */
export function readParquetRowGroup(
  footer: Uint8Array,
  bytes: Uint8Array,
  index: number,
): { intoIPCStream(): Promise<Uint8Array> } {
  return {
    intoIPCStream: async () => {
      const metadata = parquetMetadata(copyBuffer(footer));
      const columns = await readColumns(metadata, copyBuffer(bytes), index);
      return tableToIPC(
        new Table(Object.fromEntries([...columns].map(([name, values]) => [name, buildVector(values)]))),
        "stream",
      );
    },
  };
}

async function readColumns(metadata: FileMetaData, bytes: ArrayBuffer, index: number): Promise<Map<string, Values[]>> {
  const group = getRowGroup(metadata, index);
  const { start } = getRange(group);
  const end = start + bytes.byteLength;
  const rowStart = metadata.row_groups.slice(0, index).reduce((sum, { num_rows }) => sum + Number(num_rows), 0);
  const columns = new Map<string, Values[]>();
  await parquetRead({
    // A file of which only this row group can be read.
    file: { byteLength: end, slice: (from, to = end) => bytes.slice(from - start, to - start) },
    metadata,
    compressors,
    geoparquet: false,
    rowStart,
    rowEnd: rowStart + Number(group.num_rows),
    onChunk: ({ columnName, columnData }) => {
      const chunks = columns.get(columnName);
      if (chunks) chunks.push(columnData);
      else columns.set(columnName, [columnData]);
    },
  });
  return columns;
}

function getRowGroup(metadata: FileMetaData, index: number): RowGroup {
  const group = metadata.row_groups[index];
  if (!group)
    throw new RangeError(`Row group ${index} is not among the ${metadata.row_groups.length} of the Parquet file.`);
  return group;
}

/** A row group's columns follow each other; each begins with its dictionary page, if it has one. */
function getRange(group: RowGroup): { start: number; size: number } {
  const columns = group.columns.map(({ meta_data }) => {
    if (!meta_data) throw new Error("A Parquet column without metadata cannot be read.");
    return meta_data;
  });
  const starts = columns.map((column) => Number(column.dictionary_page_offset || column.data_page_offset));
  return {
    start: Math.min(...starts),
    size: columns.reduce((sum, column) => sum + Number(column.total_compressed_size), 0),
  };
}

function buildVector(chunks: readonly Values[]): Vector {
  const vectors = chunks.map((values) =>
    isNumeric(values) ? makeVector(values) : vectorFromArray(Array.from(values)),
  );
  const [first, ...rest] = vectors as [Vector, ...Vector[]];
  return rest.length === 0 ? first : first.concat(...rest);
}

function isNumeric(values: Values): values is Extract<Values, ArrayBufferView> & Float64Array {
  return ArrayBuffer.isView(values);
}

function copyBuffer(bytes: Uint8Array): ArrayBuffer {
  return bytes.slice().buffer;
}
