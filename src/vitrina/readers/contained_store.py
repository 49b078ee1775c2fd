"""Zarr stores for zarr-python that no key and no link leads out of."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from zarr.storage import LocalStore

from vitrina.readers.pixels.tree_files import TreeFiles

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from zarr.abc.store import ByteRequest
    from zarr.core.buffer import Buffer, BufferPrototype


class ContainedStore(LocalStore):
    """A folder. What a key names outside of it, by ``..`` or by a link, raises an UnreadableError."""

    @cached_property
    def _files(self) -> TreeFiles:
        return TreeFiles(self.root)

    def get_sync(self, key: str, **options: Any) -> Buffer | None:
        """See LocalStore."""
        self._files.check(key)
        return super().get_sync(key, **options)

    async def get(
        self, key: str, prototype: BufferPrototype | None = None, byte_range: ByteRequest | None = None
    ) -> Buffer | None:
        """See LocalStore."""
        self._files.check(key)
        return await super().get(key, prototype, byte_range)

    async def get_partial_values(
        self, prototype: BufferPrototype, key_ranges: Iterable[tuple[str, ByteRequest | None]]
    ) -> list[Buffer | None]:
        """See LocalStore."""
        ranges = list(key_ranges)
        for key, _ in ranges:
            self._files.check(key)
        return await super().get_partial_values(prototype, ranges)

    async def exists(self, key: str) -> bool:
        """See LocalStore."""
        self._files.check(key)
        return await super().exists(key)

    async def list_dir(self, prefix: str) -> AsyncIterator[str]:
        """See LocalStore."""
        self._files.check(prefix.rstrip("/"))
        async for name in super().list_dir(prefix):
            yield name
