"""Copy files into a store and out of it, hashed on the way."""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitrina.errors import StorageError
from vitrina.storage.buffers import PART_BYTES, Buffers
from vitrina.storage.failures import build_storage_error
from vitrina.storage.hashing import HashedFile, hash_file, open_hash
from vitrina.storage.sharing import READ_ONLY, Sharer
from vitrina.storage.store import Sharing
from vitrina.storage.threads import run_on_each
from vitrina.storage.walk import SourceFile
from vitrina.storage.write_behind import WriteBehind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from vitrina.storage.sharing import BaseFiles
    from vitrina.storage.threads import Meter
    from vitrina.storage.walk import SourceTree

_KERNEL_COPY_BYTES = 2**20
_WRITABLE = 0o666
_NOT_OFFERED = frozenset({errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM, errno.ETXTBSY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """The files of a tree that was stored, in the order of the tree, and what they share."""

    files: tuple[HashedFile, ...]
    sharing: Sharing


def store_tree(
    tree: SourceTree, target: Path, base: BaseFiles, meter: Meter, known: Iterable[HashedFile] = ()
) -> Stored:
    """Store a file or folder at a new place: files that equal one of the base share its bytes, the others are copied.

    Args:
        tree: What to store.
        target: Where.
        base: What is stored already.
        meter: Counts the bytes of the tree.
        known: Files of the tree whose hashes are known. One that changes meanwhile is stored as it was, when that is in
            the base, else as it is when it is copied; either way its hash is that of what is stored.

    Raises:
        StorageError: A file cannot be read or written.
        StoppedError: See ``Meter``.
    """
    _create_folders(tree, target)
    sharer, buffers = Sharer(), Buffers()
    silent = meter.without_progress()
    hashes = {(file.name, file.size_bytes): file for file in known}
    sets_mode = not (tree.is_folder and _is_readable_to_all(target))
    with WriteBehind(target.parent) as behind:

        def store(file: SourceFile) -> tuple[HashedFile, bool | None]:
            path = join(target, file.name)
            twin = None
            if base.has_size(file.size_bytes):
                hashed = hashes.get((file.name, file.size_bytes)) or hash_file(file, silent, buffers)
                twin = find_twin(hashed, base, silent, buffers)
                if twin is not None and sharer.share(twin, path):
                    meter.advance(hashed.size_bytes)
                    return hashed, True
            copied = copy_file(file, path, meter, buffers, mode=READ_ONLY, sets_mode=sets_mode)
            behind.advance(copied.size_bytes)
            return copied, None if twin is None else False

        return build_stored(run_on_each(store, tree.files))


def find_twin(file: HashedFile, base: BaseFiles, meter: Meter, buffers: Buffers) -> str | None:
    """A stored file with these bytes, as reading it just now has shown: what is damaged is not passed on.

    Raises:
        StoppedError: See ``Meter``.
    """
    path = base.find(file)
    if path is None:
        return None
    try:
        stored = SourceFile(name=file.name, path=path, size_bytes=file.size_bytes)
        found = hash_file(stored, meter, buffers)
    except StorageError:
        return None
    return path if found.hash == file.hash else None


def build_stored(files: Iterable[tuple[HashedFile, bool | None]]) -> Stored:
    """What was stored, from each file with whether it shares the bytes of its twin; None without a twin."""
    listed = tuple(files)
    shared = [file for file, is_shared in listed if is_shared]
    return Stored(
        files=tuple(file for file, _ in listed),
        sharing=Sharing(
            n_files=len(shared),
            size_bytes=sum(file.size_bytes for file in shared),
            n_copied=sum(is_shared is False for _, is_shared in listed),
        ),
    )


def copy_tree(tree: SourceTree, target: Path, meter: Meter) -> tuple[HashedFile, ...]:
    """Copy a file or folder to a new place, as files that may be written to; the hashes are those of the copies.

    Raises:
        StorageError: A file cannot be read or written.
        StoppedError: See ``Meter``.
    """
    _create_folders(tree, target)
    buffers = Buffers()

    def copy(file: SourceFile) -> HashedFile:
        return copy_file(file, join(target, file.name), meter, buffers, mode=_WRITABLE)

    return tuple(run_on_each(copy, tree.files))


def join(folder: Path, name: str) -> str:
    """The path of a file; of a tree that is a single file, its name is empty. Text, as in ``SourceFile``."""
    return f"{folder}/{name}" if name else str(folder)


def _create_folders(tree: SourceTree, target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if tree.is_folder:
            target.mkdir()
        for folder in tree.folders:
            (target / folder).mkdir()
    except OSError as err:
        raise build_storage_error(err, "Writing", target) from err


def _is_readable_to_all(folder: Path) -> bool:
    """Whether a folder that was just made is, and so will be the files in it: no umask or access list forbids it."""
    return os.stat(folder).st_mode & READ_ONLY == READ_ONLY  # noqa: PTH116 (as everywhere here)


def copy_file(
    file: SourceFile, target: str, meter: Meter, buffers: Buffers, *, mode: int, sets_mode: bool = False
) -> HashedFile:
    """Copy one file.

    Large files are copied inside the kernel, which shares the blocks where the file system can (XFS, Btrfs, NFS 4.2),
    and are read back for the hash, part by part while they are still in memory.

    Source: https://man7.org/linux/man-pages/man2/copy_file_range.2.html

    Args:
        file: What to copy.
        target: Where; nothing may be there.
        meter: Counts the bytes.
        buffers: Memory to copy through.
        mode: Of the copy, less what the umask forbids.
        sets_mode: Whether it gets the mode whatever the umask forbids, for one more call.

    Raises:
        StorageError: The file cannot be read or written, or is not a file any more.
        StoppedError: See ``Meter``.
    """
    source_fd, source_bytes = _open_source(file.path)
    try:
        target_fd = os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        try:
            hashed = _copy_parts(file, source_fd, target_fd, meter, buffers.get(), source_bytes=source_bytes)
            if sets_mode:
                os.fchmod(target_fd, mode)
        finally:
            os.close(target_fd)
    except OSError as err:
        raise build_storage_error(err, f"Copying {file.path} to", target) from err
    finally:
        os.close(source_fd)
    return hashed


def _copy_parts(
    file: SourceFile, source_fd: int, target_fd: int, meter: Meter, buffer: memoryview, *, source_bytes: int
) -> HashedFile:
    """Copy to the end: where nothing more comes, or less than was asked for when all that was promised has come.

    The latter saves small files a call in nine.
    """
    digest = open_hash(file.size_bytes)
    size_bytes = 0
    in_kernel = file.size_bytes >= _KERNEL_COPY_BYTES and hasattr(os, "copy_file_range")
    while True:
        n_bytes = _copy_in_kernel(source_fd, target_fd) if in_kernel else 0
        if n_bytes:
            n_bytes = os.preadv(target_fd, [buffer[:n_bytes]], size_bytes)
            os.lseek(target_fd, size_bytes + n_bytes, os.SEEK_SET)
            os.lseek(source_fd, size_bytes + n_bytes, os.SEEK_SET)
        else:  # small, not offered, or at the end, of which some file systems are only sure when asked for bytes
            in_kernel = False
            n_bytes = os.readv(source_fd, [buffer])
            _write_all(target_fd, buffer[:n_bytes])
        if n_bytes:
            digest.update(buffer[:n_bytes])
            size_bytes += n_bytes
            meter.advance(n_bytes)
        if not n_bytes or (n_bytes < len(buffer) and 0 < source_bytes <= size_bytes):
            return HashedFile(name=file.name, size_bytes=size_bytes, hash=digest.hexdigest())


def _copy_in_kernel(source_fd: int, target_fd: int) -> int:
    try:
        return os.copy_file_range(source_fd, target_fd, PART_BYTES)
    except OSError as err:
        if err.errno in _NOT_OFFERED:
            return 0
        raise


def _write_all(descriptor: int, rest: memoryview) -> None:
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _open_source(path: str) -> tuple[int, int]:
    """A descriptor, and the size that the system tells, which is 0 where it does not know."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as err:
        raise StorageError("source-unreadable", f"{path} cannot be read: {err.strerror}.", where=path) from err
    info = os.fstat(descriptor)
    if stat.S_ISREG(info.st_mode):
        return descriptor, info.st_size
    os.close(descriptor)
    raise StorageError("source-changed", f"{path} changed while it was being copied.", where=path)
