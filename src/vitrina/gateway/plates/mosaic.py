"""The fields of view of a plate as one image; a level of it is read like that of any image.

A level comes from the fields' own level of the same size where they have it, else from their next finer one. A field
that is not there, or cannot be read, is black: one damaged file does not hide the others.
"""

from __future__ import annotations

import logging
import math
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np

from vitrina.errors import DataError, NotFoundError, UnsupportedError
from vitrina.gateway.plates.open_fields import FieldOpener, OpenFields
from vitrina.pyramid.downsample import repeat_edge, shrink_into

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from vitrina.gateway.plates.fields import Raster
    from vitrina.gateway.plates.geometry import MosaicGeometry, PlacedField
    from vitrina.pyramid.downsample import Method
    from vitrina.pyramid.source import Pixels, PixelSource, ShapeTczyx

_log = logging.getLogger(__name__)

N_THREADS = 4
"""That read fields for one plate, where these are large."""

MIN_FIELDS_PER_THREAD = 4

MIN_BYTES_PER_FIELD = 2**19
"""Of a field's pixels, so that threads read fields side by side: with fewer they wait for Python more than they read,
and take twice as long as one."""

_UNREADABLE = (DataError, NotFoundError, UnsupportedError)


class Mosaic:
    """The fields, and where they lie. Safe to use from several threads.

    Args:
        geometry: What they look like.
        open_pixels: Opens a level of a field.
        method: How four pixels become one, where a field lacks a level.
    """

    def __init__(
        self, geometry: MosaicGeometry, open_pixels: Callable[[Raster, int], PixelSource], *, method: Method
    ) -> None:
        self.geometry = geometry
        self.dtype: np.dtype[Any] = np.dtype(geometry.dtype)
        self._method: Method = method
        self._fields = geometry.fields
        self._open = OpenFields(FieldOpener(geometry.fields, open_pixels).open)
        self._corners_yx = np.array([field.corner_yx for field in self._fields])
        self._sizes_yx = np.array([field.kind.shape_tczyx[3:] for field in self._fields])
        self._pool = ThreadPoolExecutor(N_THREADS, thread_name_prefix="mosaic")
        self._told: set[int] = set()
        self.n_joint_channels = self._find_joint_channels()

    def open_level(self, number: int) -> MosaicLevel:
        """The level that comes from the fields, by its number."""
        return MosaicLevel(self, self.geometry.steps[number])

    def find_fields(self, step: int, start_yx: Sequence[int], stop_yx: Sequence[int]) -> list[int]:
        """The fields that have pixels in a window of a level."""
        first = self._corners_yx // step
        last = first - self._sizes_yx // -step
        inside = (first < np.asarray(stop_yx)) & (last > np.asarray(start_yx))
        found: list[int] = np.flatnonzero(inside.all(axis=1)).tolist()
        return found

    def read_into(self, step: int, start_tczyx: ShapeTczyx, out_czyx: Pixels) -> None:
        """Fill an array with the window of a level that starts at a pixel."""
        out_czyx[...] = 0
        start_yx = start_tczyx[3:]
        stop_yx = [start + size for start, size in zip(start_yx, out_czyx.shape[2:], strict=True)]
        found = self.find_fields(step, start_yx, stop_yx)
        n_parts = min(N_THREADS, len(found) // MIN_FIELDS_PER_THREAD) if self._is_large(found, step) else 1

        def read(numbers: list[int]) -> None:
            for number in numbers:
                self._read_field(number, step, start_tczyx, out_czyx)

        if n_parts <= 1:
            read(found)
        else:
            for done in [self._pool.submit(read, found[i::n_parts]) for i in range(n_parts)]:
                done.result()

    def read_channel(self, step: int, start_tczyx: ShapeTczyx, out_yx: Pixels) -> None:
        """Fill an array with the window of one channel and plane of a level."""
        t, c, z, y, x = start_tczyx
        n_joint = self.n_joint_channels
        joint = np.empty((n_joint, 1, *out_yx.shape), self.dtype)
        self.read_into(step, (t, c - c % n_joint, z, y, x), joint)
        out_yx[...] = joint[c % n_joint, 0]

    def close(self) -> None:
        """Close what is open; nothing is read afterwards."""
        self._pool.shutdown(wait=False)
        self._open.close()

    def _is_large(self, found: Sequence[int], step: int) -> bool:
        """Whether much is read of each field: its own level of this size, or the finer one that it is made of."""
        if not found:
            return False
        levels = self._fields[found[0]].kind.levels
        _, shape = levels[max(one for one in levels if one <= step)]
        return math.prod(shape[3:]) * self.dtype.itemsize * self.n_joint_channels >= MIN_BYTES_PER_FIELD

    def _find_joint_channels(self) -> int:
        """As many as the first field has, where that divides the channels of all."""
        try:
            with self._open.lend(0, 0) as source:
                n_joint = source.n_joint_channels
        except _UNREADABLE:
            return 1
        return n_joint if self.geometry.shape_tczyx[1] % n_joint == 0 else 1

    def _read_field(self, number: int, step: int, start_tczyx: ShapeTczyx, out_czyx: Pixels) -> None:
        """Copy what a field has in the window."""
        field = self._fields[number]
        n_t, n_c, n_z, *size_yx = field.kind.shape_tczyx
        t, c, z, *start_yx = start_tczyx
        n_channels, depth, *window_yx = out_czyx.shape
        first, inside = [], []
        for corner, size, start, window in zip(field.corner_yx, size_yx, start_yx, window_yx, strict=True):
            begin = max(corner // step, start)
            end = min(corner // step - size // -step, start + window)
            first.append(begin - corner // step)
            inside.append(slice(begin - start, end - start))
        target = out_czyx[: max(min(n_channels, n_c - c), 0), : max(min(depth, n_z - z), 0), inside[0], inside[1]]
        if t >= n_t or 0 in target.shape:
            return
        try:
            self._fill(number, step, (t, c, z, first[0], first[1]), target)
        except _UNREADABLE as err:
            target[...] = 0
            self._tell(number, field, err)

    def _fill(self, number: int, step: int, start: ShapeTczyx, target: Pixels) -> None:
        """Fill an array with a window of a field at a step: from its own level, else from its next finer one."""
        stored = self._fields[number].kind.levels.get(step)
        if stored is not None:
            try:
                self._read_stored(number, *stored, start, target)
            except _UNREADABLE:
                if step == 1:
                    raise
            else:
                return
        self._shrink(number, step, start, target)

    def _read_stored(self, number: int, level: int, shape: ShapeTczyx, start: ShapeTczyx, target: Pixels) -> None:
        with self._open.lend(number, level) as source:
            sizes = zip(start[3:], target.shape[2:], shape[3:], strict=True)
            is_whole = all(at + size <= whole for at, size, whole in sizes)
            if is_whole and source.n_joint_channels == len(target) and source.dtype == self.dtype:
                source.read_into(start, target)
            else:
                _read_apart(source, start, target)

    def _shrink(self, number: int, step: int, start: ShapeTczyx, target: Pixels) -> None:
        """Make a window of the one that is twice as large."""
        t, c, z, y, x = start
        n_channels, depth, height, width = target.shape
        finer_yx = [-(-size // (step // 2)) for size in self._fields[number].kind.shape_tczyx[3:]]
        rows, columns = min(2 * height, finer_yx[0] - 2 * y), min(2 * width, finer_yx[1] - 2 * x)
        block = np.zeros((n_channels, depth, 2 * height, 2 * width), self.dtype)
        self._fill(number, step // 2, (t, c, z, 2 * y, 2 * x), block[:, :, :rows, :columns])
        factor = (1, 2, 2)
        repeat_edge(block, (depth, rows, columns), factor)
        made = np.empty(target.shape, self.dtype)
        shrink_into(self._method, block, factor, made, start_zyx=(0, 0, 0), size_zyx=(depth, height, width))
        target[...] = made

    def _tell(self, number: int, field: PlacedField, err: Exception) -> None:
        if number not in self._told:
            self._told.add(number)
            _log.warning("the field %s is left out of the mosaic: %s", field.path, err)


class MosaicLevel:
    """One level; a ``PixelSource``.

    Args:
        mosaic: All levels.
        step: Pixels of the finest level per pixel of this one, along y and x.
    """

    def __init__(self, mosaic: Mosaic, step: int) -> None:
        t, c, z, height, width = mosaic.geometry.shape_tczyx
        self._mosaic = mosaic
        self._step = step
        self.shape_tczyx: ShapeTczyx = (t, c, z, height // step, width // step)
        self.dtype: np.dtype[Any] = mosaic.dtype
        self.n_joint_channels = mosaic.n_joint_channels
        self.chunk_shape_tczyx: ShapeTczyx = (1, self.n_joint_channels, 1, 1, 1)

    def read_into(self, start_tczyx: ShapeTczyx, out_czyx: Pixels) -> None:
        """Fill an array with the window that starts at a pixel."""
        self._mosaic.read_into(self._step, start_tczyx, out_czyx)

    def close(self) -> None:
        """Close what is open of all levels; nothing is read afterwards."""
        self._mosaic.close()


def _read_apart(source: PixelSource, start: ShapeTczyx, target: Pixels) -> None:
    """Fill an array whose type, channels or size are not those of the source; its last pixels are repeated."""
    t, c, z, y, x = start
    n_joint, (height, width) = source.n_joint_channels, source.shape_tczyx[3:]
    if not np.can_cast(source.dtype, target.dtype):
        raise UnsupportedError(
            "field-type",
            f"Its pixels are {source.dtype.name}, which {target.dtype.name} cannot hold like those of other fields.",
        )
    rows = np.minimum(np.arange(y, y + target.shape[2]), height - 1)
    columns = np.minimum(np.arange(x, x + target.shape[3]), width - 1)
    part = np.empty((n_joint, target.shape[1], rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1), source.dtype)
    for first in range(c // n_joint * n_joint, c + len(target), n_joint):
        source.read_into((t, first, z, int(rows[0]), int(columns[0])), part)
        for channel in range(max(first, c), min(first + n_joint, c + len(target))):
            target[channel - c] = part[channel - first][:, rows - rows[0]][:, :, columns - columns[0]]
