"""The table element of an AnnData hierarchy, and a scatter preview of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError
from vitrina.model.content import TableElement
from vitrina.readers.anndata_group import (
    MAX_VAR_NAMES,
    Frame,
    find_node,
    list_names,
    read_embedding,
    read_embeddings,
    read_matrix,
    read_scalar,
)
from vitrina.readers.positions import (
    find_group_column,
    find_plottable_embedding,
    find_position_columns,
    find_spatial_embedding,
)
from vitrina.readers.scatter import build_scatter_preview, measure_extent

if TYPE_CHECKING:
    from vitrina.model.content import ExtentXY
    from vitrina.readers.anndata_group import Node
    from vitrina.readers.reader import ScatterPreview

MAX_PLACED_ROWS = 50_000_000
"""Positions of more are not read: a file of a few kilobytes can state any number."""


def read_table_element(group: Node, *, name: str, path: str) -> TableElement:
    """Describe an AnnData hierarchy, without its values but for the extent of its positions.

    Raises:
        UnreadableError: ``obs`` or ``var`` is missing, or the sizes disagree.
    """
    uns = find_node(group, "uns")
    obs, var = _get_frame(group, "obs", uns, path), _get_frame(group, "var", uns, path)
    matrix, shape = read_matrix(group)
    n_obs, n_vars = obs.n_rows, var.n_rows
    if shape is not None and shape != (n_obs, n_vars):
        raise UnreadableError(
            "anndata-shape",
            f"X has {shape[0]} x {shape[1]} values, but obs has {n_obs} rows and var has {n_vars}.",
            where=path or None,
        )
    obs_columns = obs.read_columns()
    embeddings = read_embeddings(find_node(group, "obsm"))
    spatial = find_spatial_embedding(embeddings)
    positions = None if spatial is not None else find_position_columns(obs_columns)
    return TableElement(
        name=name,
        path=path,
        n_obs=n_obs,
        n_vars=n_vars,
        matrix=matrix,
        obs_columns=obs_columns,
        var_columns=var.read_columns(),
        var_names=tuple(var.read_index(MAX_VAR_NAMES)),
        layers=tuple(list_names(find_node(group, "layers"))),
        embeddings=embeddings,
        position_columns=positions,
        extent_xy=_measure(group, obs, spatial, positions),
    )


def read_table_preview(group: Node, table: TableElement) -> ScatterPreview | None:
    """Positions in space, else an embedding, in the colours of the most telling column; None when there is neither."""
    obs = _get_frame(group, "obs", find_node(group, "uns"), table.path)
    spatial = find_spatial_embedding(table.embeddings)
    is_spatial = spatial is not None or table.position_columns is not None
    embedding = spatial if is_spatial else find_plottable_embedding(table.embeddings)
    points = _read_points(group, obs, embedding, table.position_columns)
    if points is None:
        return None
    column = find_group_column(table.obs_columns)
    return build_scatter_preview(points, None if column is None else obs.read_codes(column), is_spatial=is_spatial)


def is_simulated(group: Node) -> bool:
    """Whether ``uns`` says that the data is simulated."""
    return bool(read_scalar(find_node(group, "uns", "vitrina", "simulated")))


def _get_frame(group: Node, name: str, uns: Node | None, path: str) -> Frame:
    node = find_node(group, name)
    if node is None:
        raise UnreadableError(
            "anndata-incomplete",
            f"The AnnData hierarchy{f' at {path!r}' if path else ''} has no {name}, which every AnnData has.",
            where=path or None,
        )
    return Frame(node, uns)


def _measure(group: Node, obs: Frame, spatial: str | None, columns: tuple[str, str] | None) -> ExtentXY | None:
    points = _read_points(group, obs, spatial, columns)
    return None if points is None else measure_extent(points)


def _read_points(group: Node, obs: Frame, embedding: str | None, columns: tuple[str, str] | None) -> Any:
    """Rows x 2 or more of an embedding, else of two columns; None when there is neither, or there are too many."""
    import numpy as np

    if obs.n_rows > MAX_PLACED_ROWS:
        return None
    obsm = find_node(group, "obsm")
    if embedding is not None and obsm is not None:
        return read_embedding(obsm, embedding)
    if columns is None:
        return None
    return np.stack([np.asarray(obs.read_values(column), dtype=np.float64) for column in columns], axis=1)
