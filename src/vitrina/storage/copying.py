"""Copy source files into a store, hashed on the way."""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING

from vitrina.errors import StorageError
from vitrina.storage.failures import build_storage_error
from vitrina.storage.hashing import PART_BYTES, HashedFile, open_hash
from vitrina.storage.threads import run_on_each

if TYPE_CHECKING:
    from pathlib import Path

    from vitrina.storage.threads import Meter
    from vitrina.storage.walk import SourceFile, SourceTree

_KERNEL_COPY_BYTES = 2**20
_NOT_OFFERED = frozenset({errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM, errno.ETXTBSY})


def copy_tree(tree: SourceTree, target: Path, meter: Meter) -> list[HashedFile]:
    """Copy a file or folder to a new place; the hashes are those of the copies.

    Raises:
        StorageError: A file cannot be read or written.
        StoppedError: See ``Meter``.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if tree.is_folder:
            target.mkdir()
        for folder in tree.folders:
            (target / folder).mkdir()
    except OSError as err:
        raise build_storage_error(err, "Writing", target) from err
    return run_on_each(lambda file: copy_file(file, target / file.name, meter), tree.files)


def copy_file(file: SourceFile, target: Path, meter: Meter) -> HashedFile:
    """Copy one file.

    Large files are copied inside the kernel, which shares the blocks where the file system can (XFS, Btrfs, NFS 4.2),
    and are read back for the hash, part by part while they are still in memory.

    Source: https://man7.org/linux/man-pages/man2/copy_file_range.2.html

    Raises:
        StorageError: The file cannot be read or written, or is not a file any more.
        StoppedError: See ``Meter``.
    """
    source_fd = _open_source(file.path)
    try:
        target_fd = os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        try:
            return _copy_parts(file, source_fd, target_fd, meter)
        finally:
            os.close(target_fd)
    except OSError as err:
        raise build_storage_error(err, f"Copying {file.path} to", target) from err
    finally:
        os.close(source_fd)


def _copy_parts(file: SourceFile, source_fd: int, target_fd: int, meter: Meter) -> HashedFile:
    digest = open_hash()
    size_bytes = 0
    in_kernel = file.size_bytes >= _KERNEL_COPY_BYTES and hasattr(os, "copy_file_range")
    while True:
        n_bytes = _copy_in_kernel(source_fd, target_fd) if in_kernel else 0
        if n_bytes:
            part = os.pread(target_fd, n_bytes, size_bytes)
        else:  # small, not offered, or at the end, of which some file systems are only sure when asked for bytes
            in_kernel = False
            part = os.read(source_fd, PART_BYTES)
            _write_all(target_fd, part)
        if not part:
            return HashedFile(name=file.name, size_bytes=size_bytes, hash=digest.hexdigest())
        digest.update(part)
        size_bytes += len(part)
        meter.advance(len(part))


def _copy_in_kernel(source_fd: int, target_fd: int) -> int:
    try:
        return os.copy_file_range(source_fd, target_fd, PART_BYTES)
    except OSError as err:
        if err.errno in _NOT_OFFERED:
            return 0
        raise


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _open_source(path: Path) -> int:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as err:
        raise StorageError("source-unreadable", f"{path} cannot be read: {err.strerror}.", where=str(path)) from err
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise StorageError("source-changed", f"{path} changed while it was being copied.", where=str(path))
