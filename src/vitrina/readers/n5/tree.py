"""The nodes of an N5 container: folders, each with an ``attributes.json`` where it says something.

Source: https://github.com/saalfeldlab/n5#file-system-specification
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ATTRIBUTES = "attributes.json"

MAX_ATTRIBUTES = 16 * 2**20
MAX_NODES = 20_000
MAX_DEPTH = 12
MAX_BLOCK_BYTES = 2**30
"""A decoded block that is larger is refused: it would fill the memory."""

DTYPES = ("uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64", "float32", "float64")


@dataclass(frozen=True, slots=True, kw_only=True)
class N5Array:
    """A dataset.

    Attributes:
        path: Below the container.
        shape: Slowest dimension first, the reverse of what N5 writes.
        block_shape: Of a block, in the same order.
        dtype: NumPy name.
        compression: Its settings, with a ``type``.
        attributes: All that is said of it.
    """

    path: str
    shape: tuple[int, ...]
    block_shape: tuple[int, ...]
    dtype: str
    compression: dict[str, Any]
    attributes: dict[str, Any]


def read_attributes(root: Path, path: str = "") -> dict[str, Any]:
    """What a node says; nothing where it says nothing.

    Raises:
        UnreadableError: It is not JSON, or too large.
    """
    file = root / path / ATTRIBUTES
    if file.is_symlink() or not file.is_file():
        return {}
    if file.stat().st_size > MAX_ATTRIBUTES:
        raise UnreadableError("metadata-too-large", f"{file} is too large for metadata.", where=str(file))
    try:
        value = json.loads(file.read_bytes())
    except (ValueError, RecursionError) as err:
        raise UnreadableError("json-damaged", f"{file} is not valid JSON: {err}.", where=str(file)) from err
    return value if isinstance(value, dict) else {}


def find_array(root: Path, path: str) -> N5Array | None:
    """The dataset at a path, None when there is none.

    Raises:
        UnreadableError: What is said of it makes no sense.
    """
    attributes = read_attributes(root, path)
    if "dimensions" not in attributes or "dataType" not in attributes:
        return None
    try:
        shape = tuple(int(size) for size in reversed(attributes["dimensions"]))
        blocks = tuple(int(size) for size in reversed(attributes["blockSize"]))
        compression = attributes.get("compression", attributes.get("compressionType", "raw"))
        settings = compression if isinstance(compression, dict) else {"type": str(compression)}
        dtype = str(attributes["dataType"])
        is_sound = len(shape) == len(blocks) and min(*blocks, 1) == 1 and min(*shape, 0) == 0 and dtype in DTYPES
    except (TypeError, ValueError, KeyError) as err:
        raise _damaged(root, path, repr(err)) from err
    if not is_sound:
        raise _damaged(root, path, f"shape {shape}, blocks {blocks}, type {dtype!r}")
    return N5Array(path=path, shape=shape, block_shape=blocks, dtype=dtype, compression=settings, attributes=attributes)


def list_children(root: Path, path: str = "") -> list[str]:
    """Names of the folders below a node; links are none."""
    folder = root / path
    found = [entry.name for entry in folder.iterdir() if not entry.is_symlink() and entry.is_dir()]
    return sorted((name for name in found if not name.startswith(".")), key=_order)


def iterate_arrays(root: Path) -> Iterator[N5Array]:
    """All datasets, without looking among their blocks.

    Raises:
        UnreadableError: There are too many nodes, or one is damaged.
    """
    waiting = [""]
    n_nodes = 0
    while waiting:
        path = waiting.pop()
        n_nodes += 1
        if n_nodes > MAX_NODES:
            raise UnreadableError("n5-too-large", f"{root} has more than {MAX_NODES:,} nodes.", where=str(root))
        array = find_array(root, path)
        if array is not None:
            yield array
        elif path.count("/") < MAX_DEPTH:
            waiting += [f"{path}/{name}".lstrip("/") for name in reversed(list_children(root, path))]


def _order(name: str) -> tuple[str, int]:
    """By the word before a number, then by the number."""
    word = name.rstrip("0123456789")
    return word, int(name[len(word) :][:9] or 0)


def _damaged(root: Path, path: str, reason: str) -> UnreadableError:
    return UnreadableError(
        "array-metadata-damaged",
        f"The metadata of the dataset {path!r} in {root} makes no sense: {reason}.",
        where=str(root),
    )
