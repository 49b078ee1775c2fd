"""The keys below a web address, such as a Zarr hierarchy in a bucket. Only the host that was named is asked."""

from __future__ import annotations

import io
import urllib.error
import urllib.parse
import urllib.request
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from vitrina.errors import InputError, NotFoundError, UnreadableError, UnsupportedError
from vitrina.readers.source import MAX_METADATA_BYTES

if TYPE_CHECKING:
    from typing import BinaryIO

    from zarr.abc.store import Store as ZarrStore

TIMEOUT_SECONDS = 30

_ABSENT = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN, HTTPStatus.GONE})
"""Buckets that may not be listed answer 403 for what is not there."""


class HttpTree:
    """Keys below an address; a ``Tree`` that cannot list.

    Args:
        url: ``http`` or ``https``.

    Raises:
        InputError: It is no such address.
    """

    def __init__(self, url: str) -> None:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            raise InputError("url-malformed", f"{url!r} is no http or https address.", where=url)
        self.url = url.rstrip("/")
        self._opener = urllib.request.build_opener(_SameHost())

    def get(self, key: str) -> bytes | None:
        address = f"{self.url}/{urllib.parse.quote(key)}"
        try:
            with self._opener.open(address, timeout=TIMEOUT_SECONDS) as answer:
                data: bytes = answer.read(MAX_METADATA_BYTES + 1)
        except urllib.error.HTTPError as err:
            with err:
                if err.code in _ABSENT:
                    return None
            raise _unreadable(address, f"the server answered {err.code} {err.reason}") from err
        except (OSError, ValueError) as err:  # no such host, refused, timed out, cut off
            raise _unreadable(address, str(getattr(err, "reason", err))) from err
        if len(data) > MAX_METADATA_BYTES:
            raise _unreadable(address, f"it is larger than {MAX_METADATA_BYTES:,} bytes")
        return data

    def open_file(self, key: str) -> BinaryIO:
        data = self.get(key)
        if data is None:
            raise NotFoundError("path-missing", f"There is no file at {self.url}/{key}.", where=self.url)
        return io.BytesIO(data)

    def list_children(self, prefix: str) -> list[str]:
        del prefix
        return []

    def open_zarr_store(self) -> ZarrStore:
        raise UnsupportedError("url-not-opened", f"{self.url} is only looked at, not read.", where=self.url)


class _SameHost(urllib.request.HTTPRedirectHandler):
    """Follows redirects to the host that was named, and to no other."""

    def redirect_request(self, req: urllib.request.Request, *answer: Any) -> urllib.request.Request | None:
        address: str = answer[-1]
        if urllib.parse.urlsplit(address).netloc != urllib.parse.urlsplit(req.full_url).netloc:
            raise OSError(f"it redirects to another host, {address}")
        return super().redirect_request(req, *answer)


def _unreadable(address: str, reason: str) -> UnreadableError:
    return UnreadableError("url-unreadable", f"{address} cannot be read: {reason}.", where=address)
