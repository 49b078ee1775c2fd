"""What the columns of a table with one row per cell hold, judged by their names and types alone.

The rules, in this order; ``docs/reference/cell-tables.md`` tells users of them:

0. A table whose first column is called ``gene`` or the like and holds text, and that has only numbers else, has genes
   in its rows and cells in its columns.
1. One column names the cells: the first that is called as in ``ID_NAMES``.
2. Two columns hold positions: as ``positions`` knows them.
3. Columns that are not numbers annotate cells.
4. Columns with a name of bookkeeping or of shape annotate cells: ``BOOKKEEPING``, ``SHAPE``, or a prefix that
   CellProfiler gives them.
5. All other numbers are measurements.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitrina.readers.positions import find_position_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitrina.model.content import Column

ID_NAMES = (
    "cell_id", "cellid", "cell", "entityid", "entity_id", "object_id", "objectid", "objectnumber", "object_number",
    "instance_id", "label", "label_id", "nucleus_id", "barcode", "id", "index", "unnamed:_0", "__index_level_0__",
)  # fmt: skip
"""Of columns that name cells, most telling first."""

BOOKKEEPING = frozenset({
    "fov", "image", "image_id", "imageid", "imagenumber", "image_number", "sample", "sample_id", "slide", "region",
    "batch", "well", "field", "tile", "z", "t", "frame", "timepoint", "x", "y", "row", "column", "in_tissue",
    "array_row", "array_col", "transcript_counts", "transcript_count", "control_probe_counts",
    "control_codeword_counts",
    "total_counts", "n_counts", "n_genes", "cluster", "leiden", "louvain", "cell_type", "parent", "parent_id", "track",
    "track_id",
})  # fmt: skip
"""Of columns that say where a cell comes from or what it was counted as."""

SHAPE = frozenset({
    "area", "cell_area", "nucleus_area", "volume", "perimeter", "circularity", "roundness", "solidity", "extent",
    "eccentricity", "orientation", "aspect_ratio", "aspectratio", "anisotropy", "majoraxislength", "minoraxislength",
    "major_axis_length", "minor_axis_length", "equivalent_diameter", "equivalentdiameter", "convexarea", "convex_area",
    "filledarea", "filled_area", "eulernumber", "euler_number", "perimeter_area_ratio", "compactness", "width",
    "height",
    "min_x", "max_x", "min_y", "max_y", "xmin", "xmax", "ymin", "ymax", "min_z", "max_z", "elongation", "form_factor",
    "feret_diameter_max", "max_feret_diameter", "min_feret_diameter",
})  # fmt: skip
"""Of columns about the outline of a cell, as scikit-image, MCMICRO, MERSCOPE and CosMx call them."""

_PREFIXES = (
    "areashape_", "location_", "number_", "neighbors_", "parent_", "children_", "metadata_", "filename_", "pathname_",
    "bbox", "centroid", "center_", "centerx", "centery", "x_", "y_", "z_", "pxl_", "unnamed:_",
)  # fmt: skip
"""Of columns that annotate. Source: https://cellprofiler-manual.s3.amazonaws.com/CellProfiler-4.2.6/help/output_measurements.html"""

_FEATURES = frozenset({"gene", "target", "feature_name", "feature", "gene_name", "target_name"})

_NUMBER = re.compile(r"(u?int|float)\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class CellColumns:
    """What each column of a table was taken for.

    Attributes:
        instances: Names the cells; None where no column does.
        positions: Hold x and y.
        measurements: Go to ``X``.
        annotations: Go to ``obs``, with the others that are not measurements.
    """

    instances: str | None
    positions: tuple[str, str] | None
    measurements: tuple[str, ...]
    annotations: tuple[str, ...]

    @property
    def is_about_cells(self) -> bool:
        """Whether the table is likely one of cells: they have positions, or names and measurements."""
        return self.positions is not None or (bool(self.measurements) and self.instances is not None)


def judge_columns(columns: Sequence[Column]) -> CellColumns:
    """What the columns hold."""
    by_name = {_normalise(column.name): column for column in reversed(columns)}
    named = next((by_name[name] for name in ID_NAMES if name in by_name), None)
    instances = named.name if named is not None and not named.dtype.startswith("float") else None
    positions = find_position_columns(columns)
    measurements = tuple(
        column.name
        for column in columns
        if column.name != instances and column.name not in (positions or ()) and _is_measurement(column)
    )
    return CellColumns(
        instances=instances,
        positions=positions,
        measurements=measurements,
        annotations=tuple(column.name for column in columns if column.name not in measurements),
    )


def is_of_molecules(columns: Sequence[Column]) -> bool:
    """Whether each row is likely a molecule: a gene at a position."""
    has_gene = any(_normalise(column.name) in _FEATURES and not _NUMBER.fullmatch(column.dtype) for column in columns)
    return has_gene and find_position_columns(columns) is not None


def is_of_genes(columns: Sequence[Column]) -> bool:
    """Whether each row is likely a gene, and each column but the first a cell."""
    first, *others = columns
    is_named = _normalise(first.name) in _FEATURES and not _NUMBER.fullmatch(first.dtype)
    return is_named and bool(others) and all(_NUMBER.fullmatch(column.dtype) for column in others)


def _is_measurement(column: Column) -> bool:
    name = _normalise(column.name)
    if not _NUMBER.fullmatch(column.dtype) or name in BOOKKEEPING or name in SHAPE or name in ID_NAMES:
        return False
    return not name.startswith(_PREFIXES)


def _normalise(name: str) -> str:
    return re.sub(r"[.\s-]+", "_", name.strip().lower())
