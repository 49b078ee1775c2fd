"""How an array of Zarr is stored, in the words that decide whether the viewer's Zarr library can read it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vitrina.readers.source import Tree
    from vitrina.readers.zarr_tree import ZarrTree

type TextEncoding = Literal["utf8", "utf32", "bytes", "object"]

_NUMBERS = {"i": "int", "u": "uint", "f": "float", "c": "complex"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrayFacts:
    """What the metadata of one array says.

    Attributes:
        path: Of the array.
        shape: Size along each dimension.
        chunk_shape: Smallest part that can be read on its own: the inner chunk of a shard; None when irregular.
        dtype: NumPy name of numbers, else ``bool``, ``datetime64``, ``text`` or what the metadata says.
        text: How text is encoded: of variable length, four bytes per letter, one byte per letter, or as Python
            objects; None for what is no text.
        codecs: Names of filters, compressors and codecs, the inner ones of shards too, without ``numcodecs.``.
        is_extension: Whether the type is written as an object with settings, as Zarr 3 does beyond its core types.
        is_group: Whether the path is a group, which is no array at all.
    """

    path: str
    shape: tuple[int, ...] = ()
    chunk_shape: tuple[int, ...] | None = None
    dtype: str = ""
    text: TextEncoding | None = None
    codecs: tuple[str, ...] = ()
    is_extension: bool = False
    is_group: bool = False


def read_array_facts(zarr_tree: ZarrTree, path: str) -> ArrayFacts | None:
    """The facts of the array or group at a path, None when there is neither or its metadata is damaged."""
    try:
        if zarr_tree.format == 3:
            document = _read_json(zarr_tree.tree, f"{path}/zarr.json")
            return None if document is None else parse_v3_facts(document, path)
        document = _read_json(zarr_tree.tree, f"{path}/.zarray")
        if document is not None:
            return parse_v2_facts(document, path)
        has_group = zarr_tree.tree.get(f"{path}/.zgroup") is not None
        return ArrayFacts(path=path, is_group=True) if has_group else None
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        return None  # what is damaged is said by the check of the format


def parse_v2_facts(document: Mapping[str, Any], path: str) -> ArrayFacts:
    """Facts from ``.zarray``.

    Source: https://zarr-specs.readthedocs.io/en/latest/v2/v2.0.html#metadata
    """
    entries = [*(document.get("filters") or ()), *filter(None, (document.get("compressor"),))]
    codecs = tuple(str(entry.get("id")) for entry in entries)
    dtype, text = _name_v2_dtype(document["dtype"], codecs)
    return ArrayFacts(
        path=path,
        shape=tuple(int(size) for size in document["shape"]),
        chunk_shape=tuple(int(size) for size in document["chunks"]),
        dtype=dtype,
        text=text,
        codecs=codecs,
    )


def parse_v3_facts(document: Mapping[str, Any], path: str) -> ArrayFacts:
    """Facts from ``zarr.json``.

    Source: https://zarr-specs.readthedocs.io/en/latest/v3/core/index.html#array-metadata
    """
    if document.get("node_type") == "group":
        return ArrayFacts(path=path, is_group=True)
    grid = document["chunk_grid"]
    chunks = grid["configuration"].get("chunk_shape") if grid["name"] == "regular" else None
    codecs: list[str] = []
    for codec in document["codecs"]:
        name = str(codec["name"] if isinstance(codec, dict) else codec)
        codecs.append(name.removeprefix("numcodecs."))
        if name == "sharding_indexed":
            inner = codec["configuration"]
            chunks = inner["chunk_shape"]
            codecs += [str(one["name"]).removeprefix("numcodecs.") for one in inner.get("codecs", ())]
    data_type = document["data_type"]
    name = str(data_type["name"] if isinstance(data_type, dict) else data_type)
    return ArrayFacts(
        path=path,
        shape=tuple(int(size) for size in document["shape"]),
        chunk_shape=None if chunks is None else tuple(int(size) for size in chunks),
        dtype="text" if _find_v3_text(name) else name.removeprefix("numpy.").split(".")[0],
        text=_find_v3_text(name),
        codecs=tuple(codecs),
        is_extension=isinstance(data_type, dict),
    )


def _name_v2_dtype(dtype: object, codecs: tuple[str, ...]) -> tuple[str, TextEncoding | None]:
    match = re.fullmatch(r"[<>|]([a-zA-Z])(\d*)(\[.*\])?", dtype) if isinstance(dtype, str) else None
    if match is None:
        return "structured", None
    kind, size = match[1], match[2]
    if kind in _NUMBERS:
        return f"{_NUMBERS[kind]}{int(size) * 8}", None
    if kind == "O":
        return "text", "utf8" if "vlen-utf8" in codecs else "object"
    texts: dict[str, TextEncoding] = {"U": "utf32", "S": "bytes"}
    if kind in texts:
        return "text", texts[kind]
    return {"b": "bool", "M": "datetime64", "m": "timedelta64"}.get(kind, str(dtype)), None


def _find_v3_text(name: str) -> TextEncoding | None:
    if name in {"string", "variable_length_utf8"}:
        return "utf8"
    if "utf32" in name:
        return "utf32"
    return "bytes" if name in {"null_terminated_bytes", "raw_bytes", "variable_length_bytes", "bytes"} else None


def _read_json(tree: Tree, key: str) -> Mapping[str, Any] | None:
    data = tree.get(key.lstrip("/"))
    if data is None:
        return None
    document = json.loads(data)
    return document if isinstance(document, dict) else None
