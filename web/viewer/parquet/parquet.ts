/**
 * Parquet reader with the exports that Vitessce 4.0.8 expects of its own fork of parquet-wasm.
 *
 * Vitessce imports that fork from a CDN; the viewer's import map sends the import here. parquet-wasm reads whole files;
 * the fork's additions, which read a file's metadata and one row group from a range of its bytes, are ours.
 */
import init from "parquet-wasm/esm";

export { readParquet, readSchema } from "parquet-wasm/esm";
export { readMetadata, readParquetRowGroup } from "./row-groups";

export default async function initialize(): Promise<void> {
  await init({ module_or_path: new URL("./parquet_wasm_bg.wasm", import.meta.url) });
}
