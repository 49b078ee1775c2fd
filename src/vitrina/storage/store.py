"""The seam between Vitrina and bytes: what a store must be able to do.

Saving is three steps, so that nothing half-written is ever visible under a final key: ``stage`` copies and hashes the
bytes outside of any transaction, ``commit`` makes them visible at once (one rename on a file system) and durable,
``discard`` forgets them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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

    async def list_folder(self, key: str) -> list[Entry]:
        """What lies directly in a folder, sorted by name.

        Raises:
            NotFoundError: There is no folder at ``key``.
        """

    async def stage(self, source: Path, *, take: bool = False, progress: Progress | None = None) -> Staged:
        """Copy a local file or folder into the store, hashed on the way, not visible yet.

        Args:
            source: A file or folder. Links inside a folder are followed as long as they stay inside it.
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

    async def delete(self, key: str) -> None:
        """Remove the file or folder at ``key``; nothing happens when it is absent."""

    def get_local_path(self, key: str) -> Path | None:
        """Where the file or folder lies on this machine's disk, None when it does not."""
