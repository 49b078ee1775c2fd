"""Whole slides that are no TIFF: MIRAX, Hamamatsu VMS, Sakura. Slides in TIFF are read as TIFF."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError
from vitrina.model.content import Axis, Content, LabelsElement, Level
from vitrina.model.finding import Finding
from vitrina.readers.damage import check_not_empty, reading
from vitrina.readers.described import PixelReader, StoredImage, build_color_image
from vitrina.readers.extras import import_extra
from vitrina.readers.pixels.slide import DAMAGE, SlidePixels

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vitrina.model.content import ImageElement
    from vitrina.pyramid.source import PixelSource
    from vitrina.readers.source import Source

MIRAX, INDEX = ".mrxs", "Slidat.ini"
MAX_INDEX_BYTES = 2**24

_STARTS = {".mrxs": b"\xff\xd8\xff", ".vms": b"[Virtual Microscope Specimen]", ".svslide": b"SQLite format 3\0"}


class SlideReader(PixelReader):
    """Reads slides with OpenSlide: one colour image with its levels.

    A MIRAX slide is a file and a folder of the same name beside it; a folder that holds both is read too.
    """

    format = "slide"

    def detect(self, source: Source) -> bool:
        if source.is_folder:
            return _find_mirax(source.path) is not None
        start = _STARTS.get(source.path.suffix.lower())
        return start is not None and source.head.startswith(start)

    def read_content(self, source: Source) -> Content:
        with _open(source) as slide:
            element = _describe(source, slide)
            return Content(format=self.format, elements=(element,), findings=tuple(_check(slide)))

    def open_pixels(self, source: Source, element: ImageElement | LabelsElement, level: int) -> PixelSource:
        slide = _open_slide(source)
        found = slide.level_dimensions[level] if level < slide.level_count else (0, 0)
        if element.levels[level].shape != (found[1], found[0], 3):
            slide.close()
            raise UnreadableError(
                "slide-changed",
                f"The slide in {source.path} is not what was described.",
                hint="The file has changed since: read its content again.",
                where=str(source.path),
            )
        return SlidePixels(source, slide, level)


def _find_mirax(folder: Path) -> Path | None:
    """The only MIRAX slide in a folder that has its folder beside it."""
    try:
        found = [path for path in folder.iterdir() if path.suffix.lower() == MIRAX]
    except OSError:
        return None
    return found[0] if len(found) == 1 and (found[0].with_suffix("") / INDEX).is_file() else None


def _open_slide(source: Source) -> Any:
    """The slide; the caller closes it."""
    check_not_empty(source)
    path = _find_mirax(source.path) if source.is_folder else source.path
    if path is None:
        raise UnreadableError(DAMAGE[0], f"{source.path} holds no slide.", where=str(source.path))
    _check_inside(source, path)
    openslide = import_extra("openslide", "slides", "Reading slides that are no TIFF", where=str(source.path))
    with reading(source, *DAMAGE):
        return openslide.OpenSlide(path)


def _check_inside(source: Source, path: Path) -> None:
    """Whether the files that a slide names lie beside it.

    Raises:
        UnreadableError: One does not, or they are not there.
    """
    suffix = path.suffix.lower()
    index = path.with_suffix("") / INDEX if suffix == MIRAX else path
    if suffix == MIRAX and not index.is_file():
        raise UnreadableError(
            "slide-incomplete",
            f"{path} is the head of a MIRAX slide, whose folder {path.with_suffix('').name!r} is not beside it.",
            hint="Put the file and its folder into one folder, and give that.",
            where=str(source.path),
        )
    if suffix not in {MIRAX, ".vms"}:
        return
    with index.open("rb") as file:
        text = file.read(MAX_INDEX_BYTES).decode("latin-1")
    for line in text.splitlines():
        key, _, value = line.partition("=")
        is_file_name = any(word in key.upper() for word in ("FILE", "IMAGE", "MACRO", "MAP"))
        if is_file_name and (".." in value or value.strip().startswith(("/", "\\")) or ":" in value):
            raise UnreadableError(
                "link-external",
                f"{index} names the file {value.strip()!r}, which is not beside it.",
                where=str(source.path),
            )


@contextmanager
def _open(source: Source) -> Iterator[Any]:
    with reading(source, *DAMAGE), _open_slide(source) as slide:
        yield slide


def _describe(source: Source, slide: Any) -> ImageElement:
    size_y, size_x = (_read_size(slide, f"openslide.mpp-{letter}") for letter in "yx")
    unit = "micrometer" if size_y and size_x else None
    levels = []
    for number, (width, height) in enumerate(slide.level_dimensions):
        ratio_y, ratio_x = slide.dimensions[1] / height, slide.dimensions[0] / width
        base_y, base_x = (size_y, size_x) if size_y and size_x else (1.0, 1.0)
        tile = tuple(
            int(slide.properties.get(f"openslide.level[{number}].tile-{side}", 256)) for side in ("height", "width")
        )
        levels.append(
            Level(
                path=str(number),
                shape=(height, width, 3),
                chunk_shape=(min(tile[0], height), min(tile[1], width), 3),
                scale=(base_y * ratio_y, base_x * ratio_x, 1.0),
                translation=(base_y * (ratio_y - 1) / 2, base_x * (ratio_x - 1) / 2, 0.0),
            )
        )
    axes = (
        Axis(name="y", type="space", unit=unit),
        Axis(name="x", type="space", unit=unit),
        Axis(name="c", type="channel"),
    )
    name = source.path.name.split(".", 1)[0] or source.path.name
    return build_color_image(StoredImage(name=name, path="", axes=axes, dtype="uint8", levels=tuple(levels)))


def _check(slide: Any) -> Iterator[Finding]:
    if not _read_size(slide, "openslide.mpp-x"):
        message = "The file does not say how large a pixel is, so sizes are given in pixels."
        yield Finding(code="pixel-size-missing", severity="info", path="#", message=message)
    others = sorted(slide.associated_images)
    if others:
        message = f"The slide holds {len(others)} more images ({', '.join(others[:8])}), which are not shown."
        yield Finding(code="series-left-out", severity="info", path="#", message=message)


def _read_size(slide: Any, name: str) -> float | None:
    try:
        size = float(slide.properties.get(name, ""))
    except ValueError:
        return None
    return size if 0 < size < float("inf") else None
