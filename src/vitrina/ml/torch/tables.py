"""Training on tables alone, without images: batches of cells of many datasets through annbatch.

Source: https://annbatch.readthedocs.io/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import annbatch
import numpy as np

from vitrina.errors import InputError, NotFoundError
from vitrina.ml.cells import TableRows
from vitrina.ml.columns import join_columns
from vitrina.model.content import TableElement
from vitrina.readers.elements import read_table
from vitrina.readers.zarr_tree import find_zarr_tree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anndata import AnnData

    from vitrina.ml.choices import Dataset

DEFAULT_CHUNK_ROWS = 512


def build_table_loader(
    datasets: Sequence[Dataset],
    *,
    columns: Sequence[str] = (),
    table: str | None = None,
    batch_size: int = 1024,
    shuffle: bool = True,
    seed: int = 0,
    chunk_size: int = DEFAULT_CHUNK_ROWS,
    preload_nchunks: int = 32,
    drop_last: bool = False,
    to: str | None = "torch",
) -> annbatch.Loader:
    """A loader over the cells of all datasets: each batch is a dict with ``X``, ``obs`` and ``index``.

    Tables in Zarr whose rows lie together (CSR, or dense) are read from disk as they are needed; others, and those of
    datasets with different genes, are brought into memory with the genes that all have, in the order of the first.

    Args:
        datasets: Each with a table.
        columns: Of ``obs``, that come with each batch; categories of all datasets are joined.
        table: Name of the table; the first of each dataset unless given.
        batch_size: Cells per batch.
        shuffle: Whether the order is random: runs of ``chunk_size`` cells, ``preload_nchunks`` of them mixed.
        seed: Of the random order.
        chunk_size: Cells that are read together.
        preload_nchunks: Runs that are in memory at once.
        drop_last: Leave out the last batch when it is smaller.
        to: ``torch`` for tensors; None for SciPy and NumPy.

    Raises:
        InputError: There are no datasets, or no gene that all of them have.
        NotFoundError: A dataset has no such table or column.
        UnreadableError: The bytes are damaged.
    """
    if not datasets:
        raise InputError("cohort-empty", "There are no datasets to read tables from.", hint="Widen the query.")
    tables = [_open_table(dataset, _choose_table(dataset, table)) for dataset in datasets]
    tables = _unite_genes(tables)
    rows = [
        TableRows(table=own, instances=own.obs_names.to_numpy(), where=dataset.name)
        for own, dataset in zip(tables, datasets, strict=True)
    ]
    _keep_columns(rows, columns)
    loader = annbatch.Loader(
        batch_size=batch_size,
        shuffle=shuffle,
        chunk_size=chunk_size,
        preload_nchunks=preload_nchunks,
        drop_last=drop_last,
        return_index=True,
        to=to,
        rng=np.random.default_rng(seed),
    )
    loader.add_adatas([one.table for one in rows])
    return loader


def _choose_table(dataset: Dataset, name: str | None) -> TableElement:
    tables = [element for element in dataset.content.elements if isinstance(element, TableElement) and element.n_vars]
    chosen = next((element for element in tables if name is None or element.name == name), None)
    if chosen is None:
        raise NotFoundError(
            "table-missing",
            f"{dataset.name} has no table{f' {name!r}' if name else ' with genes'}.",
            where=dataset.name,
        )
    return chosen


def _open_table(dataset: Dataset, element: TableElement) -> AnnData:
    """The table, with its matrix on disk where that can be read row by row."""
    import anndata

    tree = find_zarr_tree(dataset.source) if dataset.content.container in {"zarr2", "zarr3"} else None
    if tree is None or element.matrix is None or element.matrix.encoding == "csc":
        return read_table(dataset.source, dataset.content, element)
    group = tree.open_group(element.path)
    is_sparse = element.matrix.encoding == "csr"
    stored: Any = group["X"]
    matrix: Any = anndata.io.sparse_dataset(stored) if is_sparse else stored
    frames: list[Any] = [anndata.io.read_elem(group[name]) for name in ("obs", "var")]
    obs, var = frames
    return anndata.AnnData(X=matrix, obs=obs, var=var)


def _unite_genes(tables: list[AnnData]) -> list[AnnData]:
    """Tables with the same genes in the same order."""
    from scipy import sparse

    first = tables[0].var_names
    if all(first.equals(table.var_names) for table in tables):
        names = None
    else:
        shared = set.intersection(*(set(table.var_names) for table in tables))
        names = [name for name in first if name in shared]
        if not names:
            raise InputError("genes-differ", "The tables have no gene in common.", where="datasets")
    united = []
    for table in tables:
        matrix: Any = table.X
        is_on_disk = not isinstance(matrix, np.ndarray) and not sparse.issparse(matrix)
        if names is None and is_on_disk:
            united.append(table)
            continue
        own = table.to_memory() if is_on_disk else table
        own = own if names is None else own[:, names]
        united.append(_build_plain(own))
    return united


def _build_plain(table: AnnData) -> AnnData:
    """Matrix, obs and var alone, the matrix row by row."""
    import anndata
    from scipy import sparse

    matrix: Any = table.X
    obs: Any = table.obs
    var: Any = table.var
    rows = sparse.csr_matrix(matrix) if sparse.issparse(matrix) else np.asarray(matrix)
    return anndata.AnnData(X=rows, obs=obs.copy(), var=var[[]].copy())


def _keep_columns(rows: Sequence[TableRows], columns: Sequence[str]) -> None:
    """Leave only the wanted columns of ``obs``, with the categories of all datasets."""
    import pandas as pd

    joined = {}
    for name in columns:
        joined[name] = join_columns([one.read_column(name, np.arange(one.table.n_obs)) for one in rows])
    begin = 0
    for one in rows:
        end = begin + one.table.n_obs
        frame = pd.DataFrame(index=one.table.obs_names)
        for name, column in joined.items():
            values = column.data[begin:end]
            frame[name] = (
                values if column.categories is None else pd.Categorical.from_codes(values, pd.Index(column.categories))
            )
        var: Any = one.table.var
        one.table.obs = frame
        one.table.var = var[[]]
        begin = end
