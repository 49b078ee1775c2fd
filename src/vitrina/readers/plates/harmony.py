"""The index of a measurement of Operetta and Opera Phenix microscopes: one element per plane.

``Images/Index.idx.xml``, whose ``Image`` elements name a file, its place, and in meters where it lies. Newer versions
say what is alike for a channel once, in a ``Map`` of entries by ``ChannelID``. Tags are compared without their
namespace, which changes with the version (``http://www.perkinelmer.com/PEHH/HarmonyV5``).
Source: https://docs.openmicroscopy.org/bio-formats/8.0.1/formats/perkinelmer-operetta.html names the files.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError
from vitrina.readers.xml_prolog import check_prolog_of_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from xml.etree.ElementTree import Element

MAX_INDEX_BYTES = 8 * 2**30
"""A plate of 3.5 million planes has 5 GB; it is read piece by piece."""

MAX_IMAGES = 5_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class HarmonyImage:
    """One plane, with the texts of its elements by their names."""

    texts: dict[str, str]

    def find_number(self, name: str) -> float | None:
        """One of its texts as a finite number."""
        try:
            number = float(self.texts[name])
        except (KeyError, ValueError):
            return None
        return number if math.isfinite(number) else None

    def find_count(self, name: str) -> int:
        """One of its texts as a whole number, 0 where there is none."""
        text = self.texts.get(name, "").strip()
        return int(text) if text.isdecimal() and len(text) <= 9 else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HarmonyIndex:
    """What an index says.

    Attributes:
        name: Of the plate, None where it is silent.
        images: In the order of the file.
        channels: What is alike for a channel, by its number.
    """

    name: str | None = None
    images: tuple[HarmonyImage, ...] = ()
    channels: dict[int, HarmonyImage] = field(default_factory=dict)

    def find_number(self, image: HarmonyImage, name: str) -> float | None:
        """A number of a plane, else of its channel."""
        own = image.find_number(name)
        alike = self.channels.get(image.find_count("ChannelID"))
        return own if own is not None or alike is None else alike.find_number(name)

    def find_text(self, image: HarmonyImage, name: str) -> str | None:
        """A text of a plane, else of its channel."""
        alike = self.channels.get(image.find_count("ChannelID"))
        return image.texts.get(name) or (alike.texts.get(name) if alike else None)


def read_index(path: Path) -> HarmonyIndex:
    """The index in a file.

    Raises:
        UnreadableError: It is damaged, too large, or declares a document type.
    """
    from xml.etree.ElementTree import ParseError

    if path.stat().st_size > MAX_INDEX_BYTES:
        raise UnreadableError("index-refused", f"{path} is no index of a plate: it is too large.", where=str(path))
    check_prolog_of_file(path)
    try:
        return _read(path)
    except ParseError as err:
        raise UnreadableError(
            "index-damaged",
            f"{path} cannot be read as XML: {err}.",
            hint="The file is probably truncated: copy it again.",
            where=str(path),
        ) from err


def _read(path: Path) -> HarmonyIndex:
    name: str | None = None
    images: list[HarmonyImage] = []
    channels: dict[int, HarmonyImage] = {}
    for element in _iterate(path):
        tag = _get_tag(element)
        if tag == "Plate" and name is None:
            name = _read_texts(element).get("Name")
        elif tag == "Entry" and element.get("ChannelID", "").isdecimal():
            number = int(element.get("ChannelID", "0")[:9])
            known = channels.get(number, HarmonyImage(texts={})).texts
            channels[number] = HarmonyImage(texts={**known, **_read_texts(element)})
        elif tag == "Image" and len(element):
            images.append(HarmonyImage(texts=_read_texts(element)))
            if len(images) > MAX_IMAGES:
                raise UnreadableError("index-refused", f"{path} lists more than {MAX_IMAGES:,} images.")
    return HarmonyIndex(name=name, images=tuple(images), channels=channels)


def _iterate(path: Path) -> Iterator[Element]:
    """Plates, entries and images one by one; each is forgotten afterwards."""
    from xml.etree.ElementTree import iterparse

    parents: list[Any] = []
    for event, element in iterparse(path, events=("start", "end")):  # noqa: S314 without a document type there are no entities
        if event == "start":
            parents.append(element)
            continue
        parents.pop()
        if _get_tag(element) in {"Plate", "Entry", "Image"}:
            yield element
            if parents:
                parents[-1].remove(element)


_KEPT = frozenset({
    "URL", "Row", "Col", "FieldID", "PlaneID", "TimepointID", "ChannelID", "ChannelName", "Name", "ImageResolutionX",
    "ImageResolutionY", "ImageSizeX", "ImageSizeY", "PositionX", "PositionY", "PositionZ", "AbsPositionZ",
    "MeasurementTimeOffset",
})  # fmt: skip


def _read_texts(element: Element) -> dict[str, str]:
    return {tag: (child.text or "").strip() for child in element if (tag := _get_tag(child)) in _KEPT}


def _get_tag(element: Element) -> str:
    return element.tag.rpartition("}")[2]
