"""All directories of a file: the main ones in their order, and the lower resolutions below each.

Source: https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf, section 2, and
https://docs.openmicroscopy.org/ome-model/6.3.1/ome-tiff/specification.html#sub-resolutions for SubIFDs
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from vitrina.checks.formats.codes import build_finding
from vitrina.checks.formats.tiff.directory import DamagedTiffError, Directory, TiffBytes
from vitrina.checks.formats.tiff.tags import SUB_DIRECTORIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.model.finding import Finding

MAX_DIRECTORIES: Final = 100_000
"""Directories that are followed; hostile files chain them without end."""

MAX_LEVELS: Final = 64
"""Lower resolutions of one page that are followed."""


@dataclass(slots=True, kw_only=True)
class Page:
    """A main directory and its lower resolutions.

    Attributes:
        number: Of the page, as OME-XML counts.
        directory: Of the full resolution.
        levels: Finest first.
    """

    number: int
    directory: Directory
    levels: list[Directory] = field(default_factory=list)

    @property
    def node(self) -> str:
        """Of findings about the page."""
        return f"ifd{self.number}"


@dataclass(slots=True, kw_only=True)
class Chain:
    """What was found of a file.

    Attributes:
        pages: In the order of the file.
        is_whole: Whether the chain could be followed to its end.
    """

    pages: list[Page] = field(default_factory=list)
    is_whole: bool = True


def follow_chain(tiff: TiffBytes, chain: Chain) -> Iterator[Finding]:
    """Fill a chain with all directories of a file, and tell what is wrong on the way."""
    yield from _check_header(tiff)
    offset, seen = tiff.first, set[int]()
    if offset == 0:
        chain.is_whole = False
        message = "The header names no directory, so that the file has no image."
        yield build_finding("tiff-no-directory", "#", message, fix="It was probably never written to the end.")
    while offset:
        number = len(chain.pages)
        if offset in seen or number >= MAX_DIRECTORIES:
            chain.is_whole = False
            message = f"The chain of directories comes back to byte {offset:,} after {number:,}."
            if offset not in seen:
                message = f"The file has more than {MAX_DIRECTORIES:,} directories; the others were not looked at."
            yield build_finding("tiff-directory-loop", f"ifd{number}#", message)
            return
        seen.add(offset)
        try:
            page = Page(number=number, directory=tiff.read_directory(offset))
        except DamagedTiffError as err:
            chain.is_whole = False
            fix = "The file is probably truncated: copy or download it again."
            yield build_finding(err.code, f"ifd{number}#", err.message, fix=fix)
            return
        if offset % 2:
            message = f"The directory of page {number} begins at byte {offset:,}, and must begin at an even one."
            yield build_finding("tiff-directory-odd", f"ifd{number}#", message)
        chain.pages.append(page)
        for finding in _follow_levels(tiff, page):
            chain.is_whole = False
            yield finding
        offset = page.directory.following


def _follow_levels(tiff: TiffBytes, page: Page) -> Iterator[Finding]:
    offsets = page.directory.read_numbers(SUB_DIRECTORIES)
    if offsets is None:
        return
    for i, offset in enumerate(offsets[:MAX_LEVELS].tolist()):
        try:
            page.levels.append(tiff.read_directory(offset))
        except DamagedTiffError as err:
            message = f"Lower resolution {i + 1} of page {page.number} cannot be read. {err.message}"
            fix = "The file is probably truncated: copy or download it again."
            yield build_finding(err.code, f"{page.node}#/SubIFDs/{i}", message, fix=fix)
            return


def _check_header(tiff: TiffBytes) -> Iterator[Finding]:
    if not tiff.layout.is_big:
        return
    width, zero = tiff.head[4:6], tiff.head[6:8]
    if int.from_bytes(width, "little" if tiff.layout.order == "<" else "big") != 8 or zero != b"\0\0":
        message = f"The header of a BigTIFF must say that offsets have 8 bytes, but it says {width.hex()} {zero.hex()}."
        yield build_finding("bigtiff-header", "#", message)
