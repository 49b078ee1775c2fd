"""Which columns hold positions, and which column groups observations, judged by their names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitrina.model.content import Column, Embedding

POSITION_PAIRS = (
    ("x_centroid", "y_centroid"),
    ("centroid_x", "centroid_y"),
    ("x_position", "y_position"),
    ("position_x", "position_y"),
    ("center_x", "center_y"),
    ("centerx_global_px", "centery_global_px"),
    ("centerx_local_px", "centery_local_px"),
    ("x_location", "y_location"),
    ("global_x", "global_y"),
    ("x_global_px", "y_global_px"),
    ("spatial_x", "spatial_y"),
    ("spatial_1", "spatial_2"),
    ("pxl_col_in_fullres", "pxl_row_in_fullres"),
    ("imagecol", "imagerow"),
    ("sdimx", "sdimy"),
    ("x_coord", "y_coord"),
    ("xcoord", "ycoord"),
    ("location_center_x", "location_center_y"),
    ("areashape_center_x", "areashape_center_y"),
    ("centroid_x_µm", "centroid_y_µm"),
    ("centroid_x_px", "centroid_y_px"),
    ("x_um", "y_um"),
    ("x_px", "y_px"),
    ("pos_x", "pos_y"),
    ("x", "y"),
    ("array_col", "array_row"),
)
"""Names of x and y, most telling first.

As MCMICRO, Xenium, scimap, MERSCOPE, CosMx, Space Ranger, Giotto, CellProfiler and QuPath have them.
"""

SPATIAL_EMBEDDINGS = ("spatial", "x_spatial")
"""``obsm`` entries that hold positions in space, as Squidpy and Vitessce name them."""

EMBEDDINGS = ("x_umap", "x_tsne", "x_draw_graph_fa", "x_phate", "x_scvi", "x_pca")
"""``obsm`` entries to draw when nothing lies in space, most telling first."""

GROUP_NAMES = (
    "cell_type", "celltype", "cell_types", "phenotype", "annotation", "bulk_labels", "leiden", "louvain", "cluster",
    "clusters", "region",
)  # fmt: skip
"""Columns by which observations are coloured, most telling first."""

MIN_GROUPS, MAX_GROUPS = 2, 50

_NUMBER = re.compile(r"(u?int|float)\d+")


def find_position_columns(columns: Sequence[Column]) -> tuple[str, str] | None:
    """The columns that hold x and y, None when no known pair of numeric columns is there; case does not matter."""
    known = {_normalise(column.name): column.name for column in columns if _NUMBER.fullmatch(column.dtype)}
    for x, y in POSITION_PAIRS:
        if x in known and y in known:
            return known[x], known[y]
    return None


def find_spatial_embedding(embeddings: Sequence[Embedding]) -> str | None:
    """The ``obsm`` entry that holds positions in space, None when there is none."""
    return _find_first(SPATIAL_EMBEDDINGS, embeddings)


def find_plottable_embedding(embeddings: Sequence[Embedding]) -> str | None:
    """The most telling ``obsm`` entry of two or more dimensions, None when there is none."""
    known = _find_first(EMBEDDINGS, embeddings)
    return known or next((embedding.name for embedding in embeddings if embedding.n_dims >= 2), None)


def find_group_column(columns: Sequence[Column]) -> str | None:
    """The categorical column by which to colour, None when none has a number of groups that can be told apart."""
    fitting = [column.name for column in columns if MIN_GROUPS <= (column.n_categories or 0) <= MAX_GROUPS]
    return next(iter(_sort_by_telling(fitting)), None)


def list_group_candidates(columns: Sequence[Column]) -> list[str]:
    """The text columns of a plain table by which to colour, most telling first, at most three."""
    return _sort_by_telling([column.name for column in columns if column.dtype in {"string", "category"}])[:3]


def _sort_by_telling(names: list[str]) -> list[str]:
    """Known names first, in the order of ``GROUP_NAMES``; the others as they come."""
    ranks = {name: rank for rank, name in enumerate(GROUP_NAMES)}
    return sorted(names, key=lambda name: ranks.get(_normalise(name), len(ranks)))


def _find_first(names: Sequence[str], embeddings: Sequence[Embedding]) -> str | None:
    by_name = {embedding.name.lower(): embedding.name for embedding in embeddings if embedding.n_dims >= 2}
    return next((by_name[name] for name in names if name in by_name), None)


def _normalise(name: str) -> str:
    return re.sub(r"[.\s-]+", "_", name.strip().lower())
