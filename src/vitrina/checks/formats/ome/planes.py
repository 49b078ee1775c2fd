"""Which page holds which plane, as OME-XML says it.

Source: https://docs.openmicroscopy.org/ome-model/6.3.1/ome-tiff/specification.html#the-tiffdata-element
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from vitrina.checks.formats.codes import build_finding
from vitrina.checks.formats.ome.document import list_children
from vitrina.checks.formats.ome.pixels import parse_count

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from vitrina.checks.formats.ome.pixels import Pixels
    from vitrina.model.finding import Finding

MAX_PLANES: Final = 2_000_000
"""Planes of one image that are followed."""


@dataclass(slots=True, kw_only=True)
class Planes:
    """Where the planes of an image lie.

    Attributes:
        pages: Page of each plane in this file, by the plane's number in the order of the image.
        elsewhere: Planes that lie in other files.
    """

    pages: dict[int, int] = field(default_factory=dict)
    elsewhere: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """The file that the XML is in.

    Attributes:
        name: Its name.
        uuid: Of its OME-XML, None when it has none.
        n_pages: Its main directories.
    """

    name: str
    uuid: str | None
    n_pages: int


def check_planes(pixels: Pixels, file: File, planes: Planes) -> Iterator[Finding]:
    """Fill ``planes``, and tell which are missing, doubled, or on pages that there are not."""
    blocks = list_children(pixels.element, "TiffData")
    if not blocks:
        others = [name for name in ("BinData", "MetadataOnly") if list_children(pixels.element, name)]
        message = f"Pixels have no TiffData, which says on which pages their planes are{_tell_others(others)}."
        yield build_finding("ome-tiffdata-missing", pixels.where, message)
        return
    if pixels.n_planes > MAX_PLANES:
        message = f"The image has {pixels.n_planes:,} planes, too many to be followed one by one."
        yield build_finding("values-not-read", pixels.where, message)
        return
    for i, block in enumerate(blocks):
        yield from _check_block(pixels, block, f"{pixels.where}/TiffData/{i}", file, planes)
    n_found = len(planes.pages.keys() | planes.elsewhere)
    if n_found < pixels.n_planes:
        sizes = ", ".join(f"Size{axis} {size:,}" for axis, size in pixels.sizes.items())
        message = f"{sizes} are {pixels.n_planes:,} planes, but TiffData says where {n_found:,} of them are."
        yield build_finding("ome-planes-missing", f"{pixels.where}/TiffData", message)
    if planes.elsewhere:
        message = f"{len(planes.elsewhere):,} of {pixels.n_planes:,} planes lie in other files, which were not opened."
        yield build_finding("ome-other-files", f"{pixels.where}/TiffData", message)


def _check_block(pixels: Pixels, block: Element, where: str, file: File, planes: Planes) -> Iterator[Finding]:
    values: dict[str, int | None] = {}
    for name in ("IFD", "PlaneCount", "FirstZ", "FirstC", "FirstT"):
        text = block.get(name)
        values[name] = parse_count(text)
        if text is not None and values[name] is None:
            message = f"{name} of TiffData must be a whole number of 0 or more, but it is {text[:40]!r}."
            yield build_finding("ome-tiffdata-invalid", f"{where}/{name}", message)
            return
    start = _find_start(pixels, values)
    if start is None:
        firsts = {name: values[name] for name in ("FirstZ", "FirstC", "FirstT") if values[name] is not None}
        message = f"TiffData begins at {firsts}, but the image has {_tell_sizes(pixels)}."
        yield build_finding("ome-tiffdata-range", where, message)
        return
    ifd, count = values["IFD"] or 0, values["PlaneCount"]
    is_here = True
    for uuid in list_children(block, "UUID")[:1]:
        is_here, findings = _check_uuid(uuid, where, file)
        yield from findings
    if count is None:
        count = 1 if values["IFD"] is not None else pixels.n_planes - start
    if start + count > pixels.n_planes:
        message = (
            f"TiffData has {count:,} planes from plane {start:,} on, but the image has {pixels.n_planes:,} "
            f"({_tell_sizes(pixels)})."
        )
        yield build_finding("ome-tiffdata-range", where, message)
        count = pixels.n_planes - start
    yield from _place(range(start, start + count), ifd, where, file, planes, is_here=is_here)


def _place(numbers: range, ifd: int, where: str, file: File, planes: Planes, *, is_here: bool) -> Iterator[Finding]:
    if not is_here:
        planes.elsewhere.update(numbers)
        return
    repeated = [number for number in numbers if number in planes.pages]
    if repeated:
        message = f"TiffData says for the second time where plane {repeated[0]:,} of the image is."
        yield build_finding("ome-plane-repeated", where, message)
    if ifd + len(numbers) > file.n_pages:
        message = f"TiffData names page {ifd + len(numbers) - 1:,}, but the file has {file.n_pages:,} pages, from 0 on."
        yield build_finding("ome-page-missing", f"{where}/IFD", message)
    planes.pages.update((number, ifd + i) for i, number in enumerate(numbers))


def _find_start(pixels: Pixels, values: dict[str, int | None]) -> int | None:
    """The number of the first plane; None when it lies outside of the image."""
    sizes = {"Z": pixels.sizes["Z"], "C": len(pixels.n_samples), "T": pixels.sizes["T"]}
    number, step = 0, 1
    for axis in pixels.order[2:]:
        first = values[f"First{axis}"] or 0
        if first >= sizes[axis]:
            return None
        number += first * step
        step *= sizes[axis]
    return number


def _check_uuid(uuid: Element, where: str, file: File) -> tuple[bool, list[Finding]]:
    """Whether the planes are in this file, which may have got another name."""
    name, text = uuid.get("FileName"), (uuid.text or "").strip()
    is_named = name is not None and name.replace("\\", "/").rsplit("/", 1)[-1] == file.name
    if is_named:
        return True, []
    if file.uuid is not None and text == file.uuid:
        if name is None:
            return True, []
        message = f"The OME-XML calls this file {name[:80]!r}, but it is {file.name!r}; it was given another name."
        return True, [build_finding("ome-file-renamed", f"{where.rsplit('/', 1)[0]}", message)]
    return False, []


def _tell_sizes(pixels: Pixels) -> str:
    return f"{pixels.sizes['Z']:,} depths, {len(pixels.n_samples):,} channels and {pixels.sizes['T']:,} times"


def _tell_others(others: list[str]) -> str:
    return f"; there is {others[0]}, which is not for TIFF" if others else ""
