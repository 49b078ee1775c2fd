"""Arrays in the metadata of Zarr format 3.

Source: https://zarr-specs.readthedocs.io/en/latest/v3/core/index.html#array-metadata
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.gateway.zarr.keys import parse_encoding
from vitrina.gateway.zarr.node import TEXT, ArrayNode, Json
from vitrina.gateway.zarr.v2 import DEFAULT_LEVEL, refuse

if TYPE_CHECKING:
    from collections.abc import Sequence

_ENDIAN = {"<": "little", ">": "big", "|": "little"}
_ORDERS = {"little": "<", "big": ">"}
_SHUFFLES = ("noshuffle", "shuffle", "bitshuffle")
_NAMES = {"zlib": "numcodecs.zlib", "lz4": "numcodecs.lz4"}
"""Compressors that format 3 knows only under the name of the library.

Source: https://github.com/zarr-developers/zarr-extensions/tree/main/codecs
"""

_KINDS = {"i": "int", "u": "uint", "f": "float"}
_LETTERS = {"int": "i", "uint": "u", "float": "f"}
_TEXTS = {"U": "fixed_length_utf32", "S": "null_terminated_bytes"}
"""Texts of one length for all, as zarr-python calls them; AnnData in format 2 keeps each word of ``uns`` so.

Source: https://github.com/zarr-developers/zarr-extensions/tree/main/data-types/fixed_length_utf32
"""


def parse_array(document: Json) -> ArrayNode:
    """The array that a ``zarr.json`` describes; of shards, the chunks inside.

    Raises:
        UnsupportedError: It is stored in a way that format 2 has no words for.
        KeyError: A field is missing; TypeError and ValueError where one is malformed.
    """
    grid, codecs = document["chunk_grid"], document["codecs"]
    if grid["name"] != "regular" or document.get("storage_transformers"):
        raise refuse("its chunks are not all of one shape")
    chunk_shape = grid["configuration"]["chunk_shape"]
    if codecs[0]["name"] == "sharding_indexed":
        chunk_shape, codecs = codecs[0]["configuration"]["chunk_shape"], codecs[0]["configuration"]["codecs"]
    has_checksum = codecs[-1]["name"] == "crc32c"
    dtype, compressor = _parse_codecs(document["data_type"], codecs[:-1] if has_checksum else codecs)
    names = document.get("dimension_names")
    return ArrayNode(
        shape=tuple(int(size) for size in document["shape"]),
        chunk_shape=tuple(max(int(size), 1) for size in chunk_shape),
        dtype=dtype,
        compressor=compressor,
        fill_value=document.get("fill_value"),
        separator=parse_encoding(document).separator,
        dimension_names=tuple(names) if isinstance(names, list) else None,
        attrs=document.get("attributes") or {},
        has_checksum=has_checksum,
    )


def build_array(node: ArrayNode) -> dict[str, Any]:
    """The ``zarr.json`` of an array, each chunk under a key of its own."""
    document: dict[str, Any] = {
        "zarr_format": 3,
        "node_type": "array",
        "shape": list(node.shape),
        "data_type": _name_type(node.dtype),
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": list(node.chunk_shape)}},
        "chunk_key_encoding": {"name": "default", "configuration": {"separator": node.separator}},
        "fill_value": _complete_fill(node),
        "codecs": _build_codecs(node),
        "attributes": dict(node.attrs),
        "storage_transformers": [],
    }
    if node.dimension_names is not None:
        document["dimension_names"] = list(node.dimension_names)
    return document


def _parse_codecs(data_type: Any, codecs: Sequence[Json]) -> tuple[str, Json | None]:
    first, *rest = codecs
    if len(rest) > 1:
        raise refuse(f"it is stored in {len(codecs)} steps")
    compressor = _parse_compressor(rest[0]) if rest else None
    if data_type == "string" and first["name"] == "vlen-utf8":
        return TEXT, compressor
    if first["name"] != "bytes":
        raise refuse(f"its type is {data_type!r}, stored by {first['name']!r}")
    order = _ORDERS[(first.get("configuration") or {}).get("endian", "little")]
    return _name_dtype(data_type, order), compressor


def _parse_compressor(codec: Json) -> Json:
    name, settings = codec["name"].removeprefix("numcodecs."), dict(codec.get("configuration") or {})
    if name == "blosc":
        settings.pop("typesize", None)
        return {"id": "blosc", **settings, "shuffle": _SHUFFLES.index(settings["shuffle"])}
    if name == "zstd":
        settings.pop("checksum", None)  # whoever reads is told by the bytes, and TensorStore does not know the word
    if name in {"zstd", "gzip", "zlib", "lz4"}:
        return {"id": name, **settings}
    raise refuse(f"it is compressed with {codec['name']!r}")


def _build_codecs(node: ArrayNode) -> list[dict[str, Any]]:
    codecs: list[dict[str, Any]] = [{"name": "vlen-utf8"}]
    if node.dtype != TEXT:
        codecs = [{"name": "bytes"}]
        if node.dtype[0] != "|":
            codecs[0]["configuration"] = {"endian": _ENDIAN[node.dtype[0]]}
    if node.compressor is not None:
        codecs.append(_build_compressor(node.compressor, _measure_item(node.dtype)))
    return codecs


def _build_compressor(compressor: Json, item_bytes: int) -> dict[str, Any]:
    settings = {key: value for key, value in compressor.items() if key != "id"}
    match compressor["id"]:
        case "blosc":
            number = int(settings.get("shuffle", 1))
            if number < 0:  # numcodecs chooses: bits where an item has one byte
                number = 2 if item_bytes == 1 else 1
            settings = {
                "cname": settings["cname"],
                "clevel": settings["clevel"],
                "shuffle": _SHUFFLES[number],
                "typesize": item_bytes,
                "blocksize": settings.get("blocksize", 0),
            }
        case "gzip":
            level = int(settings.get("level", DEFAULT_LEVEL))
            settings = {"level": level if level in range(10) else DEFAULT_LEVEL}
        case "zstd":
            settings = {"level": settings.get("level", 0), "checksum": bool(settings.get("checksum", False))}
        case _:
            pass
    return {"name": _NAMES.get(compressor["id"], compressor["id"]), "configuration": settings}


def _name_type(dtype: str) -> str | dict[str, Any]:
    """``<u2`` is ``uint16``, as format 3 calls it."""
    if dtype == TEXT:
        return "string"
    if dtype[1] in _TEXTS:
        return {"name": _TEXTS[dtype[1]], "configuration": {"length_bytes": _measure_item(dtype)}}
    return "bool" if dtype[1] == "b" else f"{_KINDS[dtype[1]]}{_measure_item(dtype) * 8}"


def _measure_item(dtype: str) -> int:
    """Bytes of one value."""
    return 1 if dtype == TEXT else int(dtype[2:]) * (4 if dtype[1] == "U" else 1)


def _name_dtype(data_type: Any, order: str) -> str:
    """``uint16`` is ``<u2``, as format 2 writes it."""
    match data_type:
        case "bool":
            return "|b1"
        case {"name": "fixed_length_utf32", "configuration": {"length_bytes": int(n_bytes)}}:
            return f"{order}U{n_bytes // 4}"
        case {"name": "null_terminated_bytes", "configuration": {"length_bytes": int(n_bytes)}}:
            return f"|S{n_bytes}"
        case str() if (kind := data_type.rstrip("0123456789")) in _LETTERS:
            size = int(data_type[len(kind) :]) // 8
            return f"{'|' if size == 1 else order}{_LETTERS[kind]}{size}"
    raise refuse(f"its type is {data_type!r}")


def _complete_fill(node: ArrayNode) -> Any:
    """Format 3 has no array without a fill value."""
    is_text = node.dtype == TEXT or node.dtype[1] in _TEXTS
    if node.fill_value is not None and not (is_text and node.fill_value == 0):
        return node.fill_value
    return "" if is_text else False if node.dtype == "|b1" else 0
