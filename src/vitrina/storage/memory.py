"""A store in memory, for tests and for data that nobody keeps."""

from __future__ import annotations

import asyncio
import itertools
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from vitrina.errors import ConflictError, StorageError
from vitrina.storage.failures import build_absent_error, build_storage_error, build_taken_error
from vitrina.storage.hashing import HashedFile, build_digest, hash_bytes
from vitrina.storage.keys import check_key
from vitrina.storage.store import Entry, Saved, Staged, Stat
from vitrina.storage.walk import SourceTree, walk_source

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vitrina.storage.hashing import Digest
    from vitrina.storage.store import Progress


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder that exists even when nothing lies in it."""


type _Tree = dict[str, bytes | _Folder]


@dataclass(frozen=True, slots=True)
class _StagedTree:
    nodes: _Tree
    files: tuple[HashedFile, ...]


@dataclass(frozen=True, slots=True)
class MemoryFile:
    """A file of a store in memory."""

    stat: Stat
    data: bytes

    async def read(self, start: int = 0, stop: int | None = None) -> bytes:
        """Bytes ``start`` to ``stop``."""
        return self.data[start:stop]

    def read_at_once(self, start: int, stop: int) -> bytes:
        """Bytes ``start`` to ``stop``."""
        return self.data[start:stop]

    def close(self) -> None:
        """Nothing is open."""


class MemoryStore:
    """Keys to bytes in a dictionary."""

    def __init__(self) -> None:
        self._nodes: _Tree = {}
        self._etags: dict[str, str] = {}
        self._staged: dict[str, _StagedTree] = {}
        self._manifests: dict[str, tuple[HashedFile, ...]] = {}
        self._saved_at: dict[str, datetime] = {}
        self._numbers = itertools.count(1)

    @property
    def url(self) -> str:
        return f"memory://{id(self):x}"

    async def stat(self, key: str) -> Stat:
        return Stat(size_bytes=len(self._get_file(key)), etag=self._etags[key])

    async def read(self, key: str, start: int = 0, stop: int | None = None) -> bytes:
        return self._get_file(key)[start:stop]

    async def open_file(self, key: str) -> MemoryFile:
        return self.open_at_once(key)

    def open_at_once(self, key: str) -> MemoryFile:
        data = self._get_file(key)
        return MemoryFile(Stat(size_bytes=len(data), etag=self._etags[key]), data)

    async def list_folder(self, key: str) -> list[Entry]:
        if not isinstance(self._nodes.get(check_key(key)), _Folder):
            raise build_absent_error(key, self.url, "folder")
        children = [path for path in self._nodes if path.rpartition("/")[0] == key]
        return [_build_entry(path.rpartition("/")[2], self._nodes[path]) for path in sorted(children)]

    async def stage(
        self,
        source: Path | SourceTree,
        *,
        base_keys: Sequence[str] = (),
        hashed: Iterable[HashedFile] = (),  # noqa: ARG002 (they spare reading, which costs nothing here)
        take: bool = False,  # noqa: ARG002 (the source may be moved, and never is)
        progress: Progress | None = None,
    ) -> Staged:
        for key in base_keys:  # equal bytes could be one object, which nobody would notice
            check_key(key)
        token = f"{next(self._numbers)}"
        self._staged[token], staged = await asyncio.to_thread(_read_source, source, token, progress)
        return staged

    async def commit(self, staged: Staged, key: str) -> None:
        parents = _list_parents(check_key(key))
        if key in self._nodes or any(isinstance(self._nodes.get(parent), bytes) for parent in parents):
            raise ConflictError("key-taken", f"Something is already at {key!r} in {self.url}.", where=key)
        try:
            tree = self._staged.pop(staged.token)
        except KeyError as err:
            raise StorageError("storage-failed", f"Nothing is staged as {staged.token!r}.", where=key) from err
        self._nodes |= dict.fromkeys(parents, _Folder())
        for name, node in tree.nodes.items():
            path = _join(key, name)
            self._nodes[path] = node
            self._etags[path] = f"{next(self._numbers):x}"
        if staged.is_folder:
            self._manifests[key] = tree.files
        self._saved_at[key.partition("/")[0]] = datetime.now(UTC)

    async def discard(self, staged: Staged) -> None:
        self._staged.pop(staged.token, None)

    async def delete(self, key: str) -> int:
        freed_bytes = await self.measure([key])
        for path in self._list_below(key):
            del self._nodes[path]
            self._manifests.pop(path, None)
        for parent in reversed(_list_parents(key)):
            if not any(path.startswith(f"{parent}/") for path in self._nodes):
                self._nodes.pop(parent, None)
        return freed_bytes

    async def checkout(self, key: str, target: Path, *, progress: Progress | None = None) -> Digest:
        nodes = self._get_tree(key)
        files = _hash_nodes(nodes, progress)
        await asyncio.to_thread(_write_nodes, nodes, target)
        return build_digest(files, is_folder=isinstance(nodes[""], _Folder))

    async def read_manifest(self, key: str) -> tuple[HashedFile, ...] | None:
        return self._manifests.get(check_key(key))

    @property
    def upkeep(self) -> MemoryStore:
        return self

    async def hash_files(
        self,
        key: str,
        *,
        seen: dict[tuple[int, int], str] | None = None,  # noqa: ARG002 (nothing is shared here)
        progress: Progress | None = None,
    ) -> tuple[HashedFile, ...]:
        return _hash_nodes(self._get_tree(key), progress)

    async def list_saved(self) -> list[Saved]:
        names = sorted({path.partition("/")[0] for path in self._nodes})
        return [Saved(name=name, saved_at=self._saved_at[name]) for name in names]

    async def measure(self, keys: Sequence[str]) -> int:
        paths = {path for key in keys for path in self._list_below(key)}
        return sum(len(node) for path in paths if isinstance(node := self._nodes[path], bytes))

    async def sweep(self, *, dry_run: bool = False) -> int:  # noqa: ARG002 (what a process leaves behind went with it)
        return 0

    def get_local_path(self, key: str) -> Path | None:
        check_key(key)
        return None

    def _list_below(self, key: str) -> list[str]:
        check_key(key)
        return [path for path in self._nodes if path == key or path.startswith(f"{key}/")]

    def _get_tree(self, key: str) -> _Tree:
        nodes = {path[len(key) + 1 :]: self._nodes[path] for path in sorted(self._list_below(key))}
        if not nodes:
            raise build_absent_error(key, self.url)
        return nodes

    def _get_file(self, key: str) -> bytes:
        node = self._nodes.get(check_key(key))
        if not isinstance(node, bytes):
            raise build_absent_error(key, self.url)
        return node


def _read_source(source: Path | SourceTree, token: str, progress: Progress | None) -> tuple[_StagedTree, Staged]:
    tree = source if isinstance(source, SourceTree) else walk_source(source)
    nodes: _Tree = {"": _Folder()} if tree.is_folder else {}
    nodes |= dict.fromkeys(tree.folders, _Folder())
    for file in tree.files:
        try:
            nodes[file.name] = Path(file.path).read_bytes()
        except OSError as err:
            raise build_storage_error(err, "Reading", file.path) from err
    files = _hash_nodes(nodes, progress)
    digest = build_digest(files, is_folder=tree.is_folder)
    staged = Staged(
        token=token,
        hash=digest.hash,
        size_bytes=digest.size_bytes,
        n_files=digest.n_files,
        is_folder=digest.is_folder,
    )
    return _StagedTree(nodes, files), staged


def _hash_nodes(nodes: _Tree, progress: Progress | None) -> tuple[HashedFile, ...]:
    contents = {name: node for name, node in nodes.items() if isinstance(node, bytes)}
    total_bytes = sum(map(len, contents.values()))
    done_bytes = 0
    files = []
    for name, data in sorted(contents.items()):
        files.append(HashedFile(name=name, size_bytes=len(data), hash=hash_bytes(data)))
        done_bytes += len(data)
        if progress is not None:
            progress(done_bytes, total_bytes)
    return tuple(files)


def _write_nodes(nodes: _Tree, target: Path) -> None:
    if os.path.lexists(target):
        raise build_taken_error(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        for name, node in nodes.items():  # sorted, so that folders come before what is in them
            if isinstance(node, bytes):
                (target / name).write_bytes(node)
            else:
                (target / name).mkdir()
    except OSError as err:
        raise build_storage_error(err, "Writing", target) from err


def _build_entry(name: str, node: bytes | _Folder) -> Entry:
    if isinstance(node, _Folder):
        return Entry(name=name, is_folder=True)
    return Entry(name=name, is_folder=False, size_bytes=len(node))


def _list_parents(key: str) -> list[str]:
    parts = key.split("/")
    return ["/".join(parts[:n]) for n in range(1, len(parts))]


def _join(key: str, name: str) -> str:
    return f"{key}/{name}" if name else key
