"""Points from a source, all of them once: measured on the way, and kept in memory, or in a file when they are many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from vitrina.convert.points.categories import Categories, is_categorical
from vitrina.convert.points.memory import MEMORY_BYTES
from vitrina.errors import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from vitrina.model.content import ExtentXY

_COORDINATES = (pa.int32(), pa.int64(), pa.float32(), pa.float64())
"""Types of coordinates that SpatialData allows. Source: spatialdata ``models/models.py``, ``PointsModel.validate``."""


class Spool:
    """Points with one type per column: coordinates as numbers, categories as codes.

    Args:
        axes: Columns that hold x, y and maybe z in the source.
        names: What those columns are called from here on.
        feature_key: Column whose values become categories.
        folder: Where a file may be made.
        memory_bytes: See ``MEMORY_BYTES``.

    Attributes:
        n_points: How many there are.
        n_not_finite: How many of them have no place.
        extent_xy: Of those that have one; None when there is none.
        categories: Of the columns that are categories, by name.
    """

    def __init__(
        self,
        axes: tuple[str, ...],
        names: tuple[str, ...],
        feature_key: str | None,
        folder: Path,
        memory_bytes: int = MEMORY_BYTES,
    ) -> None:
        self._renamed = dict(zip(axes, names, strict=True))
        self._axes = names
        self._feature_key = feature_key
        self._path = folder / "points.arrow"
        self._memory_bytes = memory_bytes
        self._kept: list[pa.RecordBatch] = []
        self._writer: Any = None
        self._schema: pa.Schema | None = None
        self.n_points = 0
        self.n_bytes = 0
        self.n_not_finite = 0
        self.extent_xy: ExtentXY | None = None
        self.categories: dict[str, Categories] = {}

    def fill(self, batches: Iterable[pa.RecordBatch]) -> None:
        """Take all points.

        Raises:
            UnreadableError: Batches differ in their columns, or coordinates are no numbers.
        """
        try:
            for batch in batches:
                if batch.num_rows:
                    self._add(self._convert(batch))
        finally:
            if self._writer is not None:
                self._writer.close()

    def iterate(self) -> Iterator[pa.RecordBatch]:
        """All points, as often as wanted."""
        if self._writer is None:
            yield from self._kept
            return
        with pa.OSFile(str(self._path)) as file:  # mapped, the whole file would count as memory of this process
            reader = pa.ipc.open_file(file)
            for number in range(reader.num_record_batches):
                yield reader.get_batch(number)

    @property
    def is_in_memory(self) -> bool:
        """Whether no file was needed."""
        return self._writer is None

    def close(self) -> None:
        """Remove the file."""
        self._kept.clear()
        self._path.unlink(missing_ok=True)

    def _convert(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        columns, names = [], []
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            own = self._renamed.get(name, name)
            names.append(own)
            if own in self._axes:
                columns.append(_to_coordinates(column, own))
            elif name == self._feature_key or is_categorical(column.type):
                codes = self.categories.setdefault(own, Categories()).encode(column)
                columns.append(pa.array(codes))
            else:
                columns.append(column)
        converted = pa.RecordBatch.from_arrays(columns, names)
        if self._schema is None:
            self._schema = converted.schema
        if converted.schema == self._schema:
            return converted
        try:
            return pa.RecordBatch.from_arrays(
                [converted.column(field.name).cast(field.type) for field in self._schema], schema=self._schema
            )
        except (KeyError, pa.ArrowException) as err:
            raise UnreadableError(
                "points-differ", f"The points do not have the same columns throughout: {err}."
            ) from err

    def _add(self, batch: pa.RecordBatch) -> None:
        self._measure(batch)
        self.n_points += batch.num_rows
        self.n_bytes += batch.nbytes
        if self._writer is None and self.n_bytes > self._memory_bytes:
            self._writer = pa.ipc.new_file(str(self._path), batch.schema)
            for kept in self._kept:
                self._writer.write_batch(kept)
            self._kept.clear()
        if self._writer is None:
            self._kept.append(batch)
        else:
            self._writer.write_batch(batch)

    def _measure(self, batch: pa.RecordBatch) -> None:
        x, y = get_xy(batch, self._axes)
        finite = np.isfinite(x) & np.isfinite(y)
        self.n_not_finite += int((~finite).sum())
        if not finite.any():
            return
        x, y = x[finite], y[finite]
        own = float(x.min()), float(y.min()), float(x.max()), float(y.max())
        old = self.extent_xy or own
        self.extent_xy = min(old[0], own[0]), min(old[1], own[1]), max(old[2], own[2]), max(old[3], own[3])


def get_xy(batch: pa.RecordBatch, axes: tuple[str, ...]) -> tuple[Any, Any]:
    """Both coordinates of points, NaN where there is none."""
    x, y = (batch.column(name).to_numpy(zero_copy_only=False).astype(np.float64, copy=False) for name in axes[:2])
    return x, y


def _to_coordinates(column: pa.Array, name: str) -> pa.Array:
    if column.type in _COORDINATES and not (column.null_count and pa.types.is_integer(column.type)):
        return column
    try:
        return column.cast(pa.float64())
    except pa.ArrowException as err:
        raise UnreadableError(
            "coordinates-malformed", f"The column {name!r} of the points holds no coordinates: {err}."
        ) from err
