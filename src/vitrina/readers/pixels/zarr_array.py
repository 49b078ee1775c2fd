"""Pixels of a Zarr array, read by zarr-python: right for every codec, and not the fastest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.readers.damage import reading
from vitrina.readers.pixels.array import ArrayPixels

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from vitrina.model.content import Axis
    from vitrina.readers.pixels.axes import Pixels, ShapeTczyx
    from vitrina.readers.source import Source


class ZarrArrayPixels(ArrayPixels):
    """One level of an image as an array of zarr-python.

    Args:
        source: Where it lies.
        array: The level.
        axes: Its axes.
        damage: Code of the error for damaged bytes, and the name of the format.
        close: Closes what is open.
    """

    def __init__(
        self, source: Source, array: Any, axes: Sequence[Axis], damage: tuple[str, str], close: Callable[[], object]
    ) -> None:
        super().__init__(array, axes, str(source.path))
        self._source = source
        self._damage = damage
        self._close = close

    def read_into(self, start_tczyx: ShapeTczyx, out_czyx: Pixels) -> None:
        """Fill an array with the window that starts at a pixel."""
        with reading(self._source, *self._damage):
            super().read_into(start_tczyx, out_czyx)

    def close(self) -> None:
        """Close what is open; nothing is read afterwards."""
        self._close()
