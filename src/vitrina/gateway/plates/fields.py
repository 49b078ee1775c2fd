"""The fields of view of a plate by path, each described when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING

from vitrina.errors import UnreadableError
from vitrina.model.content import Channel, ImageElement, LabelsElement
from vitrina.readers.elements import open_pixels, open_plate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.model.content import Content
    from vitrina.pyramid.source import PixelSource
    from vitrina.readers.open_plate import FieldName, OpenPlate
    from vitrina.readers.source import Source

    type Raster = ImageElement | LabelsElement


class PlateFields(Mapping[str, "Raster"]):
    """What is served of a plate: descriptions of its fields by path.

    What the metadata of a field do not say of its channels is taken from the first field, which was measured when the
    dataset was added, so that all are shown alike; what a person said of the first field holds for all.

    Args:
        source: The dataset.
        content: What its reader found: the first field.
    """

    def __init__(self, source: Source, content: Content) -> None:
        self._source = source
        self._content = content
        self._lock = Lock()
        self.where = str(source.path)

    @cached_property
    def first(self) -> Raster:
        """The field that the content describes."""
        rasters = (one for one in self._content.elements if isinstance(one, ImageElement | LabelsElement))
        first = next(rasters, None)
        if first is None:
            raise UnreadableError("image-missing", f"{self.where} was described without an image.", where=self.where)
        return first

    @property
    def stated_first(self) -> Raster:
        """The first field with no more windows than metadata or a person say: its own contrast is not the plate's."""
        first = self.first
        if isinstance(first, LabelsElement) or first.path in self._content.overridden:
            return first
        stated = self.plate.describe(first.path).channels
        pairs = zip(first.channels, stated, strict=False)
        return replace(first, channels=tuple(replace(one, window=said.window) for one, said in pairs))

    @property
    def plate(self) -> OpenPlate:
        """The names of all fields, listed once.

        Raises:
            UnreadableError: The dataset is damaged, or no plate any more.
        """
        with self._lock:
            return self._plate

    @cached_property
    def _plate(self) -> OpenPlate:
        opened = open_plate(self._source, self._content)
        if opened is None:
            raise UnreadableError(
                "plate-changed",
                f"{self.where} was a plate when it was described, but is none now.",
                hint="The dataset has changed since: read its content again.",
                where=self.where,
            )
        return opened

    @cached_property
    def names(self) -> dict[str, FieldName]:
        """The fields by path."""
        return {one.path: one for one in self.plate.fields}

    def __getitem__(self, path: str) -> Raster:
        """The field at a path.

        Raises:
            KeyError: The plate lists no such field.
            UnreadableError: It is not there, or damaged.
        """
        if path not in self.names:
            raise KeyError(path)
        if path == self.first.path:
            return self.first
        own = self.plate.describe(path)
        return complete_field(own, self.first, is_overridden=self.first.path in self._content.overridden)

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)

    def __bool__(self) -> bool:
        """Always: a plate has fields, and to count them all wells would be read."""
        return True

    def open_pixels(self, element: Raster, level: int) -> PixelSource:
        """The pixels of a level of a field; the caller closes them."""
        return open_pixels(self._source, self._content, element, level)


def complete_field(own: ImageElement, first: Raster, *, is_overridden: bool) -> Raster:
    """A field with what is known of the first field of the plate.

    Args:
        own: The field by its metadata.
        first: The first field.
        is_overridden: Whether a person said more of the first field than its file.
    """
    axes, levels = own.axes, own.levels
    if is_overridden and len(first.axes) == len(axes):
        axes = first.axes
        if len(first.levels) == len(levels):
            levels = tuple(replace(mine, scale=said.scale) for mine, said in zip(own.levels, first.levels, strict=True))
    if isinstance(first, LabelsElement):
        return LabelsElement(name=own.name, path=own.path, axes=axes, dtype=own.dtype, levels=levels)
    if len(first.channels) != len(own.channels):
        return replace(own, axes=axes, levels=levels)
    pairs = zip(own.channels, first.channels, strict=True)
    channels = tuple(_join(said, mine) if is_overridden else _join(mine, said) for mine, said in pairs)
    return replace(own, axes=axes, levels=levels, channels=channels, is_rgb=first.is_rgb)


def relocate(element: Raster, path: str, level: int) -> Raster:
    """A level of a field at another path of the plate; the other levels stay where they are."""
    own = element.levels[level]
    moved = replace(own, path=path + own.path.removeprefix(element.path))
    return replace(element, path=path, levels=(*element.levels[:level], moved, *element.levels[level + 1 :]))


def _join(better: Channel, other: Channel) -> Channel:
    return Channel(
        name=better.name, color_rgb=better.color_rgb or other.color_rgb, window=better.window or other.window
    )
