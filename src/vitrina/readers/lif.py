"""LIF: what microscopes by Leica write."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError, UnsupportedError
from vitrina.model.content import Content, LabelsElement, Level
from vitrina.model.finding import Finding
from vitrina.readers.axis_letters import build_named_axes, find_unknown_axes
from vitrina.readers.damage import check_not_empty, is_empty_file, reading
from vitrina.readers.described import PixelReader, StoredImage, build_color_image, describe_stored
from vitrina.readers.extras import import_extra
from vitrina.readers.lif_metadata import build_channels, parse_lif_metadata
from vitrina.readers.pixels.array import ArrayPixels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.model.content import ImageElement
    from vitrina.pyramid.source import PixelSource
    from vitrina.readers.source import Source

MAX_IMAGES = 256
"""Further images of a file are left out of the description; every tile of a mosaic counts as one."""

MAX_COLOR_BYTES = 2**31
"""Colours that are stored as blue, green, red are turned in memory, up to so many bytes."""

_DAMAGE = "lif-damaged", "LIF"
_EMISSION, _EXCITATION, _MOSAIC = "λ", "Λ", "M"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """An image of a file, or one tile of a mosaic.

    Attributes:
        image: As liffile gives it.
        path: Of the element: number of the image, and of the tile.
        name: Of the element.
        tile: Number of the tile; None for what is no mosaic.
    """

    image: Any
    path: str
    name: str
    tile: int | None

    @property
    def sizes(self) -> dict[str, int]:
        """Number of pixels by liffile's letters."""
        return {letter: size for letter, size in self.image.sizes.items() if letter != _MOSAIC or self.tile is None}


class LifReader(PixelReader):
    """Reads LIF with liffile: every image of the file is an element. Pixels lie in the file as they are."""

    format = "lif"

    def detect(self, source: Source) -> bool:
        head = source.head  # the mark of a block, its size, the mark of a text, its length, and XML in UTF-16
        is_lif = head[:4] == b"\x70\0\0\0" and head[8:9] == b"\x2a" and head[13:15] == b"<\0"
        return is_lif or is_empty_file(source, ".lif")

    def read_content(self, source: Source) -> Content:
        findings: list[Finding] = []
        elements = []
        with _open(source) as file:
            parts = list(_list_parts(file))
            findings += _check_parts(file, parts)
            for part in parts[:MAX_IMAGES]:
                _check_complete(source, part)
                stored, odd = _describe(part)
                element, guessed = self._measure(source, part, stored)
                elements.append(element)
                findings += [*odd, *guessed]
        return Content(
            format=self.format, container="other", elements=tuple(elements), findings=tuple(dict.fromkeys(findings))
        )

    def open_pixels(
        self,
        source: Source,
        element: ImageElement | LabelsElement,
        level: int,  # noqa: ARG002 there is one
    ) -> PixelSource:
        with _open(source) as file:
            part = next((one for one in _list_parts(file) if one.path == element.path), None)
            if part is None or tuple(part.sizes.values()) != element.levels[0].shape:
                raise UnreadableError(
                    "lif-changed",
                    f"The image {element.name!r} in {source.path} is not what was described.",
                    hint="The file has changed since: read its content again.",
                    where=str(source.path),
                )
            _check_complete(source, part)
            return ArrayPixels(_map(source, part), element.axes, str(source.path))

    def _measure(
        self, source: Source, part: _Part, stored: StoredImage
    ) -> tuple[ImageElement | LabelsElement, tuple[Finding, ...]]:
        if part.sizes.get("S") == 3 and stored.dtype == "uint8" and "C" not in part.sizes:
            return build_color_image(stored), ()
        return describe_stored(self, source, stored, may_guess=False)


@contextmanager
def _open(source: Source) -> Iterator[Any]:
    check_not_empty(source)
    liffile = import_extra("liffile", "microscopes", "Reading LIF", where=str(source.path))
    with reading(source, *_DAMAGE), liffile.LifFile(source.path) as file:
        if file.type != liffile.LifFileType.LIF:
            raise ValueError("it is another kind of file by Leica, which points to further files")
        yield file


def _list_parts(file: Any) -> Iterator[_Part]:
    """The images with pixels; measurements of lifetimes have photons instead."""
    for number, image in enumerate(file.images):
        if image.is_flim:
            continue
        n_tiles = image.sizes.get(_MOSAIC)
        if n_tiles is None:
            yield _Part(image=image, path=str(number), name=image.name, tile=None)
            continue
        for tile in range(n_tiles):
            yield _Part(image=image, path=f"{number}:{tile}", name=f"{image.name} tile {tile}", tile=tile)


def _check_parts(file: Any, parts: list[_Part]) -> Iterator[Finding]:
    if not parts:
        raise ValueError("it holds no image")
    if len(parts) > MAX_IMAGES:
        message = f"The file holds {len(parts)} images; only the first {MAX_IMAGES} are described."
        yield Finding(code="images-left-out", severity="warning", path="#", message=message)
    n_lifetimes = sum(1 for image in file.images if image.is_flim)
    if n_lifetimes:
        message = f"{n_lifetimes} images of the file are measurements of fluorescence lifetimes, which are not read."
        yield Finding(code="images-left-out", severity="warning", path="#", message=message)
    if any(part.tile is not None for part in parts):
        message = "The tiles of a mosaic are images of their own: they are not stitched."
        yield Finding(
            code="mosaic-not-stitched",
            severity="warning",
            path="#",
            message=message,
            fix="Merge the mosaic in LAS X before it is exported.",
        )


def _describe(part: _Part) -> tuple[StoredImage, list[Finding]]:
    metadata = parse_lif_metadata(part.image.xml_element)
    letters, findings = _choose_letters(part)
    sizes = tuple(part.sizes.values())
    units = {own: unit for own, (_, unit) in metadata.pixel_sizes.items()}
    own_letters = tuple(part.sizes)
    own_units = {new: units[old] for new, old in zip(letters, own_letters, strict=True) if old in units}
    axes = build_named_axes(letters, own_units)
    scale = tuple(metadata.pixel_sizes.get(letter, (1.0, ""))[0] for letter in own_letters)
    findings += find_unknown_axes(axes, sizes, part.path)
    if "X" not in metadata.pixel_sizes:
        findings.append(
            Finding(
                code="pixel-size-missing",
                severity="warning",
                path=f"{part.path}#",
                message="The file does not say how large a pixel is, so sizes are given in pixels.",
            )
        )
    level = Level(path="0", shape=sizes, chunk_shape=None, scale=scale, translation=(0.0,) * len(sizes))
    names = [str(name) for name in part.image.coords.get("C", ())]
    stored = StoredImage(
        name=part.name,
        path=part.path,
        axes=axes,
        dtype=str(part.image.dtype.name),
        levels=(level,),
        channels=build_channels(names, metadata) if ("C" in letters) == ("C" in own_letters) else (),
    )
    return stored, findings


def _choose_letters(part: _Part) -> tuple[tuple[str, ...], list[Finding]]:
    """The letters of the axes: wavelengths are channels where there are none, and a section along z is a plane."""
    letters = list(part.sizes)
    findings = []
    if "Y" not in letters:
        upright = next((own for own in reversed(letters) if own in "ZTNQ"), None)
        if upright is None:
            raise ValueError(f"its image {part.name!r} has only the axes {', '.join(letters)}")
        letters[letters.index(upright)] = "Y"
        findings.append(
            Finding(
                code="axis-guessed",
                severity="info",
                path=f"{part.path}#",
                message=f"The image has no rows along y: it is a section along x and {upright.lower()}, which is shown "
                "upright.",
            )
        )
    for wavelengths in (_EMISSION, _EXCITATION):
        if wavelengths in letters and "C" not in letters:
            letters[letters.index(wavelengths)] = "C"
    return tuple(letters), findings


def _check_complete(source: Source, part: _Part) -> None:
    block = part.image.memory_block
    size_bytes = source.path.stat().st_size
    if block.offset < 0 or block.offset + block.size > size_bytes:
        raise UnreadableError(
            "lif-truncated",
            f"{source.path} has {size_bytes:,} bytes, but the pixels of {part.name!r} reach to byte "
            f"{block.offset + block.size:,}.",
            hint="The file is truncated: copy or download it again.",
            where=str(source.path),
        )


def _map(source: Source, part: _Part) -> Any:
    """The pixels where they lie in the file; colours are read, for they may be stored in the order blue, green, red."""
    image = part.image
    if "S" not in image.sizes:
        array = image.asarray(out="memmap")
    elif image.nbytes <= MAX_COLOR_BYTES:
        array = image.asarray()
    else:
        raise UnsupportedError(
            "lif-colors-too-large",
            f"The colour image {part.name!r} in {source.path} has {image.nbytes:,} bytes; up to {MAX_COLOR_BYTES:,} "
            "can be read.",
            where=str(source.path),
        )
    if part.tile is None:
        return array
    at = list(image.sizes).index(_MOSAIC)
    return array[(slice(None),) * at + (part.tile,)]
