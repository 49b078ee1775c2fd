"""Decoded parts of an image that further windows will need, so that none is decoded twice."""

from __future__ import annotations

import itertools
from concurrent.futures import Future
from threading import Lock
from typing import TYPE_CHECKING, ClassVar
from weakref import WeakSet

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from vitrina.readers.pixels.axes import Pixels

DEFAULT_CACHE_BYTES = 256 * 2**20
"""A band of 1024 rows of 16-bit pixels, 100,000 wide, fits."""

MAX_ALL_BYTES = 2**30
"""Of all caches of the process: a server keeps many images open, each with a cache per level."""


class DecodedCache:
    """The parts used last, up to a number of bytes. Threads that need the same part wait for the one that decodes it.

    All caches of the process together keep ``MAX_ALL_BYTES``: what is too much leaves the cache that was used longest
    ago.

    Args:
        max_bytes: Of all parts together; the newest part is kept even if it is larger.

    Attributes:
        n_bytes: Of all parts.
        used_at: Rises with each use of any cache.
    """

    _all: ClassVar[WeakSet[DecodedCache]] = WeakSet()
    _all_lock: ClassVar[Lock] = Lock()
    _clock: ClassVar[itertools.count[int]] = itertools.count()

    def __init__(self, max_bytes: int = DEFAULT_CACHE_BYTES) -> None:
        self._max_bytes = max_bytes
        self.used_at = next(self._clock)
        self._lock = Lock()
        self._parts: dict[Hashable, Future[Pixels]] = {}
        self._sizes: dict[Hashable, int] = {}
        self.n_bytes = 0
        with self._all_lock:
            self._all.add(self)

    def get(self, key: Hashable, decode: Callable[[], Pixels]) -> Pixels:
        """The part, decoded now unless it is there; what decoding raises is raised in all threads that wait for it."""
        self.used_at = next(self._clock)
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
            self.n_bytes += pixels.nbytes
            self._drop_oldest(self.n_bytes - self._max_bytes, key)
        self._limit_all()
        return pixels

    def find(self, key: Hashable) -> Pixels | None:
        """The part where it is there; does not wait."""
        part = self._parts.get(key)
        return part.result() if part is not None and part.done() and part.exception() is None else None

    def drop(self, n_bytes: int) -> int:
        """Forget so many bytes of the parts that were used longest ago, or all; how many they were."""
        with self._lock:
            return self._drop_oldest(n_bytes)

    def is_busy(self, key: Hashable) -> bool:
        """Whether a thread is decoding the part now; a good moment to turn to another part."""
        part = self._parts.get(key)
        return part is not None and not part.done()

    def _drop_oldest(self, n_bytes: int, newest: Hashable = None) -> int:
        """Forget so many bytes of the parts that were used longest ago, but not the newest; how many they were."""
        if n_bytes <= 0:
            return 0
        n_dropped = 0
        for key in [key for key in self._parts if key in self._sizes and key != newest]:
            del self._parts[key]
            n_dropped += self._sizes.pop(key)
            if n_dropped >= n_bytes:
                break
        self.n_bytes -= n_dropped
        return n_dropped

    @classmethod
    def _limit_all(cls) -> None:
        with cls._all_lock:
            caches = list(cls._all)
        excess = sum(cache.n_bytes for cache in caches) - MAX_ALL_BYTES
        if excess <= 0:
            return
        for cache in sorted(caches, key=lambda cache: cache.used_at):
            excess -= cache.drop(excess)
            if excess <= 0:
                return
