"""The reader of CosMx: one slide, or a folder of several."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from vitrina.model.content import Column, Placement, PointsElement
from vitrina.readers.vendor.bundle import BundleReader, missing
from vitrina.readers.vendor.cell_table import INSTANCE_KEY
from vitrina.readers.vendor.cosmx.files import find_slides
from vitrina.readers.vendor.cosmx.mosaic import FOV_FACTOR
from vitrina.readers.vendor.cosmx.outlines import OutlinesPart
from vitrina.readers.vendor.cosmx.pictures import IMAGES, LABELS, PicturePart
from vitrina.readers.vendor.cosmx.slide import CELL_NAMES, FOV_NAMES, TRANSCRIPT_COLUMNS, Slide
from vitrina.readers.vendor.cosmx.table import CosmxTable
from vitrina.readers.vendor.folder import join
from vitrina.readers.vendor.part import GLOBAL, Described, Listing
from vitrina.readers.vendor.transcripts import PointColumns, PointRows, require_columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pyarrow import RecordBatch

    from vitrina.model.finding import Finding
    from vitrina.readers.vendor.cosmx.files import SlideFiles
    from vitrina.readers.vendor.folder import BundleFolder
    from vitrina.readers.vendor.part import Part
    from vitrina.readers.vendor.text import RowFile

_TEXTS = ("cell", "cell_id", "CellComp", "codeclass")


class CosmxReader(BundleReader):
    """Reads slides of NanoString CosMx: fields of view in one coordinate system, whose y points down as in images.

    Each of several slides is a coordinate system of its own.
    """

    format = "cosmx"
    vendor = "a CosMx dataset"

    def detect_folder(self, folder: BundleFolder) -> bool:
        return bool(find_slides(folder))

    def check_described(self, parts: Sequence[Part]) -> list[Finding]:
        slides = {id(slide): slide for part in parts if (slide := getattr(part, "slide", None)) is not None}
        return [finding for slide in slides.values() for finding in slide.placed.findings]

    def list_parts(self, folder: BundleFolder) -> Listing:
        slides = find_slides(folder)
        parts: list[Part] = []
        findings: list[Finding] = []
        for files in slides:
            own = files.folder.replace("/", "_")
            prefix, system = (f"{own}_", own) if len(slides) > 1 else ("", GLOBAL)
            slide = Slide(folder.root, files, system)
            parts.extend(_list_slide(slide, prefix))
            findings.extend(_check_slide(files))
        return Listing(parts=tuple(parts), findings=tuple(findings))


@dataclass(frozen=True, kw_only=True)
class TranscriptsPart:
    """The molecules of a slide, in global pixels."""

    slide: Slide
    key: str
    name: str

    def describe(self) -> Described:
        rows = self._open()
        described = rows.describe()
        element = described.element
        if self._find_ids(rows.file) is not None and isinstance(element, PointsElement):
            column = Column(name=INSTANCE_KEY, dtype="int64")
            element = replace(element, columns=(*element.columns, column), instance_key=INSTANCE_KEY)
        return Described(element=element, findings=described.findings)

    def iterate_points(self) -> Iterator[RecordBatch]:
        rows = self._open()
        ids = self._find_ids(rows.file)
        for batch in rows.iterate():
            yield batch if ids is None else batch.append_column(INSTANCE_KEY, _number_cells(batch, *ids))

    def _find_ids(self, file: RowFile) -> tuple[str, str] | None:
        fov, cell = file.find(*FOV_NAMES), file.find(*CELL_NAMES)
        return None if fov is None or cell is None else (fov, cell)

    def _open(self) -> PointRows:
        file = self.slide.open(self.key, TRANSCRIPT_COLUMNS)
        x, y = require_columns(file, ("x_global_px",), ("y_global_px",))
        frame = self.slide.placed.frame
        return PointRows(
            file=file,
            columns=PointColumns(
                coordinates=(x, y),
                feature=file.find("target", "gene"),
                texts=tuple(name for name in file.columns if name in _TEXTS),
                renamed={"z": "z_slice", "x": "x_own", "y": "y_own"},
            ),
            name=self.name,
            key=self.key,
            placements=(Placement(coordinate_system=self.slide.system, affine_xy=frame.affine_xy),),
        )


def _number_cells(batch: RecordBatch, fov: str, cell: str) -> Any:
    """The number of the cell in the whole slide of each molecule, 0 outside of all cells."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    fovs, cells = (
        pc.fill_null(batch.column(name).cast(pa.float64()), 0).to_numpy(zero_copy_only=False) for name in (fov, cell)
    )
    return pa.array(np.where(cells > 0, fovs * FOV_FACTOR + cells, 0).astype(np.int64))


def _list_slide(slide: Slide, prefix: str) -> list[Part]:
    files = slide.files
    parts: list[Part] = [
        PicturePart(slide=slide, key=join(files.folder, kind), name=f"{prefix}{name}", kind=kind)
        for kind, name in (IMAGES | LABELS).items()
        if kind in files.pictures
    ]
    if files.outlines is not None:
        parts.append(OutlinesPart(slide=slide, key=files.outlines, name=f"{prefix}cells"))
    if files.transcripts is not None:
        parts.append(TranscriptsPart(slide=slide, key=files.transcripts, name=f"{prefix}transcripts"))
    if files.counts is not None or files.cells is not None:
        has_labels = "CellLabels" in files.pictures
        region = f"{prefix}cell_labels" if has_labels else f"{prefix}cells" if files.outlines is not None else None
        parts.append(CosmxTable(slide, f"{prefix}table", region))
    return parts


def _check_slide(files: SlideFiles) -> list[Finding]:
    lacking = {
        "*_exprMat_file.csv": (files.counts is None, "the cells have no counts"),
        "*_metadata_file.csv": (files.cells is None, "the cells have no annotations and no positions"),
        "*_tx_file.csv": (files.transcripts is None, "there are no transcripts"),
        "*_fov_positions_file.csv": (
            files.positions is None,
            "where fields of view lie is taken from the cells or transcripts",
        ),
        "CellComposite": ("CellComposite" not in files.pictures, "there is no picture of the tissue"),
        "CellLabels": ("CellLabels" not in files.pictures, "there is no label image of the cells"),
    }
    return [
        missing(join(files.folder, name), consequence)
        for name, (is_missing, consequence) in lacking.items()
        if is_missing
    ]
