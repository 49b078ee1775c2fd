"""References into HDF5: the chunks of its datasets, for as long as plain numcodecs can decode them."""

from __future__ import annotations

import math
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from vitrina.convert.reference.document import Document, ReferencedArray, plan_rows
from vitrina.errors import UnsupportedError
from vitrina.model.finding import Finding
from vitrina.readers.hdf5 import check_contained, find_child, list_children, open_hdf5, reading

if TYPE_CHECKING:
    import h5py
    import numpy as np

    from vitrina.readers.source import Source

MAX_DEPTH = 32
_ROWS_OF_TEXT = 100_000
_INLINE_BYTES = 512
"""Smaller values stand in the document: a request for each would cost more than it brings."""


def reference_hdf5(source: Source, document: Document) -> list[Finding]:
    """Add all groups and datasets of an HDF5 file to a document.

    Args:
        source: The file.
        document: Grows.

    Returns:
        What was left out, since Zarr has no such type or no such codec.

    Raises:
        UnreadableError: The file is damaged, or something in it lies in another file.
        UnsupportedError: Nothing, or too much, could be referenced.
    """
    findings: list[Finding] = []
    with reading(source.path.name), open_hdf5(source.path) as file:
        check_contained(file)
        _add_group(file, "", document, findings, ())
    return findings


def _add_group(
    group: h5py.Group, path: str, document: Document, findings: list[Finding], parents: tuple[int, ...]
) -> None:
    import h5py

    address = h5py.h5o.get_info(group.id).addr
    if address in parents or len(parents) >= MAX_DEPTH:
        findings.append(_left_out(path, "a group inside itself, or nested too deep"))
        return
    document.add_group(path, _read_attrs(group, path, findings))
    for name in list_children(group):
        child = find_child(group, name)
        own = f"{path}/{name}" if path else name
        if isinstance(child, h5py.Group):
            _add_group(child, own, document, findings, (*parents, address))
        elif child is not None:
            _add_dataset(child, own, document, findings)


def _add_dataset(dataset: h5py.Dataset, path: str, document: Document, findings: list[Finding]) -> None:
    import h5py

    attrs = _read_attrs(dataset, path, findings)
    if dataset.shape is None:
        findings.append(_left_out(path, "a dataset without values"))
        return
    text = h5py.check_string_dtype(dataset.dtype)
    if text is not None:
        _add_text(dataset, path, attrs, document)
        return
    dtype = dataset.dtype
    if dtype.kind not in "biufc":
        findings.append(_left_out(path, f"of the type {dtype}"))
        return
    filters, missing = _list_filters(dataset)
    if missing:
        findings.append(_left_out(path, f"compressed with {missing}, which numcodecs lacks"))
        return
    _add_numbers(dataset, path, attrs, filters, document)


def _add_numbers(
    dataset: h5py.Dataset, path: str, attrs: dict[str, Any], filters: list[dict[str, Any]], document: Document
) -> None:
    array = ReferencedArray(
        shape=dataset.shape,
        chunk_shape=dataset.chunks or dataset.shape,
        dtype=dataset.dtype,
        filters=filters,
        fill_value=_get_fill(dataset),
        attrs=attrs,
    )
    if dataset.chunks is not None:
        _add_chunks(dataset, path, array, document)
        return
    offset = dataset.id.get_offset()
    size_bytes = math.prod(dataset.shape) * dataset.dtype.itemsize
    is_compact = offset is None and dataset.id.get_storage_size() > 0
    if is_compact or (offset is not None and size_bytes <= _INLINE_BYTES):
        document.add_array(path, array)
        document.add_inline(path, [0] * len(dataset.shape), dataset[()].tobytes())
    elif offset is None or not size_bytes:  # never written: the fill value
        document.add_array(path, array)
    else:
        _add_bands(path, array, offset, size_bytes, document)


def _add_bands(path: str, array: ReferencedArray, offset: int, size_bytes: int, document: Document) -> None:
    """Values that follow each other without chunks: bands of rows become chunks."""
    n_rows, *inner = array.shape
    row_bytes = size_bytes // n_rows
    rows = plan_rows(n_rows, row_bytes)
    document.add_array(path, replace(array, chunk_shape=(rows, *inner)))
    for band in range(n_rows // rows):
        document.add_chunk(path, [band, *(0 for _ in inner)], offset + band * rows * row_bytes, rows * row_bytes)


def _add_chunks(dataset: h5py.Dataset, path: str, array: ReferencedArray, document: Document) -> None:
    document.add_array(path, array)
    for info in _list_chunks(dataset):
        index = [start // size for start, size in zip(info.chunk_offset, array.chunk_shape, strict=True)]
        if info.filter_mask:
            raise UnsupportedError(
                "reference-filter-skipped",
                f"A chunk of {path} was stored without some of its filters, which Zarr cannot say.",
                hint="Rewrite the file with h5repack, or convert it: vitrina convert SRC DST.zarr.",
                where=path,
            )
        document.add_chunk(path, index, info.byte_offset, info.size)


def _list_chunks(dataset: h5py.Dataset) -> list[Any]:
    chunks: list[Any] = []
    dataset.id.chunk_iter(chunks.append)
    return chunks


def _add_text(dataset: h5py.Dataset, path: str, attrs: dict[str, Any], document: Document) -> None:
    """Text lies in heaps that Zarr cannot read, so it is written into the document."""
    import numpy as np
    from numcodecs.vlen import VLenUTF8

    shape = dataset.shape
    rows = min(shape[0], _ROWS_OF_TEXT) if shape else 1
    chunk = (rows, *shape[1:]) if shape else ()
    array = ReferencedArray(
        shape=shape,
        chunk_shape=chunk,
        dtype=None,
        compressor={"id": "zlib", "level": 1},
        filters=[{"id": "vlen-utf8"}],
        fill_value="",
        attrs=attrs,
    )
    document.add_array(path, array)
    if not math.prod(shape):
        return
    texts = dataset.asstr(errors="replace")
    starts = range(0, shape[0], rows) if shape else [0]
    for number, start in enumerate(starts):
        padded = np.full(chunk or (1,), "", dtype=object)
        values = texts[start : start + rows] if shape else texts[()]
        padded[: len(values) if shape else 1] = values
        encoded = zlib.compress(bytes(VLenUTF8().encode(padded.reshape(-1))), 1)
        document.add_inline(path, [number, *(0 for _ in shape[1:])] if shape else [], encoded)


def _list_filters(dataset: h5py.Dataset) -> tuple[list[dict[str, Any]], str | None]:
    """Configurations of numcodecs codecs in the order of the pipeline, and the first that numcodecs lacks.

    Source: https://github.com/HDFGroup/hdf5_plugins/blob/master/docs/RegisteredFilterPlugins.md for numbers and values.
    """
    properties = dataset.id.get_create_plist()
    filters: list[dict[str, Any]] = []
    for number in range(properties.get_nfilters()):
        code, _, values, name = properties.get_filter(number)
        match code:
            case 1:
                filters.append({"id": "zlib", "level": int(values[0])})
            case 2:
                filters.append({"id": "shuffle", "elementsize": dataset.dtype.itemsize})
            case 3:
                filters.append({"id": "fletcher32"})
            case 32001:
                filters.append({"id": "blosc"})
            case 32015:
                filters.append({"id": "zstd"})
            case _:
                return [], name.decode("utf-8", "replace") or f"filter {code}"
    return filters, None


def _read_attrs(item: h5py.Group | h5py.Dataset, path: str, findings: list[Finding]) -> dict[str, Any]:
    attrs: dict[str, Any] = {}
    for name in item.attrs:
        try:
            value = _to_json(item.attrs[name])
        except (TypeError, OSError, ValueError, RuntimeError):
            findings.append(_left_out(path, f"its attribute {name}, which JSON cannot say,"))
            continue
        attrs[name] = value
    return attrs


def _to_json(value: Any) -> Any:
    """Numbers, texts and lists of them.

    Raises:
        TypeError: It is something else.
    """
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, str):
        return value
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [_to_json(part) for part in value]
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    raise TypeError(type(value).__name__)


def _get_fill(dataset: h5py.Dataset) -> Any:
    """Zarr 2 spells what JSON has no numbers for. Source: https://zarr-specs.readthedocs.io/en/latest/v2/v2.0.html."""
    value: np.generic | None = dataset.fillvalue
    if value is None or dataset.dtype.kind == "c":
        return None
    plain = value.item()
    if isinstance(plain, float) and not math.isfinite(plain):
        return "NaN" if math.isnan(plain) else "Infinity" if plain > 0 else "-Infinity"
    return plain


def _left_out(path: str, what: str) -> Finding:
    return Finding(
        code="reference-left-out",
        severity="warning",
        path=f"{path}#",
        message=f"{path or 'The root'} is left out: {what} cannot be read through a reference.",
        fix="Convert the file instead: vitrina convert SRC DST.zarr.",
    )
