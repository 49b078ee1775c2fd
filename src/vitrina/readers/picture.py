"""Plain pictures: PNG, JPEG, BMP, GIF and WebP, as screenshots, exports and vendors' overviews are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.model.content import RGB_CHANNELS, Axis, Content, LabelsElement, Level
from vitrina.model.finding import Finding
from vitrina.readers.damage import check_not_empty, is_empty_file
from vitrina.readers.described import PixelReader, StoredImage, build_color_image, describe_stored
from vitrina.readers.pixels.picture import open_picture_pixels, read_picture
from vitrina.readers.tiff_metadata import parse_resolution

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.model.content import ImageElement
    from vitrina.pyramid.source import PixelSource
    from vitrina.readers.pixels.picture import Picture
    from vitrina.readers.source import Source

_MAGICS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")
_SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp")
_INCH = 2


class PictureReader(PixelReader):
    """Reads pictures with Pillow: one image of one level."""

    format = "picture"

    def detect(self, source: Source) -> bool:
        if is_empty_file(source, *_SUFFIXES):
            return True
        head = source.head
        is_webp = head.startswith(b"RIFF") and head[8:12] == b"WEBP"
        is_bmp = head.startswith(b"BM") and head[14:18] in {b"\x0c\0\0\0", b"\x28\0\0\0", b"\x6c\0\0\0", b"\x7c\0\0\0"}
        return head.startswith(_MAGICS) or is_webp or is_bmp

    def read_content(self, source: Source) -> Content:
        check_not_empty(source)
        picture = read_picture(source)
        element, findings = _describe(self, source, picture)
        return Content(
            format=self.format,
            format_version=picture.format,
            elements=(element,),
            findings=(*_list_findings(picture), *findings),
        )

    def open_pixels(
        self,
        source: Source,
        element: ImageElement | LabelsElement,  # noqa: ARG002 there is one
        level: int,  # noqa: ARG002 there is one
    ) -> PixelSource:
        return open_picture_pixels(source.path)


def _describe(
    reader: PictureReader, source: Source, picture: Picture
) -> tuple[ImageElement | LabelsElement, tuple[Finding, ...]]:
    """The element; where it must be looked at, the picture is decoded a second time."""
    sizes = {} if picture.resolution is None else parse_resolution(picture.resolution, _INCH).pixel_sizes
    axes = [_build_axis(letter, sizes) for letter in ("Y", "X")]
    scale = [sizes[letter][0] if letter in sizes else 1.0 for letter in ("Y", "X")]
    if picture.is_color:
        axes.append(Axis(name="c", type="channel"))
        scale.append(1.0)
    shape = tuple(int(size) for size in picture.pixels.shape)
    level = Level(path="0", shape=shape, chunk_shape=shape, scale=tuple(scale), translation=(0.0,) * len(shape))
    name = source.path.name.split(".", 1)[0] or source.path.name
    dtype = str(picture.pixels.dtype.name)
    stored = StoredImage(
        name=name,
        path="",
        axes=tuple(axes),
        dtype=dtype,
        levels=(level,),
        channels=RGB_CHANNELS if picture.is_color else (),
    )
    if picture.is_color and dtype == "uint8":
        return build_color_image(stored), ()
    return describe_stored(reader, source, stored)


def _build_axis(letter: str, sizes: object) -> Axis:
    return Axis(name=letter.lower(), type="space", unit="micrometer" if sizes else None)


def _list_findings(picture: Picture) -> Iterator[Finding]:
    if picture.has_palette:
        yield _found("palette-applied", "The picture has a table of colours; its pixels are shown in these colours.")
    if picture.has_alpha:
        yield _found("alpha-dropped", "The picture has transparency, which is dropped; only its colours are kept.")
    if picture.converted_from is not None:
        message = f"The colours of the picture, stored as {picture.converted_from}, are converted to red, green, blue."
        yield _found("colors-converted", message)
    if picture.n_frames > 1:
        message = f"The file holds {picture.n_frames} pictures; only the first is read."
        yield _found("frames-left-out", message, severity="warning")
    if picture.is_color and picture.pixels.dtype.name != "uint8":
        message = "The picture has colours of 16 bits; they are kept as separate channels, since a colour image has 8."
        yield _found("samples-are-channels", message)


def _found(code: str, message: str, severity: str = "info") -> Finding:
    return Finding(code=code, severity="warning" if severity == "warning" else "info", path="#", message=message)
