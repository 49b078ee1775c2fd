/** What an artifact is, in a few words. */
import { formatCount, formatInteger, formatSize } from "../lib/format";
import type { Artifact, Axis, ImageElement, LabelsElement } from "./types";

const FORMAT_NAMES: Readonly<Record<string, string>> = {
  spatialdata: "SpatialData",
  anndata: "AnnData",
  mudata: "MuData",
  "10x-h5": "10x HDF5",
  loom: "Loom",
  "ome-zarr": "OME-Zarr",
  "ome-tiff": "OME-TIFF",
  "ome-tiff-folder": "OME-TIFF folder",
  tiff: "TIFF",
  xenium: "Xenium",
  "visium-hd": "Visium HD",
  visium: "Visium",
  merscope: "MERSCOPE",
  cosmx: "CosMx",
  seqfish: "seqFISH",
  "expression-locations": "Expression and locations",
  slide: "Slide",
  czi: "CZI",
  lif: "LIF",
  nd2: "ND2",
  picture: "Picture",
  "plate-folder": "Plate",
  imagexpress: "ImageXpress",
  operetta: "Operetta",
  bdv: "BigDataViewer",
  n5: "N5",
  imaris: "Imaris",
  "hdf5-image": "HDF5 image",
  numpy: "NumPy",
  "zarr-array": "Zarr array",
  array: "Array",
  "image-folder": "Image folder",
  table: "Table",
  file: "File",
  folder: "Folder",
};

export function getFormatName(format: string): string {
  return FORMAT_NAMES[format] ?? format;
}

/** Width and height in pixels of the finest level; null when the element has no such axes. */
export function getSizeXY(element: ImageElement | LabelsElement): [number, number] | null {
  const width = getAxisSize(element, "x");
  const height = getAxisSize(element, "y");
  return width !== null && height !== null ? [width, height] : null;
}

/** Number of entries along an axis of the finest level. */
export function getAxisSize(element: { axes: Axis[]; levels: { shape: number[] }[] }, name: string): number | null {
  const index = element.axes.findIndex((axis) => axis.name === name);
  return element.levels[0]?.shape[index] ?? null;
}

/** The image with the most pixels. */
export function findMainImage(artifact: Artifact): ImageElement | null {
  const images = artifact.content.elements.filter((element) => element.kind === "image");
  const area = (image: ImageElement) => getSizeXY(image)?.reduce((a, b) => a * b) ?? 0;
  return images.reduce<ImageElement | null>((best, image) => (best && area(best) >= area(image) ? best : image), null);
}

/** The figures that tell an artifact from its neighbours: observations and image size. */
export function summarize(artifact: Artifact): string[] {
  const words: string[] = [];
  if (artifact.n_observations !== null) words.push(formatCount(artifact.n_observations, "observation"));
  const image = findMainImage(artifact);
  if (image) words.push(describeSize(image));
  return words.filter(Boolean);
}

/** Size of the plane, then the length of every longer axis beside it: `512 × 512 px, z 40, t 3`. */
export function describeSize(element: ImageElement | LabelsElement): string {
  const plane = getSizeXY(element);
  const others = element.axes
    .map(({ name }, index) => ({ name, size: element.levels[0]?.shape[index] ?? 1 }))
    .filter(({ name, size }) => !["x", "y", "c"].includes(name) && size > 1)
    .map(({ name, size }) => `${name} ${formatInteger(size)}`);
  return [plane ? formatSize(plane) : null, ...others].filter(Boolean).join(", ");
}

/** A key as the folder that it lies in and its last part. */
export function splitKey(key: string): { folder: string; name: string } {
  const slash = key.lastIndexOf("/");
  return { folder: key.slice(0, slash + 1), name: key.slice(slash + 1) };
}

const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** The number of a version, which a uid spells with four base62 digits. */
export function parseVersion(version: string): number {
  return [...version].reduce((number, digit) => number * BASE62.length + BASE62.indexOf(digit), 0);
}
