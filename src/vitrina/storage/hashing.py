r"""The hash of a file or folder: BLAKE3, written as 64 hex digits.

A file's hash is that of its bytes. A folder's hash is that of one line per file, in the order of the paths as UTF-8
bytes::

    <path>, <size>, <hash>\n

with the path inside the folder (``/`` between parts), the size in bytes as a decimal number and the file's own hash.
Paths have no control characters, so the lines are unambiguous. Folders without files, permissions and times do not
count. By hand, with the ``b3sum`` tool, for a folder whose only file is ``a.txt`` with the five bytes ``hello``::

    printf 'a.txt, 5, %s\n' $(printf hello | b3sum --no-names) | b3sum --no-names

    hello                 ea8f163db38682925e4491c5e58d4bb3506ef8c14eb78a86e908c5624a67200f
    the folder            1c8d617c987690eec5388fa7a7ebd4ff85c5f8a77810e768c95b189ca46c9897
    a folder of no files  af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262

Source: https://github.com/BLAKE3-team/BLAKE3-specs
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from blake3 import blake3

from vitrina.errors import StorageError
from vitrina.storage.buffers import Buffers
from vitrina.storage.threads import Meter, run_on_each
from vitrina.storage.walk import walk_source

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from vitrina.storage.store import Progress
    from vitrina.storage.walk import SourceFile, SourceTree

_THREADED_BYTES = 2**20
"""From here on several threads make one hash faster; below, they only take processors from other files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HashedFile:
    """One file with its hash; ``name`` is its path inside the folder."""

    name: str
    size_bytes: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """Hash, size and number of files of a file or folder."""

    hash: str
    size_bytes: int
    n_files: int
    is_folder: bool


def open_hash(size_bytes: int) -> blake3:
    """An empty hash for about so many bytes; it uses several threads where that helps."""
    return blake3(max_threads=blake3.AUTO if size_bytes >= _THREADED_BYTES else 1)


def hash_bytes(data: bytes) -> str:
    """The hash of bytes."""
    return blake3(data, max_threads=blake3.AUTO).hexdigest()


def hash_path(path: Path, progress: Progress | None = None) -> Digest:
    """The hash of a local file or folder, where it lies.

    Raises:
        StorageError: See ``walk.walk_source``; or a file cannot be read.
    """
    tree = walk_source(path)
    return build_digest(hash_tree(tree, Meter(tree.size_bytes, progress)), is_folder=tree.is_folder)


def hash_tree(tree: SourceTree, meter: Meter | None = None) -> list[HashedFile]:
    """The files of a tree with their hashes, in its order.

    Raises:
        StorageError: One cannot be read.
        StoppedError: See ``Meter``.
    """
    counted = meter or Meter(tree.size_bytes)
    buffers = Buffers()
    return run_on_each(lambda file: hash_file(file, counted, buffers), tree.files)


def hash_file(file: SourceFile, meter: Meter, buffers: Buffers) -> HashedFile:
    """One file with its hash, read in parts.

    Raises:
        StorageError: It cannot be read.
    """
    digest = open_hash(file.size_bytes)
    buffer = buffers.get()
    size_bytes = 0
    try:
        with open(file.path, "rb", buffering=0) as stream:  # noqa: PTH123 (it is text)
            while n_bytes := stream.readinto(buffer):
                digest.update(buffer[:n_bytes])
                size_bytes += n_bytes
                meter.advance(n_bytes)
    except OSError as err:
        raise StorageError(
            "source-unreadable", f"{file.path} cannot be read: {err.strerror}.", where=file.path
        ) from err
    return HashedFile(name=file.name, size_bytes=size_bytes, hash=digest.hexdigest())


def build_digest(files: Iterable[HashedFile], *, is_folder: bool) -> Digest:
    """What the hashes of single files make for the whole: the file's own, or that of the folder's lines."""
    listed = list(files)
    if is_folder:
        whole = hash_bytes(build_lines(listed).encode())
    else:
        (whole,) = (file.hash for file in listed)
    return Digest(
        hash=whole,
        size_bytes=sum(file.size_bytes for file in listed),
        n_files=len(listed),
        is_folder=is_folder,
    )


def build_lines(files: Iterable[HashedFile]) -> str:
    """The lines of which a folder's hash is made."""
    listed = sorted(files, key=lambda file: file.name)  # by code points, which is the order of UTF-8 bytes
    return "".join(f"{file.name}, {file.size_bytes}, {file.hash}\n" for file in listed)


def parse_lines(text: str) -> tuple[HashedFile, ...]:
    """The files that ``build_lines`` wrote down.

    Raises:
        ValueError: A line is something else.
    """
    return tuple(_parse_line(line) for line in text.split("\n")[:-1])


def _parse_line(line: str) -> HashedFile:
    name, size_bytes, hash_ = line.rsplit(", ", 2)
    return HashedFile(name=name, size_bytes=int(size_bytes), hash=hash_)
