"""Collection: a frozen set of artifacts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from vitrina.model.uid import split_uid


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """One version of a set of artifacts.

    Attributes:
        uid: 20 base62 characters: 16 for the family of versions and 4 for the version.
        key: Name that the user gave; shared by all versions.
        description: Free text, or None.
        hash: BLAKE3 of the sorted uids of its artifacts, one per line.
        artifact_uids: In the order given.
        is_latest: Whether no newer version exists.
        created_at: UTC.
        created_by: Handle of the user.
    """

    uid: str
    key: str
    description: str | None
    hash: str
    artifact_uids: tuple[str, ...]
    is_latest: bool
    created_at: datetime
    created_by: str

    @property
    def version(self) -> str:
        """The four characters of the uid that count the versions, ``0001`` first."""
        return split_uid(self.uid)[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionDraft:
    """What the catalog is told to make a collection."""

    key: str
    artifact_uids: tuple[str, ...]
    created_by: str
    description: str | None = None
