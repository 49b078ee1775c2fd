"""An answer of the raw planes, and the one place that sends it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Coroutine
from typing import Any, NamedTuple

from starlette.types import Receive, Scope, Send

type HeaderList = list[tuple[bytes, bytes]]

_log = logging.getLogger(__name__)


class Reply(NamedTuple):
    """Status, headers and body of an answer.

    Attributes:
        headers: Lower-case names; content-length is among them whenever there is a body.
        body: The whole body, empty when it comes in pieces.
        pieces: The body in pieces, read while it is sent.
    """

    status: int
    headers: HeaderList
    body: bytes = b""
    pieces: AsyncGenerator[bytes] | None = None


type Answer = Reply | Coroutine[Any, Any, Reply]
"""What a request is answered, or what makes it where that has to be waited for."""


async def settle(answer: Answer) -> Reply:
    """The answer, waited for where it has to be made."""
    return answer if isinstance(answer, Reply) else await answer


async def send_reply(reply: Reply, scope: Scope, receive: Receive, send: Send) -> None:
    """Send the answer; a HEAD request gets the headers only."""
    await send({"type": "http.response.start", "status": reply.status, "headers": reply.headers})
    if reply.pieces is None or scope["method"] == "HEAD":
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else reply.body})
        return
    await _send_pieces(reply.pieces, scope, receive, send)


async def _send_pieces(pieces: AsyncGenerator[bytes], scope: Scope, receive: Receive, send: Send) -> None:
    """Send piece after piece until the client has all of them or is gone.

    A piece that cannot be read ends the answer short of its content-length: the status is sent already, and a broken
    connection is the only way left to tell the client.
    """
    gone = asyncio.ensure_future(wait_until_gone(receive))
    try:
        async with contextlib.aclosing(pieces):
            async for piece in pieces:
                if gone.done():
                    return
                await send({"type": "http.response.body", "body": piece, "more_body": True})
                await asyncio.sleep(0)  # neither send nor a short read gives way, and a client's leaving must be heard
        await send({"type": "http.response.body", "body": b""})
    except Exception:  # noqa: BLE001 # whatever it was, the answer can only break off
        _log.exception("%s broke off", scope["path"])
    finally:
        gone.cancel()


async def wait_until_gone(receive: Receive) -> None:
    """Return when the client has left."""
    while (await receive())["type"] != "http.disconnect":
        pass
