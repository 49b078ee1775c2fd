"""Arrays in the metadata of Zarr format 2.

Source: https://zarr-specs.readthedocs.io/en/latest/v2/v2.0.html#arrays
"""

from __future__ import annotations

import re
from typing import Any

from vitrina.errors import UnsupportedError
from vitrina.gateway.zarr.keys import check_separator
from vitrina.gateway.zarr.node import TEXT, ArrayNode, Json

COMPRESSORS = frozenset({"blosc", "zstd", "gzip", "zlib", "lz4"})
DEFAULT_LEVEL = 6
"""Of gzip and zlib: what -1 stands for, which numcodecs writes, and neither format 3 nor TensorStore knows.

Source: https://zlib.net/manual.html#Constants, https://zarr-specs.readthedocs.io/en/latest/v3/codecs/gzip/index.html
"""
_DTYPE = re.compile(r"\|b1|[<>|][iuf][1248]|[<>]U[1-9]\d{0,5}|\|S[1-9]\d{0,5}")
_DIMENSIONS = "_ARRAY_DIMENSIONS"
"""Source: https://docs.xarray.dev/en/stable/internals/zarr-encoding-spec.html"""
_TEXT_FILTER = {"id": "vlen-utf8"}


def parse_array(document: Json, attrs: Json) -> ArrayNode:
    """The array that a ``.zarray`` describes.

    Raises:
        UnsupportedError: It is stored in a way that format 3 has no words for.
        KeyError: A field is missing; TypeError and ValueError where one is malformed.
    """
    dtype, filters, compressor = document["dtype"], document.get("filters") or [], document.get("compressor")
    is_text = dtype == "|O" and [dict(step) for step in filters] == [_TEXT_FILTER]
    if document.get("order", "C") != "C":
        raise refuse("its values lie column by column")
    if not is_text and (filters or not isinstance(dtype, str) or _DTYPE.fullmatch(dtype) is None):
        raise refuse(f"its type is {dtype!r} with {len(filters)} filters")
    if compressor is not None and compressor["id"] not in COMPRESSORS:
        raise refuse(f"it is compressed with {compressor['id']!r}")
    names = attrs.get(_DIMENSIONS)
    return ArrayNode(
        shape=tuple(int(size) for size in document["shape"]),
        chunk_shape=tuple(max(int(size), 1) for size in document["chunks"]),
        dtype=TEXT if is_text else dtype,
        compressor=compressor,
        fill_value=document.get("fill_value"),
        separator=check_separator(document.get("dimension_separator", ".")),
        dimension_names=tuple(names) if isinstance(names, list) else None,
        attrs=attrs,
    )


def build_array(node: ArrayNode) -> dict[str, Any]:
    """The ``.zarray`` of an array; its attributes are a document of their own.

    Raises:
        UnsupportedError: Format 2 has no words for it.
    """
    is_text = node.dtype == TEXT
    return {
        "zarr_format": 2,
        "shape": list(node.shape),
        "chunks": list(node.chunk_shape),
        "dtype": "|O" if is_text else node.dtype,
        "compressor": None if node.compressor is None else dict(node.compressor),
        "fill_value": node.fill_value,
        "filters": [dict(_TEXT_FILTER)] if is_text else None,
        "order": "C",
        "dimension_separator": node.separator,
    }


def build_attrs(node: ArrayNode) -> dict[str, Any]:
    """The ``.zattrs`` of an array; format 2 has no place for names of dimensions, so they are told as xarray does."""
    if node.dimension_names is None or None in node.dimension_names:
        return dict(node.attrs)
    return {_DIMENSIONS: list(node.dimension_names), **node.attrs}


def refuse(why: str) -> UnsupportedError:
    """The error for an array that the other format cannot describe."""
    return UnsupportedError(
        "zarr-array-untranslatable",
        f"An array cannot be served in the other Zarr format: {why}.",
        hint="Read it in the format that it is stored in.",
    )
