"""The reader of Spatial Genomics seqFISH: one or several sections in one folder.

Source: https://spatialgenomics.com/data/ (downloads); names of files and columns as in
https://spatialdata.scverse.org/projects/io/en/latest/generated/spatialdata_io.seqfish.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vitrina.model.content import Placement
from vitrina.readers.vendor.bundle import BundleReader, missing
from vitrina.readers.vendor.cell_table import CellTable, IdentifiedRows
from vitrina.readers.vendor.part import GLOBAL, Described, Listing
from vitrina.readers.vendor.picture_file import PictureFilePart
from vitrina.readers.vendor.seqfish.outlines import GeoJsonPart
from vitrina.readers.vendor.text import open_rows
from vitrina.readers.vendor.transcripts import PointColumns, PointRows, require_columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pandas as pd
    from pyarrow import RecordBatch

    from vitrina.model.finding import Finding
    from vitrina.readers.vendor.folder import BundleFolder
    from vitrina.readers.vendor.part import Part

_KINDS = {
    "counts": r"CellxGene", "cells": r"CellCoordinates", "transcripts": r"Transcript(?:List|Coordinates)",
    "image": r"DAPI", "labels": r"Segmentation(?:Mask)?", "outlines": r"Boundaries",
}  # fmt: skip
_SUFFIXES = {"image": r"(?:\.ome)?\.tiff?", "labels": r"(?:\.ome)?\.tiff?", "outlines": r"\.geojson"}
_TEXT = r"\.csv(?:\.gz)?"
_PATTERNS = {
    kind: re.compile(rf"(?:(?P<before>.+)_)?{word}(?:_(?P<after>.+?))?{_SUFFIXES.get(kind, _TEXT)}", re.IGNORECASE)
    for kind, word in _KINDS.items()
}
_MISSING = {
    "counts": ("CellxGene.csv", "the cells have no counts"),
    "cells": ("CellCoordinates.csv", "the cells have no positions"),
    "transcripts": ("TranscriptList.csv", "there are no transcripts"),
    "image": ("DAPI.tiff", "there is no image"),
    "labels": ("Segmentation.tiff", "there is no label image of the cells"),
}


class SeqfishReader(BundleReader):
    """Reads sections of Spatial Genomics seqFISH in micrometres; each of several is a coordinate system of its own."""

    format = "seqfish"
    vendor = "a seqFISH dataset"

    def detect_folder(self, folder: BundleFolder) -> bool:
        return any({"counts", "cells"} <= set(files) for files in find_sections(folder).values())

    def list_parts(self, folder: BundleFolder) -> Listing:
        sections = {name: files for name, files in find_sections(folder).items() if {"counts", "cells"} & set(files)}
        parts: list[Part] = []
        findings: list[Finding] = []
        for name, files in sections.items():
            prefix, system = (f"{name}_", name) if len(sections) > 1 else ("", GLOBAL)
            parts.extend(_list_section(folder.root, files, prefix, system))
            findings.extend(
                missing(f"{name}_{file}" if name else file, consequence)
                for kind, (file, consequence) in _MISSING.items()
                if kind not in files
            )
        return Listing(parts=tuple(parts), findings=tuple(findings))


class SeqfishTable(CellTable):
    """Cells x genes; positions are centres in micrometres."""

    def __init__(self, root: Path, files: dict[str, str], name: str, region: str | None) -> None:
        super().__init__(files.get("counts") or files["cells"], name, region)
        self._root = root
        self._files = files

    def open_counts(self) -> IdentifiedRows | None:
        return self._open("counts")

    def open_cells(self) -> IdentifiedRows | None:
        return self._open("cells")

    def build_instances(self, ids: Sequence[str], names: Sequence[str]) -> Any:
        import numpy as np

        if all(own.isdecimal() for own in ids):
            return np.array([int(own) for own in ids], dtype=np.int64)
        return list(names)

    def locate(self, ids: Sequence[str], cells: pd.DataFrame) -> tuple[Any, list[Finding]]:  # noqa: ARG002 columns say it
        names = {str(name).lower(): name for name in cells.columns}
        if "center_x" not in names or "center_y" not in names:
            return None, []
        return cells[[names["center_x"], names["center_y"]]].to_numpy(dtype="float64"), []

    def _open(self, kind: str) -> IdentifiedRows | None:
        if kind not in self._files:
            return None
        file = open_rows(self._root / self._files[kind], self._files[kind])
        return IdentifiedRows(file=file, id_columns=(file.find("label", "cell_id", "cell") or file.columns[0],))


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptsPart:
    """The molecules of a section."""

    root: Path
    key: str
    name: str
    system: str

    def describe(self) -> Described:
        return self._open().describe()

    def iterate_points(self) -> Iterator[RecordBatch]:
        return self._open().iterate()

    def _open(self) -> PointRows:
        file = open_rows(self.root / self.key, self.key)
        x, y = require_columns(file, ("x",), ("y",))
        return PointRows(
            file=file,
            columns=PointColumns(
                coordinates=(x, y), feature=file.find("name", "gene"), renamed={"z": "z_own", "Unnamed: 0": "index"}
            ),
            name=self.name,
            key=self.key,
            placements=(Placement(coordinate_system=self.system),),
        )


def find_sections(folder: BundleFolder) -> dict[str, dict[str, str]]:
    """Key of the file of each kind, by the name of the section."""
    sections: dict[str, dict[str, str]] = {}
    for name in folder.list_files():
        for kind, pattern in _PATTERNS.items():
            matched = pattern.fullmatch(name)
            if matched is not None:
                section = "_".join(part for part in (matched["before"], matched["after"]) if part)
                sections.setdefault(section, {}).setdefault(kind, name)
    return dict(sorted(sections.items()))


def _list_section(root: Path, files: dict[str, str], prefix: str, system: str) -> list[Part]:
    parts: list[Part] = []
    for kind, name in (("image", "dapi"), ("labels", "cell_labels")):
        if kind in files:
            path, key = root / files[kind], files[kind]
            is_labels = kind == "labels"
            parts.append(
                PictureFilePart(path=path, key=key, name=f"{prefix}{name}", is_labels=is_labels, system=system)
            )
    if "outlines" in files:
        path, key = root / files["outlines"], files["outlines"]
        image = root / files["image"] if "image" in files else None
        parts.append(GeoJsonPart(path=path, key=key, name=f"{prefix}cells", image=image, system=system))
    if "transcripts" in files:
        parts.append(TranscriptsPart(root=root, key=files["transcripts"], name=f"{prefix}transcripts", system=system))
    region = f"{prefix}cell_labels" if "labels" in files else f"{prefix}cells" if "outlines" in files else None
    parts.append(SeqfishTable(root, files, f"{prefix}table", region))
    return parts
