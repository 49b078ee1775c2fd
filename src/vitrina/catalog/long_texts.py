"""Long texts, each stored once under its BLAKE3: sources, environments and logs repeat from run to run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from blake3 import blake3
from sqlalchemy import bindparam, insert, select

from vitrina.catalog.tables import LongTextRow

if TYPE_CHECKING:
    from sqlalchemy import Connection

_SELECT_HASH = select(LongTextRow.hash).where(LongTextRow.hash == bindparam("hash"))
_INSERT = insert(LongTextRow)


def hash_text(text: str) -> str:
    """BLAKE3 of a text as it is stored: 64 hex digits."""
    return blake3(clean_text(text).encode()).hexdigest()


def write_text(connection: Connection, text: str | None) -> str | None:
    """Store a text unless it is there, and give its hash; None for None."""
    if text is None:
        return None
    hash_ = hash_text(text)
    if connection.execute(_SELECT_HASH, {"hash": hash_}).first() is None:
        connection.execute(_INSERT, {"hash": hash_, "text": clean_text(text)})
    return hash_


def clean_text(text: str) -> str:
    """The text without what databases refuse: PostgreSQL stores no NUL, and neither stores lone surrogates.

    Source: https://www.postgresql.org/docs/current/datatype-character.html
    """
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
