"""Levels of fields that are open: the few that were used last, however many a plate has; and how one is opened."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from vitrina.gateway.plates.fields import Raster
    from vitrina.gateway.plates.geometry import PlacedField
    from vitrina.pyramid.source import PixelSource

    type Key = tuple[int, int]

MAX_OPEN = 8
"""Besides those that are being read. Chunks next to each other share fields, whose decoded parts stay with them."""


@runtime_checkable
class OpensAlike(Protocol):
    """A PixelSource that opens others that are stored as it is; nothing of it stays open."""

    def open_alike(self, path: str) -> PixelSource | None:
        """The array at another path, None where it is stored in another way."""


class FieldOpener:
    """Opens levels of fields, where that is possible like one of the same kind that was opened before.

    Args:
        fields: All fields.
        open_pixels: Opens a level of a field.
    """

    def __init__(self, fields: Sequence[PlacedField], open_pixels: Callable[[Raster, int], PixelSource]) -> None:
        self._fields = fields
        self._open_pixels = open_pixels
        self._lock = Lock()
        self._examples: dict[Key, OpensAlike | None] = {}

    def open(self, field: int, level: int) -> PixelSource:
        """A level of a field, by the numbers of both.

        Raises:
            UnreadableError: It is not there, or damaged.
        """
        one = self._fields[field]
        key = id(one.kind), level
        if key not in self._examples:
            with self._lock:  # so that there is one example, with which the others share what they keep
                if key not in self._examples:
                    opened = self._open_pixels(one.get_level(level), level)
                    self._examples[key] = opened if isinstance(opened, OpensAlike) else None
                    return opened
        example = self._examples[key]
        alike = None if example is None else example.open_alike(one.get_level_path(level))
        return alike or self._open_pixels(one.get_level(level), level)


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
