"""The reader of MERSCOPE: one region, or a folder of several."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitrina.model.content import Placement
from vitrina.readers.vendor.bundle import BundleReader, missing
from vitrina.readers.vendor.folder import join
from vitrina.readers.vendor.merscope.files import find_regions
from vitrina.readers.vendor.merscope.mosaic import MosaicPart
from vitrina.readers.vendor.merscope.outlines import OutlinesPart
from vitrina.readers.vendor.merscope.table import MerscopeTable
from vitrina.readers.vendor.part import GLOBAL, Described, Listing
from vitrina.readers.vendor.text import open_rows
from vitrina.readers.vendor.transcripts import PointColumns, PointRows, require_columns

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pyarrow import RecordBatch

    from vitrina.model.finding import Finding
    from vitrina.readers.vendor.folder import BundleFolder
    from vitrina.readers.vendor.merscope.files import RegionFiles
    from vitrina.readers.vendor.part import Part

TRANSCRIPT_COLUMNS = (
    "", "barcode_id", "global_x", "global_y", "global_z", "x", "y", "fov", "gene", "transcript_id",
)  # fmt: skip
"""Source: https://vizgen.github.io/vizgen-postprocessing/output_data_formats/detected_transcripts_format.html"""

_RENAMED = {"x": "fov_x_px", "y": "fov_y_px", "Unnamed: 0": "index"}
"""Positions inside a field of view keep no name that would be taken for the place in the region."""


class MerscopeReader(BundleReader):
    """Reads regions of Vizgen MERSCOPE in micrometres.

    Coordinates begin anew in every region, so each of several regions is a coordinate system of its own.
    """

    format = "merscope"
    vendor = "a MERSCOPE dataset"

    def detect_folder(self, folder: BundleFolder) -> bool:
        return bool(find_regions(folder))

    def list_parts(self, folder: BundleFolder) -> Listing:
        regions = find_regions(folder)
        parts: list[Part] = []
        findings: list[Finding] = []
        for region in regions:
            prefix, system = (f"{region.folder}_", region.folder) if len(regions) > 1 else ("", GLOBAL)
            parts.extend(_list_region(folder.root, region, prefix, system))
            findings.extend(_check_region(region))
        return Listing(parts=tuple(parts), findings=tuple(findings))


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptsPart:
    """The molecules of a region."""

    root: Path
    key: str
    name: str
    system: str

    def describe(self) -> Described:
        return self._open().describe()

    def iterate_points(self) -> Iterator[RecordBatch]:
        return self._open().iterate()

    def _open(self) -> PointRows:
        file = open_rows(self.root / self.key, self.key, TRANSCRIPT_COLUMNS)
        x, y = require_columns(file, ("global_x",), ("global_y",))
        texts = [name for name in file.columns if name == "transcript_id"]
        return PointRows(
            file=file,
            columns=PointColumns(
                coordinates=(x, y),
                feature=file.find("gene"),
                instance=file.find("EntityID", "cell_id"),
                texts=tuple(texts),
                renamed=_RENAMED,
            ),
            name=self.name,
            key=self.key,
            placements=(Placement(coordinate_system=self.system),),
        )


def _list_region(root: Path, region: RegionFiles, prefix: str, system: str) -> list[Part]:
    parts: list[Part] = []
    if region.mosaics:
        parts.append(
            MosaicPart(
                root=root,
                key=join(region.folder, "images"),
                name=f"{prefix}mosaic",
                mosaics=region.mosaics,
                transform=region.transform,
                system=system,
            )
        )
    outlines = None
    if region.boundaries:
        is_hdf5 = region.boundaries[0].endswith(".hdf5")
        key = join(region.folder, "cell_boundaries") if is_hdf5 else region.boundaries[0]
        outlines = OutlinesPart(root=root, key=key, name=f"{prefix}cells", files=region.boundaries, system=system)
        parts.append(outlines)
    if region.transcripts is not None:
        parts.append(TranscriptsPart(root=root, key=region.transcripts, name=f"{prefix}transcripts", system=system))
    if region.counts is not None or region.cells is not None:
        parts.append(MerscopeTable(root, region, f"{prefix}table", outlines))
    return parts


def _check_region(region: RegionFiles) -> list[Finding]:
    lacking = {
        "images/mosaic_<stain>_z<plane>.tif": (not region.mosaics, "there is no image"),
        "cell_by_gene.csv": (region.counts is None, "the cells have no counts"),
        "cell_metadata.csv": (region.cells is None, "the cells have no annotations"),
        "cell_boundaries.parquet": (not region.boundaries, "the cells have no outlines"),
        "detected_transcripts.csv": (region.transcripts is None, "there are no transcripts"),
    }
    return [
        missing(join(region.folder, name), consequence)
        for name, (is_missing, consequence) in lacking.items()
        if is_missing
    ]
