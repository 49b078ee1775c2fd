"""Answers that are at hand are written where the request was parsed: without a task, and without ASGI messages.

That halves what a stored chunk costs. uvicorn calls ``on_headers_complete`` of its protocol when a request is there,
and makes what ASGI needs; here it is made only for requests whose answer has to wait.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any, Protocol

from starlette.types import Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from vitrina.server.reply import Answer, HeaderList, Reply, send_reply, settle
from vitrina.server.work import GoneError


class DirectApp(Protocol):
    """An ASGI application that can also give an answer as a whole."""

    def reply_to(self, method: str, raw_path: bytes, headers: HeaderList, receive: Receive) -> Answer | None:
        """The answer to a request, None where it must come by ASGI messages."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""


class _Client:
    """Who sent a request whose answer may have to wait: it can be listened to as soon as it does."""

    __slots__ = ("cycle",)

    cycle: RequestResponseCycle

    async def receive(self) -> Message:
        received: Any = await self.cycle.receive()  # uvicorn and Starlette have other words for the same
        message: Message = received
        return message


class _Answered:
    """Stands for a request that is answered, where uvicorn looks at the last one."""

    response_complete = True
    disconnected = False
    message_event = asyncio.Event()


_ANSWERED: Any = _Answered()


class DirectProtocol(HttpToolsProtocol):
    """HTTP/1.1 by httptools for a DirectApp."""

    _begun: tuple[Answer, _Client] | None = None

    def on_message_begin(self) -> None:
        self.url = b""
        self.headers = []
        self.expect_100_continue = False

    def on_headers_complete(self) -> None:
        if self._may_answer_at_once() and self._answer_at_once():
            return
        url, headers, expects = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.expect_100_continue = url, expects
        self.headers.extend(headers)  # the scope has the same list
        super().on_headers_complete()

    def _may_answer_at_once(self) -> bool:
        """Whether the request is an ordinary one, and no earlier one is being answered."""
        last: RequestResponseCycle | None = self.cycle
        is_alone = last is None or last.response_complete
        return is_alone and self.url[:1] == b"/" and not (self.expect_100_continue or self.parser.should_upgrade())

    def _answer_at_once(self) -> bool:
        """Answer if nothing has to be waited for, else leave what was begun to the task that ``super`` starts."""
        direct: DirectApp = self.config.app  # type: ignore[assignment]  # ``Server`` is given no other
        client, method = _Client(), self.parser.get_method().decode("ascii")
        answer = direct.reply_to(method, self.url.partition(b"?")[0], self.headers, client.receive)
        if answer is None:
            return False
        if not isinstance(answer, Reply) or answer.pieces is not None or self.flow.write_paused:
            self._begun = answer, client
            return False
        self._write(answer, method)
        return True

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        if self._begun is not None:
            answer, client = self._begun
            self._begun, client.cycle = None, cycle
            app = partial(_send_when_made, answer)
        super()._start_asgi_task(cycle, app)

    def _write(self, reply: Reply, method: str) -> None:
        headers = [*self.server_state.default_headers, *reply.headers]
        is_kept = self.parser.should_keep_alive() and self.parser.get_http_version() != "1.0"
        if not is_kept:
            headers.append((b"connection", b"close"))
        self.transport.writelines([build_head(reply.status, headers), b"" if method == "HEAD" else reply.body])
        self.cycle = _ANSWERED
        if not is_kept:
            self.transport.close()
        self.on_response_complete()


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


async def _send_when_made(answer: Answer, scope: Scope, receive: Receive, send: Send) -> None:
    try:
        reply = await settle(answer)
    except GoneError:
        return
    await send_reply(reply, scope, receive, send)
