"""OME-TIFF of several files: one folder, whose files hold planes of the same images."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from vitrina.errors import UnreadableError
from vitrina.model.content import Channel, Content, Level
from vitrina.model.finding import Finding
from vitrina.readers.damage import reading
from vitrina.readers.described import PixelReader, StoredImage, describe_stored
from vitrina.readers.form import TIFF_MAGICS
from vitrina.readers.ome_xml import parse_ome_xml
from vitrina.readers.pixels.zarr_array import ZarrArrayPixels
from vitrina.readers.source import MAX_METADATA_BYTES
from vitrina.readers.tiff_axes import build_axes, name_axes
from vitrina.readers.tiff_file import open_alone
from vitrina.readers.tiff_metadata import TiffMetadata, build_ome_metadata
from vitrina.readers.tiff_structure import check_structure
from vitrina.readers.xml_prolog import check_prolog

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tifffile import TiffFile

    from vitrina.model.content import ImageElement, LabelsElement
    from vitrina.pyramid.source import PixelSource
    from vitrina.readers.source import Source

MAX_IMAGES = 64
"""Further images are left out of the description."""

MAX_NAMED = 8

_SUFFIXES = (".ome.tif", ".ome.tiff", ".ome.tf2", ".ome.tf8", ".ome.btf")
_DAMAGE = "tiff-damaged", "OME-TIFF of several files"


class OmeTiffFolderReader(PixelReader):
    """Reads a folder whose first OME-TIFF names others beside it. Files elsewhere are never followed.

    Source: https://docs.openmicroscopy.org/ome-model/6.3.1/ome-tiff/specification.html#distributed-metadata
    """

    format = "ome-tiff-folder"

    def detect(self, source: Source) -> bool:
        first = _find_first(source)
        if first is None:
            return False
        try:
            names = _list_named(first)
        except Exception:  # noqa: BLE001 tifffile raises anything on damaged bytes, and detecting must not
            return False
        return any(name != first.name for name in names)

    def read_content(self, source: Source) -> Content:
        with _open(source) as (tiff, missing):
            described = parse_ome_xml(tiff.ome_metadata or "")
            elements, findings = [], list(_tell_missing(missing))
            for i in range(min(len(tiff.series), MAX_IMAGES)):
                metadata = build_ome_metadata(described[i]) if i < len(described) else TiffMetadata()
                stored, odd = _describe(source, tiff, i, metadata)
                element, guessed = describe_stored(self, source, stored)
                elements.append(element)
                findings += [*odd, *guessed]
            if len(tiff.series) > MAX_IMAGES:
                message = f"The folder holds {len(tiff.series)} images; only the first {MAX_IMAGES} are described."
                findings.append(Finding(code="images-left-out", severity="warning", path="#", message=message))
        return Content(format=self.format, container="other", elements=tuple(elements), findings=tuple(findings))

    def open_pixels(self, source: Source, element: ImageElement | LabelsElement, level: int) -> PixelSource:
        import zarr

        with reading(source, *_DAMAGE):
            tiff, _ = _open_files(source)
            try:
                series = tiff.series[int(element.path or 0)]
                array = zarr.open_array(series.aszarr(level=level), mode="r")
                return ZarrArrayPixels(source, array, element.axes, _DAMAGE, tiff.close)
            except BaseException:
                tiff.close()
                raise


def _find_first(source: Source) -> Path | None:
    """The first OME-TIFF of a folder that has several, by name."""
    if not source.is_folder:
        return None
    names = sorted(entry.name for entry in os.scandir(source.path) if entry.name.lower().endswith(_SUFFIXES))
    return source.path / names[0] if len(names) > 1 else None


def _list_named(path: Path) -> list[str]:
    """The names of the files that the OME-XML of a file speaks of."""
    with path.open("rb") as file:
        if not file.read(4).startswith(TIFF_MAGICS):
            return []
    check_structure(path)
    with open_alone(path) as tiff:
        text = tiff.ome_metadata or ""
    return [image.get("FileName", "") for image in _iterate_uuids(text[:MAX_METADATA_BYTES])]


def _iterate_uuids(text: str) -> Iterator[dict[str, str]]:
    from xml.etree import ElementTree as ET

    check_prolog(text)
    for element in ET.fromstring(text).iter():  # noqa: S314 without a document type there are no entities
        tag = element.tag.rsplit("}", 1)[-1]
        if tag == "UUID" and element.get("FileName"):
            yield dict(element.attrib)
        elif tag == "BinaryOnly" and element.get("MetadataFile"):
            yield {"FileName": str(element.get("MetadataFile"))}


def _open_files(source: Source) -> tuple[TiffFile, list[str]]:
    """The first file, from which tifffile follows the names of the others, and those that are not there.

    Raises:
        UnreadableError: A name leads out of the folder, or a file is damaged.
    """
    first = _find_first(source)
    if first is None:
        raise UnreadableError(_DAMAGE[0], f"{source.path} holds no OME-TIFF of several files.", where=str(source.path))
    missing = []
    for name in dict.fromkeys(_list_named(first)):
        path = source.path / name
        is_inside = name not in {"", ".", ".."} and not any(mark in name for mark in ("/", "\\", "\0", ":"))
        if not is_inside or path.resolve().parent != source.path.resolve():
            raise UnreadableError(
                "link-external",
                f"The OME-XML in {first} names the file {name!r}, which does not lie in its folder.",
                hint="Put all files of the dataset into one folder.",
                where=str(source.path),
            )
        if path.is_file():
            check_structure(path)
        else:
            missing.append(name)
    return open_alone(first, follows_ome=True), missing


@contextmanager
def _open(source: Source) -> Iterator[tuple[TiffFile, list[str]]]:
    with reading(source, *_DAMAGE):
        tiff, missing = _open_files(source)
        with tiff:
            if not tiff.series:
                raise ValueError("it holds no image")
            yield tiff, missing


def _describe(source: Source, tiff: TiffFile, index: int, metadata: TiffMetadata) -> tuple[StoredImage, list[Finding]]:
    series = tiff.series[index]
    named = name_axes(series.axes, series.shape, metadata)
    sizes = {letter.lower(): size for letter, (size, _) in metadata.pixel_sizes.items()}
    base = tuple(sizes.get(name, 1.0) for name in named.names)
    levels = []
    for number, level in enumerate(series.levels):
        ratios = [full / size for full, size in zip(series.shape, level.shape, strict=True)]
        levels.append(
            Level(
                path=str(number),
                shape=tuple(int(size) for size in level.shape),
                chunk_shape=None,
                scale=tuple(size * ratio for size, ratio in zip(base, ratios, strict=True)),
                translation=tuple(size * (ratio - 1) / 2 for size, ratio in zip(base, ratios, strict=True)),
            )
        )
    is_alone = len(tiff.series) == 1
    stored = StoredImage(
        name=metadata.name or (source.path.name if is_alone else f"{source.path.name} {index}"),
        path="" if is_alone else str(index),
        axes=build_axes(named.names, metadata),
        dtype=str(series.dtype.name),
        levels=tuple(levels),
        channels=tuple(Channel(name=own.name or "", color_rgb=own.color_rgb) for own in metadata.channels),
    )
    return stored, list(named.findings)


def _tell_missing(names: list[str]) -> Iterator[Finding]:
    if names:
        more = f", and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
        yield Finding(
            code="files-missing",
            severity="warning",
            path="#",
            message=f"{len(names)} files that the OME-XML names are not there ({', '.join(names[:MAX_NAMED])}{more}); "
            "their planes are black.",
            fix="Copy all files of the dataset into the folder.",
        )
