"""Points in numbers that a browser draws at once: an even sample of those of which there are more."""

from __future__ import annotations

import threading
from io import BytesIO
from typing import TYPE_CHECKING

from vitrina.errors import UnreadableError
from vitrina.model.content import PointsElement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import pyarrow as pa
    import pyarrow.parquet as pq

    from vitrina.model.content import Content

MAX_DRAWN_POINTS = 200_000
"""The viewer redraws every point at each step of the mouse; on a laptop's processor 200,000 stay smooth."""

FOLDER = "points.parquet"
"""Where SpatialData keeps the parts of points, below their group. Source: spatialdata ``_io/io_points.py``."""


def find_sampled(content: Content) -> dict[str, PointsElement]:
    """The points of a SpatialData object, by path, of which viewers get a sample."""
    return {
        element.path: element
        for element in content.elements
        if isinstance(element, PointsElement) and (element.n_points or 0) > MAX_DRAWN_POINTS
    }


class PointSamples:
    """Stands in for the Parquet files of points that are too many; made on first use, then kept.

    Args:
        sampled: Points by path, see ``find_sampled``.
        read: Gives a stored value by key, None when there is none.
    """

    def __init__(self, sampled: Mapping[str, PointsElement], read: Callable[[str], bytes | None]) -> None:
        self._sampled = sampled
        self._read = read
        self._made: dict[str, bytes | None] = {}
        self._lock = threading.Lock()

    def covers(self, key: str) -> bool:
        """Whether the key names points that are sampled, so that the stored value must not be served."""
        group, separator, _ = key.partition(f"/{FOLDER}")
        return bool(separator) and group in self._sampled

    def read(self, key: str) -> bytes | None:
        """The sample as one Parquet file, the first part; there are no others.

        Raises:
            UnreadableError: The stored points are damaged.
        """
        group, _, part = key.partition(f"/{FOLDER}")
        if part != "/part.0.parquet":
            return None
        with self._lock:
            if group not in self._made:
                self._made[group] = self._make(self._sampled[group])
            return self._made[group]

    def _make(self, element: PointsElement) -> bytes | None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        step = -(-(element.n_points or 1) // MAX_DRAWN_POINTS)
        try:
            pieces = [piece for file in self._open_parts(element.path) for piece in take_every(file, step)]
            if not pieces:
                return None
            sample = BytesIO()
            pq.write_table(pa.concat_tables(pieces), sample, compression="zstd")
        except (pa.ArrowException, OSError) as err:
            raise UnreadableError(
                "parquet-damaged", f"The points {element.path} cannot be read: {err}.", where=element.path
            ) from err
        return sample.getvalue()

    def _open_parts(self, path: str) -> Iterator[pq.ParquetFile]:
        import pyarrow.parquet as pq

        whole = self._read(f"{path}/{FOLDER}")
        if whole is not None:
            yield pq.ParquetFile(BytesIO(whole))
            return
        number = 0
        while (part := self._read(f"{path}/{FOLDER}/part.{number}.parquet")) is not None:
            yield pq.ParquetFile(BytesIO(part))
            number += 1


def take_every(file: pq.ParquetFile, step: int) -> Iterator[pa.Table]:
    """Every ``step``-th row of a file, one row group in memory at a time."""
    import numpy as np

    offset = 0
    for index in range(file.metadata.num_row_groups):
        n_rows = file.metadata.row_group(index).num_rows
        rows = np.arange(-offset % step, n_rows, step)
        offset += n_rows
        if rows.size:
            yield file.read_row_group(index).take(rows)
