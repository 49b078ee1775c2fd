/** Records for tests. */
import type { Artifact, ArtifactPage, ImageElement, LineageArtifact, LineageGraph, TableElement } from "../api/types";

export function buildArtifact(changes: Partial<Artifact> = {}): Artifact {
  return {
    uid: "AAAABBBBCCCCDDDD0001",
    version: "0001",
    key: "xenium/lung.zarr",
    basename: "lung.zarr",
    description: null,
    kind: "dataset",
    format: "spatialdata",
    hash: "0123456789abcdef".repeat(4),
    size_bytes: 1_234_567,
    n_files: 42,
    n_observations: 4321,
    storage_url: "file:///data",
    storage_key: "AAAABBBBCCCCDDDD0001/lung.zarr",
    is_folder: true,
    created_at: "2025-11-21T12:00:00Z",
    created_by: "ada",
    is_latest: true,
    trashed_at: null,
    annotations: null,
    overrides: { elements: [], changed_at: null, changed_by: null },
    viewer: { ready: true, findings: [] },
    ...changes,
    content: {
      format: changes.format ?? "spatialdata",
      format_version: "0.2",
      container: "zarr3",
      is_zipped: false,
      root: "",
      elements: [buildImage(), buildTable()],
      coordinate_systems: ["global"],
      is_simulated: false,
      is_untrusted: false,
      findings: [],
      overridden: [],
      ...changes.content,
    },
  };
}

export function buildImage(changes: Partial<ImageElement> = {}): ImageElement {
  return {
    kind: "image",
    name: "morphology",
    path: "images/morphology",
    axes: [
      { name: "c", type: "channel" },
      { name: "y", type: "space", unit: "micrometer" },
      { name: "x", type: "space", unit: "micrometer" },
    ],
    dtype: "uint16",
    levels: [
      { path: "0", shape: [2, 1024, 2048], chunk_shape: [1, 512, 512], scale: [1, 0.5, 0.5], translation: [0, 0, 0] },
      { path: "1", shape: [2, 512, 1024], chunk_shape: [1, 512, 512], scale: [1, 1, 1], translation: [0, 0, 0] },
    ],
    channels: [
      { name: "DAPI", color_rgb: [0, 0, 255], window: [0, 4000] },
      { name: "CD3", color_rgb: null, window: null },
    ],
    is_rgb: false,
    placements: [{ coordinate_system: "global", affine_xy: [1, 0, 0, 0, 1, 0], scale_z: 1, offset_z: 0 }],
    ...changes,
  };
}

export function buildTable(changes: Partial<TableElement> = {}): TableElement {
  return {
    kind: "table",
    name: "cells",
    path: "tables/cells",
    n_obs: 4321,
    n_vars: 377,
    matrix: { encoding: "csr", dtype: "float32" },
    obs_columns: [{ name: "cell_type", dtype: "category", n_categories: 2, categories: ["B cell", "T cell"] }],
    var_columns: [],
    var_names: ["CD3E", "MS4A1"],
    layers: ["counts"],
    embeddings: [{ name: "X_umap", n_dims: 2 }],
    region: ["cell_boundaries"],
    ...changes,
  } as TableElement;
}

export function buildPage(items: Artifact[], changes: Partial<ArtifactPage> = {}): ArtifactPage {
  return { items, total: items.length, next_cursor: null, facets: {}, hints: [], ...changes };
}

/** The lineage of an artifact that no run made or read. */
export function buildLineage(changes: Partial<LineageGraph> = {}): LineageGraph {
  const root = buildLineageArtifact();
  return { root_uid: root.uid, artifacts: [root], runs: [], edges: [], is_complete: true, ...changes };
}

export function buildLineageArtifact(changes: Partial<LineageArtifact> = {}): LineageArtifact {
  const { uid, key, version, format, size_bytes, created_at, is_latest } = buildArtifact();
  return { uid, key, version, format, size_bytes, created_at, is_latest, is_trashed: false, ...changes };
}
