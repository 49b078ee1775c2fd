"""A local folder as a store.

Below the root lie the keys and one folder of its own, ``.staging``: bytes that are not visible yet, and bytes that are
being deleted. Everything there is removed when its operation ends; only a killed process leaves something behind.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vitrina.errors import ConflictError, InputError, NotFoundError, StorageError
from vitrina.storage import syscalls
from vitrina.storage.beneath import open_beneath
from vitrina.storage.copying import copy_tree
from vitrina.storage.failures import build_absent_error, build_read_error, build_storage_error
from vitrina.storage.hashing import build_digest, hash_file
from vitrina.storage.keys import check_key
from vitrina.storage.store import Entry, Staged, Stat
from vitrina.storage.threads import Meter, run_on_each
from vitrina.storage.walk import SourceTree, walk_source

if TYPE_CHECKING:
    from collections.abc import Callable

    from vitrina.storage.store import Progress

STAGING = ".staging"

MAX_INLINE_BYTES = 2**20
"""Up to here a read costs less than handing it to a thread and back."""


class LocalStore:
    """Keys as paths below a folder. Saved files are read-only; folders are not, so that ``rm -r`` still works.

    Args:
        root: Created when the first bytes arrive.
    """

    def __init__(self, root: Path) -> None:
        self._root = str(Path(root).resolve())

    @property
    def root(self) -> Path:
        """The folder, absolute and without links."""
        return Path(self._root)

    @property
    def url(self) -> str:
        return self.root.as_uri()

    async def stat(self, key: str) -> Stat:
        descriptor, info = self._open_file(key)
        os.close(descriptor)
        return Stat(size_bytes=info.st_size, etag=f"{info.st_mtime_ns:x}-{info.st_size:x}")

    async def read(self, key: str, start: int = 0, stop: int | None = None) -> bytes:
        descriptor, info = self._open_file(key)
        try:
            end = info.st_size if stop is None else min(stop, info.st_size)
            n_bytes = max(0, end - start)
            if n_bytes <= MAX_INLINE_BYTES:
                return self._read(descriptor, start, n_bytes, key)
            return await _in_thread(self._read, descriptor, start, n_bytes, key)
        finally:
            os.close(descriptor)

    async def list_folder(self, key: str) -> list[Entry]:
        return await _in_thread(self._list_folder, _check(key))

    async def stage(self, source: Path, *, take: bool = False, progress: Progress | None = None) -> Staged:
        tree = await _in_thread(walk_source, source)
        meter = Meter(tree.size_bytes, progress)
        staged = self.root / STAGING / secrets.token_hex(16)
        try:
            return await _in_thread(self._stage, tree, staged, take, meter, on_cancel=meter.stop)
        except asyncio.CancelledError:
            _remove(staged)  # it may have been complete already when the cancellation came
            raise

    async def commit(self, staged: Staged, key: str) -> None:
        await _in_thread(self._commit, self._get_staged_path(staged), staged.is_folder, _check(key))

    async def discard(self, staged: Staged) -> None:
        await _in_thread(_remove, self._get_staged_path(staged))

    async def delete(self, key: str) -> None:
        await _in_thread(self._delete, _check(key))

    def get_local_path(self, key: str) -> Path | None:
        try:
            os.close(open_beneath(self._root, _check(key)))
        except OSError as err:
            if isinstance(error := build_read_error(err, key, self._root), NotFoundError):
                return None
            raise error from err
        return self.root / key

    def _open_file(self, key: str) -> tuple[int, os.stat_result]:
        try:
            descriptor = open_beneath(self._root, _check(key))
        except OSError as err:
            raise build_read_error(err, key, self._root) from err
        info = os.fstat(descriptor)
        if stat.S_ISREG(info.st_mode):
            return descriptor, info
        os.close(descriptor)
        raise build_absent_error(key, self._root)

    def _read(self, descriptor: int, start: int, n_bytes: int, key: str) -> bytes:
        parts: list[bytes] = []
        try:
            while n_bytes > 0 and (part := os.pread(descriptor, n_bytes, start)):  # Linux reads at most 2 GiB at once
                parts.append(part)
                start += len(part)
                n_bytes -= len(part)
        except OSError as err:
            raise build_read_error(err, key, self._root) from err
        return parts[0] if len(parts) == 1 else b"".join(parts)

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

    def _stage(self, tree: SourceTree, staged: Path, take: bool, meter: Meter) -> Staged:
        try:
            if take and self._can_move(tree):
                files = run_on_each(lambda file: hash_file(file, meter), tree.files)
                tree.root.rename(staged)  # last, so that a failure before leaves the source where it was
            else:
                files = copy_tree(tree, staged, meter)
                if take:
                    _remove(tree.root)
        except BaseException as err:
            _remove(staged)
            if isinstance(err, OSError) and not isinstance(err, StorageError):
                raise build_storage_error(err, "Staging", tree.root) from err
            raise
        digest = build_digest(files, is_folder=tree.is_folder)
        return Staged(
            token=staged.name,
            hash=digest.hash,
            size_bytes=digest.size_bytes,
            n_files=digest.n_files,
            is_folder=digest.is_folder,
        )

    def _can_move(self, tree: SourceTree) -> bool:
        """Whether a rename would leave exactly the walked files in the store, with no second name elsewhere."""
        staging = self.root / STAGING
        staging.mkdir(parents=True, exist_ok=True)
        if tree.has_links or tree.root.stat().st_dev != staging.stat().st_dev:
            return False
        return all(file.path.stat().st_nlink == 1 for file in tree.files)

    def _commit(self, staged: Path, is_folder: bool, key: str) -> None:
        target = self.root / key
        try:
            self._create_parents(key)
            if is_folder:
                _set_files_read_only(staged)
                syscalls.rename_without_replacing(staged, target)
                syscalls.sync_file_system(target)
            else:
                staged.chmod(0o444)
                syscalls.sync_path(staged)
                syscalls.rename_without_replacing(staged, target)
                while target != self.root:
                    target = target.parent
                    syscalls.sync_path(target)
        except (FileExistsError, NotADirectoryError) as err:
            raise ConflictError("key-taken", f"Something is already at {key!r} in {self._root}.", where=key) from err
        except OSError as err:
            raise build_storage_error(err, "Writing", self.root / key) from err

    def _create_parents(self, key: str) -> None:
        """Folders above a key, one by one, so that none is created through a link."""
        folder = self.root
        for part in key.split("/")[:-1]:
            folder /= part
            folder.mkdir(exist_ok=True)
            if folder.is_symlink():
                raise NotADirectoryError(str(folder))

    def _delete(self, key: str) -> None:
        parent, _, name = key.rpartition("/")
        trash = self.root / STAGING / secrets.token_hex(16)
        try:
            trash.parent.mkdir(parents=True, exist_ok=True)
            descriptor = (
                open_beneath(self._root, parent, os.O_DIRECTORY) if parent else os.open(self._root, os.O_RDONLY)
            )
            try:
                os.rename(name, trash, src_dir_fd=descriptor)  # gone at once for readers
            finally:
                os.close(descriptor)
        except OSError as err:
            if isinstance(error := build_read_error(err, key, self._root), NotFoundError):
                return
            raise error from err
        _remove(trash)
        self._remove_empty_parents(parent)

    def _remove_empty_parents(self, key: str) -> None:
        while key:
            try:
                (self.root / key).rmdir()
            except OSError:  # not empty, or not a folder of ours
                return
            key = key.rpartition("/")[0]

    def _get_staged_path(self, staged: Staged) -> Path:
        return self.root / STAGING / check_key(staged.token)


async def _in_thread[*Args, R](
    function: Callable[[*Args], R], *args: *Args, on_cancel: Callable[[], object] | None = None
) -> R:
    """Call a function in a thread; when cancelled, wait for its end, so that nothing runs on behind the caller."""
    work = asyncio.get_running_loop().run_in_executor(None, function, *args)
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        if on_cancel is not None:
            on_cancel()
        await asyncio.wait([work])
        work.exception()  # looked at, or asyncio would report it as forgotten
        raise


def _check(key: str) -> str:
    check_key(key)
    if key == STAGING or key.startswith(f"{STAGING}/"):
        raise InputError("key-reserved", f"{STAGING!r} belongs to the storage itself.", where=key)
    return key


def _set_files_read_only(folder: Path) -> None:
    for parent, _, names in os.walk(folder):
        for name in names:
            os.chmod(os.path.join(parent, name), 0o444)  # noqa: PTH101, PTH118 (text: 100,000 files are common)


def _remove(path: Path) -> None:
    """Remove a file, link or whole folder, without following links; nothing happens when it is absent.

    Raises:
        StorageError: The system refuses.
    """

    def unlock_and_retry(function: Callable[..., Any], name: str, err: BaseException) -> None:
        if isinstance(err, FileNotFoundError):
            return
        if not isinstance(err, PermissionError):
            raise err
        parent = Path(name).parent if function is not os.scandir else Path(name)
        parent.chmod(0o700)
        function(name)

    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, onexc=unlock_and_retry)
        else:
            path.unlink(missing_ok=True)
    except OSError as err:
        raise build_storage_error(err, "Removing", path) from err
