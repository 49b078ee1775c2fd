"""How the pixels of a TIFF are stored, in the tags that decide whether the viewer's TIFF library can read them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitrina.readers.ome_xml import parse_ome_xml
from vitrina.readers.tiff_file import open_tiff

if TYPE_CHECKING:
    from pathlib import Path

    from tifffile import TiffFile

    from vitrina.readers.ome_xml import OmeImage
    from vitrina.readers.source import Source

MAX_OFFSETS_BYTES = 64 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class TiffFacts:
    """What the first directory of a file says, and what lies around it.

    Attributes:
        compression: TIFF number of the compression.
        photometric: TIFF number of the photometric interpretation.
        n_samples: Samples per pixel.
        is_tiled: Whether the pixels lie in tiles, not in strips.
        n_subifds: Lower resolutions of the first directory, in directories below it.
        is_ome: Whether it is OME-TIFF.
        images: What OME-XML says of each image.
        directory_offsets: Where the directories of the main chain lie.
        stated_offsets: What ``offsets.json`` beside the file says; None when there is none.
    """

    compression: int
    photometric: int
    n_samples: int = 1
    is_tiled: bool = True
    n_subifds: int = 0
    is_ome: bool = True
    images: tuple[OmeImage, ...] = ()
    directory_offsets: tuple[int, ...] = ()
    stated_offsets: tuple[int, ...] | None = None


def read_tiff_facts(source: Source) -> TiffFacts:
    """The facts of a file.

    Raises:
        UnreadableError: The file is damaged.
    """
    with open_tiff(source) as tiff:
        page = tiff.pages.first
        return TiffFacts(
            compression=int(page.compression),
            photometric=int(page.photometric),
            n_samples=int(page.samplesperpixel),
            is_tiled=bool(page.is_tiled),
            n_subifds=len(page.subifds or ()),
            is_ome=bool(tiff.is_ome),
            images=parse_ome_xml(tiff.ome_metadata or "") if tiff.is_ome else (),
            directory_offsets=_list_offsets(tiff),
            stated_offsets=_read_stated_offsets(source.path),
        )


def list_offsets_names(path: Path) -> tuple[str, ...]:
    """Names under which ``offsets.json`` of a file is looked for, beside it.

    Source: https://github.com/hms-dbmi/generate-tiff-offsets
    """
    stem = path.name
    for suffix in (".tiff", ".tif", ".ome"):
        stem = stem[: -len(suffix)] if stem.lower().endswith(suffix) else stem
    return tuple(dict.fromkeys((f"{path.name}.offsets.json", f"{stem}.ome.offsets.json", f"{stem}.offsets.json")))


def _list_offsets(tiff: TiffFile) -> tuple[int, ...]:
    return tuple(int(page.offset) for page in tiff.pages)


def _read_stated_offsets(path: Path) -> tuple[int, ...] | None:
    for name in list_offsets_names(path):
        beside = path.with_name(name)
        if not beside.is_file() or beside.stat().st_size > MAX_OFFSETS_BYTES:
            continue
        try:
            stated = json.loads(beside.read_bytes())
            return tuple(int(offset) for offset in stated)
        except (ValueError, TypeError):
            return ()
    return None
