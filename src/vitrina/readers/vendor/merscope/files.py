"""The regions of a MERSCOPE dataset and the files of each.

Source: https://vizgen.github.io/vizgen-postprocessing/output_data_formats/ (names, columns and units of all files).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitrina.readers.vendor.folder import join

if TYPE_CHECKING:
    from vitrina.readers.vendor.folder import BundleFolder

MAX_REGIONS = 200

_ZIP = r"(?:\.gz)?"
_COUNTS = re.compile(rf"(?:.*_)?cell_by_gene\.csv{_ZIP}")
_CELLS = re.compile(rf"(?:.*_)?cell_metadata\.csv{_ZIP}")
_TRANSCRIPTS = re.compile(rf"(?:.*_)?detected_transcripts\.(?:parquet|csv{_ZIP})")
_BOUNDARIES = (
    re.compile(r"(?:.*_)?cell_boundaries\.parquet"),
    re.compile(r"cellpose.*\.parquet"),
    re.compile(r"(?:watershed|.*_micron_space).*\.parquet"),
)
_HDF5 = re.compile(r"feature_data_(\d+)\.hdf5")
_MOSAIC = re.compile(r"mosaic_(.+)_z(\d+)\.tiff?", re.IGNORECASE)
_TRANSFORM = "micron_to_mosaic_pixel_transform.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionFiles:
    """What is there of one region; keys inside the bundle, None for what is not there.

    Attributes:
        folder: Key of the region's own folder, empty for the bundle itself.
        boundaries: A Parquet file, or one HDF5 file per field of view.
        mosaics: Key of the file of each stain and plane.
    """

    folder: str
    counts: str | None
    cells: str | None
    transcripts: str | None
    boundaries: tuple[str, ...]
    mosaics: dict[tuple[str, int], str]
    transform: str | None

    @property
    def is_region(self) -> bool:
        """Whether a file is there that no other instrument writes."""
        return any((self.counts, self.transcripts, self.transform and self.mosaics, self.boundaries and self.cells))


def find_regions(folder: BundleFolder) -> list[RegionFiles]:
    """The folder itself where it is a region, else those of its folders that are."""
    own = find_files(folder, "")
    if own.is_region:
        return [own]
    found = (find_files(folder, name) for name in folder.list_folders()[:MAX_REGIONS])
    return [region for region in found if region.is_region]


def find_files(folder: BundleFolder, region: str) -> RegionFiles:
    """The files of a region, by their names."""
    images = join(region, "images")
    mosaics = {}
    for name in folder.list_files(images):
        matched = _MOSAIC.fullmatch(name)
        if matched is not None:
            mosaics[matched[1], int(matched[2])] = join(images, name)
    transforms = [join(where, _TRANSFORM) for where in (images, region) if _TRANSFORM in folder.list_files(where)]
    return RegionFiles(
        folder=region,
        counts=_choose(folder.find_files(_COUNTS, region)),
        cells=_choose(folder.find_files(_CELLS, region)),
        transcripts=_choose(sorted(folder.find_files(_TRANSCRIPTS, region), key=lambda key: ".csv" in key)),
        boundaries=_find_boundaries(folder, region),
        mosaics=mosaics,
        transform=next(iter(transforms), None),
    )


def _find_boundaries(folder: BundleFolder, region: str) -> tuple[str, ...]:
    for pattern in _BOUNDARIES:
        found = folder.find_files(pattern, region)
        if found:
            return (found[0],)
    return tuple(folder.find_files(_HDF5, join(region, "cell_boundaries")))


def _choose(keys: list[str]) -> str | None:
    return keys[0] if keys else None
