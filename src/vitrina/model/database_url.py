"""Database URLs as text, before anything opens them: which texts are such URLs, and how they may be shown. Pure."""

from __future__ import annotations

import re

SCHEMES = ("sqlite", "postgresql", "postgres", "postgresql+psycopg")

_HIDDEN = "***"
_USER_INFO = re.compile(r"(://[^/?#:@]*):[^/?#]*@")
_QUERY = re.compile(r"([?&](?:ssl)?password=)[^&#]*", re.IGNORECASE)


def is_database_url(text: str) -> bool:
    """Whether a text names a database rather than a folder or a server."""
    scheme, separator, _ = text.partition("://")
    return bool(separator) and scheme in SCHEMES


def hide_password(url: str) -> str:
    """The URL as it may be shown and logged, with ``***`` for a password.

    Example:
        >>> hide_password("postgresql://ada:secret@db.lab/vitrina")
        'postgresql://ada:***@db.lab/vitrina'
    """
    if url.startswith("sqlite:"):
        return url  # a path, which may have any sign in it
    return _QUERY.sub(rf"\1{_HIDDEN}", _USER_INFO.sub(rf"\1:{_HIDDEN}@", url))


def has_password(url: str) -> bool:
    """Whether the URL holds a secret and must not be written where others could read it."""
    return hide_password(url) != url
