"""What OME-XML says of an image, taken by itself.

Source: https://www.openmicroscopy.org/Schemas/Documentation/Generated/OME-2016-06/ome.html#Pixels
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from vitrina.checks.formats.codes import build_finding
from vitrina.checks.formats.ome.document import get_tag, list_children
from vitrina.checks.formats.ome.vocabulary import DIMENSION_ORDERS, ID, LENGTH_UNITS, TIME_UNITS, TYPES

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from xml.etree.ElementTree import Element

    from vitrina.model.finding import Finding

_AXES: Final = "XYZCT"

_MAX_DIGITS: Final = 18

_REFERENCE: Final = re.compile(r"(Ref|Settings|^Leader|^Contact|^Pump)$")
"""Elements whose ID is that of another one. Source: see above, type "Reference" and what extends it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pixels:
    """The pixels of an image, as far as their metadata is sound.

    Attributes:
        element: The XML.
        where: Node and pointer for findings.
        sizes: Along each of ``XYZCT``.
        order: Of the planes.
        type: As OME-XML calls it.
        n_samples: Of each channel; one channel of one sample per SizeC where no channels are described.
    """

    element: Element
    where: str
    sizes: dict[str, int]
    order: str
    type: str
    n_samples: tuple[int, ...]

    @property
    def n_planes(self) -> int:
        """Of all channels, depths and times."""
        return len(self.n_samples) * self.sizes["Z"] * self.sizes["T"]


def check_image(image: Element, number: int, found: list[Pixels]) -> Iterator[Finding]:
    """What is wrong with an Image; its Pixels are added to ``found`` where planes can be told from them."""
    where = f"ome-xml#/Image/{number}"
    yield from _check_id(image, "Image", where)
    pixels = list_children(image, "Pixels")
    if len(pixels) != 1:
        message = f"Image {number} has {len(pixels)} elements Pixels, and must have one."
        yield build_finding("ome-pixels-missing", where, message)
    if pixels:
        yield from _check_pixels(pixels[0], f"{where}/Pixels", found)


def check_ids(root: Element) -> Iterator[Finding]:
    """Whether no two elements have the same ID."""
    seen: set[str] = set()
    for element in root.iter():
        own = element.get("ID")
        if own is None or _REFERENCE.search(get_tag(element)):
            continue
        if own in seen:
            message = f"Two elements of the OME-XML have the ID {own[:60]!r}; IDs must differ."
            yield build_finding("ome-id-repeated", "ome-xml#", message)
        seen.add(own)


def parse_count(text: str | None) -> int | None:
    """A whole number of 0 or more; None for anything else."""
    digits = (text or "").strip().removeprefix("+")
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= _MAX_DIGITS else None


def _check_pixels(pixels: Element, where: str, found: list[Pixels]) -> Iterator[Finding]:
    yield from _check_id(pixels, "Pixels", where)
    sizes: dict[str, int] = {}
    for axis in _AXES:
        text = pixels.get(f"Size{axis}")
        size = parse_count(text)
        if text is None:
            yield _build_missing(f"Size{axis}", where)
        elif not size:
            message = f"Size{axis} must be a whole number above 0, but it is {text[:40]!r}."
            yield build_finding("ome-size-invalid", f"{where}/Size{axis}", message)
        else:
            sizes[axis] = size
    for name, known, code in (("DimensionOrder", DIMENSION_ORDERS, "ome-dimension-order"), ("Type", TYPES, "ome-type")):
        text = pixels.get(name)
        if text is None:
            yield _build_missing(name, where)
        elif text not in known:
            message = f"{name} is {text[:40]!r}, and must be one of {', '.join(known)}."
            yield build_finding(code, f"{where}/{name}", message)
    yield from _check_physical(pixels, where)
    n_samples = yield from _check_channels(pixels, sizes.get("C"), where)
    order, type_ = pixels.get("DimensionOrder", ""), pixels.get("Type", "")
    if len(sizes) == len(_AXES) and order in DIMENSION_ORDERS:
        found.append(
            Pixels(element=pixels, where=where, sizes=sizes, order=order, type=type_, n_samples=tuple(n_samples))
        )


def _check_channels(pixels: Element, size_c: int | None, where: str) -> Generator[Finding, None, list[int]]:
    """Yields findings; returns the samples of each channel."""
    channels = list_children(pixels, "Channel")
    n_samples: list[int] = []
    yield from _check_channel_ids(channels, where)
    for i, channel in enumerate(channels):
        text = channel.get("SamplesPerPixel")
        count = 1 if text is None else parse_count(text)
        if not count:
            message = f"SamplesPerPixel of channel {i} must be a whole number above 0, but it is {str(text)[:40]!r}."
            yield build_finding("ome-samples-invalid", f"{where}/Channel/{i}/SamplesPerPixel", message)
        n_samples.append(count or 1)
    if size_c is None:
        return n_samples or [1]
    if channels and sum(n_samples) != size_c:
        message = (
            f"SizeC is {size_c}, but the {len(channels)} channels have {sum(n_samples)} samples per pixel together; "
            "they must be equal."
        )
        yield build_finding("ome-channel-count", f"{where}/SizeC", message)
    return n_samples if sum(n_samples) == size_c else [1] * min(size_c, 100_000)


def _check_channel_ids(channels: list[Element], where: str) -> Iterator[Finding]:
    """The first of them that is wrong, for who makes one wrong makes many."""
    findings = [one for i, own in enumerate(channels) for one in _check_id(own, "Channel", f"{where}/Channel/{i}")]
    yield from findings[:1]


def _check_physical(pixels: Element, where: str) -> Iterator[Finding]:
    names = [(f"PhysicalSize{axis}", LENGTH_UNITS, True) for axis in "XYZ"] + [("TimeIncrement", TIME_UNITS, False)]
    for name, units, is_positive in names:
        text, unit = pixels.get(name), pixels.get(f"{name}Unit")
        if text is not None and not _is_size(text, is_positive=is_positive):
            message = f"{name} must be a number{' above 0' if is_positive else ''}, but it is {text[:40]!r}."
            yield build_finding("ome-physical-size", f"{where}/{name}", message)
        if unit is not None and unit not in units and unit.replace("μ", "µ") not in units:
            message = (
                f"{name}Unit is {unit[:40]!r}, which is no unit of OME-XML, such as {'µm' if is_positive else 's'}."
            )
            yield build_finding("ome-unit", f"{where}/{name}Unit", message)


def _is_size(text: str, *, is_positive: bool) -> bool:
    try:
        number = float(text)
    except ValueError:
        return False
    return math.isfinite(number) and (number > 0 or not is_positive)


def _check_id(element: Element, word: str, where: str) -> Iterator[Finding]:
    own = element.get("ID")
    match = None if own is None else ID.fullmatch(own)
    if own is None:
        yield _build_missing("ID", where)
    elif match is None or (match["a"] or match["b"]) != word:
        message = f"The ID of {word} is {own[:60]!r}, and must begin with '{word}:' or be an LSID."
        yield build_finding("ome-id-invalid", f"{where}/ID", message)


def _build_missing(name: str, where: str) -> Finding:
    message = f"{where.rsplit('#/', 1)[-1]} has no {name}, which it must have."
    return build_finding("ome-attribute-missing", f"{where}/{name}", message)
