"""A store in memory, for tests and for data that nobody keeps."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitrina.errors import ConflictError, StorageError
from vitrina.storage.failures import build_absent_error, build_storage_error
from vitrina.storage.hashing import HashedFile, build_digest, hash_bytes
from vitrina.storage.keys import check_key
from vitrina.storage.store import Entry, Staged, Stat
from vitrina.storage.walk import walk_source

if TYPE_CHECKING:
    from pathlib import Path

    from vitrina.storage.store import Progress


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder that exists even when nothing lies in it."""


type _Tree = dict[str, bytes | _Folder]


class MemoryStore:
    """Keys to bytes in a dictionary."""

    def __init__(self) -> None:
        self._nodes: _Tree = {}
        self._etags: dict[str, str] = {}
        self._staged: dict[str, _Tree] = {}
        self._numbers = itertools.count(1)

    @property
    def url(self) -> str:
        return f"memory://{id(self):x}"

    async def stat(self, key: str) -> Stat:
        return Stat(size_bytes=len(self._get_file(key)), etag=self._etags[key])

    async def read(self, key: str, start: int = 0, stop: int | None = None) -> bytes:
        return self._get_file(key)[start:stop]

    async def list_folder(self, key: str) -> list[Entry]:
        if not isinstance(self._nodes.get(check_key(key)), _Folder):
            raise build_absent_error(key, self.url, "folder")
        children = [path for path in self._nodes if path.rpartition("/")[0] == key]
        return [_build_entry(path.rpartition("/")[2], self._nodes[path]) for path in sorted(children)]

    async def stage(
        self,
        source: Path,
        *,
        take: bool = False,  # noqa: ARG002 (the source may be moved, and never is)
        progress: Progress | None = None,
    ) -> Staged:
        token = f"{next(self._numbers)}"
        nodes, staged = await asyncio.to_thread(_read_source, source, token, progress)
        self._staged[token] = nodes
        return staged

    async def commit(self, staged: Staged, key: str) -> None:
        parents = _list_parents(check_key(key))
        if key in self._nodes or any(isinstance(self._nodes.get(parent), bytes) for parent in parents):
            raise ConflictError("key-taken", f"Something is already at {key!r} in {self.url}.", where=key)
        try:
            nodes = self._staged.pop(staged.token)
        except KeyError as err:
            raise StorageError("storage-failed", f"Nothing is staged as {staged.token!r}.", where=key) from err
        self._nodes |= dict.fromkeys(parents, _Folder())
        for name, node in nodes.items():
            path = f"{key}/{name}" if name else key
            self._nodes[path] = node
            self._etags[path] = f"{next(self._numbers):x}"

    async def discard(self, staged: Staged) -> None:
        self._staged.pop(staged.token, None)

    async def delete(self, key: str) -> None:
        check_key(key)
        for path in [path for path in self._nodes if path == key or path.startswith(f"{key}/")]:
            del self._nodes[path]
        for parent in reversed(_list_parents(key)):
            if not any(path.startswith(f"{parent}/") for path in self._nodes):
                self._nodes.pop(parent, None)

    def get_local_path(self, key: str) -> Path | None:
        check_key(key)
        return None

    def _get_file(self, key: str) -> bytes:
        node = self._nodes.get(check_key(key))
        if not isinstance(node, bytes):
            raise build_absent_error(key, self.url)
        return node


def _read_source(source: Path, token: str, progress: Progress | None) -> tuple[_Tree, Staged]:
    tree = walk_source(source)
    nodes: _Tree = {"": _Folder()} if tree.is_folder else {}
    nodes |= dict.fromkeys(tree.folders, _Folder())
    files: list[HashedFile] = []
    done_bytes = 0
    for file in tree.files:
        try:
            data = file.path.read_bytes()
        except OSError as err:
            raise build_storage_error(err, "Reading", file.path) from err
        nodes[file.name] = data
        files.append(HashedFile(name=file.name, size_bytes=len(data), hash=hash_bytes(data)))
        done_bytes += len(data)
        if progress is not None:
            progress(done_bytes, tree.size_bytes)
    digest = build_digest(files, is_folder=tree.is_folder)
    return nodes, Staged(
        token=token,
        hash=digest.hash,
        size_bytes=digest.size_bytes,
        n_files=digest.n_files,
        is_folder=digest.is_folder,
    )


def _build_entry(name: str, node: bytes | _Folder) -> Entry:
    if isinstance(node, _Folder):
        return Entry(name=name, is_folder=True)
    return Entry(name=name, is_folder=False, size_bytes=len(node))


def _list_parents(key: str) -> list[str]:
    parts = key.split("/")
    return ["/".join(parts[:n]) for n in range(1, len(parts))]
