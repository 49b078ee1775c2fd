"""Call what waits for the disk from a coroutine."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


async def in_thread[*Args, R](
    function: Callable[[*Args], R], *args: *Args, on_cancel: Callable[[], object] | None = None
) -> R:
    """Call a function in a thread; when cancelled, wait for its end, so that nothing runs on behind the caller."""
    work = asyncio.get_running_loop().run_in_executor(None, function, *args)
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        if on_cancel is not None:
            on_cancel()
        await asyncio.wait([work])
        work.exception()  # looked at, or asyncio would report it as forgotten
        raise
