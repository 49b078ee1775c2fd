"""AnnData to Zarr made for the web: one small request shows a variable, and columns are of types that browsers read.

Source: https://anndata.readthedocs.io/en/stable/fileformat-prose.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from vitrina.convert.anndata.frame import choose_chunks, write_column, write_frame
from vitrina.convert.anndata.matrix import Parent, tell_rounded, write_matrix
from vitrina.convert.anndata.survey import Survey, choose_dtype
from vitrina.convert.anndata.unstructured import write_mapping
from vitrina.model.finding import Finding
from vitrina.readers.frames import describe_columns
from vitrina.readers.positions import SPATIAL_EMBEDDINGS, find_position_columns
from vitrina.readers.quiet import without_format_warnings
from vitrina.readers.zarr_names import make_names_safe, tell_renamed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from anndata import AnnData

    from vitrina.convert.anndata.options import AnnDataOptions

    type Progress = Callable[[int, int], None]

DICT = {"encoding-type": "dict", "encoding-version": "0.1.0"}


def write_anndata_zarr(
    adata: AnnData, root: Path, options: AnnDataOptions, *, progress: Progress | None = None
) -> tuple[Finding, ...]:
    """Write AnnData as a hierarchy of its own, with consolidated metadata. The object is not changed.

    Args:
        adata: In memory, or backed and larger than memory.
        root: Folder that is made.
        options: How.
        progress: Called with variables done and variables in all.

    Returns:
        What was changed or lost.

    Raises:
        UnsupportedError: It holds something that cannot be written.
        UnreadableError: What backs it is damaged.
    """
    findings = write_anndata_group(adata, root, options, progress=progress)
    consolidate(root, options)
    return findings


def consolidate(root: Path, options: AnnDataOptions) -> None:
    """Put the metadata of the whole hierarchy into one document."""
    import zarr

    with without_format_warnings():  # consolidated metadata is no part of Zarr 3 yet, but all read it
        zarr.consolidate_metadata(root, zarr_format=options.zarr_format)


def write_anndata_group(
    adata: AnnData, folder: Path, options: AnnDataOptions, *, path: str = "", progress: Progress | None = None
) -> tuple[Finding, ...]:
    """Write AnnData as a group of a hierarchy, whose consolidated metadata the caller writes at the end.

    Args:
        adata: In memory, or backed and larger than memory.
        folder: Of the group; made, and empty if it is there.
        options: How.
        path: Of the group in the hierarchy, for findings.
        progress: Called with variables done and variables in all.

    Returns:
        What was changed or lost.

    Raises:
        UnsupportedError: It holds something that cannot be written.
        UnreadableError: What backs it is damaged.
    """
    import zarr

    with without_format_warnings():
        group = zarr.open_group(folder, mode="w", zarr_format=options.zarr_format)
        return tuple(write_parts(adata, Parent(group=group, folder=folder, path=path), options, progress))


def write_parts(
    adata: AnnData, parent: Parent, options: AnnDataOptions, progress: Progress | None
) -> Iterator[Finding]:
    """All of AnnData.

    Args:
        adata: In memory, or backed and larger than memory.
        parent: The group that it becomes.
        options: How.
        progress: Called with variables done and variables in all.
    """
    yield from write_annotations(adata, parent, adds_positions=options.adds_positions)
    yield from _write_matrices(adata, parent, options, progress)
    parent.group.attrs.update({"encoding-type": "anndata", "encoding-version": "0.1.0"})


def write_annotations(table: Any, parent: Parent, *, adds_positions: bool) -> Iterator[Finding]:
    """Everything but the matrices.

    Args:
        table: AnnData, or MuData without its modalities.
        parent: Where it goes.
        adds_positions: Whether columns that hold positions also become ``obsm["spatial"]``.
    """
    group, obs, var = parent.group, get_frame(table.obs), get_frame(table.var)
    yield from write_frame(group, "obs", obs, parent.join("obs"))
    yield from write_frame(group, "var", var, parent.join("var"))
    yield from write_arrays(parent, "obsm", table.obsm, is_narrowed=True)
    positions = find_positions(table.obsm, obs) if adds_positions else None
    if positions is not None:
        yield from _write_positions(group["obsm"], obs, positions, parent.join("obsm"))
    for name in ("varm", "obsp", "varp"):
        yield from write_arrays(parent, name, getattr(table, name), is_narrowed=False)
    yield from write_mapping(group, "uns", table.uns, parent.join("uns"))


def get_frame(frame: Any) -> pd.DataFrame:
    """A frame in memory; a lazy one of anndata is read."""
    return frame if isinstance(frame, pd.DataFrame) else frame.to_memory()


def _write_matrices(
    adata: AnnData, parent: Parent, options: AnnDataOptions, progress: Progress | None
) -> Iterator[Finding]:
    layers = parent.create("layers")
    layers.group.attrs.update(DICT)
    keys: list[Any] = list(adata.layers.keys())
    kept = [key for key in keys if key is not None]  # for recent anndata, the layer without a name is X
    names = make_names_safe(kept)
    yield from tell_renamed(kept, names, layers.path)
    n_all = count_steps(adata)
    if adata.X is not None:
        yield from write_matrix(adata.X, parent, "X", options, shift_progress(progress, 0, n_all))
    for number, (key, name) in enumerate(zip(kept, names, strict=True)):
        n_before = adata.n_vars * (number + 1)
        yield from write_matrix(adata.layers[key], layers, name, options, shift_progress(progress, n_before, n_all))
    if adata.raw is not None:
        yield from _write_raw(adata.raw, parent.create("raw"), options)


def count_steps(adata: AnnData) -> int:
    """Steps of the progress: variables of all matrices."""
    return adata.n_vars * (1 + sum(key is not None for key in adata.layers.keys()))  # noqa: SIM118 a mapping of anndata


def _write_raw(raw: Any, parent: Parent, options: AnnDataOptions) -> Iterator[Finding]:
    yield from write_frame(parent.group, "var", raw.var, parent.join("var"))
    yield from write_arrays(parent, "varm", raw.varm, is_narrowed=False)
    yield from write_matrix(raw.X, parent, "X", options)
    parent.group.attrs.update({"encoding-type": "raw", "encoding-version": "0.1.0"})


def write_arrays(parent: Parent, name: str, arrays: Mapping[str, Any], *, is_narrowed: bool) -> Iterator[Finding]:
    """``obsm`` and its kin.

    Args:
        parent: Where they go.
        name: Of the mapping in the group.
        arrays: The data.
        is_narrowed: Whether decimal numbers become float32.
    """
    from anndata.io import write_elem

    node, path = parent.group.create_group(name), parent.join(name)
    node.attrs.update(DICT)
    keys = list(arrays)
    names = make_names_safe(keys)
    yield from tell_renamed(keys, names, path)
    for key, new in zip(keys, names, strict=True):
        values = arrays[key]
        if isinstance(values, pd.DataFrame):
            yield from write_frame(node, new, values, f"{path}/{new}")
            continue
        if hasattr(values, "dask"):
            values = values.compute()
        if not isinstance(values, np.ndarray):  # sparse
            write_elem(node, new, values)
            continue
        if is_narrowed and values.dtype.kind in "iuf":
            values, findings = _narrow(values, f"{path}/{new}")
            yield from findings
        write_elem(node, new, values, dataset_kwargs={"chunks": choose_chunks(values)})


def _narrow(values: np.ndarray[Any, Any], path: str) -> tuple[np.ndarray[Any, Any], list[Finding]]:
    """Numbers of at most 32 bits, unless those are too small for them."""
    survey = Survey().add(values)
    if values.dtype.kind in "iu":
        return values.astype(choose_dtype(survey)) if values.dtype.itemsize == 8 else values, []
    if values.dtype.itemsize <= 4 or choose_dtype(survey) == np.float64:
        return values.astype(np.float32) if values.dtype.itemsize == 2 else values, []
    findings = [tell_rounded(path, values.dtype.name, "float32", survey.n_inexact)] if survey.n_inexact else []
    return values.astype(np.float32), findings


def find_positions(obsm: Mapping[str, Any], obs: pd.DataFrame) -> tuple[str, str] | None:
    """The columns of ``obs`` that hold positions, None where ``obsm`` has them or there are none."""
    if any(str(name).lower() in SPATIAL_EMBEDDINGS for name in obsm):
        return None
    return find_position_columns(describe_columns(obs))


def _write_positions(obsm: Any, obs: pd.DataFrame, columns: tuple[str, str], path: str) -> Iterator[Finding]:
    positions, findings = _narrow(obs[list(columns)].to_numpy(np.float64, na_value=np.nan), f"{path}/spatial")
    yield from findings
    write_column(obsm, "spatial", positions)
    yield Finding(
        code="positions-guessed",
        severity="info",
        path=f"{path}/spatial#",
        message=f"The columns {columns[0]!r} and {columns[1]!r} of obs were taken for x and y, and written as "
        "obsm['spatial'] too.",
    )


def shift_progress(progress: Progress | None, n_before: int, n_all: int) -> Progress | None:
    """Progress of one of several matrices as progress of all."""
    if progress is None:
        return None
    return lambda n_done, _: progress(n_before + n_done, n_all)
