"""Counts as 10x Genomics writes them: ``filtered_feature_bc_matrix.h5``, ``cell_feature_matrix.h5`` and their kin.

Source: https://www.10xgenomics.com/support/software/cell-ranger/latest/analysis/outputs/cr-outputs-h5-matrices; the
layout of Cell Ranger 2 (one group per genome) is that of scanpy's ``read_10x_h5``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError
from vitrina.model.content import Content, Matrix
from vitrina.model.finding import Finding
from vitrina.readers.anndata_group import to_text
from vitrina.readers.damage import reading
from vitrina.readers.form import HDF5_MAGIC
from vitrina.readers.frames import describe_frames, find_repeated, make_names_unique
from vitrina.readers.hdf5 import find_child, list_children, open_hdf5

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import h5py
    import numpy as np
    import numpy.typing as npt
    import pandas as pd
    from anndata import AnnData

    from vitrina.model.content import TableElement
    from vitrina.readers.reader import Preview
    from vitrina.readers.source import Source

_DAMAGE = "tenx-damaged", "a matrix of 10x Genomics"
_VECTORS = ("barcodes", "data", "indices", "indptr", "shape")
_CURRENT = "matrix"
_RENAMED = {"id": "gene_ids", "feature_type": "feature_types"}
"""Columns get the names that scanpy gives them, which the tools downstream look for."""

MAX_DIMENSION = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heads:
    """What the matrix is about, without its values."""

    barcodes: list[str]
    var: pd.DataFrame
    n_repeated: int


class TenxH5Reader:
    """Reads matrices of 10x Genomics: one table, or one for each genome in files of Cell Ranger 2."""

    format = "10x-h5"

    def detect(self, source: Source) -> bool:
        if not source.head.startswith(HDF5_MAGIC):
            return False
        import h5py

        try:
            with h5py.File(source.path, "r") as file:
                return bool(_list_groups(file))
        except (OSError, RuntimeError, KeyError, ValueError, UnreadableError):
            return False

    def read_content(self, source: Source) -> Content:
        with reading(source, *_DAMAGE), open_hdf5(source.path) as file:
            described = [_describe(file[name], "" if name == _CURRENT else name) for name in _list_groups(file)]
            return Content(
                format=self.format,
                container="hdf5",
                elements=tuple(element for element, _ in described),
                findings=tuple(finding for _, findings in described for finding in findings),
            )

    def read_preview(self, source: Source, content: Content, min_side_px: int) -> Preview | None:  # noqa: ARG002 counts have no positions
        return None

    def read_object(self, source: Source) -> object:
        with reading(source, *_DAMAGE), open_hdf5(source.path) as file:
            names = _list_groups(file)
        return read_tenx_h5(source.path, "" if names == [_CURRENT] else names[0])

    def open_object(self, source: Source) -> object:
        with reading(source, *_DAMAGE):
            return open_hdf5(source.path)

    def read_table(self, source: Source, element: TableElement) -> AnnData:
        with reading(source, *_DAMAGE):
            return read_tenx_h5(source.path, element.path)


def read_tenx_h5(path: Path, genome: str = "") -> AnnData:
    """The counts as barcodes x features, sparse by rows, with the type that the file has.

    ``var_names`` are the names of the features, made unique as anndata does it; ``var`` has ``gene_ids``,
    ``feature_types``, ``genome`` and whatever else the file says of features. Features of all types are kept.

    Args:
        path: The file.
        genome: Group of the genome, in files of Cell Ranger 2.

    Raises:
        UnreadableError: The file is damaged, is no such matrix, or refers to other files.
    """
    from anndata import AnnData
    from scipy.sparse import csr_matrix

    with open_hdf5(path) as file:
        group = get_group(file, genome)
        heads = _read_heads(group)
        shape = len(heads.barcodes), len(heads.var)
        values = _read_vector(group, "data")
        indices, indptr = _read_whole(group, "indices"), _read_whole(group, "indptr")
        _check_sparse(indices, indptr, len(values), shape)
        attrs = {str(name): _simplify(value) for name, value in file.attrs.items()}
    return AnnData(
        X=csr_matrix((values, indices, indptr), shape=shape),
        obs=_build_obs(heads),
        var=heads.var,
        uns={"tenx_h5": attrs} if attrs else {},
    )


def get_group(file: h5py.File, genome: str = "") -> h5py.Group:
    """The group of a matrix, whose ``data``, ``indices`` and ``indptr`` are sorted by barcodes.

    Args:
        file: The file.
        genome: Group of the genome, in files of Cell Ranger 2.

    Raises:
        UnreadableError: There is none, or it lies in another file.
    """
    import h5py

    group = find_child(file, genome or _CURRENT)
    if not isinstance(group, h5py.Group) or not _is_matrix(group):
        raise UnreadableError(
            "tenx-incomplete",
            f"{file.filename} has no matrix of 10x Genomics at {genome or _CURRENT!r}.",
            where=str(file.filename),
        )
    return group


def read_frames(group: h5py.Group) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``obs`` and ``var`` of the matrix in a group, as ``read_tenx_h5`` gives them.

    Raises:
        UnreadableError: It is damaged.
    """
    heads = _read_heads(group)
    return _build_obs(heads), heads.var


def _build_obs(heads: _Heads) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(index=pd.Index(heads.barcodes, dtype=str))


def _describe(group: h5py.Group, path: str) -> tuple[TableElement, list[Finding]]:
    heads = _read_heads(group)
    values = _get_vector(group, "data")
    element = describe_frames(
        _build_obs(heads),
        heads.var,
        name=path or "table",
        path=path,
        matrix=Matrix(encoding="csr", dtype=values.dtype.name),
    )
    return replace(element, name=path or "table"), list(_check_features(heads, path))


def _check_features(heads: _Heads, path: str) -> Iterator[Finding]:
    if heads.n_repeated:
        yield Finding(
            code="names-repeated",
            severity="info",
            path=f"{path}#/var",
            message=f"{heads.n_repeated:,} features bear a name that another has too; they are told apart by a number "
            "after it, such as TBCE-1.",
            fix="Use gene_ids where names must be exact.",
        )
    types = heads.var.get("feature_types")
    if types is not None and len(set(types)) > 1:
        counts = ", ".join(f"{n:,} {name}" for name, n in types.value_counts().items())
        yield Finding(
            code="feature-types-mixed",
            severity="info",
            path=f"{path}#/var/feature_types",
            message=f"The features are of several types ({counts}); all of them are kept in one table.",
            fix="Choose by the column feature_types where only one type is wanted.",
        )


def _list_groups(file: h5py.File) -> list[str]:
    """The groups that hold a matrix: one, or those of several genomes."""
    current = find_child(file, _CURRENT) if _CURRENT in file else None
    if current is not None and _is_matrix(current):
        return [_CURRENT]
    return [name for name in list_children(file) if _is_matrix(find_child(file, name))]


def _is_matrix(node: h5py.Group | h5py.Dataset | None) -> bool:
    import h5py

    if not isinstance(node, h5py.Group) or any(name not in node for name in _VECTORS):
        return False
    return "features" in node or ("genes" in node and "gene_names" in node)


def _read_heads(group: h5py.Group) -> _Heads:
    """Barcodes and features; their numbers must be those of the shape."""
    import pandas as pd

    shape = _read_whole(group, "shape")
    if len(shape) != 2 or min(shape) < 0 or max(shape) > MAX_DIMENSION:
        raise _damaged(group, "shape is not two numbers")
    n_features, n_barcodes = (int(size) for size in shape)
    barcodes = _read_texts(group, "barcodes")
    columns = dict(_iterate_features(group, n_features))
    names = columns.pop("name", None) or columns.get("gene_ids")
    if len(barcodes) != n_barcodes or names is None:
        raise _damaged(group, f"it has {len(barcodes):,} barcodes, and {n_barcodes:,} by its shape; or no features")
    var = pd.DataFrame(columns, index=make_names_unique(names))
    return _Heads(barcodes=barcodes, var=var, n_repeated=find_repeated(names))


def _iterate_features(group: h5py.Group, n_features: int) -> Iterator[tuple[str, list[str]]]:
    """Name and values of each column that is known of features."""
    import h5py

    features = find_child(group, "features")
    if not isinstance(features, h5py.Group):
        for name, renamed in (("gene_names", "name"), ("genes", "gene_ids")):
            yield renamed, _check_length(group, name, _read_texts(group, name), n_features)
        return
    for name in list_children(features):
        child = find_child(features, name)
        if name == "_all_tag_keys" or not isinstance(child, h5py.Dataset) or child.ndim != 1:
            continue
        if name in ("id", "name") or len(child) == n_features:
            texts = _check_length(group, name, _read_texts(features, name), n_features)
            yield _RENAMED.get(name, name), texts


def _check_length(group: h5py.Group, name: str, texts: list[str], n_features: int) -> list[str]:
    if len(texts) != n_features:
        raise _damaged(group, f"{name} has {len(texts):,} entries for {n_features:,} features")
    return texts


def _check_sparse(indices: npt.NDArray[Any], indptr: npt.NDArray[Any], n_values: int, shape: tuple[int, int]) -> None:
    """Whether the numbers of features and the places of barcodes are possible; SciPy would believe them."""
    import numpy as np

    is_sound = len(indptr) == shape[0] + 1 and len(indices) == n_values
    is_sound = is_sound and indptr[0] == 0 and indptr[-1] == n_values and bool((np.diff(indptr) >= 0).all())
    if not is_sound or (n_values and (indices.min() < 0 or indices.max() >= shape[1])):
        raise UnreadableError(
            "sparse-matrix-damaged", "The matrix is damaged: indices or indptr do not fit its shape.", where=_CURRENT
        )


def _get_vector(group: h5py.Group, name: str) -> h5py.Dataset:
    import h5py

    node = find_child(group, name)
    if not isinstance(node, h5py.Dataset) or node.ndim != 1:
        raise _damaged(group, f"{name} is missing or no list")
    return node


def _read_vector(group: h5py.Group, name: str) -> npt.NDArray[Any]:
    values: npt.NDArray[Any] = _get_vector(group, name)[:]
    if values.dtype.kind not in "iuf":
        raise _damaged(group, f"{name} holds {values.dtype}")
    return values


def _read_whole(group: h5py.Group, name: str) -> npt.NDArray[np.int64]:
    """Whole numbers, which other writers store as floats."""
    import numpy as np

    values = _read_vector(group, name)
    whole: npt.NDArray[np.int64] = values.astype(np.int64)
    if values.dtype.kind == "f" and not np.array_equal(whole, values):
        raise _damaged(group, f"{name} has fractions")
    return whole


def _read_texts(group: h5py.Group, name: str) -> list[str]:
    return [to_text(value) for value in _get_vector(group, name)[:].tolist()]


def _simplify(value: Any) -> Any:
    """An attribute of the file as text, number or list of them."""
    import numpy as np

    if isinstance(value, np.ndarray):
        return np.asarray([to_text(one) for one in value.ravel().tolist()]) if value.dtype.kind in "SO" else value
    return to_text(value) if isinstance(value, bytes | str) else value


def _damaged(group: h5py.Group, what: str) -> UnreadableError:
    return UnreadableError(
        "tenx-damaged", f"{group.name} is no sound matrix of 10x Genomics: {what}.", where=group.name
    )
