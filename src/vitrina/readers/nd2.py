"""ND2: what microscopes by Nikon write."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError
from vitrina.model.content import Channel, Content, LabelsElement, Level
from vitrina.model.finding import Finding
from vitrina.readers.axis_letters import build_named_axes, find_unknown_axes
from vitrina.readers.damage import check_not_empty, is_empty_file, reading
from vitrina.readers.described import PixelReader, StoredImage, build_color_image, describe_stored
from vitrina.readers.extras import import_extra
from vitrina.readers.pixels.nd2 import DAMAGE, FRAME, POSITION, Nd2Pixels
from vitrina.readers.quiet import without_format_warnings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.model.content import ImageElement
    from vitrina.pyramid.source import PixelSource
    from vitrina.readers.source import Source

MAX_POSITIONS = 256
"""Further positions of a file are left out of the description."""

_MAGICS = (b"\xda\xce\xbe\x0a", b"\0\0\0\x0cjP  \r\n\x87\n")
"""Of the chunks of a file, and of the JPEG 2000 files of before 2010."""


class Nd2Reader(PixelReader):
    """Reads ND2 with nd2: every position is an image."""

    format = "nd2"

    def detect(self, source: Source) -> bool:
        if is_empty_file(source, ".nd2") or source.head.startswith(_MAGICS[0]):
            return True
        return source.head.startswith(_MAGICS[1]) and source.path.name.lower().endswith(".nd2")

    def read_content(self, source: Source) -> Content:
        with _open(source) as file:
            n_positions = file.sizes.get(POSITION, 1)
            findings = _check_frames(file)
            if n_positions > MAX_POSITIONS:
                message = f"The file holds {n_positions} positions; only the first {MAX_POSITIONS} are described."
                findings.append(Finding(code="images-left-out", severity="warning", path="#", message=message))
            elements = []
            names = _name_positions(source, file, min(n_positions, MAX_POSITIONS))
            for position, name in enumerate(names):
                stored, odd = _describe(file, name, path="" if n_positions == 1 else str(position))
                element, guessed = self._measure(source, file, stored)
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
        file = _open_file(source)
        try:
            with reading(source, *DAMAGE):
                _check_same(source, element, file)
                return Nd2Pixels(source, file, element.axes, position=int(element.path or 0))
        except BaseException:
            file.close()
            raise

    def _measure(
        self, source: Source, file: Any, stored: StoredImage
    ) -> tuple[ImageElement | LabelsElement, tuple[Finding, ...]]:
        if file.sizes.get("S") == 3 and stored.dtype == "uint8" and "C" not in file.sizes:
            return build_color_image(stored), ()
        return describe_stored(self, source, stored, may_guess=False)


def _open_file(source: Source) -> Any:
    """The file; the caller closes it."""
    check_not_empty(source)
    nd2 = import_extra("nd2", "microscopes", "Reading ND2", where=str(source.path))
    with reading(source, *DAMAGE), without_format_warnings():
        return nd2.ND2File(source.path)


@contextmanager
def _open(source: Source) -> Iterator[Any]:
    with reading(source, *DAMAGE):
        file = _open_file(source)
        with file:
            if not {"Y", "X"} <= file.sizes.keys():
                raise ValueError(f"its image has only the axes {', '.join(file.sizes)}")
            yield file


def _describe(file: Any, name: str, *, path: str) -> tuple[StoredImage, list[Finding]]:
    sizes = {letter: size for letter, size in file.sizes.items() if letter != POSITION}
    pixel_sizes, findings = _find_pixel_sizes(file, path)
    axes = build_named_axes(tuple(sizes), {letter: unit for letter, (_, unit) in pixel_sizes.items()})
    findings += find_unknown_axes(axes, tuple(sizes.values()), path)
    level = Level(
        path="0",
        shape=tuple(sizes.values()),
        chunk_shape=tuple(size if letter in FRAME else 1 for letter, size in sizes.items()),
        scale=tuple(pixel_sizes.get(letter, (1.0, ""))[0] for letter in sizes),
        translation=(0.0,) * len(sizes),
    )
    stored = StoredImage(
        name=name,
        path=path,
        axes=axes,
        dtype=str(file.dtype.name),
        levels=(level,),
        channels=() if "S" in sizes else _list_channels(file),
    )
    return stored, findings


def _find_pixel_sizes(file: Any, path: str) -> tuple[dict[str, tuple[float, str]], list[Finding]]:
    """In micrometers where the file was calibrated, and the interval in seconds where one was asked for."""
    sizes: dict[str, tuple[float, str]] = {}
    channels = getattr(file.metadata, "channels", None) or []
    volume = getattr(channels[0], "volume", None) if channels else None
    if volume is not None:
        calibrated = zip("XYZ", volume.axesCalibrated, volume.axesCalibration, strict=True)
        sizes = {letter: (size, "micrometer") for letter, is_known, size in calibrated if is_known and size > 0}
    for loop in file.experiment:
        period_ms = getattr(loop.parameters, "periodMs", 0.0) if loop.type == "TimeLoop" else 0.0
        if period_ms > 0:
            sizes["T"] = (period_ms / 1000, "second")
    missing = Finding(
        code="pixel-size-missing",
        severity="warning",
        path=f"{path}#",
        message="The file does not say how large a pixel is, so sizes are given in pixels.",
    )
    return sizes, [] if {"X", "Y"} <= sizes.keys() else [missing]


def _list_channels(file: Any) -> tuple[Channel, ...]:
    channels = []
    for own in getattr(file.metadata, "channels", None) or []:
        color = own.channel.color
        channels.append(Channel(name=own.channel.name or "", color_rgb=(int(color.r), int(color.g), int(color.b))))
    return tuple(channels)


def _name_positions(source: Source, file: Any, n_positions: int) -> list[str]:
    """As the file calls them, else by their numbers."""
    stem = source.path.name.split(".", 1)[0] or source.path.name
    if n_positions == 1:
        return [stem]
    points: Any = next((loop.parameters.points for loop in file.experiment if loop.type == "XYPosLoop"), [])
    names = [(points[i].name or "") if i < len(points) else "" for i in range(n_positions)]
    return [name if name and names.count(name) == 1 else f"{stem} {i}" for i, name in enumerate(names)]


def _check_frames(file: Any) -> list[Finding]:
    """Whether the experiment was stopped early: planned frames that were not taken are 0."""
    n_planned, n_taken = 1, int(file.attributes.sequenceCount)
    for letter, size in file.sizes.items():
        n_planned *= size if letter not in FRAME else 1
    if n_taken >= n_planned:
        return []
    message = f"{n_planned} frames were planned and {n_taken} taken; the others are black."
    return [Finding(code="frames-missing", severity="warning", path="#", message=message)]


def _check_same(source: Source, element: ImageElement | LabelsElement, file: Any) -> None:
    shape = tuple(size for letter, size in file.sizes.items() if letter != POSITION)
    if shape != element.levels[0].shape or int(element.path or 0) >= file.sizes.get(POSITION, 1):
        raise UnreadableError(
            "nd2-changed",
            f"The image {element.name!r} in {source.path} is not what was described.",
            hint="The file has changed since: read its content again.",
            where=str(source.path),
        )
