"""Tables out of files that know nothing of AnnData: their description, and names that are unique."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.model.content import Column, Embedding, TableElement
from vitrina.readers.anndata_group import MAX_CATEGORIES, MAX_VAR_NAMES, name_dtype
from vitrina.readers.positions import find_position_columns, find_spatial_embedding
from vitrina.readers.scatter import measure_extent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from vitrina.model.content import Matrix


def describe_frames(
    obs: pd.DataFrame,
    var: pd.DataFrame,
    *,
    name: str,
    path: str,
    matrix: Matrix | None,
    layers: Sequence[str] = (),
    obsm: Mapping[str, npt.NDArray[np.floating[Any]]] | None = None,
) -> TableElement:
    """The element of a table whose frames are in memory and whose values need not be.

    Args:
        obs: Of the observations.
        var: Of the variables.
        name: Of the element.
        path: Of the element.
        matrix: How the values are stored.
        layers: Names of the layers.
        obsm: Embeddings and positions, one row per observation.
    """
    obs_columns = describe_columns(obs)
    arrays = obsm or {}
    embeddings = tuple(Embedding(name=key, n_dims=int(values.shape[1])) for key, values in arrays.items())
    spatial = find_spatial_embedding(embeddings)
    positions = None if spatial is not None else find_position_columns(obs_columns)
    points = arrays[spatial] if spatial is not None else None
    if positions is not None:
        points = obs[list(positions)].to_numpy(dtype=float)
    return TableElement(
        name=name,
        path=path,
        n_obs=len(obs),
        n_vars=len(var),
        matrix=matrix,
        obs_columns=obs_columns,
        var_columns=describe_columns(var),
        var_names=tuple(str(one) for one in var.index[:MAX_VAR_NAMES]),
        layers=tuple(layers),
        embeddings=embeddings,
        position_columns=positions,
        extent_xy=None if points is None else measure_extent(points),
    )


def describe_columns(frame: pd.DataFrame) -> tuple[Column, ...]:
    """What is known of each column."""
    return tuple(_describe_column(str(name), frame[name]) for name in frame.columns)


def _describe_column(name: str, values: pd.Series[Any]) -> Column:
    import pandas as pd

    if isinstance(values.dtype, pd.CategoricalDtype):
        categories = values.cat.categories
        first = tuple(str(one) for one in categories[:MAX_CATEGORIES])
        return Column(name=name, dtype="category", n_categories=len(categories), categories=first)
    if pd.api.types.is_string_dtype(values.dtype):
        return Column(name=name, dtype="string")
    return Column(name=name, dtype=name_dtype(getattr(values.dtype, "numpy_dtype", values.dtype)))


def make_names_unique(names: Sequence[str]) -> pd.Index[Any]:
    """Names as anndata makes them unique: ``TBCE``, ``TBCE-1``, ..."""
    import pandas as pd
    from anndata.utils import make_index_unique

    index = pd.Index(list(names), dtype=str)
    return index if index.is_unique else make_index_unique(index)


def find_repeated(names: Sequence[str]) -> int:
    """How many names another has too, not counting the first of each."""
    return len(names) - len(set(names))
