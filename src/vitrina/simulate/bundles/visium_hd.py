"""The output folder of Space Ranger 4 for Visium HD, from a simulated section.

The slide lies turned a little under the image, as slides do.

Source: https://www.10xgenomics.com/support/software/space-ranger/latest/analysis/outputs/output-overview,
https://www.10xgenomics.com/support/software/space-ranger/latest/analysis/outputs/segmented-outputs
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vitrina.simulate.bundles.tenx_files import (
    GENE_TYPE,
    Counts,
    build_label_counts,
    write_declaration,
    write_h5,
    write_mtx,
    write_table,
)
from vitrina.simulate.bundles.visium_hd_images import write_slide_images
from vitrina.simulate.bundles.visium_hd_slices import write_feature_slices
from vitrina.simulate.genes import PANEL
from vitrina.simulate.specimen import build_specimen
from vitrina.simulate.transcripts import build_transcripts
from vitrina.simulate.zones import Zone

if TYPE_CHECKING:
    from pathlib import Path

    from vitrina.simulate.arrays import Floats, Ints
    from vitrina.simulate.section import SectionParameters
    from vitrina.simulate.specimen import Specimen
    from vitrina.simulate.transcripts import Transcripts

BIN_SIZES_UM = (2, 8, 16)
TILT_DEGREES = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Slide:
    """How the slide lies: the corner of a bin is the origin and as many steps as its row and column say.

    Attributes:
        origin_xy_um: Corner of the first bin, in micrometres of the image.
        row_xy: Direction of rows, of length 1.
        column_xy: Direction of columns, of length 1.
        n_bins: Bins along each side, at the finest size.
    """

    origin_xy_um: Floats
    row_xy: Floats
    column_xy: Floats
    n_bins: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VisiumHdBundle:
    """What was written, so that what is read can be compared.

    Attributes:
        specimen: The tissue.
        transcripts: Its molecules.
        slide: How the slide lies.
        counts: Counts by size of bins, of bins under tissue.
        cells: Counts of the segmented cells.
        microns_per_pixel: Of the full-resolution image.
    """

    specimen: Specimen
    transcripts: Transcripts
    slide: Slide
    counts: dict[int, Counts]
    cells: Counts
    microns_per_pixel: float


def write_visium_hd(parameters: SectionParameters, folder: Path) -> VisiumHdBundle:
    """Write a bundle into a folder, ``outs``, that does not exist yet."""
    specimen = build_specimen(parameters)
    transcripts = build_transcripts(specimen)
    slide = plan_slide(parameters)
    size = parameters.pixel_size_um
    folder.mkdir(parents=True)
    factors = write_slide_images(specimen, folder) | {"microns_per_pixel": size}
    places = _find_bins(slide, transcripts.xy.astype("float64"))
    counts = {}
    for size_um in BIN_SIZES_UM:
        target = folder / "binned_outputs" / f"square_{size_um:03d}um"
        counts[size_um] = _write_bins(specimen, transcripts, slide, places=places, size_um=size_um, folder=target)
        own = factors | {"bin_size_um": float(size_um), "spot_diameter_fullres": size_um / size}
        _write_spatial(folder / "spatial", target / "spatial", own)
    cells = _write_cells(specimen, transcripts, folder / "segmented_outputs", factors)
    _write_mappings(transcripts, places, folder / "barcode_mappings.parquet")
    write_feature_slices(slide, counts[2], folder / "feature_slice.h5", microns_per_pixel=size)
    write_declaration(parameters, folder, "10x Genomics Visium HD")
    return VisiumHdBundle(
        specimen=specimen,
        transcripts=transcripts,
        slide=slide,
        counts=counts,
        cells=cells,
        microns_per_pixel=size,
    )


def plan_slide(parameters: SectionParameters) -> Slide:
    """A slide that covers the whole section, its middle over that of the section."""
    import numpy as np

    tilt = np.radians(TILT_DEGREES)
    column, row = np.array([np.cos(tilt), np.sin(tilt)]), np.array([-np.sin(tilt), np.cos(tilt)])
    coarse = BIN_SIZES_UM[-1]
    side_um = float(np.ceil(max(parameters.width_um, parameters.height_um) * 1.02 / coarse)) * coarse
    middle = np.array([parameters.width_um, parameters.height_um]) / 2
    return Slide(
        origin_xy_um=middle - side_um / 2 * (row + column),
        row_xy=row,
        column_xy=column,
        n_bins=round(side_um / BIN_SIZES_UM[0]),
    )


def name_bins(size_um: int, rows: Ints, columns: Ints) -> list[str]:
    """Barcodes of bins: their size, row and column."""
    return [f"s_{size_um:03d}um_{row:05d}_{column:05d}-1" for row, column in zip(rows, columns, strict=True)]


def _find_bins(slide: Slide, xy_um: Floats) -> tuple[Ints, Ints]:
    """Row and column of the finest bin that each place lies in."""
    import numpy as np

    away = (xy_um - slide.origin_xy_um) / BIN_SIZES_UM[0]
    rows, columns = (np.floor(away @ axis).astype(np.int64) for axis in (slide.row_xy, slide.column_xy))
    return rows, columns


def _write_bins(
    specimen: Specimen, transcripts: Transcripts, slide: Slide, *, places: tuple[Ints, Ints], size_um: int, folder: Path
) -> Counts:
    """Positions of all bins of a size, and counts of those under tissue."""
    import numpy as np

    factor = size_um // BIN_SIZES_UM[0]
    n_side = slide.n_bins // factor
    rows, columns = (grid.ravel() for grid in np.mgrid[:n_side, :n_side])
    centres = slide.origin_xy_um + size_um * (
        (rows[:, None] + 0.5) * slide.row_xy + (columns[:, None] + 0.5) * slide.column_xy
    )
    in_tissue = _is_tissue(specimen, centres)
    barcodes = name_bins(size_um, rows, columns)
    pixels = centres / specimen.parameters.pixel_size_um
    (folder / "spatial").mkdir(parents=True)
    write_table(
        {
            "barcode": barcodes,
            "in_tissue": in_tissue.astype(np.int32),
            "array_row": rows.astype(np.int32),
            "array_col": columns.astype(np.int32),
            "pxl_row_in_fullres": pixels[:, 1],
            "pxl_col_in_fullres": pixels[:, 0],
        },
        folder / "spatial" / "tissue_positions",
    )
    bins = (places[0] // factor) * n_side + places[1] // factor
    n_genes = specimen.parameters.n_genes
    every = build_label_counts(bins + 1, transcripts.gene_code, n_side * n_side, n_genes)
    under = np.flatnonzero(in_tissue)
    counts = Counts(
        matrix=every[under],
        barcodes=[barcodes[number] for number in under],
        names=list(PANEL[:n_genes]),
        types=[GENE_TYPE] * n_genes,
    )
    write_h5(counts, folder / "filtered_feature_bc_matrix.h5")
    if factor > 1:
        write_mtx(counts, folder / "filtered_feature_bc_matrix")
    return counts


def _is_tissue(specimen: Specimen, xy_um: Floats) -> Any:
    """Whether places lie on tissue rather than on glass."""
    import numpy as np

    tissue = specimen.enlarge((specimen.tissue.zone_yx != Zone.GLASS).astype(np.float32)) > 0.5
    pixels = np.floor(xy_um / specimen.parameters.pixel_size_um).astype(np.int64)
    height, width = tissue.shape
    inside = (pixels >= 0).all(axis=1) & (pixels[:, 0] < width) & (pixels[:, 1] < height)
    return inside & tissue[np.clip(pixels[:, 1], 0, height - 1), np.clip(pixels[:, 0], 0, width - 1)]


def _write_spatial(source: Path, target: Path, factors: dict[str, float]) -> None:
    """Each folder of bins repeats the pictures of the slide, with scale factors of its own."""
    import shutil

    target.mkdir(parents=True, exist_ok=True)
    for path in source.glob("tissue_*res_image.png"):
        shutil.copyfile(path, target / path.name)
    (target / "scalefactors_json.json").write_text(json.dumps(factors), encoding="utf-8")


def _write_cells(specimen: Specimen, transcripts: Transcripts, folder: Path, factors: dict[str, float]) -> Counts:
    """Cells and nuclei as GeoJSON in pixels of the full-resolution image, and counts of cells."""
    n_cells, n_genes = specimen.parameters.n_cells, specimen.parameters.n_genes
    folder.mkdir()
    for name, polygons in (
        ("cell_segmentations", specimen.outlines.cell_nkxy),
        ("nucleus_segmentations", specimen.outlines.nucleus_nkxy),
    ):
        document = {
            "type": "FeatureCollection",
            "features": _build_features(polygons / specimen.parameters.pixel_size_um),
        }
        (folder / f"{name}.geojson").write_text(json.dumps(document), encoding="utf-8")
    counts = Counts(
        matrix=build_label_counts(transcripts.cell_id, transcripts.gene_code, n_cells, n_genes),
        barcodes=[f"cellid_{number:09d}-1" for number in range(1, n_cells + 1)],
        names=list(PANEL[:n_genes]),
        types=[GENE_TYPE] * n_genes,
    )
    write_h5(counts, folder / "filtered_feature_cell_matrix.h5")
    _write_spatial(folder.parent / "spatial", folder / "spatial", factors)
    return counts


def _build_features(polygons_nkxy: Floats) -> list[dict[str, Any]]:
    import numpy as np

    closed = np.concatenate((polygons_nkxy, polygons_nkxy[:, :1]), axis=1)
    return [
        {
            "type": "Feature",
            "geometry": {"type": "Polygon", "coordinates": [ring.tolist()]},
            "properties": {"cell_id": number},
        }
        for number, ring in enumerate(closed, start=1)
    ]


def _write_mappings(transcripts: Transcripts, places: tuple[Ints, Ints], path: Path) -> None:
    """Which bins lie in which larger bins and which cell, of bins that hold molecules."""
    import numpy as np

    rows, columns = places
    _, first = np.unique(rows * (columns.max() + 1) + columns, return_index=True)
    cells = transcripts.cell_id[first]
    named: dict[str, Any] = {
        f"square_{size_um:03d}um": name_bins(size_um, rows[first] * 2 // size_um, columns[first] * 2 // size_um)
        for size_um in BIN_SIZES_UM
    }
    named["cell_id"] = [f"cellid_{number:09d}-1" if number else None for number in cells]
    named["in_nucleus"] = np.zeros(len(first), dtype=bool)
    named["in_cell"] = cells > 0
    write_table(named, path.with_suffix(""))
