"""References as a target."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitrina.convert.open_images import list_rasters
from vitrina.convert.reference.document import Document
from vitrina.convert.reference.hdf5 import reference_hdf5
from vitrina.convert.reference.options import ReferenceOptions
from vitrina.convert.reference.tiff import reference_tiff
from vitrina.convert.target import ConvertedPart, Planned
from vitrina.errors import InputError, UnsupportedError

if TYPE_CHECKING:
    from pathlib import Path

    from vitrina.convert.target import Progress, Task
    from vitrina.convert.unfinished import Unfinished
    from vitrina.model.content import Content
    from vitrina.model.finding import Finding
    from vitrina.readers.source import Source


class ReferenceTarget:
    """A JSON document through which Zarr readers see TIFF and HDF5 in place."""

    name = ReferenceOptions.format
    label = "Reference JSON"
    options_type = ReferenceOptions

    def check_content(self, source: Source, content: Content) -> None:
        if content.container not in {"tiff", "hdf5"} or source.is_folder:
            raise UnsupportedError(
                "reference-container",
                f"{source.path} is {content.format}, stored as {content.container}; references lead into TIFF and "
                "HDF5 files.",
                hint="Zarr needs none: readers open it as it is. Convert anything else.",
                where=str(source.path),
            )

    def plan(self, task: Task[ReferenceOptions]) -> ReferenceJob:
        source = task.source
        document = Document(str(source.path), source.path.stat().st_size)
        if task.content.container == "tiff":
            rasters = list_rasters(task.content)
            missing = [number for number in task.series if not 0 <= number < len(rasters)]
            if missing:
                raise InputError(
                    "series-missing", f"{source.path} has {len(rasters)} images; there is no {missing[0]}."
                )
            chosen = [rasters[number] for number in task.series] or rasters
            findings = reference_tiff(source, chosen, document)
        else:
            findings = reference_hdf5(source, document)
        n_chunks = sum(isinstance(value, list) for value in document.refs.values())
        part = ConvertedPart(
            path="",
            name="references",
            kind="reference",
            size=f"references to {n_chunks:,} chunks of {source.path.name}",
        )
        planned = Planned(parts=(part,), findings=tuple(findings))
        return ReferenceJob(planned=planned, document=document, source=source.path, options=task.options)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceJob:
    """References that are written."""

    planned: Planned
    document: Document
    source: Path
    options: ReferenceOptions

    @property
    def resumes(self) -> bool:
        """It takes a moment."""
        return False

    def write(self, place: Unfinished, progress: Progress | None) -> tuple[Finding, ...]:
        folder = place.path.parent.parent  # where the document appears when it is complete
        address = self.options.source_url or os.path.relpath(self.source, folder).replace(os.sep, "/")
        with place.path.open("w", encoding="utf-8") as file:
            json.dump(self.document.build(address), file, separators=(",", ":"))
        if progress is not None:
            progress(1, 1)
        return ()

    def verify(self, path: Path, progress: Progress | None) -> None:
        del path, progress
        raise InputError(
            "verify-reference", "References have no pixels of their own that could differ.", hint="Omit --verify."
        )

    def list_companions(self, path: Path) -> list[Path]:
        del path
        return []
