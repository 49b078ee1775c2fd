"""Points of a text or Parquet file: molecules, in batches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError
from vitrina.model.content import PointsElement
from vitrina.model.finding import Finding
from vitrina.readers.table_text import measure_batches
from vitrina.readers.vendor.part import Described
from vitrina.readers.vendor.text import count_rows, describe_columns, estimate_rows, infer_types, iterate_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from vitrina.model.content import ExtentXY, Placement
    from vitrina.readers.vendor.text import RowFile


@dataclass(frozen=True, slots=True, kw_only=True)
class PointColumns:
    """Which columns of a file are what.

    Attributes:
        coordinates: Columns of x and y.
        feature: Column of the gene, None without one.
        instance: Column of the id of the cell, None without one; it is text, as ids of cells are.
        texts: Further columns that are text whatever they look like, such as ids.
        renamed: New names of columns whose own would be taken for coordinates.
    """

    coordinates: tuple[str, str]
    feature: str | None
    instance: str | None = None
    texts: tuple[str, ...] = ()
    renamed: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PointRows:
    """Molecules in a file.

    Attributes:
        file: Where they are.
        columns: Which columns are what.
        name: Of the element.
        key: Of the element.
        placements: Of the element.
    """

    file: RowFile
    columns: PointColumns
    name: str
    key: str
    placements: tuple[Placement, ...]

    def describe(self) -> Described:
        """The element; the points of a large text file are not counted."""
        types = self._find_types()
        names = self._name_columns()
        n_points = count_rows(self.file)
        extent = self._measure() if self.file.is_small else None
        element = PointsElement(
            name=self.name,
            path=self.key,
            n_points=n_points,
            axes=("x", "y"),
            feature_key=None if self.columns.feature is None else names[self.columns.feature],
            columns=describe_columns(
                {name: kind for name, kind in types.items() if name not in self.columns.coordinates}, names
            ),
            extent_xy=extent,
            instance_key=None if self.columns.instance is None else names[self.columns.instance],
            placements=self.placements,
        )
        counted = [] if n_points is not None else [_tell_uncounted(self.file)]
        return Described(element=element, findings=(*self.file.findings, *counted))

    def iterate(self) -> Iterator[pa.RecordBatch]:
        """Batches with x and y first, then the other columns."""
        import pyarrow as pa

        types = self._find_types()
        names = self._name_columns()
        order = [*self.columns.coordinates, *(name for name in types if name not in self.columns.coordinates)]
        schema = pa.schema([(names[name], types[name]) for name in order])
        for batch in iterate_rows(self.file, order, types):
            yield pa.RecordBatch.from_arrays([batch.column(i) for i in range(len(order))], schema=schema)

    def _find_types(self) -> dict[str, Any]:
        import pyarrow as pa

        forced: dict[str, Any] = dict.fromkeys(self.columns.coordinates, pa.float64())
        if self.columns.feature is not None:
            forced[self.columns.feature] = pa.string()
        if self.columns.instance is not None:
            forced[self.columns.instance] = pa.string()
        return infer_types(self.file, forced | dict.fromkeys(self.columns.texts, pa.string()))

    def _name_columns(self) -> dict[str, str]:
        own = {name: self.columns.renamed.get(name, name) for name in self.file.columns}
        return own | dict(zip(self.columns.coordinates, ("x", "y"), strict=True))

    def _measure(self) -> ExtentXY | None:
        import pyarrow as pa

        types = dict.fromkeys(self.columns.coordinates, pa.float64())
        _, extent = measure_batches(iterate_rows(self.file, self.columns.coordinates, types), self.columns.coordinates)
        return extent


def require_columns(file: RowFile, *choices: tuple[str, ...]) -> tuple[str, ...]:
    """The columns that something is read from, one per choice of names.

    Raises:
        UnreadableError: There is none of a choice; the message names the columns that are there.
    """
    found = [file.find(*names) for names in choices]
    lacking = [" or ".join(names) for names, own in zip(choices, found, strict=True) if own is None]
    if lacking:
        have = ", ".join(file.columns[:12])
        raise UnreadableError(
            "columns-missing",
            f"{file.key} has no column {', '.join(lacking)}; it has {have}{', ...' if len(file.columns) > 12 else ''}.",
            where=str(file.path),
        )
    return tuple(name for name in found if name is not None)


def _tell_uncounted(file: RowFile) -> Finding:
    size_mb = file.path.stat().st_size / 2**20
    return Finding(
        code="points-not-counted",
        severity="info",
        path=f"{file.key}#",
        message=f"{file.key} has {size_mb:,.0f} MB of text, which was not read through: by its first lines it holds "
        f"about {estimate_rows(file):,} points.",
    )
