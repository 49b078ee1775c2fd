"""The columns of ``obs`` and ``var`` in HDF5, in all encodings since 2018.

Source: https://anndata.readthedocs.io/en/stable/fileformat-prose.html; the encodings before version 0.7 (a compound
dataset with categories in ``uns``) and before 0.8 (``__categories``) are described nowhere and were read off files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.gateway.tables.limits import check_chunks, has_small_chunks
from vitrina.gateway.tables.served import INDEX, NUMBERS, FrameColumn
from vitrina.readers.flat_columns import MISSING, flatten_numbers, flatten_texts
from vitrina.readers.hdf5 import check_dataset, find_child, get_attribute, list_children, reading

if TYPE_CHECKING:
    from collections.abc import Sequence

    import h5py
    import numpy as np
    import numpy.typing as npt

    from vitrina.gateway.tables.served import Rows

_LEGACY_CATEGORIES = "__categories"


def find_columns(group: h5py.Group, axis: str) -> list[FrameColumn]:
    """The columns of ``obs`` or ``var`` with the index, named ``_index``, first; what cannot be shown is left out.

    Args:
        group: AnnData.
        axis: Which of the two.

    Raises:
        UnreadableError: The file is damaged, or a column lies in another file.
    """
    import h5py

    with reading(axis):
        node = find_child(group, axis)
        if isinstance(node, h5py.Dataset):
            check_chunks(node)
            return _find_compound(group, node)
        return [] if node is None else find_group_columns(node)


def find_group_columns(group: h5py.Group) -> list[FrameColumn]:
    """The columns of a data frame that is a group, the index first where there is one."""
    index_name = str(get_attribute(group, "_index") or INDEX)
    order = get_attribute(group, "column-order")
    names = list_children(group) if order is None else [_decode(name) for name in order]
    columns = [
        column
        for name in names
        if name not in (index_name, INDEX, _LEGACY_CATEGORIES)
        and (column := _open_column(group, name, name)) is not None
    ]
    index = _open_column(group, index_name, INDEX)
    return [_as_text(index), *columns] if index is not None else columns


def _open_column(group: h5py.Group, name: str, shown_as: str) -> FrameColumn | None:
    import h5py

    node = _find_nested(group, name)
    if node is None or not _is_readable(node):
        return None
    if isinstance(node, h5py.Dataset):
        return open_vector(node, shown_as)
    encoding = get_attribute(node, "encoding-type")
    if encoding == "categorical":
        codes, categories = find_child(node, "codes"), find_child(node, "categories")
        if isinstance(codes, h5py.Dataset) and categories is not None:
            return _build_categorical(shown_as, codes, categories, get_attribute(node, "ordered"))
    if encoding in ("nullable-integer", "nullable-boolean", "nullable-string-array"):
        values, mask = find_child(node, "values"), find_child(node, "mask")
        if isinstance(values, h5py.Dataset) and isinstance(mask, h5py.Dataset):
            return _build_nullable(shown_as, values, mask, is_number=encoding == "nullable-integer")
    return None


def _is_readable(node: h5py.Group | h5py.Dataset) -> bool:
    """Whether no part of a column takes much memory to unpack."""
    import h5py

    if isinstance(node, h5py.Dataset):
        return has_small_chunks(node)
    children = (find_child(node, name) for name in list_children(node))
    return all(has_small_chunks(child) for child in children if isinstance(child, h5py.Dataset))


def _find_nested(group: h5py.Group, name: str) -> h5py.Group | h5py.Dataset | None:
    """A child; one whose name has slashes lies in groups of groups, which is how HDF5 takes such names."""
    import h5py

    node: h5py.Group | h5py.Dataset | None = group
    for part in name.split("/"):
        if not part or not isinstance(node, h5py.Group):
            return None
        node = find_child(node, part)
    return node


def open_vector(dataset: h5py.Dataset, name: str) -> FrameColumn | None:
    """A dataset as a column, None when it has not one dimension, or holds something that cannot be shown."""
    import h5py

    if dataset.ndim != 1:
        return None
    reference = dataset.attrs.get("categories")
    if isinstance(reference, h5py.Reference):
        target = dataset.file[reference]
        if isinstance(target, h5py.Dataset):
            categories = check_dataset(target)
            return _build_categorical(name, dataset, categories, get_attribute(categories, "ordered"))
    if h5py.check_string_dtype(dataset.dtype) is not None:
        return _build_texts(name, dataset)
    if dataset.dtype.kind not in NUMBERS:
        return None
    return FrameColumn(name=name, n_rows=len(dataset), dtype=dataset.dtype.name, read=lambda rows: dataset[rows])


def _build_categorical(
    name: str, codes: h5py.Dataset, categories: h5py.Group | h5py.Dataset, ordered: Any
) -> FrameColumn | None:
    names = _open_categories(categories)
    if names is None or codes.ndim != 1 or codes.dtype.kind not in "iu":
        return None
    return FrameColumn(
        name=name,
        n_rows=len(codes),
        dtype=codes.dtype.name,
        read=lambda rows: codes[rows],
        categories=names,
        is_ordered=bool(ordered),
    )


def _build_nullable(name: str, values: h5py.Dataset, mask: h5py.Dataset, *, is_number: bool) -> FrameColumn:
    """Missing numbers become NaN; missing truth values and texts become the text ``NA``."""

    def read_numbers(rows: slice) -> npt.NDArray[np.float64]:
        return flatten_numbers(values[rows], mask[rows])

    def read_texts(rows: slice) -> list[str]:
        return flatten_texts(_to_texts(values[rows]), mask[rows])

    read: Rows = read_numbers if is_number else read_texts
    return FrameColumn(name=name, n_rows=len(values), dtype="float64" if is_number else None, read=read)


def _find_compound(group: h5py.Group, dataset: h5py.Dataset) -> list[FrameColumn]:
    import h5py

    names = list(dataset.dtype.names or ())
    index_name = next((name for name in ("index", INDEX) if name in names), names[0] if names else INDEX)
    uns = find_child(group, "uns")
    columns = []
    for name in names:
        categories = find_child(uns, f"{name}_categories") if isinstance(uns, h5py.Group) and "/" not in name else None
        column = _open_field(dataset, name, None if categories is None else _open_categories(categories))
        if column is not None:
            columns.append(column if name != index_name else _as_text(column, INDEX))
    return sorted(columns, key=lambda column: column.name != INDEX)


def _open_field(dataset: h5py.Dataset, name: str, categories: FrameColumn | None) -> FrameColumn | None:
    field_dtype = dataset.dtype[name]
    if field_dtype.shape or field_dtype.kind not in f"{NUMBERS}SO":
        return None

    def read(rows: slice) -> npt.NDArray[Any]:
        values: npt.NDArray[Any] = dataset.fields(name)[rows]
        return values

    if field_dtype.kind in "SO":
        return FrameColumn(
            name=name,
            n_rows=len(dataset),
            dtype=None,
            read=lambda rows: _to_texts(read(rows)),
            row_bytes=field_dtype.itemsize,
        )
    return FrameColumn(name=name, n_rows=len(dataset), dtype=field_dtype.name, read=read, categories=categories)


def _as_text(column: FrameColumn, name: str | None = None) -> FrameColumn:
    """An index is text for every client, also when it is stored as numbers or as categories."""
    import numpy as np

    def read(rows: slice) -> list[str]:
        if column.categories is None:
            return _to_texts(column.read(rows))
        names = [*_to_texts(column.categories.read(slice(0, column.categories.n_rows))), MISSING]
        return [names[code] for code in np.asarray(column.read(rows))]  # the code of missing ones is -1

    return FrameColumn(
        name=name or column.name, n_rows=column.n_rows, dtype=None, read=read, row_bytes=column.row_bytes
    )


def _open_categories(node: h5py.Group | h5py.Dataset) -> FrameColumn | None:
    """Category names, numbers as text; a nullable group by its values."""
    import h5py

    dataset = find_child(node, "values") if isinstance(node, h5py.Group) else node
    if not isinstance(dataset, h5py.Dataset) or dataset.ndim != 1:
        return None
    return _build_texts("categories", dataset)


def _build_texts(name: str, dataset: h5py.Dataset) -> FrameColumn:
    return FrameColumn(
        name=name,
        n_rows=len(dataset),
        dtype=None,
        read=lambda rows: _to_texts(dataset[rows]),
        row_bytes=dataset.dtype.itemsize,
    )


def _to_texts(values: npt.NDArray[Any] | Sequence[str]) -> list[str]:
    import numpy as np

    return [_decode(value) for value in np.asarray(values).tolist()]


def _decode(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
