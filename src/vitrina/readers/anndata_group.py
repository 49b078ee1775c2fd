"""An AnnData hierarchy in HDF5 or Zarr, of any age: h5py and zarr groups behave alike, which is all this needs.

Ages: since 2021 every entry says its encoding; in 2020 (0.7) data frames were groups with ``__categories``; before,
they were compound HDF5 datasets with their categories in ``uns``.

Source: https://anndata.readthedocs.io/en/stable/fileformat-prose.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from vitrina.model.content import Column, Embedding, Matrix

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_CATEGORIES = 100
MAX_VAR_NAMES = 100

type Node = Any
"""An h5py or zarr group or array; the two libraries share no base class."""


def is_group(node: Node) -> bool:
    """Whether the node holds other nodes."""
    return hasattr(node, "keys") and not hasattr(node, "shape")


def find_node(group: Node, *names: str) -> Node | None:
    """The node below a group, None when it or a group on the way is absent."""
    node = group
    for name in names:
        if node is None or not is_group(node) or name not in node:
            return None
        node = node[name]
    return node


def list_names(group: Node | None) -> list[str]:
    """Names below a group or fields of a compound dataset, sorted."""
    if group is None:
        return []
    if is_group(group):
        return sorted(str(name) for name in group.keys())  # noqa: SIM118 zarr groups iterate over names slower
    return [str(name) for name in getattr(group.dtype, "names", None) or ()]


def read_texts(node: Node, stop: int | None = None) -> list[str]:
    """The first values of an array, or of a nullable array, as text."""
    if is_group(node):  # nullable: values and mask
        node = node["values"]
    values = node[:stop] if node.shape else [node[()]]
    return [to_text(value) for value in values]


def to_text(value: object) -> str:
    """One value of an array as text; HDF5 gives bytes."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def read_scalar(node: Node | None) -> Any:
    """The value of a scalar array or of an array of one value; None when it is absent."""
    if node is None or is_group(node):
        return None
    value = node[()] if not node.shape else node[0] if node.shape == (1,) else None
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def get_encoding(node: Node) -> str:
    """The ``encoding-type`` of a node, empty when it has none."""
    return to_text(node.attrs.get("encoding-type", ""))


def name_dtype(dtype: Any) -> str:
    """``string``, ``bool``, ``datetime`` or a NumPy name for a stored dtype."""
    kind = getattr(dtype, "kind", "")
    if kind in {"O", "S", "U", "T"}:
        return "string"
    if kind == "b":
        return "bool"
    return "datetime" if kind == "M" else str(getattr(dtype, "name", dtype))


class Frame:
    """A stored data frame: ``obs`` or ``var``.

    Args:
        node: A group, or a compound dataset.
        uns: ``uns``, where the oldest files keep categories.
    """

    def __init__(self, node: Node, uns: Node | None) -> None:
        self.node = node
        self._uns = uns

    @property
    def _index_name(self) -> str | None:
        if is_group(self.node):
            return to_text(self.node.attrs.get("_index", "_index"))
        names = list_names(self.node)
        return next((name for name in ("index", "_index") if name in names), None)

    @property
    def n_rows(self) -> int:
        """Number of rows.

        Raises:
            KeyError: The index is missing.
        """
        if not is_group(self.node):
            return int(self.node.shape[0])
        index = self.node[self._index_name]
        return int((index["values"] if is_group(index) else index).shape[0])

    def read_index(self, stop: int) -> list[str]:
        """The first row names."""
        if is_group(self.node):
            return read_texts(self.node[self._index_name], stop)
        index = self._index_name
        return [to_text(row[index]) for row in self.node[:stop]] if index else []

    def list_columns(self) -> list[str]:
        """Names of the columns, in their order."""
        if not is_group(self.node):
            return [name for name in list_names(self.node) if name != self._index_name]
        order = self.node.attrs.get("column-order")
        if order is None:
            return [name for name in list_names(self.node) if name not in {self._index_name, "__categories"}]
        return [to_text(name) for name in order]

    def read_columns(self) -> tuple[Column, ...]:
        """What is known of each column, with the first categories."""
        return tuple(self._read_column(name) for name in self.list_columns())

    def read_values(self, name: str) -> Any:
        """All values of a numeric column; masked values become the fill value."""
        if not is_group(self.node):
            return self.node[name]
        column = self.node[name]
        return (column["values"] if is_group(column) else column)[:]

    def read_codes(self, name: str) -> Any:
        """The category codes of a categorical column, -1 for missing values."""
        if not is_group(self.node):
            return self.node[name]
        column = self.node[name]
        return (column["codes"] if is_group(column) else column)[:]

    def _read_column(self, name: str) -> Column:
        categories = self._find_categories(name)
        if categories is not None:
            first = tuple(read_texts(categories, MAX_CATEGORIES))
            values = categories["values"] if is_group(categories) else categories
            return Column(name=name, dtype="category", n_categories=int(values.shape[0]), categories=first)
        if not is_group(self.node):
            return Column(name=name, dtype=name_dtype(self.node.dtype[name]))
        column = self.node[name]
        return Column(name=name, dtype=name_dtype((column["values"] if is_group(column) else column).dtype))

    def _find_categories(self, name: str) -> Node | None:
        if not is_group(self.node):
            return find_node(self._uns, f"{name}_categories") if self._uns is not None else None
        column = self.node[name]
        if is_group(column):
            return find_node(column, "categories")
        return find_node(self.node, "__categories", name)


def read_matrix(group: Node) -> tuple[Matrix | None, tuple[int, int] | None]:
    """How ``X`` is stored, and its shape; None for both when there is none."""
    node = find_node(group, "X")
    if node is None or get_encoding(node) == "null":
        return None, None
    if is_group(node):
        encoding = _find_sparse_encoding(node)
        shape = node.attrs.get("shape", node.attrs.get("h5sparse_shape"))
        if encoding is None or shape is None:
            return None, None
        return Matrix(encoding=encoding, dtype=name_dtype(node["data"].dtype)), (int(shape[0]), int(shape[1]))
    if len(node.shape) != 2:
        return None, None
    chunks = getattr(node, "chunks", None)
    chunk_shape = (int(chunks[0]), int(chunks[1])) if chunks is not None else None
    matrix = Matrix(encoding="dense", dtype=name_dtype(node.dtype), chunk_shape=chunk_shape)
    return matrix, (int(node.shape[0]), int(node.shape[1]))


def read_embeddings(obsm: Node | None) -> tuple[Embedding, ...]:
    """The entries of ``obsm`` with their numbers of dimensions."""
    return tuple(Embedding(name=name, n_dims=n_dims) for name, n_dims in _list_embeddings(obsm))


def read_embedding(obsm: Node, name: str) -> Any:
    """The first two dimensions of an ``obsm`` entry, as rows x 2.

    Raises:
        KeyError: It is not there.
    """
    import numpy as np

    node = obsm[name]
    if not is_group(node):
        return np.asarray(node[:, :2])
    frame = Frame(node, None)  # a data frame
    return np.stack([np.asarray(frame.read_values(column)) for column in frame.list_columns()[:2]], axis=1)


def _list_embeddings(obsm: Node | None) -> Iterator[tuple[str, int]]:
    for name in list_names(obsm):
        if obsm is not None and not is_group(obsm):  # compound: one field per entry
            shape = obsm.dtype[name].shape
            yield name, int(shape[0]) if shape else 1
            continue
        node = find_node(obsm, name)
        if is_group(node):
            shape = node.attrs.get("shape") if node is not None else None
            yield name, int(shape[1]) if shape is not None else len(Frame(node, None).list_columns())
        elif node is not None:
            yield name, int(node.shape[1]) if len(node.shape) > 1 else 1


def _find_sparse_encoding(node: Node) -> Literal["csr", "csc"] | None:
    encoding = get_encoding(node) or to_text(node.attrs.get("h5sparse_format", ""))
    if encoding.startswith("csr"):
        return "csr"
    return "csc" if encoding.startswith("csc") else None
