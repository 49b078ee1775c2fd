"""What a raw plane is asked."""

from __future__ import annotations

from typing import NamedTuple

from starlette.types import Receive

from vitrina.server.parts import Headers
from vitrina.server.reply import wait_until_gone


class Request(NamedTuple):
    """A GET or HEAD.

    Attributes:
        method: Which of them.
        raw_path: As sent, percent-encoded, without the query.
        headers: With lower-case names.
        receive: What else comes from the client.
    """

    method: str
    raw_path: bytes
    headers: Headers
    receive: Receive

    async def wait_until_gone(self) -> None:
        """Return when the client has left."""
        await wait_until_gone(self.receive)
