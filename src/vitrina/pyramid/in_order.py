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
        max_waiting: So many blocks may wait before ``wait_for_turn`` holds a thread back.
    """

    def __init__(self, writer: ChunkWriter, journal: Journal | None, *, n_done: int, max_waiting: int) -> None:
        self._writer = writer
        self._journal = journal
        self._next = n_done
        self._max_waiting = max_waiting
        self._waiting: dict[int, Sequence[Encoded]] = {}
        self._changed = threading.Condition()
        self._is_stopped = False

    @property
    def n_reserved(self) -> int:
        """How many blocks have got their places."""
        return self._next

    def put(self, number: int, encoded: Sequence[Encoded]) -> None:
        """Store a block, with those that have waited for it."""
        with self._changed:
            self._waiting[number] = encoded
            ready = []
            while self._next in self._waiting:
                chunks = self._waiting.pop(self._next)
                ready.append((self._next, [(chunk, self._writer.reserve(chunk)) for chunk in chunks]))
                self._next += 1
            self._changed.notify_all()
        for ready_number, placed in ready:
            for chunk, offset in placed:
                self._writer.store(chunk, offset)
            if self._journal is not None:
                self._journal.append(ready_number, placed)

    def wait_for_turn(self) -> None:
        """Wait while too many blocks wait for one that a slower thread still works at."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_stopped or len(self._waiting) <= self._max_waiting)

    def stop(self) -> None:
        """Hold nobody back any more."""
        with self._changed:
            self._is_stopped = True
            self._changed.notify_all()
