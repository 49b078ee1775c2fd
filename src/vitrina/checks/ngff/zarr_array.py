"""Array documents of Zarr 2 and 3.

Source: https://zarr-specs.readthedocs.io/en/latest/v2/v2.0.html#metadata,
    https://zarr-specs.readthedocs.io/en/latest/v3/core/index.html#array-metadata
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vitrina.checks.ngff.value import is_index, is_integer, show
from vitrina.model.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.ngff.json_value import JsonObject

INTEGERS = frozenset(f"{kind}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64))
"""Types that labels may have. Source: https://ngff.openmicroscopy.org/0.5/#labels-md"""

NUMBERS = INTEGERS | {"bool", "float16", "float32", "float64", "complex64", "complex128"}
"""Types that pixels usually have."""

MAX_DIMENSIONS = 64
"""An array of more dimensions is refused."""

_V2_TYPE = re.compile(r"[<>|=]?([biufcmMOSUV])(\d{0,4})(?:\[[a-zA-Z0-9]+\])?")
_V2_KINDS = {"b": "bool", "i": "int", "u": "uint", "f": "float", "c": "complex"}
_V2_NEEDED = ("shape", "chunks", "dtype", "compressor", "fill_value", "order")
_V3_NEEDED = ("shape", "data_type", "chunk_grid", "chunk_key_encoding", "fill_value", "codecs")


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrayFacts:
    """What is known of an array; None where its document is silent or wrong.

    Attributes:
        shape: Size along each dimension.
        dtype: NumPy name for numbers, else as it is spelled.
        dimension_names: Of Zarr 3.
        separator: Between the parts of a chunk's key.
    """

    shape: tuple[int, ...] | None
    dtype: str | None
    dimension_names: tuple[Any, ...] | None
    separator: str | None


def check_array(document: JsonObject, node: str) -> Iterator[Finding]:
    """What is wrong with an array document."""
    for pointer, found, expected in _check(document):
        message = f"{pointer[1:].split('/')[0]} of the array {node!r} is {found}; {expected} is expected."
        yield Finding(code="zarr-array-invalid", severity="error", path=f"{node}#{pointer}", message=message)


def read_facts(document: JsonObject) -> ArrayFacts:
    """What an array document tells, right or not."""
    is_v3 = document.get("node_type") is not None or document.get("zarr_format") == 3
    names = document.get("dimension_names")
    encoding = document.get("chunk_key_encoding")
    configuration = encoding.get("configuration") if isinstance(encoding, Mapping) else None
    return ArrayFacts(
        shape=_read_shape(document.get("shape")),
        dtype=_read_v3_type(document.get("data_type")) if is_v3 else _read_v2_type(document.get("dtype")),
        dimension_names=tuple(names) if isinstance(names, list) else None,
        separator=configuration.get("separator")
        if isinstance(configuration, Mapping)
        else None
        if is_v3
        else document.get("dimension_separator", "."),
    )


type _Wrong = Iterator[tuple[str, str, str]]


def _check(document: JsonObject) -> _Wrong:
    is_v3 = "node_type" in document
    for key in _V3_NEEDED if is_v3 else _V2_NEEDED:
        if key not in document:
            yield f"/{key}", "missing", "a value"
    shape = _read_shape(document.get("shape"))
    if "shape" in document and shape is None:
        yield "/shape", show(document["shape"]), "a list of whole numbers from 0 on"
    yield from _check_v3(document, shape) if is_v3 else _check_v2(document, shape)


def _check_v2(document: JsonObject, shape: tuple[int, ...] | None) -> _Wrong:
    if "chunks" in document:
        yield from _check_chunks(document["chunks"], shape, "/chunks")
    dtype = document.get("dtype")
    if "dtype" in document and _read_v2_type(dtype) is None:
        yield "/dtype", show(dtype), 'a NumPy type such as "<u2"'
    if "order" in document and document["order"] not in ("C", "F"):
        yield "/order", show(document["order"]), '"C" or "F"'
    if document.get("dimension_separator", ".") not in (".", "/"):
        yield "/dimension_separator", show(document["dimension_separator"]), '"." or "/"'
    compressor = document.get("compressor")
    if compressor is not None and not (isinstance(compressor, Mapping) and isinstance(compressor.get("id"), str)):
        yield "/compressor", show(compressor), "null or an object with an id"


def _check_v3(document: JsonObject, shape: tuple[int, ...] | None) -> _Wrong:
    if "data_type" in document and _read_v3_type(document["data_type"]) is None:
        yield "/data_type", show(document["data_type"]), 'the name of a type such as "uint16"'
    grid = document.get("chunk_grid")
    if "chunk_grid" in document and not _is_named(grid):
        yield "/chunk_grid", show(grid), "an object with a name"
    elif isinstance(grid, Mapping) and grid.get("name") == "regular":
        configuration = grid.get("configuration")
        chunks = configuration.get("chunk_shape") if isinstance(configuration, Mapping) else None
        yield from _check_chunks(chunks, shape, "/chunk_grid/configuration/chunk_shape")
    if "chunk_key_encoding" in document and not _is_named(document["chunk_key_encoding"]):
        yield "/chunk_key_encoding", show(document["chunk_key_encoding"]), "an object with a name"
    codecs = document.get("codecs")
    if "codecs" in document and not (isinstance(codecs, list) and codecs and all(_is_named(codec) for codec in codecs)):
        yield "/codecs", show(codecs), "a list of at least one object with a name"
    names = document.get("dimension_names")
    if names is not None and not (isinstance(names, list) and all(isinstance(name, str | None) for name in names)):
        yield "/dimension_names", show(names), "a list of names"
    elif isinstance(names, list) and shape is not None and len(names) != len(shape):
        yield "/dimension_names", f"a list of {len(names)}", f"a list of {len(shape)}, one per dimension,"


def _check_chunks(chunks: object, shape: tuple[int, ...] | None, pointer: str) -> _Wrong:
    if not isinstance(chunks, list) or not all(is_integer(size) and size > 0 for size in chunks):
        yield pointer, show(chunks), "a list of whole numbers above zero"
    elif shape is not None and len(chunks) != len(shape):
        yield pointer, show(chunks), f"a list of {len(shape)} numbers, one per dimension,"


def _is_named(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, Mapping) and isinstance(value.get("name"), str))


def _read_shape(value: object) -> tuple[int, ...] | None:
    if not isinstance(value, list) or len(value) > MAX_DIMENSIONS or not all(is_index(size) for size in value):
        return None
    return tuple(int(size) for size in value)


def _read_v2_type(value: object) -> str | None:
    match = _V2_TYPE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return "structured" if isinstance(value, list) else None
    kind, size = match[1], match[2]
    if kind == "b":
        return "bool"
    return f"{_V2_KINDS[kind]}{int(size) * 8}" if kind in _V2_KINDS and size else str(value)


def _read_v3_type(value: object) -> str | None:
    name = value.get("name") if isinstance(value, Mapping) else value
    return name if isinstance(name, str) and name else None
