"""A local folder as a store: keys are paths below it."""

from __future__ import annotations

import asyncio
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from vitrina.errors import InputError, NotFoundError
from vitrina.storage.beneath import open_beneath
from vitrina.storage.failures import build_absent_error, build_read_error, build_storage_error
from vitrina.storage.in_thread import in_thread
from vitrina.storage.keys import check_key
from vitrina.storage.layout import MANIFESTS, check_local_key, read_manifest
from vitrina.storage.local_upkeep import LocalUpkeep
from vitrina.storage.local_writer import LocalWriter, walk_key
from vitrina.storage.store import Entry, Stat
from vitrina.storage.threads import Meter
from vitrina.storage.walk import SourceTree, walk_source

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vitrina.storage.hashing import Digest, HashedFile
    from vitrina.storage.store import Progress, Staged

MAX_INLINE_BYTES = 2**20
"""Up to here a read costs less than handing it to a thread and back."""


class LocalFile:
    """A file of a local store, open.

    Args:
        descriptor: Closed with this.
        info: What the system says of it.
        root: Of the store.
        key: Of the file.
    """

    __slots__ = ("_descriptor", "_info", "_key", "_root")

    def __init__(self, descriptor: int, info: os.stat_result, root: str, key: str) -> None:
        self._descriptor = descriptor
        self._info = info
        self._root = root
        self._key = key

    @property
    def stat(self) -> Stat:
        info = self._info
        return Stat(size_bytes=info.st_size, etag=f"{info.st_mtime_ns:x}-{info.st_size:x}")

    async def read(self, start: int = 0, stop: int | None = None) -> bytes:
        end = self._info.st_size if stop is None else stop
        if end - start <= MAX_INLINE_BYTES:
            return self.read_at_once(start, end)
        return await in_thread(self.read_at_once, start, end)

    def read_at_once(self, start: int, stop: int) -> bytes:
        n_bytes = max(0, min(stop, self._info.st_size) - start)
        parts: list[bytes] = []
        try:
            while n_bytes > 0 and (part := os.pread(self._descriptor, n_bytes, start)):
                parts.append(part)  # Linux reads at most 2 GiB at once
                start += len(part)
                n_bytes -= len(part)
        except OSError as err:
            raise build_read_error(err, self._key, self._root) from err
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def close(self) -> None:
        os.close(self._descriptor)


class LocalStore:
    """Keys as paths below a folder. Saved files are read-only; folders are not, so that ``rm -r`` still works.

    Args:
        root: Created when the first bytes arrive.
    """

    def __init__(self, root: Path) -> None:
        self._root = str(Path(root).resolve())
        self._url = Path(self._root).as_uri()
        self._writer = LocalWriter(self.root)

    @property
    def root(self) -> Path:
        """The folder, absolute and without links."""
        return Path(self._root)

    @property
    def url(self) -> str:
        return self._url

    async def stat(self, key: str) -> Stat:
        file = self.open_at_once(key)
        file.close()
        return file.stat

    async def read(self, key: str, start: int = 0, stop: int | None = None) -> bytes:
        file = self.open_at_once(key)
        try:
            return await file.read(start, stop)
        finally:
            file.close()

    async def open_file(self, key: str) -> LocalFile:
        return self.open_at_once(key)

    def open_at_once(self, key: str) -> LocalFile:
        try:
            descriptor = open_beneath(self._root, check_local_key(key))
        except OSError as err:
            raise build_read_error(err, key, self._root) from err
        info = os.fstat(descriptor)
        if stat.S_ISREG(info.st_mode):
            return LocalFile(descriptor, info, self._root, key)
        os.close(descriptor)
        raise build_absent_error(key, self._root)

    async def list_folder(self, key: str) -> list[Entry]:
        return await in_thread(self._list_folder, check_local_key(key))

    async def stage(
        self,
        source: Path | SourceTree,
        *,
        base_keys: Sequence[str] = (),
        hashed: Iterable[HashedFile] = (),
        take: bool = False,
        progress: Progress | None = None,
    ) -> Staged:
        keys = [check_local_key(key) for key in base_keys]
        tree = source if isinstance(source, SourceTree) else await in_thread(walk_source, source)
        meter = Meter(tree.size_bytes, progress)
        done: list[Staged] = []
        try:
            await in_thread(
                lambda: done.append(self._writer.stage(tree, keys, hashed, take, meter)), on_cancel=meter.stop
            )
        except asyncio.CancelledError:
            for staged in done:  # it was complete already when the cancellation came
                self._writer.discard(staged.token)
            raise
        return done[0]

    async def commit(self, staged: Staged, key: str) -> None:
        await in_thread(self._writer.commit, staged, check_local_key(key))

    async def discard(self, staged: Staged) -> None:
        await in_thread(self._writer.discard, staged.token)

    async def delete(self, key: str) -> int:
        return await in_thread(self._writer.delete, check_local_key(key))

    async def checkout(self, key: str, target: Path, *, progress: Progress | None = None) -> Digest:
        tree = await in_thread(walk_key, self.root, check_local_key(key))
        meter = Meter(tree.size_bytes, progress)
        return await in_thread(self._writer.checkout, tree, target, meter, on_cancel=meter.stop)

    async def read_manifest(self, key: str) -> tuple[HashedFile, ...] | None:
        path = self.root / MANIFESTS / check_local_key(key)
        try:
            return await in_thread(read_manifest, path)
        except OSError as err:
            raise build_storage_error(err, "Reading", path) from err

    @property
    def upkeep(self) -> LocalUpkeep:
        return LocalUpkeep(self.root)

    def get_local_path(self, key: str) -> Path | None:
        try:
            os.close(open_beneath(self._root, check_local_key(key)))
        except OSError as err:
            if isinstance(error := build_read_error(err, key, self._root), NotFoundError):
                return None
            raise error from err
        return self.root / key

    def _list_folder(self, key: str) -> list[Entry]:
        try:
            descriptor = open_beneath(self._root, key, os.O_DIRECTORY)
            try:
                with os.scandir(descriptor) as entries:
                    found = [self._build_entry(key, entry) for entry in entries]
            finally:
                os.close(descriptor)
        except OSError as err:
            error = build_read_error(err, key, self._root)
            raise build_absent_error(key, self._root, "folder") if isinstance(error, NotFoundError) else error from err
        return sorted((entry for entry in found if entry is not None), key=lambda entry: entry.name)

    def _build_entry(self, folder_key: str, entry: os.DirEntry[str]) -> Entry | None:
        """None for what no key can read: pipes, devices, names outside of the grammar, links that lead out."""
        key = f"{folder_key}/{entry.name}"
        try:
            check_key(key)
            if entry.is_symlink():
                descriptor = open_beneath(self._root, key)
                info = os.fstat(descriptor)
                os.close(descriptor)
            elif entry.is_dir():
                return Entry(name=entry.name, is_folder=True)
            else:
                info = entry.stat()
        except (OSError, InputError):
            return None
        if stat.S_ISDIR(info.st_mode):
            return Entry(name=entry.name, is_folder=True)
        return Entry(name=entry.name, is_folder=False, size_bytes=info.st_size) if stat.S_ISREG(info.st_mode) else None
