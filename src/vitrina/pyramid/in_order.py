"""Blocks are finished by many threads in any order, and get their places in the files in one."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitrina.pyramid.journal import Journal
    from vitrina.pyramid.writer import ChunkWriter, Encoded


class InOrder:
    """Stores encoded blocks in the order of their numbers. Thread-safe.

    A block that comes before its turn waits until those before it are there. Only offsets are given out in turn; the
    bytes are written by whichever thread has them, side by side.

    Args:
        writer: Where they are stored.
        journal: Records what is stored; None to record nothing.
        n_done: So many blocks, the first ones, are stored already.
        max_waiting: So many blocks may wait before it is full.

    Attributes:
        changed: Guards what waits; notified when that has become less.
    """

    def __init__(self, writer: ChunkWriter, journal: Journal | None, *, n_done: int, max_waiting: int) -> None:
        self._writer = writer
        self._journal = journal
        self._next = n_done
        self._max_waiting = max_waiting
        self._waiting: dict[int, Sequence[Encoded]] = {}
        self.changed = threading.Condition()

    @property
    def n_reserved(self) -> int:
        """How many blocks have got their places."""
        return self._next

    @property
    def is_full(self) -> bool:
        """Whether too many blocks wait for one that a slower thread still works at."""
        return len(self._waiting) > self._max_waiting

    def put(self, number: int, encoded: Sequence[Encoded]) -> None:
        """Store a block, with those that have waited for it."""
        with self.changed:
            self._waiting[number] = encoded
            ready = []
            while self._next in self._waiting:
                chunks = self._waiting.pop(self._next)
                ready.append((self._next, [(chunk, self._writer.reserve(chunk)) for chunk in chunks]))
                self._next += 1
            self.changed.notify_all()
        for ready_number, placed in ready:
            for chunk, offset in placed:
                self._writer.store(chunk, offset)
            if self._journal is not None:
                self._journal.append(ready_number, placed)
