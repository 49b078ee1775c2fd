"""Decoded parts of an image that further windows will need, so that none is decoded twice."""

from __future__ import annotations

from concurrent.futures import Future
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from vitrina.readers.pixels.axes import Pixels

DEFAULT_CACHE_BYTES = 256 * 2**20
"""A band of 1024 rows of 16-bit pixels, 100,000 wide, fits."""


class DecodedCache:
    """The parts used last, up to a number of bytes. Threads that need the same part wait for the one that decodes it.

    Args:
        max_bytes: Of all parts together; the newest part is kept even if it is larger.
    """

    def __init__(self, max_bytes: int = DEFAULT_CACHE_BYTES) -> None:
        self._max_bytes = max_bytes
        self._lock = Lock()
        self._parts: dict[Hashable, Future[Pixels]] = {}
        self._sizes: dict[Hashable, int] = {}
        self._n_bytes = 0

    def get(self, key: Hashable, decode: Callable[[], Pixels]) -> Pixels:
        """The part, decoded now unless it is there; what decoding raises is raised in all threads that wait for it."""
        with self._lock:
            part = self._parts.pop(key, None)
            is_new = part is None
            if part is None:
                part = Future()
            self._parts[key] = part  # last, as the one used last
        if not is_new:
            return part.result()
        try:
            pixels = decode()
        except BaseException as err:
            with self._lock:
                self._parts.pop(key, None)
            part.set_exception(err)
            raise
        part.set_result(pixels)
        with self._lock:
            self._sizes[key] = pixels.nbytes
            self._n_bytes += pixels.nbytes
            self._drop_oldest(key)
        return pixels

    def is_busy(self, key: Hashable) -> bool:
        """Whether a thread is decoding the part now; a good moment to turn to another part."""
        part = self._parts.get(key)
        return part is not None and not part.done()

    def _drop_oldest(self, newest: Hashable) -> None:
        if self._n_bytes <= self._max_bytes:
            return
        for key in [key for key in self._parts if key in self._sizes and key != newest]:
            del self._parts[key]
            self._n_bytes -= self._sizes.pop(key)
            if self._n_bytes <= self._max_bytes:
                return
