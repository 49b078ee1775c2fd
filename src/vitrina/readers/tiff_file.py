"""A TIFF file, opened with tifffile after its structure was found to be sound."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from vitrina.readers.damage import check_not_empty, reading
from vitrina.readers.tiff_structure import check_structure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tifffile import TiffFile

    from vitrina.readers.source import Source

_DAMAGE = "tiff-damaged", "TIFF"


def open_tiff_file(source: Source) -> TiffFile:
    """The file; the caller closes it.

    Raises:
        UnreadableError: It is damaged.
    """
    check_not_empty(source)
    with reading(source, *_DAMAGE):
        check_structure(source.path)
        return open_alone(source.path)


def open_alone(path: Path, *, follows_ome: bool = False) -> TiffFile:
    """A file for tifffile, without the other files that it or an index beside it names.

    OME-XML names files; ``NDTiff.index`` names files, also elsewhere; a stack of Micro-Manager names its kin. Files of
    Micro-Manager are read as the OME-TIFF or ImageJ files that they are too.

    Args:
        path: The file.
        follows_ome: Whether the files that OME-XML names belong to it; they must have been checked.

    Raises:
        Exception: Whatever tifffile raises for damaged bytes.
    """
    import tifffile

    tiff = tifffile.TiffFile(path, _multifile=follows_ome)
    vars(tiff).update(is_ndtiff=False, is_mmstack=False)  # both are looked up once, and kept here
    return tiff


@contextmanager
def open_tiff_pages(source: Source) -> Iterator[TiffFile]:
    """The file for as long as it is needed; whatever fails meanwhile becomes an UnreadableError."""
    with reading(source, *_DAMAGE), open_tiff_file(source) as tiff:
        yield tiff


@contextmanager
def open_tiff(source: Source) -> Iterator[TiffFile]:
    """The same of a file that must hold an image."""
    with open_tiff_pages(source) as tiff:
        if not tiff.series:
            raise ValueError("it holds no image")
        yield tiff
