/** A page that reads Zarr with zarrita, and hands what it read to the test. */
import { FetchStore, get, open, root, slice } from "zarrita";

const OPEN = { 2: open.v2, 3: open.v3 };

/**
 * Read arrays of a tree.
 *
 * @param {string} address Of the tree's root.
 * @param {2 | 3} format Of Zarr, which all metadata must be in.
 * @param {{ path: string, window: [number, number][] | null }[]} parts Arrays, and what of them; null for all.
 * @returns {Promise<{ attrs: object, arrays: object[] }>} Attributes of the root, and the values in the order of parts.
 */
window.readArrays = async (address, format, parts) => {
  const top = root(new FetchStore(address));
  const group = await OPEN[format](top, { kind: "group" });
  const arrays = [];
  for (const { path, window: ranges } of parts) {
    const array = await OPEN[format](top.resolve(path), { kind: "array" });
    const selection = ranges?.map(([start, stop]) => slice(start, stop));
    arrays.push({ dtype: array.dtype, ...(await pack(await get(array, selection))) });
  }
  return { attrs: group.attrs, arrays };
};

/** Numbers as their bytes in base64, anything else as a list; zarrita gives an array without dimensions as its value. */
async function pack(read) {
  const { data, shape } = read?.data ? read : { data: [read], shape: [] };
  if (!ArrayBuffer.isView(data)) return { shape, values: Array.from(data) };
  const reader = new FileReader();
  const hasRead = new Promise((resolve) => {
    reader.onload = resolve;
  });
  reader.readAsDataURL(new Blob([data]));
  await hasRead;
  return { shape, bytes: reader.result.split(",")[1] };
}
