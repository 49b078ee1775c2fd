"""Points as the viewer wants them when they are many: a copy in Morton order with a frame around it.

The viewer asks for what lies in its window, by binary search over the codes in row groups. It finds the rectangle that
the codes divide from the rows with code 0 at the beginning, and stumbles when its window reaches beyond the first or
last code. So the copy begins with rows at the corners of a rectangle that is much larger than the data, and ends with
one of the last code. These rows are no points of the dataset, which is why this is a copy beside the data.

Source: https://vitessce.io/docs/data-troubleshooting/#points
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from vitrina.model.content import ExtentXY

MORTON = "morton_code_2d"
ROWS_PER_GROUP = 50_000
MARGIN = 1024.0
"""Of the frame around the data at least, in the units of the points; more where they cover more."""

LAST_CODE = 2**32 - 1


def build_frame(extent_xy: ExtentXY) -> ExtentXY:
    """The rectangle that codes divide: that of the data with a margin."""
    min_x, min_y, max_x, max_y = extent_xy
    margin = max(MARGIN, 0.5 * max(max_x - min_x, max_y - min_y))
    return min_x - margin, min_y - margin, max_x + margin, max_y + margin


class TileWriter:
    """Writes the copy; a context, complete when it is left without an error.

    All row groups but the last have as many rows: the viewer takes the size of the first for that of all.

    Args:
        folder: ``points.parquet`` of the group.
        feature_key: Name of the column of genes.
        frame_xy: See ``build_frame``.
        no_gene: Code for the rows of the frame.
    """

    def __init__(self, folder: Path, feature_key: str, frame_xy: ExtentXY, no_gene: int) -> None:
        self._frame = frame_xy
        self._no_gene = no_gene
        folder.mkdir(parents=True)
        types = {"x": pa.float32(), "y": pa.float32(), f"{feature_key}_codes": pa.int32(), MORTON: pa.uint32()}
        # plain and never null: browsers then read typed arrays, for which they need no code that is made on the fly
        self._schema = pa.schema([pa.field(name, type_, nullable=False) for name, type_ in types.items()])
        options: dict[str, Any] = {"compression": "zstd", "use_dictionary": False}
        self._edge = pq.ParquetWriter(folder / "part.0.parquet", self._schema, **options)
        self._body = pq.ParquetWriter(folder / "part.1.parquet", self._schema, **options)
        self._pending = self._schema.empty_table()

    def __enter__(self) -> Self:
        min_x, min_y, max_x, max_y = self._frame
        self._edge.write_table(self._build([min_x, max_x], [min_y, max_y], [self._no_gene] * 2, [0, 0]))
        self._add(self._build([min_x], [min_y], [self._no_gene], [1]))
        return self

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        if failed is None:
            max_x, max_y = self._frame[2:]
            self._add(self._build([max_x], [max_y], [self._no_gene], [LAST_CODE]))
            if self._pending.num_rows:
                self._body.write_table(self._pending)
        self._edge.close()
        self._body.close()

    def write(
        self, x: npt.NDArray[Any], y: npt.NDArray[Any], genes: npt.NDArray[Any], codes: npt.NDArray[np.uint32]
    ) -> None:
        """Write points that come after all before; those without a place are left out."""
        kept = np.isfinite(x) & np.isfinite(y)
        self._add(self._build(x[kept], y[kept], genes[kept], np.clip(codes[kept], 1, LAST_CODE)))

    def _add(self, rows: pa.Table) -> None:
        pending = pa.concat_tables([self._pending, rows])
        n_full = pending.num_rows // ROWS_PER_GROUP * ROWS_PER_GROUP
        if n_full:
            self._body.write_table(pending.slice(0, n_full), row_group_size=ROWS_PER_GROUP)
        self._pending = pending.slice(n_full).combine_chunks()

    def _build(self, x: Any, y: Any, genes: Any, codes: Any) -> pa.Table:
        values = (np.asarray(x, "f4"), np.asarray(y, "f4"), np.asarray(genes, "i4"), np.asarray(codes, "u4"))
        return pa.table([pa.array(one) for one in values], schema=self._schema)
