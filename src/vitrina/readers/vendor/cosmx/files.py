"""The slides of a CosMx dataset and the files of each.

Source: https://nanostring-biostats.github.io/CosMx-Analysis-Scratch-Space/posts/flat-file-exports/flat-files-compare.html
Source: https://giottosuite.com/articles/import_utilities.html (folders of pictures)
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vitrina.readers.vendor.folder import join

if TYPE_CHECKING:
    from vitrina.readers.vendor.folder import BundleFolder

MAX_SLIDES = 50

_COUNTS = re.compile(r"(?:.*_)?exprMat_file\.csv(?:\.gz)?", re.IGNORECASE)
_CELLS = re.compile(r"(?:.*_)?metadata_file\.csv(?:\.gz)?", re.IGNORECASE)
_TRANSCRIPTS = re.compile(r"(?:.*_)?tx_file\.(?:csv(?:\.gz)?|parquet)", re.IGNORECASE)
_POSITIONS = re.compile(r"(?:.*_)?fov_positions_file\.csv(?:\.gz)?", re.IGNORECASE)
_OUTLINES = re.compile(r"(?:.*[-_])?polygons\.csv(?:\.gz)?", re.IGNORECASE)
_SUFFIX = r"\.(?:jpe?g|png|tiff?)"
_STATS = "CellStatsDir"
_STATS_FOV = re.compile(r"FOV\d+", re.IGNORECASE)

PICTURES = ("CellComposite", "CellOverlay", "CellLabels", "CompartmentLabels")
"""Folders of pictures, one per field of view; with raw exports all of them lie in ``CellStatsDir/FOV001``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlideFiles:
    """What is there of one slide; keys inside the bundle, None for what is not there.

    Attributes:
        folder: Key of the slide's own folder, empty for the bundle itself.
        pictures: Key of the picture of each field of view, by the name of the kind.
    """

    folder: str
    counts: str | None
    cells: str | None
    transcripts: str | None
    positions: str | None
    outlines: str | None
    pictures: dict[str, dict[int, str]] = field(default_factory=dict)

    @property
    def is_slide(self) -> bool:
        """Whether a file is there that no other instrument writes."""
        return any((self.counts, self.transcripts, self.positions, self.pictures.get("CellLabels")))


def find_slides(folder: BundleFolder) -> list[SlideFiles]:
    """The folder itself where it is a slide, else those of its folders, or of the folders in them, that are."""
    own = find_files(folder, "")
    if own.is_slide:
        return [own]
    first = folder.list_folders()[:MAX_SLIDES]
    found = [slide for name in first if (slide := find_files(folder, name)).is_slide]
    if found:
        return found
    second = [join(name, inner) for name in first for inner in folder.list_folders(name)][:MAX_SLIDES]
    return [slide for name in second if (slide := find_files(folder, name)).is_slide]


def find_files(folder: BundleFolder, slide: str) -> SlideFiles:
    """The files of a slide, by their names."""

    def choose(pattern: re.Pattern[str]) -> str | None:
        return next(iter(folder.find_files(pattern, slide)), None)

    return SlideFiles(
        folder=slide,
        counts=choose(_COUNTS),
        cells=choose(_CELLS),
        transcripts=choose(_TRANSCRIPTS),
        positions=choose(_POSITIONS),
        outlines=choose(_OUTLINES),
        pictures={kind: found for kind in PICTURES if (found := _find_pictures(folder, slide, kind))},
    )


def _find_pictures(folder: BundleFolder, slide: str, kind: str) -> dict[int, str]:
    pattern = re.compile(rf"(?:.*_)?{kind}_F(\d+){_SUFFIX}", re.IGNORECASE)
    stats = join(slide, _STATS)
    places = [join(slide, kind), stats]
    places += [join(stats, name) for name in folder.list_folders(stats) if _STATS_FOV.fullmatch(name)]
    found: dict[int, str] = {}
    for place in places:
        for name in folder.list_files(place):
            matched = pattern.fullmatch(name)
            if matched is not None:
                found.setdefault(int(matched[1]), join(place, name))
    return dict(sorted(found.items()))
