"""Run a store's coroutine from ordinary code, also where a loop is already running (Jupyter, an async test).

The coroutine runs on a loop of its own in a background thread, started on first use and ended with the process.
"""

from __future__ import annotations

import asyncio
import threading
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Coroutine

_POLL_S = 0.2
"""A signal that arrives just before the thread falls asleep would otherwise be noticed only at the end."""


def run[R](coroutine: Coroutine[Any, Any, R]) -> R:
    """The result of a coroutine, waited for.

    Ctrl-C cancels the coroutine and waits until it has cleaned up; a second Ctrl-C does not wait.

    Raises:
        RuntimeError: Called from the background loop itself, which would wait for itself.
    """
    loop = _get_loop()
    if _is_running_in(loop):
        coroutine.close()
        raise RuntimeError("run() was called from a coroutine that run() is running; await the inner one instead.")
    ended = threading.Event()
    tasks: list[asyncio.Task[R]] = []

    def start() -> None:
        tasks.append(loop.create_task(coroutine))
        tasks[0].add_done_callback(lambda _: ended.set())

    def cancel() -> None:
        if tasks:
            tasks[0].cancel()
        else:  # interrupted even before the start was scheduled
            coroutine.close()
            ended.set()

    try:
        loop.call_soon_threadsafe(start)
        while not ended.wait(_POLL_S):
            pass
    except BaseException:
        loop.call_soon_threadsafe(cancel)
        ended.wait()
        raise
    return tasks[0].result()


def _is_running_in(loop: asyncio.AbstractEventLoop) -> bool:
    try:
        return asyncio.get_running_loop() is loop
    except RuntimeError:
        return False


@cache
def _get_loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="vitrina-storage", daemon=True).start()
    return loop
