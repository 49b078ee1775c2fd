"""A Zarr hierarchy, version 2 or 3, in a folder or a zip file: attributes, array sizes, arrays."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from vitrina.errors import UnreadableError, UnsupportedError
from vitrina.readers.source import ZipTree

if TYPE_CHECKING:
    from typing import BinaryIO

    import zarr
    from zarr.abc.store import Store as ZarrStore

    from vitrina.readers.source import Source, Tree

MAX_CHUNK_BYTES = 2**31
"""A chunk is decoded as a whole; a larger one would fill the memory, and Blosc cannot hold it either."""

V2_MARKS = (".zgroup", ".zattrs", ".zarray", ".zmetadata")
V3_MARK = "zarr.json"

_KIND_NAMES = {"i": "int", "u": "uint", "f": "float", "c": "complex"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrayInfo:
    """What the metadata of an array says.

    Attributes:
        shape: Size along each dimension.
        chunk_shape: Smallest part that can be read on its own: the inner chunk of a shard; None when irregular.
        dtype: NumPy name, ``string``, ``datetime`` or ``object``.
    """

    shape: tuple[int, ...]
    chunk_shape: tuple[int, ...] | None
    dtype: str


@dataclass(frozen=True)
class ZarrTree:
    """A Zarr hierarchy.

    Args:
        source: Where it lies.
        tree: The keys below its root.
        root: Path of the root inside a zip file, empty when it is the root of the source.
        format: Version of the Zarr format.
    """

    source: Source
    tree: Tree
    root: str
    format: Literal[2, 3]

    @property
    def container(self) -> Literal["zarr2", "zarr3"]:
        """The ``Content.container`` of the format."""
        return "zarr3" if self.format == 3 else "zarr2"

    @property
    def is_zipped(self) -> bool:
        """Whether it lies in a zip file."""
        return not self.source.is_folder

    @property
    def name(self) -> str:
        """Name of the file or folder without the suffixes of the format."""
        name = self.source.path.name
        for suffix in (".zip", ".zarr", ".ome", ".sdata"):
            name = name[: -len(suffix)] if name.lower().endswith(suffix) and len(name) > len(suffix) else name
        return name

    def has_node(self, path: str) -> bool:
        """Whether a group or an array lies at the path."""
        marks = (V3_MARK,) if self.format == 3 else V2_MARKS
        return any(self.tree.get(_join(path, mark)) is not None for mark in marks)

    def read_attrs(self, path: str = "") -> dict[str, Any]:
        """The attributes of the group or array at the path; empty when it has none.

        Raises:
            UnreadableError: They are not JSON.
        """
        if self.format == 2:
            return self._read_json(_join(path, ".zattrs")) or {}
        attrs = (self._read_json(_join(path, V3_MARK)) or {}).get("attributes", {})
        return attrs if isinstance(attrs, dict) else {}

    def find_array(self, path: str) -> ArrayInfo | None:
        """What is known of the array at the path, None when there is none.

        Raises:
            UnreadableError: Its metadata is damaged.
        """
        metadata = self._read_json(_join(path, ".zarray" if self.format == 2 else V3_MARK))
        if metadata is None or (self.format == 3 and metadata.get("node_type") != "array"):
            return None
        try:
            return _parse_v2(metadata) if self.format == 2 else _parse_v3(metadata)
        except (KeyError, TypeError, ValueError, AttributeError) as err:
            raise UnreadableError(
                "array-metadata-damaged",
                f"The metadata of the array {path!r} in {self.source.path} is incomplete: {err!r}.",
                where=str(self.source.path),
            ) from err

    def get_array(self, path: str) -> ArrayInfo:
        """What is known of the array at the path.

        Raises:
            UnreadableError: There is none, or its metadata is damaged.
        """
        info = self.find_array(path)
        if info is None:
            raise UnreadableError(
                "array-missing",
                f"The array {path!r} that the metadata of {self.source.path} names is not there.",
                hint="The dataset is incomplete: copy or download it again.",
                where=str(self.source.path),
            )
        return info

    def list_groups(self, path: str) -> list[str]:
        """Names of the groups and arrays directly below a path, sorted."""
        return [name for name in self.tree.list_children(path) if self.has_node(_join(path, name))]

    def open_array(self, path: str) -> zarr.Array[Any]:
        """The array at the path, read-only.

        Raises:
            UnsupportedError: Its chunks do not fit into memory.
        """
        import zarr

        array = zarr.open_array(self.store, path=_join(self.root, path), mode="r", zarr_format=self.format)
        n_bytes = math.prod(array.chunks) * array.dtype.itemsize
        if n_bytes > MAX_CHUNK_BYTES:
            raise UnsupportedError(
                "chunk-too-large",
                f"The array {path!r} in {self.source.path} has chunks of {array.chunks}, {n_bytes:,} bytes each; "
                f"at most {MAX_CHUNK_BYTES:,} are read at once.",
                hint="Write it with smaller chunks.",
                where=str(self.source.path),
            )
        return array

    def open_group(self, path: str = "") -> zarr.Group:
        """The group at the path, read-only."""
        import zarr

        full = _join(self.root, path)
        # consolidated metadata is often stale, and listing a local folder is cheap
        return zarr.open_group(self.store, path=full, mode="r", zarr_format=self.format, use_consolidated=False)

    def open_file(self, path: str) -> BinaryIO:
        """A file such as Parquet inside the hierarchy; the caller closes it.

        Raises:
            NotFoundError: It is not there.
        """
        return self.tree.open_file(path)

    @cached_property
    def store(self) -> ZarrStore:
        """The store of the whole source, in which this hierarchy lies under ``root``."""
        tree = self.source.tree
        if tree is None:
            raise UnreadableError("zarr-missing", f"{self.source.path} is neither a folder nor a zip file.")
        return tree.open_zarr_store()

    def _read_json(self, key: str) -> dict[str, Any] | None:
        data = self.tree.get(key)
        if data is None:
            return None
        try:
            value = json.loads(data)
        except (ValueError, RecursionError) as err:
            raise _json_damaged(self.source, key, str(err)) from err
        if not isinstance(value, dict):
            raise _json_damaged(self.source, key, f"a JSON object was expected, not {type(value).__name__}")
        return value


def find_zarr_tree(source: Source) -> ZarrTree | None:
    """The Zarr hierarchy of a source: its own root, or the only folder inside a zip file; None when there is none.

    Raises:
        UnreadableError: The zip file is damaged.
    """
    tree = source.tree
    if tree is None:
        return None
    version = _find_version(tree)
    if version is not None:
        return ZarrTree(source=source, tree=tree, root="", format=version)
    names = [name for name in tree.list_children("") if name != "__MACOSX" and not name.startswith(".")]
    if source.is_folder or len(names) != 1:
        return None
    nested = ZipTree(source.path, names[0])
    version = _find_version(nested)
    return None if version is None else ZarrTree(source=source, tree=nested, root=names[0], format=version)


def get_zarr_tree(source: Source) -> ZarrTree:
    """The Zarr hierarchy of a source.

    Raises:
        UnreadableError: There is none, or the zip file is damaged.
    """
    tree = find_zarr_tree(source)
    if tree is None:
        raise UnreadableError(
            "zarr-missing",
            f"{source.path} holds no Zarr group: neither zarr.json nor .zgroup is at its root.",
            where=str(source.path),
        )
    return tree


def _find_version(tree: Tree) -> Literal[2, 3] | None:
    if tree.get(V3_MARK) is not None:
        return 3
    return 2 if any(tree.get(mark) is not None for mark in V2_MARKS) else None


def _parse_v2(metadata: dict[str, Any]) -> ArrayInfo:
    """Source: https://zarr-specs.readthedocs.io/en/latest/v2/v2.0.html#metadata."""
    return ArrayInfo(
        shape=tuple(int(size) for size in metadata["shape"]),
        chunk_shape=tuple(int(size) for size in metadata["chunks"]),
        dtype=_parse_v2_dtype(metadata["dtype"], metadata.get("filters") or []),
    )


def _parse_v2_dtype(dtype: object, filters: list[dict[str, Any]]) -> str:
    if not isinstance(dtype, str) or len(dtype) < 2:
        return "object"
    kind, size = dtype[1], dtype[2:]
    if kind in _KIND_NAMES:
        return f"{_KIND_NAMES[kind]}{int(size) * 8}"
    if kind == "O":
        return "string" if any(entry.get("id") == "vlen-utf8" for entry in filters) else "object"
    return {"b": "bool", "U": "string", "S": "string", "M": "datetime"}.get(kind, "object")


def _parse_v3(metadata: dict[str, Any]) -> ArrayInfo:
    """Source: https://zarr-specs.readthedocs.io/en/latest/v3/core/index.html#array-metadata, sharding:
    https://zarr-specs.readthedocs.io/en/latest/v3/codecs/sharding-indexed/index.html.
    """  # noqa: D205 one reference over two lines
    grid = metadata["chunk_grid"]
    chunk_shape = grid["configuration"].get("chunk_shape") if grid["name"] == "regular" else None
    for codec in metadata["codecs"]:
        if codec["name"] == "sharding_indexed":
            chunk_shape = codec["configuration"]["chunk_shape"]
    data_type = metadata["data_type"]
    name = data_type["name"] if isinstance(data_type, dict) else str(data_type)
    return ArrayInfo(
        shape=tuple(int(size) for size in metadata["shape"]),
        chunk_shape=None if chunk_shape is None else tuple(int(size) for size in chunk_shape),
        dtype=_parse_v3_dtype(name),
    )


def _parse_v3_dtype(name: str) -> str:
    if name == "string" or "utf" in name:
        return "string"
    return "datetime" if "datetime" in name else name


def _join(folder: str, name: str) -> str:
    return "/".join(part for part in (folder, name) if part)


def _json_damaged(source: Source, key: str, reason: str) -> UnreadableError:
    return UnreadableError(
        "json-damaged", f"{key} inside {source.path} is not valid JSON: {reason}.", where=str(source.path)
    )
