"""The output folder of Xenium, onboard analysis 3 or 1, from a simulated section.

Source: https://www.10xgenomics.com/support/software/xenium-onboard-analysis/latest/analysis/xoa-output-understanding-outputs
(files, columns, types, units) and its page for version 1 (numbers as ids, bytes as text, single images).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from vitrina.simulate.bundles.tenx_files import (
    GENE_TYPE,
    Counts,
    build_label_counts,
    write_declaration,
    write_h5,
    write_mtx,
    write_table,
)
from vitrina.simulate.bundles.xenium_images import write_images
from vitrina.simulate.bundles.xenium_zarr import format_ids, write_cells_zarr, write_matrix_zarr
from vitrina.simulate.genes import PANEL
from vitrina.simulate.outlines import measure_areas
from vitrina.simulate.specimen import build_specimen
from vitrina.simulate.transcripts import build_transcripts

if TYPE_CHECKING:
    from pathlib import Path

    from vitrina.simulate.arrays import Floats, Ints
    from vitrina.simulate.section import SectionParameters
    from vitrina.simulate.specimen import Specimen
    from vitrina.simulate.transcripts import Transcripts

type Generation = Literal[1, 3]

CONTROLS = (
    ("NegControlProbe_00001", "Negative Control Probe"),
    ("NegControlProbe_00002", "Negative Control Probe"),
    ("NegControlCodeword_0500", "Negative Control Codeword"),
)
VERSIONS = {1: "xenium-1.0.1.2", 3: "xenium-3.0.0.15"}
SLICE_UM = 3.0
"""Distance of focal planes; molecules lie within four of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class XeniumBundle:
    """What was written, so that what is read can be compared.

    Attributes:
        specimen: The tissue.
        transcripts: Its molecules.
        cell_ids: Ids of the cells, in their order.
        counts: Counts of genes and of controls.
    """

    specimen: Specimen
    transcripts: Transcripts
    cell_ids: list[str]
    counts: Counts


def write_xenium(
    parameters: SectionParameters, folder: Path, *, generation: Generation = 3, writes_csv: bool = True
) -> XeniumBundle:
    """Write a bundle into a folder that does not exist yet.

    Args:
        parameters: Of the section; the instrument's pixels are 0.2125 µm wide.
        folder: Made.
        generation: 3 with text ids, outlines by label and an image file per stain; 1 with numbers and single images.
        writes_csv: Whether tables are written as CSV too.
    """
    specimen = build_specimen(parameters)
    transcripts = build_transcripts(specimen)
    n_cells = parameters.n_cells
    ids = format_ids(n_cells) if generation == 3 else [str(number) for number in range(1, n_cells + 1)]
    matrix = build_label_counts(transcripts.cell_id, transcripts.gene_code, n_cells, parameters.n_genes)
    counts = _add_controls(matrix, ids, parameters.n_genes)
    folder.mkdir(parents=True)
    _write_experiment(parameters, folder, generation, transcripts)
    write_table(_build_cells(specimen, matrix, ids, generation), folder / "cells", as_csv=writes_csv)
    for name, polygons in (
        ("cell_boundaries", specimen.outlines.cell_nkxy),
        ("nucleus_boundaries", specimen.outlines.nucleus_nkxy),
    ):
        write_table(_build_boundaries(polygons, ids, generation), folder / name, as_csv=writes_csv)
    write_table(_build_transcripts(specimen, transcripts, ids, generation), folder / "transcripts", as_csv=writes_csv)
    write_h5(counts, folder / "cell_feature_matrix.h5")
    write_mtx(counts, folder / "cell_feature_matrix")
    write_matrix_zarr(counts, folder / "cell_feature_matrix.zarr.zip", has_number_ids=generation == 1)
    write_cells_zarr(specimen, folder / "cells.zarr.zip", has_number_ids=generation == 1)
    write_images(specimen, folder, is_split=generation == 3)
    write_declaration(parameters, folder, "10x Genomics Xenium")
    return XeniumBundle(specimen=specimen, transcripts=transcripts, cell_ids=ids, counts=counts)


def _add_controls(matrix: Any, ids: list[str], n_genes: int) -> Counts:
    """Controls stand after the genes, and were never seen."""
    from scipy.sparse import csr_matrix, hstack

    empty = csr_matrix((matrix.shape[0], len(CONTROLS)), dtype=matrix.dtype)
    return Counts(
        matrix=hstack((matrix, empty)).tocsr(),
        barcodes=ids,
        names=[*PANEL[:n_genes], *(name for name, _ in CONTROLS)],
        types=[GENE_TYPE] * n_genes + [own for _, own in CONTROLS],
    )


def _write_experiment(
    parameters: SectionParameters, folder: Path, generation: Generation, transcripts: Transcripts
) -> None:
    focus = "morphology_focus/morphology_focus_0000.ome.tif" if generation == 3 else "morphology_focus.ome.tif"
    stated = {
        "major_version": 6 if generation == 3 else 5,
        "minor_version": 0,
        "run_name": "simulated",
        "region_name": parameters.section,
        "preservation_method": "ffpe",
        "num_cells": parameters.n_cells,
        "transcripts_per_cell": int((transcripts.cell_id > 0).sum()) // parameters.n_cells,
        "panel_name": "simulated",
        "panel_organism": "Human",
        "panel_num_targets_predesigned": parameters.n_genes,
        "pixel_size": parameters.pixel_size_um,
        "analysis_sw_version": VERSIONS[generation],
        "region_area": parameters.width_um * parameters.height_um,
        "z_step_size": SLICE_UM,
        "images": {"morphology_filepath": "morphology.ome.tif", "morphology_focus_filepath": focus},
        "xenium_explorer_files": {
            "cells_zarr_filepath": "cells.zarr.zip",
            "cell_features_zarr_filepath": "cell_feature_matrix.zarr.zip",
        },
    }
    (folder / "experiment.xenium").write_text(json.dumps(stated, indent=2), encoding="utf-8")


def _build_cells(specimen: Specimen, matrix: Any, ids: list[str], generation: Generation) -> dict[str, Any]:
    import numpy as np

    n_counts = np.asarray(matrix.sum(axis=1)).ravel().astype(np.int64)
    zeros = np.zeros(len(ids), dtype=np.int64)
    columns: dict[str, Any] = {
        "cell_id": _type_ids(ids, generation),
        "x_centroid": specimen.cells.centre_xy[:, 0],
        "y_centroid": specimen.cells.centre_xy[:, 1],
        "transcript_counts": n_counts,
        "control_probe_counts": zeros,
        "control_codeword_counts": zeros,
        "total_counts": n_counts,
        "cell_area": measure_areas(specimen.outlines.cell_nkxy),
        "nucleus_area": measure_areas(specimen.outlines.nucleus_nkxy),
    }
    if generation == 3:
        columns["nucleus_count"] = zeros + 1
        columns["segmentation_method"] = ["Segmented by nucleus expansion of 5.0µm"] * len(ids)
    return columns


def _build_boundaries(polygons_nkxy: Floats, ids: list[str], generation: Generation) -> dict[str, Any]:
    """One row per vertex; the first is repeated at the end."""
    import numpy as np

    closed = np.concatenate((polygons_nkxy, polygons_nkxy[:, :1]), axis=1)
    n_polygons, n_vertices, _ = closed.shape
    vertices = closed.reshape(-1, 2).astype(np.float32)
    typed = _type_ids([one for one in ids for _ in range(n_vertices)], generation)
    columns: dict[str, Any] = {"cell_id": typed, "vertex_x": vertices[:, 0], "vertex_y": vertices[:, 1]}
    if generation == 3:
        columns["label_id"] = np.repeat(np.arange(1, n_polygons + 1, dtype=np.int32), n_vertices)
    return columns


def _build_transcripts(
    specimen: Specimen, transcripts: Transcripts, ids: list[str], generation: Generation
) -> dict[str, Any]:
    import numpy as np
    import pyarrow as pa

    n = len(transcripts.cell_id)
    rng = specimen.parameters.build_rng("xenium")
    pixels = np.floor(transcripts.xy / specimen.parameters.pixel_size_um).astype(np.int64)
    rows, columns = (np.clip(pixels[:, axis], 0, specimen.nuclei_yx.shape[1 - axis] - 1) for axis in (1, 0))
    in_nucleus = specimen.nuclei_yx[rows, columns] > 0
    outside = "UNASSIGNED" if generation == 3 else "-1"
    cells = np.asarray([outside, *ids], dtype=object)[transcripts.cell_id]
    genes = np.asarray(PANEL, dtype=object)[transcripts.gene_code].tolist()
    built: dict[str, Any] = {
        "transcript_id": np.arange(n, dtype=np.uint64) + np.uint64(281_474_976_710_656),
        "cell_id": _type_ids(cells.tolist(), generation),
        "overlaps_nucleus": in_nucleus.astype(np.uint8),
        "feature_name": genes if generation == 3 else pa.array([name.encode() for name in genes], pa.binary()),
        "x_location": transcripts.xy[:, 0].astype(np.float32),
        "y_location": transcripts.xy[:, 1].astype(np.float32),
        "z_location": rng.uniform(10, 10 + 4 * SLICE_UM, n).astype(np.float32),
        "qv": transcripts.quality.astype(np.float32),
    }
    if generation == 3:
        built |= {
            "fov_name": ["A1"] * n,
            "nucleus_distance": np.where(in_nucleus, 0.0, 1.0).astype(np.float32),
            "codeword_index": transcripts.gene_code.astype(np.int32),
            "codeword_category": ["predesigned_gene"] * n,
            "is_gene": np.ones(n, dtype=bool),
        }
    return built


def _type_ids(ids: list[str], generation: Generation) -> Ints | list[str]:
    import numpy as np

    return ids if generation == 3 else np.asarray([int(one) for one in ids], dtype=np.int32)
