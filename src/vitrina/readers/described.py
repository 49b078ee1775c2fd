"""Images of formats that say little: what the pixels themselves tell is added."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import closing
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from vitrina.errors import UnreadableError
from vitrina.model.content import RGB_CHANNELS, Channel, ImageElement, LabelsElement, Level
from vitrina.readers.contrast import choose_window, measure_windows, read_sample
from vitrina.readers.data_array import build_data_array
from vitrina.readers.label_guess import guess_labels
from vitrina.readers.pixels.indexed import IndexedPixels
from vitrina.readers.plane import PlaneReader, find_channel_axis
from vitrina.readers.raster import read_raster_preview
from vitrina.readers.rgb_guess import guess_is_rgb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitrina.model.content import Axis, Content, Placement
    from vitrina.model.finding import Finding
    from vitrina.pyramid.source import PixelSource
    from vitrina.readers.reader import OpensPixels, Preview
    from vitrina.readers.source import Source

    type Raster = ImageElement | LabelsElement


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredImage:
    """An image as its file describes it.

    Attributes:
        name: Of the element.
        path: Of the element.
        axes: Per dimension.
        dtype: NumPy name.
        levels: Finest first.
        channels: What is known of the first channels.
        is_labels: Whether the file says that pixels are ids; None where it is silent.
        placements: Where it lies.
    """

    name: str
    path: str
    axes: tuple[Axis, ...]
    dtype: str
    levels: tuple[Level, ...]
    channels: tuple[Channel, ...] = ()
    is_labels: bool | None = None
    placements: tuple[Placement, ...] = ()

    def as_labels(self) -> LabelsElement:
        """The same as label ids, which need no channels."""
        return LabelsElement(
            name=self.name,
            path=self.path,
            axes=self.axes,
            dtype=self.dtype,
            levels=self.levels,
            placements=self.placements,
        )


def build_color_image(image: StoredImage) -> ImageElement:
    """The element of a colour image, whose channels need no measuring."""
    return build_image(image.as_labels(), RGB_CHANNELS, (), is_rgb=True)


def describe_stored(
    reader: OpensPixels, source: Source, image: StoredImage, *, may_guess: bool = True
) -> tuple[Raster, tuple[Finding, ...]]:
    """The element, with contrast measured on the middle plane of its coarsest level, and what was guessed.

    Args:
        reader: Opens its pixels.
        source: Where it lies.
        image: As the file describes it.
        may_guess: Whether an image that looks like labels is taken for labels.

    Raises:
        UnreadableError: It has no pixels, or they are damaged.
        UnsupportedError: It has axes or values that are no pixels.
    """
    labels = image.as_labels()
    if any(0 in level.shape for level in image.levels):
        raise UnreadableError(
            "image-empty",
            f"The image {image.name!r} in {source.path} has no pixels: its shape is {image.levels[0].shape}.",
            where=str(source.path),
        )
    last = len(image.levels) - 1
    shape = image.levels[last].shape
    with closing(reader.open_pixels(source, labels, last)) as pixels:
        array = IndexedPixels(pixels, image.axes, shape)
        plane = PlaneReader(array=array, shape=shape, axes=image.axes)
        if image.is_labels:
            return labels, ()
        guessed = guess_labels(plane, image.dtype, image.path) if may_guess and image.is_labels is None else None
        if guessed is not None:
            return labels, (guessed,)
        sample = read_sample(plane)
        is_rgb, _ = guess_is_rgb(image.dtype, plane.n_channels, (), None if image.channels else sample)
        measured = [] if is_rgb else measure_windows(sample)
    return build_image(labels, image.channels, measured, is_rgb=is_rgb), ()


def build_image(
    raster: Raster, known: Sequence[Channel], measured: Sequence[tuple[float, float] | None], *, is_rgb: bool = False
) -> ImageElement:
    """The image with all of its channels, as far as they are known and measured."""
    axis = find_channel_axis(raster.axes)
    n_channels = 1 if axis is None else raster.levels[0].shape[axis]
    pairs = zip_longest(known[:n_channels], measured[:n_channels], range(n_channels))
    return ImageElement(
        name=raster.name,
        path=raster.path,
        axes=raster.axes,
        dtype=raster.dtype,
        levels=raster.levels,
        channels=tuple(
            Channel(
                name=(own.name if own is not None else "") or f"Channel {i}",
                color_rgb=own.color_rgb if own is not None else None,
                window=None if is_rgb else choose_window(own.window if own is not None else None, window, raster.dtype),
            )
            for own, window, i in pairs
        ),
        is_rgb=is_rgb,
        placements=raster.placements,
    )


class PixelReader(ABC):
    """A reader of images whose pixels it opens: what else a reader can do follows from that."""

    @abstractmethod
    def read_content(self, source: Source) -> Content: ...

    @abstractmethod
    def open_pixels(self, source: Source, element: Raster, level: int) -> PixelSource: ...

    def read_preview(self, source: Source, content: Content, min_side_px: int) -> Preview | None:
        """A small version of the first image, else label image; None when there is none."""
        raster = find_first(content)
        if raster is None:
            return None
        opened: list[IndexedPixels] = []

        def open_level(level: int) -> IndexedPixels:
            pixels = IndexedPixels(self.open_pixels(source, raster, level), raster.axes, raster.levels[level].shape)
            opened.append(pixels)
            return pixels

        try:
            return read_raster_preview(raster, open_level, min_side_px)
        finally:
            for one in opened:
                one.close()

    def read_object(self, source: Source) -> object:
        """The first image in memory, with axis names, channel names and pixel sizes."""
        raster = get_first(source, self.read_content(source))
        with closing(self.open_pixels(source, raster, 0)) as pixels:
            return build_data_array(raster, IndexedPixels(pixels, raster.axes, raster.levels[0].shape)[...])

    def open_object(self, source: Source) -> object:
        """The pixels of the first image, read when they are asked for."""
        raster = get_first(source, self.read_content(source))
        return IndexedPixels(self.open_pixels(source, raster, 0), raster.axes, raster.levels[0].shape)


def find_first(content: Content) -> Raster | None:
    """The first image, else the first label image, None without either."""
    rasters = [one for one in content.elements if isinstance(one, ImageElement | LabelsElement)]
    return next((one for one in rasters if isinstance(one, ImageElement)), next(iter(rasters), None))


def get_first(source: Source, content: Content) -> Raster:
    """The first image, else the first label image.

    Raises:
        UnreadableError: There is neither.
    """
    raster = find_first(content)
    if raster is None:
        raise UnreadableError("image-missing", f"{source.path} holds no image.", where=str(source.path))
    return raster
