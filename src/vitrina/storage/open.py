"""From a URL to a store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from vitrina.errors import InputError, UnsupportedError

if TYPE_CHECKING:
    from vitrina.storage.store import Store


def open_store(url: str) -> Store:
    """The store at a URL such as ``file:///data/lab``, or at a plain path.

    Raises:
        InputError: A ``file:`` URL names another machine or is not absolute.
        UnsupportedError: Another scheme.
    """
    from vitrina.storage.local import LocalStore

    return LocalStore(parse_local_url(url))


def parse_local_url(url: str) -> Path:
    """The path that a ``file:`` URL or a plain path names.

    Raises:
        InputError: See ``open_store``.
        UnsupportedError: See ``open_store``.
    """
    if "://" not in url and not url.startswith("file:"):
        return Path(url)
    parts = urlsplit(url)
    if parts.scheme != "file":
        raise UnsupportedError(
            "storage-unsupported",
            f"Storage at {parts.scheme}:// is not built yet: only local folders are.",
            hint="Use a folder such as /data/lab or file:///data/lab; S3 and compatible object stores come later.",
            where=url,
        )
    if parts.netloc not in ("", "localhost") or not parts.path.startswith("/"):
        raise InputError(
            "storage-url-malformed",
            f"{url!r} does not name a folder on this machine: expected file:/// and an absolute path.",
            where=url,
        )
    return Path(unquote(parts.path))
