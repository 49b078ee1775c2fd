"""Levels of fields that are open: the few that were used last, however many a plate has."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from vitrina.pyramid.source import PixelSource

    type Key = tuple[int, int]

MAX_OPEN = 8
"""Besides those that are being read. Chunks next to each other share fields, whose decoded parts stay with them."""


class OpenFields:
    """Opens levels of fields, and closes those that were used longest ago. Safe to use from several threads.

    Args:
        open_level: Opens a level of a field, by the numbers of both.
    """

    def __init__(self, open_level: Callable[[int, int], PixelSource]) -> None:
        self._open_level = open_level
        self._lock = Lock()
        self._open: dict[Key, PixelSource] = {}
        self._n_lent: dict[Key, int] = {}

    @contextmanager
    def lend(self, field: int, level: int) -> Iterator[PixelSource]:
        """The level, open as long as it is needed.

        Raises:
            VitrinaError: Whatever opening raises.
        """
        key = field, level
        source = self._take(key)
        try:
            yield source
        finally:
            self._put_back(key)

    def close(self) -> None:
        """Close all; nothing is lent afterwards."""
        with self._lock:
            opened = list(self._open.values())
            self._open.clear()
        for source in opened:
            source.close()

    def _take(self, key: Key) -> PixelSource:
        with self._lock:
            source = self._lend_open(key)
        if source is not None:
            return source
        opened = self._open_level(*key)
        with self._lock:
            source = self._lend_open(key)
            if source is None:
                self._open[key] = opened
                self._n_lent[key] = 1
                return opened
        opened.close()  # another thread was faster
        return source

    def _lend_open(self, key: Key) -> PixelSource | None:
        source = self._open.pop(key, None)
        if source is not None:
            self._open[key] = source  # last, as the one used last
            self._n_lent[key] += 1
        return source

    def _put_back(self, key: Key) -> None:
        with self._lock:
            self._n_lent[key] -= 1
            free = [one for one in self._open if not self._n_lent[one]]
            excess = [self._open.pop(one) for one in free[: max(len(free) - MAX_OPEN, 0)]]
        for source in excess:
            source.close()
