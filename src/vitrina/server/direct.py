"""Answers that are at hand are written where the request was parsed: without a task, and without ASGI messages.

That halves what a stored chunk costs. uvicorn starts a request in ``_start_asgi_task``; where a version of it does not,
requests go the usual way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from functools import partial
from typing import Any, Protocol

from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from vitrina.server.reply import HeaderList, Reply, send_reply
from vitrina.server.work import GoneError

NO_BODY = frozenset({204, 304})
"""Statuses without a body, and so without its length. Source: https://www.rfc-editor.org/rfc/rfc9110.html#section-8.6"""


class DirectApp(Protocol):
    """An ASGI application that can also give an answer as a whole."""

    def reply_to(self, scope: Scope, receive: Receive) -> Coroutine[Any, Any, Reply] | None:
        """What makes the answer to a request, None where it must come by ASGI messages."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""


class DirectProtocol(HttpToolsProtocol):
    """HTTP/1.1 by httptools for a DirectApp."""

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        direct: DirectApp = self.config.app  # type: ignore[assignment]  # ``Server`` is given no other
        scope: Any = cycle.scope  # uvicorn and Starlette have other words for the same
        receive: Any = cycle.receive
        making = direct.reply_to(scope, receive)
        if making is None:
            super()._start_asgi_task(cycle, app)
            return
        task = asyncio.Task(making, loop=self.loop, eager_start=True)
        is_made = task.done() and task.exception() is None
        if is_made and not self.flow.write_paused and not cycle.waiting_for_100_continue:
            reply = task.result()
            if reply.pieces is None:
                self._write(cycle, reply)
                return
        made: Any = partial(_send_when_made, task)
        super()._start_asgi_task(cycle, made)

    def _write(self, cycle: RequestResponseCycle, reply: Reply) -> None:
        headers = [*self.server_state.default_headers, *reply.headers]
        if not cycle.keep_alive:
            headers.append((b"connection", b"close"))
        is_head = cycle.scope["method"] == "HEAD"
        self.transport.writelines([build_head(reply.status, headers), b"" if is_head else reply.body])
        cycle.response_started = cycle.response_complete = True
        cycle.message_event.set()
        if not cycle.keep_alive:
            self.transport.close()
        cycle.on_response()


def build_head(status: int, headers: HeaderList) -> bytes:
    """Status line and headers as they are sent.

    Raises:
        ValueError: A header would end before its value does.
    """
    lines = [b"%s: %s\r\n" % header for header in headers]
    head = b"".join((STATUS_LINE[status], *lines, b"\r\n"))
    if head.count(b"\n") != len(lines) + 2 or head.count(b"\r") != len(lines) + 2:
        raise ValueError(f"a header holds the end of a line: {headers}")
    return head


async def _send_when_made(task: asyncio.Task[Reply], scope: Scope, receive: Receive, send: Send) -> None:
    try:
        reply = await task
    except GoneError:
        return
    await send_reply(reply, scope, receive, send)
