"""What is stored that a new version may share bytes with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from vitrina.catalog.prepared import Prepared
from vitrina.catalog.tables import ArtifactRow, StorageRow

if TYPE_CHECKING:
    from vitrina.catalog.database import Database

_AT_URL = StorageRow.url == bindparam("url")

_SELECT_LATEST = Prepared(
    select(ArtifactRow.uid, ArtifactRow.hash, ArtifactRow.storage_key, ArtifactRow.is_folder)
    .join(StorageRow, StorageRow.id == ArtifactRow.storage_id)
    .where(ArtifactRow.key == bindparam("key"), ArtifactRow.is_latest.is_(True), _AT_URL)
    .limit(1)
)
_SELECT_UNCHANGED = Prepared(
    select(ArtifactRow.uid)
    .join(StorageRow, StorageRow.id == ArtifactRow.storage_id)
    .where(
        ArtifactRow.key == bindparam("key"),
        ArtifactRow.is_latest.is_(True),
        ArtifactRow.hash == bindparam("hash"),
        _AT_URL,
    )
    .limit(1)
)
_SELECT_AS_LARGE = Prepared(
    select(ArtifactRow.id)
    .join(StorageRow, StorageRow.id == ArtifactRow.storage_id)
    .where(
        ArtifactRow.size_bytes == bindparam("size_bytes"),
        ArtifactRow.n_files == bindparam("n_files"),
        ArtifactRow.is_folder == bindparam("is_folder"),
        _AT_URL,
    )
    .limit(1)
)
_SELECT_TWIN = Prepared(
    select(ArtifactRow.storage_key)
    .join(StorageRow, StorageRow.id == ArtifactRow.storage_id)
    .where(ArtifactRow.hash == bindparam("hash"), ArtifactRow.is_folder == bindparam("is_folder"), _AT_URL)
    .order_by(ArtifactRow.id.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Likely:
    """What may have bytes in common with something that is about to be added.

    Attributes:
        latest_uid: Of the latest version under the same key; None when it is not in this storage.
        latest_hash: Its hash.
        latest_key: Where it is stored; None when one is a file and the other a folder.
        may_be_stored: Whether something in this storage has the same size and number of files, so that it is worth
            knowing the hash.
    """

    latest_uid: str | None
    latest_hash: str | None
    latest_key: str | None
    may_be_stored: bool


class Bases:
    """Finds stored bytes by what is known of new ones. Thread-safe.

    Args:
        database: Where the artifacts are.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def find_likely(self, *, url: str, key: str, size_bytes: int, n_files: int, is_folder: bool) -> Likely:
        """What may have bytes in common with a file or folder."""
        about: dict[str, Any] = {"url": url, "size_bytes": size_bytes, "n_files": n_files, "is_folder": is_folder}
        with self._database.read() as connection:
            latest = _SELECT_LATEST.execute(connection, {"url": url, "key": key})
            as_large = _SELECT_AS_LARGE.execute(connection, about)
        uid, content_hash, stored, was_folder = latest[0] if latest else (None, None, None, is_folder)
        return Likely(
            latest_uid=uid,
            latest_hash=content_hash,
            latest_key=stored if bool(was_folder) == is_folder else None,
            may_be_stored=bool(as_large),
        )

    def find_unchanged(self, *, url: str, key: str, content_hash: str) -> str | None:
        """The uid of the latest version under a key when it has these very bytes, in this storage."""
        with self._database.read() as connection:
            found = _SELECT_UNCHANGED.execute(connection, {"url": url, "key": key, "hash": content_hash})
        return found[0][0] if found else None

    def find_twin(self, *, url: str, content_hash: str, is_folder: bool) -> str | None:
        """Where a storage has these very bytes, also those of an artifact in the trash."""
        about = {"url": url, "hash": content_hash, "is_folder": is_folder}
        with self._database.read() as connection:
            found = _SELECT_TWIN.execute(connection, about)
        return found[0][0] if found else None
