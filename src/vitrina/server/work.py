"""What takes long, on a few threads: so much at once and no more, nothing twice, and nothing that nobody waits for.

Only the event loop touches what is kept here; threads do the work itself.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

type Gone = Callable[[], Awaitable[object]]
"""Ends when the client has left."""

MAX_WAITING = 512
"""Pieces of work that wait for a thread. A browser asks for six things at once, so these are some eighty browsers."""

RETRY_AFTER_S = 2
"""When to come back: two threads make several hundred chunks meanwhile."""


class BusyError(Exception):
    """More work waits than this server takes on."""


class GoneError(Exception):
    """The client left before its work began."""


@dataclass(slots=True)
class _Piece:
    """A piece of work under way.

    Attributes:
        running: In its thread, or waiting for one.
        result: The same for the event loop.
        n_clients: How many wait for it.
    """

    running: Future[Any]
    result: asyncio.Future[Any]
    n_clients: int = 0


class Work:
    """A pool of threads with a queue that ends.

    Args:
        n_threads: How much is done at once.
        max_waiting: How much waits at most.
    """

    def __init__(self, n_threads: int | None = None, max_waiting: int = MAX_WAITING) -> None:
        self._n_threads = n_threads or count_threads()
        self._max_pieces = self._n_threads + max_waiting
        self._pool = ThreadPoolExecutor(self._n_threads, thread_name_prefix="vitrina-work")
        self._pieces: dict[Hashable, _Piece] = {}

    async def do[T](self, key: Hashable, make: Callable[[], T], gone: Gone) -> T:
        """The result of a call, made in a thread; whoever asks for the same meanwhile gets the same.

        Work that has not begun is dropped when the last client that waits for it leaves.

        Args:
            key: Names the result.
            make: Makes it.
            gone: See Gone.

        Raises:
            BusyError: Too much waits already.
            GoneError: The client left before the work began.
            Exception: Whatever ``make`` raises, for all who wait for it.
        """
        piece = self._pieces.get(key)
        if piece is None:
            piece = self._begin(key, make)
        piece.n_clients += 1
        try:
            if len(self._pieces) > self._n_threads and not piece.running.running():
                await _wait_unless_gone(piece.result, gone)
            result: T = await asyncio.shield(piece.result)  # others may wait for it too
            return result
        finally:
            piece.n_clients -= 1
            if not piece.n_clients and piece.running.cancel():
                self._forget(key, piece)

    def close(self) -> None:
        """Begin nothing any more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _begin(self, key: Hashable, make: Callable[[], object]) -> _Piece:
        if len(self._pieces) >= self._max_pieces:
            raise BusyError
        running = self._pool.submit(make)
        piece = self._pieces[key] = _Piece(running, asyncio.wrap_future(running))
        piece.result.add_done_callback(lambda _: self._forget(key, piece))
        return piece

    def _forget(self, key: Hashable, piece: _Piece) -> None:
        if self._pieces.get(key) is piece:
            del self._pieces[key]
        if piece.result.done() and not piece.result.cancelled():
            piece.result.exception()  # looked at, or asyncio would report it where all clients have left


async def _wait_unless_gone(result: asyncio.Future[Any], gone: Gone) -> None:
    """Wait for a result that has to wait for a thread itself.

    Raises:
        GoneError: The client left before.
    """
    leaving = asyncio.ensure_future(gone())
    try:
        await asyncio.wait((result, leaving), return_when=asyncio.FIRST_COMPLETED)
        if not result.done():
            raise GoneError
    finally:
        leaving.cancel()


def count_threads() -> int:
    """One per processor that this process may use; at least two, so that a single slow chunk stops no other."""
    n_processors = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return max(2, n_processors)
