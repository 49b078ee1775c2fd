"""The seam between stored data and Zarr clients: a tree of keys that is made while it is read."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable

MAX_VALUE_BYTES = 256 * 2**20
"""A larger value is refused: no chunk that a viewer asks for is this large, and each is held in memory."""

MAX_READ_AT_ONCE = 2**20
"""Stored bytes up to here are read at once: that takes less time than handing the reading to a thread."""

type Found = bytes | Callable[[], bytes | None] | None
"""The value of a key; where it takes long, what gives it; None where there is none."""


class VirtualTree(ABC):
    """A Zarr hierarchy that is not stored as one. Safe to use from several threads and tasks at once.

    Attributes:
        etag: Changes whenever the value of any key changes. Not quoted.
    """

    etag: str

    @abstractmethod
    def find(self, key: str) -> Found:
        """The value of a key, None when there is none. Never takes long: what would is returned to be called.

        Raises:
            UnreadableError: The stored bytes behind the key are damaged; also when the value is called for.
            UnsupportedError: The value would be larger than ``MAX_VALUE_BYTES``; also then.
        """

    def read(self, key: str) -> bytes | None:
        """The value of a key, None when there is none; for where one may wait.

        Raises:
            UnreadableError: As ``find``, and UnsupportedError.
        """
        return resolve(self.find(key))

    async def get(self, key: str) -> bytes | None:
        """The value of a key, None when there is none; what takes long is done in a thread.

        Raises:
            UnreadableError: As ``find``, and UnsupportedError.
        """
        found = self.find(key)
        return await asyncio.to_thread(found) if callable(found) else found


def resolve(found: Found) -> bytes | None:
    """The value, made now where it takes long."""
    return found() if callable(found) else found
