"""The seam between Vitrina and bytes: what a store must be able to do.

Saving is three steps, so that nothing half-written is ever visible under a final key: ``stage`` copies and hashes the
bytes outside of any transaction, ``commit`` makes them visible at once (one rename on a file system) and durable,
``discard`` forgets them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime
    from pathlib import Path

    from vitrina.storage.hashing import Digest, HashedFile
    from vitrina.storage.walk import SourceTree

type Progress = Callable[[int, int], None]
"""Called with bytes done and bytes in all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stat:
    """Size and version of one stored file.

    Attributes:
        etag: Changes whenever the bytes change. Not quoted.
    """

    size_bytes: int
    etag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One name in a listing: a file with its size, or a folder."""

    name: str
    is_folder: bool
    size_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """How much of what was stored shares the bytes of what was stored before.

    Attributes:
        n_files: Files that share their bytes.
        size_bytes: Bytes that were not written for that reason.
        n_copied: Files that could have shared theirs, and were copied since the file system cannot.
    """

    n_files: int = 0
    size_bytes: int = 0
    n_copied: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """Bytes that lie in the store but are not visible yet.

    Attributes:
        token: Where the store keeps them; meaningful to that store only.
        hash: BLAKE3, 64 hex digits; of a folder see ``vitrina.storage.hashing``.
    """

    token: str
    hash: str
    size_bytes: int
    n_files: int
    is_folder: bool
    sharing: Sharing = field(default_factory=Sharing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """The first part of one or more keys under which bytes were saved, and when."""

    name: str
    saved_at: datetime


class OpenFile(Protocol):
    """One stored file, open: what its size and version are said to be is what is read."""

    @property
    def stat(self) -> Stat:
        """Its size and version."""

    async def read(self, start: int = 0, stop: int | None = None) -> bytes:
        """Bytes ``start`` to ``stop`` (exclusive; None for the end); fewer where the file became shorter."""

    def close(self) -> None:
        """Close it."""


class OpenAtOnce(OpenFile, Protocol):
    """A stored file that is read without waiting."""

    def read_at_once(self, start: int, stop: int) -> bytes:
        """As ``read``; for a few bytes, since nothing else is done meanwhile."""


class Store(Protocol):
    """Keys to bytes. Keys are relative, use ``/``, and have no empty, ``.`` or ``..`` part (see ``keys.check_key``)."""

    @property
    def url(self) -> str:
        """The root as a URL, such as ``file:///data/lab``."""

    async def stat(self, key: str) -> Stat:
        """Size and version of a file.

        Raises:
            NotFoundError: There is no file at ``key``; a folder is not a file.
        """

    async def read(self, key: str, start: int = 0, stop: int | None = None) -> bytes:
        """Bytes ``start`` to ``stop`` (exclusive; None for the end) of a file.

        Raises:
            NotFoundError: There is no file at ``key``.
        """

    async def open_file(self, key: str) -> OpenFile:
        """A file, for whoever needs its size and its bytes; the caller closes it.

        Raises:
            NotFoundError: There is no file at ``key``.
        """

    def open_at_once(self, key: str) -> OpenAtOnce | None:
        """The same where nothing has to be waited for, as on a local disk; None where ``open_file`` has to be used.

        Raises:
            NotFoundError: There is no file at ``key``.
        """

    async def list_folder(self, key: str) -> list[Entry]:
        """What lies directly in a folder, sorted by name.

        Raises:
            NotFoundError: There is no folder at ``key``.
        """

    async def stage(
        self,
        source: Path | SourceTree,
        *,
        base_keys: Sequence[str] = (),
        hashed: Iterable[HashedFile] = (),
        take: bool = False,
        progress: Progress | None = None,
    ) -> Staged:
        """Copy a local file or folder into the store, hashed on the way, not visible yet.

        Args:
            source: A file or folder, or one that was walked a moment ago. Links inside a folder are followed as long as
                they stay inside it.
            base_keys: What is stored already and probably has some of the same files, such as the version before. The
                store may let equal files share their bytes; what reads back is the same.
            hashed: Files of the source whose hashes are known already, as of a moment ago.
            take: The source may be moved instead of copied.
            progress: Called while bytes move.

        Raises:
            StorageError: The bytes cannot be read or written, or a link leaves the folder.
        """

    async def commit(self, staged: Staged, key: str) -> None:
        """Make staged bytes visible at ``key``, all at once, durable when it returns.

        Raises:
            ConflictError: Something is already at ``key``.
        """

    async def discard(self, staged: Staged) -> None:
        """Forget staged bytes."""

    async def delete(self, key: str) -> int:
        """Remove the file or folder at ``key``; nothing happens when it is absent.

        Returns:
            Bytes that this freed: none for bytes that other keys share.
        """

    async def checkout(self, key: str, target: Path, *, progress: Progress | None = None) -> Digest:
        """Copy the file or folder at ``key`` to a new local path, as files that may be written to.

        Whatever happens to them, what is stored stays as it is.

        Returns:
            Hash, size and number of files of the copy.

        Raises:
            NotFoundError: There is nothing at ``key``.
            ConflictError: Something is already at ``target``.
        """

    async def read_manifest(self, key: str) -> tuple[HashedFile, ...] | None:
        """The files of the folder at ``key`` as they were saved; None when that was not kept, as for a single file."""

    @property
    def upkeep(self) -> Upkeep:
        """What whoever looks after the store asks of it."""

    def get_local_path(self, key: str) -> Path | None:
        """Where the file or folder lies on this machine's disk, None when it does not."""


class Upkeep(Protocol):
    """What whoever looks after a store asks of it: is everything as it was, what lies there, what may go."""

    async def hash_files(
        self, key: str, *, seen: dict[tuple[int, int], str] | None = None, progress: Progress | None = None
    ) -> tuple[HashedFile, ...]:
        """The files at ``key`` as they are now, read anew; a single file has an empty name.

        Args:
            key: A file or folder.
            seen: Hashes of bytes that were read before, by what the store knows them by; read and filled by the store,
                so that bytes that several keys share are read once.
            progress: Called while bytes are read.

        Raises:
            NotFoundError: There is nothing at ``key``.
        """

    async def list_saved(self) -> list[Saved]:
        """The first parts of all keys, sorted by name."""

    async def measure(self, keys: Sequence[str]) -> int:
        """Bytes that deleting these keys together would free."""

    async def sweep(self, *, dry_run: bool = False) -> int:
        """Remove what operations have left behind that ended with their process; those that still run keep theirs.

        Args:
            dry_run: Remove nothing.

        Returns:
            Bytes that this freed, or would.
        """
