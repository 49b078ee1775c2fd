"""An image that is converted: where its pixels come from, and what is known of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vitrina.model.content import Axis, ImageElement, LabelsElement
from vitrina.pyramid.joined import JoinedChannels
from vitrina.readers.elements import open_pixels
from vitrina.readers.standard_axes import AXES, AXIS_TYPES, StandardAxes, arrange_axes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitrina.model.content import Channel, Content
    from vitrina.pyramid.plan import LevelPlan
    from vitrina.pyramid.source import PixelSource
    from vitrina.readers.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvertedImage(StandardAxes):
    """An image or label image on its way into another format.

    Attributes:
        name: Its name.
        sources: Its pixels, finest level first; one level where the coarser ones are to be made.
        channels: One per channel; none for labels.
        is_rgb: Whether the channels are red, green and blue of one colour image.
        is_labels: Whether pixels are label ids.
    """

    name: str
    sources: tuple[PixelSource, ...]
    channels: tuple[Channel, ...] = ()
    is_rgb: bool = False
    is_labels: bool = False

    @property
    def finest(self) -> PixelSource:
        """The pixels of the finest level."""
        return self.sources[0]

    @property
    def axis_names(self) -> str:
        """Letters of the axes that it has."""
        return "".join(axis.name for axis in self.axes)

    def describe(
        self, path: str, levels: Sequence[LevelPlan], chunk_tczyx: tuple[int, ...], *, prefix: str = ""
    ) -> ImageElement | LabelsElement:
        """The element that it becomes.

        Args:
            path: Where it lies.
            levels: Its levels, finest first.
            chunk_tczyx: Of all levels.
            prefix: Before the number in the path of a level.
        """
        stored = tuple(
            self.describe_level(
                f"{path}/{prefix}{number}".lstrip("/"),
                level.shape_tczyx,
                self._measure_steps(levels, number),
                chunk_tczyx,
            )
            for number, level in enumerate(levels)
        )
        dtype = self.finest.dtype.name
        if self.is_labels:
            return LabelsElement(name=self.name, path=path, axes=self.axes, dtype=dtype, levels=stored)
        return ImageElement(
            name=self.name,
            path=path,
            axes=self.axes,
            dtype=dtype,
            levels=stored,
            channels=self.channels,
            is_rgb=self.is_rgb,
        )

    def with_all_axes(self) -> ConvertedImage:
        """The same image with all of t, c, z, y and x."""
        known = {axis.name: axis for axis in self.axes}
        return replace(self, axes=tuple(known.get(name) or Axis(name=name, type=AXIS_TYPES[name]) for name in AXES))

    def join_colors(self) -> ConvertedImage:
        """The same image with red, green and blue read together, where it is a colour image."""
        if not self.is_rgb:
            return self
        n_channels = len(self.channels)
        return replace(self, sources=tuple(JoinedChannels(source, n_channels) for source in self.sources))

    def list_pixel_sizes(self) -> dict[str, tuple[float, str | None]]:
        """Size and unit of a pixel of the finest level, of the axes whose unit is known."""
        sizes = dict(zip(AXES, self.pixel_size_tczyx, strict=True))
        known = (axis for axis in self.axes if axis.unit is not None and axis.name != "c")
        return {axis.name: (sizes[axis.name], axis.unit) for axis in known}

    def close(self) -> None:
        """Close its pixels."""
        for source in self.sources:
            source.close()

    def _measure_steps(self, levels: Sequence[LevelPlan], number: int) -> list[float]:
        """Pixels of the finest level per pixel of a level along each axis; of a stored level, the ratio of sizes."""
        finest, own = levels[0].shape_tczyx, levels[number].shape_tczyx
        if len(self.sources) > 1:
            return [whole / size for whole, size in zip(finest, own, strict=True)]
        factors = zip(*(level.factor_zyx for level in levels[: number + 1]), strict=True)
        return [1.0, 1.0, *(float(math.prod(along)) for along in factors)]


def open_image(
    source: Source, content: Content, element: ImageElement | LabelsElement, *, uses_levels: bool = False
) -> ConvertedImage:
    """Open an image to convert it; the caller closes it.

    Args:
        source: The dataset.
        content: What its reader found.
        element: Which of its images.
        uses_levels: Whether the levels that it has are kept, instead of being made anew from the finest.

    Raises:
        UnreadableError: The dataset is damaged.
        UnsupportedError: It cannot be read as pixels, or it has more axes than t, c, z, y, x.
    """
    arranged = arrange_axes(element, str(source.path))
    n_levels = len(element.levels) if uses_levels else 1
    sources: list[PixelSource] = []
    try:
        sources.extend(open_pixels(source, content, element, level) for level in range(n_levels))
    except BaseException:
        for opened in sources:
            opened.close()
        raise
    return ConvertedImage(
        name=element.name,
        sources=tuple(sources),
        axes=arranged.axes,
        pixel_size_tczyx=arranged.pixel_size_tczyx,
        origin_tczyx=arranged.origin_tczyx,
        channels=element.channels if isinstance(element, ImageElement) else (),
        is_rgb=isinstance(element, ImageElement) and element.is_rgb,
        is_labels=isinstance(element, LabelsElement),
    )
