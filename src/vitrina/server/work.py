"""What takes long, on a few threads: so much at once and no more, nothing twice, and nothing that nobody waits for.

Only the event loop touches what is kept here; threads do the work itself, and take it from a queue. The pool of the
standard library does the same with twice the locks and futures, and that is much of what a small piece costs.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from functools import partial
from queue import SimpleQueue
from threading import Lock, Thread
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


@dataclass(slots=True, eq=False)
class _Piece:
    """A piece of work under way.

    Attributes:
        key: Names it.
        make: Does it.
        loop: Where its clients wait.
        claim: Held by the thread that has begun it, or by whoever dropped it before.
        clients: One future for each that waits.
    """

    key: Hashable
    make: Callable[[], Any]
    loop: asyncio.AbstractEventLoop
    claim: Lock = field(default_factory=Lock)
    clients: list[asyncio.Future[Any]] = field(default_factory=list)


class Work:
    """A few threads with a queue that ends.

    Args:
        n_threads: How much is done at once.
        max_waiting: How much waits at most.
    """

    def __init__(self, n_threads: int | None = None, max_waiting: int = MAX_WAITING) -> None:
        self._n_threads = n_threads or count_threads()
        self._max_pieces = self._n_threads + max_waiting
        self._queue: SimpleQueue[_Piece | None] = SimpleQueue()
        self._n_started = 0
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
        piece = self._pieces.get(key) or self._begin(key, make)
        client: asyncio.Future[T] = piece.loop.create_future()  # of its own: others may wait for the same
        piece.clients.append(client)
        leaving = None
        if len(self._pieces) > self._n_threads and not piece.claim.locked():
            leaving = asyncio.ensure_future(gone())
            leaving.add_done_callback(partial(_send_away, client))
        try:
            return await client
        finally:
            if leaving is not None:
                leaving.cancel()
            piece.clients.remove(client)
            if not piece.clients and piece.claim.acquire(blocking=False):
                self._forget(piece)

    def close(self) -> None:
        """Begin nothing any more: what waits is cancelled, and what comes later refused."""
        self._max_pieces = 0
        for piece in list(self._pieces.values()):
            if piece.claim.acquire(blocking=False):
                self._forget(piece)
                for client in piece.clients:
                    client.cancel()
        for _ in range(self._n_started):
            self._queue.put(None)

    def _begin(self, key: Hashable, make: Callable[[], object]) -> _Piece:
        if len(self._pieces) >= self._max_pieces:
            raise BusyError
        piece = self._pieces[key] = _Piece(key, make, asyncio.get_running_loop())
        self._queue.put(piece)
        if self._n_started < min(self._n_threads, len(self._pieces)):
            self._n_started += 1
            Thread(target=self._run, name=f"vitrina-work-{self._n_started}", daemon=True).start()
        return piece

    def _run(self) -> None:
        """What a thread does."""
        while (piece := self._queue.get()) is not None:
            if piece.claim.acquire(blocking=False):
                self._make(piece)
            del piece  # or it would stay in memory, with what it reads, until there is work again

    def _make(self, piece: _Piece) -> None:
        result, error = None, None
        try:
            result = piece.make()
        except BaseException as err:  # noqa: BLE001 # told to all who wait
            error = err
        with contextlib.suppress(RuntimeError):  # the event loop is closed
            piece.loop.call_soon_threadsafe(self._tell, piece, result, error)
        del error  # it knows this frame, which knows it

    def _tell(self, piece: _Piece, result: object, error: BaseException | None) -> None:
        """Give all clients what came out."""
        self._forget(piece)
        for client in piece.clients:
            if client.done():
                continue
            if error is None:
                client.set_result(result)
            else:
                client.set_exception(error)
                client.exception()  # looked at, or asyncio would report it where the client has left

    def _forget(self, piece: _Piece) -> None:
        if self._pieces.get(piece.key) is piece:
            del self._pieces[piece.key]


def _send_away(client: asyncio.Future[Any], _: object) -> None:
    if not client.done():
        client.set_exception(GoneError())


def count_threads() -> int:
    """One per processor that this process may use; at least two, so that a single slow chunk stops no other."""
    n_processors = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return max(2, n_processors)
