"""The page ``docs/gallery.md``: which datasets it shows, whose they are, and its text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Sample:
    """A dataset: its path below the folder of samples, what it shows, and its format as people call it."""

    path: str
    title: str
    format: str

    @property
    def slug(self) -> str:
        """Name of its picture, without a suffix."""
        return re.sub(r"[^a-z0-9]+", "-", self.path.lower()).strip("-")


@dataclass(frozen=True, slots=True)
class Credit:
    """Where a dataset comes from, as its ``SOURCE.md`` says."""

    source: str
    licence: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a dataset in the viewer.

    Attributes:
        way: How its bytes reach the viewer, in words; None when it is not drawn.
        reason: Why it is not drawn.
    """

    way: str | None = None
    reason: str = ""


SECTIONS: Mapping[str, tuple[Sample, ...]] = {
    "Sections of tissue": (
        Sample(
            "sdata-merfish-ileum/merfish_mouse_ileum_cropped.sdata.zarr.zip",
            "MERFISH, mouse ileum",
            "SpatialData in Zarr 2, zipped",
        ),
        Sample(
            "visium-mouse-brain-tiny/outs",
            "Visium, mouse brain; its photograph is blank",
            "Visium folder of Space Ranger",
        ),
        Sample(
            "visium-hd-tiny/outs", "Visium HD, a stand-in; its photograph is blank", "Visium HD folder of Space Ranger"
        ),
        Sample("merscope-liver-mini", "MERSCOPE, liver", "MERSCOPE folder"),
        Sample("cosmx-lung12-mini/Lung12", "CosMx, lung", "CosMx flat files"),
        Sample("vendor-micro/Xenium_small", "Xenium, a fragment", "Xenium folder"),
        Sample("vendor-micro/CosMx_small", "CosMx, a fragment", "CosMx flat files"),
        Sample("vendor-micro/MERSCOPE_small", "MERSCOPE, a fragment", "MERSCOPE folder"),
        Sample("vendor-micro/STARmapPLUS_small", "STARmap PLUS, a fragment", "tables of expression and places"),
        Sample("seqfish-cortex-csv", "seqFISH+, mouse cortex", "tables of expression and places"),
    ),
    "Tables of cells": (
        Sample("h5ad-pbmc68k/10x_pbmc68k_reduced.h5ad", "Blood cells", "AnnData in HDF5, of 2018"),
        Sample("h5ad-multiplex-scimap/example_data.h5ad", "Multiplexed imaging, cells in place", "AnnData in HDF5"),
        Sample("h5ad-cellxgene-schema/example_valid.h5ad", "CELLxGENE's smallest example", "AnnData in HDF5"),
        Sample("h5ad-cellxgene-schema/example_invalid_CL.h5ad", "Cells of the heart", "AnnData in HDF5"),
        Sample("osmfish-cortex-loom/osmFISH_SScortex_mouse_all_cells.loom", "osmFISH, mouse cortex", "loom"),
        Sample(
            "mcmicro-exemplar001-csv/exemplar-001--unmicst_cell.csv", "MCMICRO, exemplar-001", "table of cells in CSV"
        ),
        Sample("tiff-golgi-labels-table/table-mlj.csv", "Golgi, features of labels", "table of cells in CSV"),
        Sample("ome-zarr-v04-2dt-labels/table.tsv", "Tracks of nuclei", "table of cells in TSV"),
        Sample("h5mu-hubmap/secondary_analysis.h5mu", "HuBMAP, RNA and ATAC of three cells", "MuData in HDF5"),
        Sample("h5mu-hubmap/objects.h5mu", "HuBMAP, segmented objects, all in one place", "MuData in HDF5"),
        Sample("vendor-micro/Xenium_small/cell_feature_matrix.h5", "Counts of a Xenium fragment", "10x HDF5"),
    ),
    "Slides and microscopy": (
        Sample("svs-cmu1-he/CMU-1-Small-Region.svs", "H&E slide CMU-1", "Aperio SVS"),
        Sample("czi-mosaic/mosaic_test.czi", "Mosaic of two tiles", "Zeiss CZI"),
        Sample("ome-tiff-pyramid/2048x2048_ome6_tiled.ome.tif", "Test chart", "OME-TIFF with two levels"),
        Sample("ome-tiff-rgba16/output_ome.ome.tiff", "Four samples of 16 bits", "OME-TIFF"),
        Sample(
            "ome-tiff-oddities/spraggins.mxif.ome.tif", "Kidney, multiplexed, 50 x 50 pixels", "OME-TIFF of 64 bits"
        ),
        Sample("tiff-bbbc022-3ch/IXMtest_A02_s9.tif", "Cell Painting, BBBC022", "ImageJ TIFF"),
        Sample("tiff-hela-3ch/hela-cells.tif", "HeLa cells", "TIFF that calls its channels RGB"),
        Sample("tiff-golgi-labels-table/image.tif", "Golgi", "TIFF"),
        Sample("tiff-golgi-labels-table/segmentation.tif", "Golgi, segmented", "TIFF of labels"),
        Sample("tiff-migration-2dt/cancer_cell_migration_crop.tif", "Migrating cells, 48 time points", "TIFF"),
        Sample(
            "tiff-migration-2dt/cancer_cell_migration_voronoi_otsu_labeling_crop.tif",
            "Migrating cells, segmented",
            "TIFF of labels",
        ),
        Sample("tiff-mitosis-5d/xyzct-mitosis.tif", "Mitosis, 5 dimensions", "ImageJ hyperstack"),
        Sample("lightsheet-brain-planes", "Whole brain, three planes of two channels", "folder of TIFF planes"),
        Sample("hcs-imagexpress-plate1334/2023-02-21/1334", "Plate 1334, two wells", "ImageXpress plate"),
    ),
    "OME-Zarr": (
        Sample("ome-zarr-v04-mri/mri-stack.ome.zarr", "MRI of a head", "OME-Zarr 0.4"),
        Sample("ome-zarr-v04-2dt-labels/image.ome.zarr.zip", "Nuclei, 10 time points", "OME-Zarr 0.4, zipped"),
        Sample("ome-zarr-v04-2dt-labels/segmentation.ome.zarr.zip", "Nuclei, segmented", "OME-Zarr 0.4, zipped"),
        Sample("ome-zarr-v06-draft/scale.zarr", "MRI of a head, scaled", "OME-Zarr, draft of 0.6"),
        Sample("ome-zarr-v06-draft/affine.zarr", "MRI of a head, scaled and moved", "OME-Zarr, draft of 0.6"),
        Sample("ome-zarr-v06-draft/anisotropic_rotation.zarr", "MRI of a head, turned", "OME-Zarr, draft of 0.6"),
        Sample("ome-zarr-conformance/valid/image-01.zarr", "1000 x 1000 zeros", "OME-Zarr 0.4, 64-bit floats"),
        Sample("ome-zarr-conformance/valid/image-02.zarr", "Random pixels with labels", "OME-Zarr 0.4, 64-bit floats"),
        Sample("ome-zarr-conformance/valid/image-03.zarr", "Random pixels, two planes", "OME-Zarr 0.4, 64-bit floats"),
        Sample("ome-zarr-conformance/valid/image-04.zarr", "Zeros in two planes", "OME-Zarr 0.4, 64-bit floats"),
        Sample("ome-zarr-conformance/valid/plate-01.zarr", "Zeros in a plate of four wells", "OME-Zarr 0.4 plate"),
        Sample("ome-zarr-conformance/warning/image-01.zarr", "Zeros in levels of two types", "OME-Zarr 0.4"),
        Sample("ome-zarr-conformance/invalid/image-01.zarr", "No attributes", "OME-Zarr 0.4, broken on purpose"),
        Sample("ome-zarr-conformance/invalid/image-02.zarr", "No levels named", "OME-Zarr 0.4, broken on purpose"),
        Sample("ome-zarr-conformance/invalid/image-03.zarr", "No array", "OME-Zarr 0.4, broken on purpose"),
        Sample("ome-zarr-conformance/invalid/image-04.zarr", "Levels of other axes", "OME-Zarr 0.4, broken on purpose"),
    ),
}

_DOUBT = "Upstream says two different things about the licence."
_ZEROS = "All pixels are zero."

WITHHELD = {
    "cosmx-lung12-mini/": _DOUBT,
    "seqfish-cortex-csv": _DOUBT,
    "ome-zarr-conformance/valid/image-01.zarr": _ZEROS,
    "ome-zarr-conformance/valid/image-04.zarr": _ZEROS,
    "ome-zarr-conformance/valid/plate-01.zarr": _ZEROS,
    "ome-zarr-conformance/warning/image-01.zarr": _ZEROS,
}
"""What is drawn, but has no picture on the page, by how its path begins, and why."""

_HEAD = """# Gallery

Every sample dataset as the viewer draws it at first, in headless Chromium without a graphics card: added where it lies,
nothing converted, nothing set by hand. *As it lies* means that the viewer reads the stored bytes; *through the gateway*
that the server shows them as Zarr while they are read. `make gallery` draws the pictures again; tests hold this page to
what is really shown.

The data belong to their authors. Each picture is shown under the licence that is named with it.
"""

_WITHHELD = """
## Drawn, without a picture here

"""

_NOT_DRAWN = """
## Not drawn
"""


def list_samples() -> list[Sample]:
    """All datasets, in the order of the page."""
    return [sample for samples in SECTIONS.values() for sample in samples]


def find_doubt(sample: Sample) -> str | None:
    """Why the page has no picture of it, though it is drawn; None where it has one."""
    return next((reason for start, reason in WITHHELD.items() if sample.path.startswith(start)), None)


def read_credit(folder: Path) -> Credit:
    """Source and licence from the ``SOURCE.md`` of a folder of samples."""
    said = dict(re.findall(r"^(\w+): (.*)$", (folder / "SOURCE.md").read_text(encoding="utf-8"), re.MULTILINE))
    licence = said["License"].replace("as recalled, not checked here", "unconfirmed")
    found = re.fullmatch(r"https://github\.com/(\S+) path `([^`]*)` commit (\w+)", said["Source"])
    if found is None:
        return Credit(said["Source"], licence)
    repository, path, commit = found.groups()
    path = re.sub(r" \(.*|/[^/]*[{*,].*", "", path)  # where several files are named, their folder
    return Credit(f"[{repository}](https://github.com/{repository}/tree/{commit}/{quote(path)})", licence)


def build_page(verdicts: Mapping[str, Verdict], sources: Mapping[str, Credit]) -> str:
    """The text of the page.

    Args:
        verdicts: By path of the sample.
        sources: By the first part of the path.
    """
    text = _HEAD
    for title, samples in SECTIONS.items():
        rows = [
            _build_row(sample, verdicts[sample.path], sources) for sample in samples if _has_picture(sample, verdicts)
        ]
        if rows:
            text += "\n".join([f"\n## {title}\n", "| | |", "|---|---|", *rows, ""])
    drawn = [sample for sample in list_samples() if find_doubt(sample) and verdicts[sample.path].way]
    rows = [
        f"| {one.title} | `{one.path}` | {one.format}, {verdicts[one.path].way} | {find_doubt(one)} | "
        f"{_cite(one, sources)} |"
        for one in drawn
    ]
    if rows:
        head = ["| | dataset | format | why | source and licence |", "|---|---|---|---|---|"]
        text += "\n".join([_WITHHELD, *head, *rows, ""])
    refused = [sample for sample in list_samples() if verdicts[sample.path].way is None]
    rows = [f"| {one.title} | `{one.path}` | {one.format} | {verdicts[one.path].reason} |" for one in refused]
    if rows:
        text += "\n".join([_NOT_DRAWN, "| | dataset | format | why |", "|---|---|---|---|", *rows, ""])
    return text


def _has_picture(sample: Sample, verdicts: Mapping[str, Verdict]) -> bool:
    return verdicts[sample.path].way is not None and find_doubt(sample) is None


def _build_row(sample: Sample, verdict: Verdict, sources: Mapping[str, Credit]) -> str:
    picture = f"![{sample.title}](images/gallery/{sample.slug}.webp)"
    about = f"**{sample.title}**<br>`{sample.path}`<br>{sample.format}, {verdict.way}<br>{_cite(sample, sources)}"
    return f"| {picture} | {about} |"


def _cite(sample: Sample, sources: Mapping[str, Credit]) -> str:
    credit = sources[sample.path.split("/")[0]]
    return f"{credit.source}: {credit.licence}"
