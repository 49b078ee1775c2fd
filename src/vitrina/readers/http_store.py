"""A Zarr store below a web address, for zarr-python: read-only, with ranges, over connections that are kept."""

from __future__ import annotations

import asyncio
import http.client
import threading
import urllib.parse
import weakref
from http import HTTPStatus
from typing import TYPE_CHECKING

from zarr.abc.store import OffsetByteRequest, RangeByteRequest, Store, SuffixByteRequest

from vitrina.errors import UnreadableError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable

    from zarr.abc.store import ByteRequest
    from zarr.core.buffer import Buffer, BufferPrototype

TIMEOUT_SECONDS = 60
N_TRIES = 2
"""A server may have closed a connection that was kept."""

ABSENT = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN, HTTPStatus.GONE})
"""Buckets that may not be listed answer 403 for what is not there."""


class HttpStore(Store):
    """Keys below an address. Redirects are not followed.

    Args:
        url: ``http`` or ``https``, without a slash at its end.
        list_names: Names directly below a prefix; None where nothing can be listed.
    """

    supports_writes = False
    supports_deletes = False

    def __init__(self, url: str, list_names: Callable[[str], list[str]] | None = None) -> None:
        super().__init__(read_only=True)
        self.url = url
        self._list_names = list_names
        self._parts = urllib.parse.urlsplit(url)
        self._own = threading.local()
        self._connections: list[http.client.HTTPConnection] = []
        weakref.finalize(self, _close_all, self._connections)

    @property
    def supports_listing(self) -> bool:
        """Whether names can be listed."""
        return self._list_names is not None

    async def get(self, key: str, prototype: BufferPrototype, byte_range: ByteRequest | None = None) -> Buffer | None:
        """The bytes of a key or of a part of it; None where there is none."""
        data = await asyncio.to_thread(self.fetch, key, byte_range)
        return None if data is None else prototype.buffer.from_bytes(data)

    async def get_partial_values(
        self, prototype: BufferPrototype, key_ranges: Iterable[tuple[str, ByteRequest | None]]
    ) -> list[Buffer | None]:
        """Several parts."""
        return [await self.get(key, prototype, byte_range) for key, byte_range in key_ranges]

    async def exists(self, key: str) -> bool:
        """Whether there is such a key."""
        return await asyncio.to_thread(self.fetch, key) is not None

    async def set(self, key: str, value: Buffer) -> None:
        """Not possible."""
        del value
        raise UnsupportedError("store-read-only", f"{self.url}/{key} is only read.", where=self.url)

    async def delete(self, key: str) -> None:
        """Not possible."""
        raise UnsupportedError("store-read-only", f"{self.url}/{key} is only read.", where=self.url)

    async def list(self) -> AsyncIterator[str]:
        """All keys."""
        async for key in self.list_prefix(""):
            yield key

    async def list_prefix(self, prefix: str) -> AsyncIterator[str]:
        """All keys that begin with a prefix, folder by folder."""
        async for name in self.list_dir(prefix):
            key = f"{prefix.rstrip('/')}/{name}".lstrip("/")
            names = [child async for child in self.list_dir(key)]
            if not names:
                yield key
            else:
                async for child in self.list_prefix(key):
                    yield child

    async def list_dir(self, prefix: str) -> AsyncIterator[str]:
        """Names directly below a prefix."""
        names = [] if self._list_names is None else await asyncio.to_thread(self._list_names, prefix.rstrip("/"))
        for name in names:
            yield name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, HttpStore) and other.url == self.url

    def __hash__(self) -> int:
        return hash(self.url)

    def close(self) -> None:
        """Close all connections; they open again when something is read."""
        super().close()
        _close_all(self._connections)

    def fetch(self, key: str, byte_range: ByteRequest | None = None, *, query: str = "") -> bytes | None:
        """The bytes of a key, None where there is none.

        Args:
            key: Below the address.
            byte_range: Only a part.
            query: What stands after a question mark, encoded.

        Raises:
            UnreadableError: The server does not answer, or with an error.
        """
        path = f"{self._parts.path}/{urllib.parse.quote(key)}{f'?{query}' if query else ''}"
        headers = {} if byte_range is None else {"Range": f"bytes={_tell_range(byte_range)}"}
        for number in range(N_TRIES):
            connection = self._connect()
            try:
                connection.request("GET", path, headers=headers)
                answer = connection.getresponse()
                data = answer.read()
            except (OSError, http.client.HTTPException) as err:
                connection.close()
                if number + 1 == N_TRIES:
                    raise self._build_error(key, str(err) or type(err).__name__) from err
                continue
            if answer.status in ABSENT:
                return None
            if answer.status not in {HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT}:
                raise self._build_error(key, f"the server answered {answer.status} {answer.reason}")
            return _cut(data, byte_range) if byte_range is not None and answer.status == HTTPStatus.OK else data
        return None

    def _connect(self) -> http.client.HTTPConnection:
        """The connection of this thread."""
        known: http.client.HTTPConnection | None = getattr(self._own, "connection", None)
        if known is None:
            kind = http.client.HTTPSConnection if self._parts.scheme == "https" else http.client.HTTPConnection
            known = self._own.connection = kind(self._parts.netloc, timeout=TIMEOUT_SECONDS)
            self._connections.append(known)
        return known

    def _build_error(self, key: str, reason: str) -> UnreadableError:
        return UnreadableError(
            "url-unreadable", f"{self.url}/{key} cannot be read: {reason}.", where=f"{self.url}/{key}"
        )


def _close_all(connections: list[http.client.HTTPConnection]) -> None:
    """Close connections of all threads."""
    for connection in connections:
        connection.close()


def _tell_range(byte_range: ByteRequest) -> str:
    """The range as HTTP has it. Source: https://www.rfc-editor.org/rfc/rfc9110#name-byte-ranges."""
    match byte_range:
        case RangeByteRequest(start, end):
            return f"{start}-{end - 1}"
        case OffsetByteRequest(offset):
            return f"{offset}-"
        case SuffixByteRequest(suffix):
            return f"-{suffix}"


def _cut(data: bytes, byte_range: ByteRequest) -> bytes:
    """The part of a whole, of a server that knows no ranges."""
    match byte_range:
        case RangeByteRequest(start, end):
            return data[start:end]
        case OffsetByteRequest(offset):
            return data[offset:]
        case SuffixByteRequest(suffix):
            return data[-suffix:]
