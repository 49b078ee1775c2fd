"""The seam between stored data and Zarr clients: a tree of keys that is made while it is read."""

from __future__ import annotations

from typing import Protocol

MAX_VALUE_BYTES = 256 * 2**20
"""A larger value is refused: no chunk that a viewer asks for is this large, and each is held in memory."""


class VirtualTree(Protocol):
    """A Zarr hierarchy that is not stored as one. Safe to use from several threads and tasks at once."""

    @property
    def etag(self) -> str:
        """Changes whenever the value of any key changes. Not quoted."""

    async def get(self, key: str) -> bytes | None:
        """The value of a key, None when there is none.

        Raises:
            UnreadableError: The stored bytes behind the key are damaged.
            UnsupportedError: The value would be larger than ``MAX_VALUE_BYTES``.
        """
