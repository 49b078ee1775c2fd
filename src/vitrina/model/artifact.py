"""Artifact: one immutable, versioned dataset, and what is known of it before the catalog takes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from vitrina.model.content import Content
from vitrina.model.overrides import NO_OVERRIDES, Overrides
from vitrina.model.uid import split_uid


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """One version of one dataset, as the catalog knows it.

    Attributes:
        uid: 20 base62 characters: 16 for the family of versions and 4 for the version.
        key: Name that the user gave, such as ``xenium/lung.zarr``; shared by all versions.
        description: Free text, or None.
        kind: ``dataset``, ``model``, ``plot`` or what the user says.
        format: See Content.format.
        hash: BLAKE3 of a file; of a folder, that of its sorted ``path, size, hash`` lines. 64 hex digits.
        size_bytes: Sum of the sizes of all files.
        n_files: 1 for a file.
        n_observations: See Content.n_observations.
        storage_url: Root under which the bytes lie.
        storage_key: Path of the file or folder under that root, with ``/``.
        is_folder: Whether the bytes are a folder.
        created_at: UTC.
        created_by: Handle of the user.
        is_latest: Whether no newer version exists.
        content: What a reader found in it, as the overrides say it is.
        trashed_at: When it was moved to the trash, UTC; None when it is not there.
        overrides: What people know better than the file.
    """

    uid: str
    key: str
    description: str | None
    kind: str
    format: str
    hash: str
    size_bytes: int
    n_files: int
    n_observations: int | None
    storage_url: str
    storage_key: str
    is_folder: bool
    created_at: datetime
    created_by: str
    is_latest: bool
    content: Content
    trashed_at: datetime | None = None
    overrides: Overrides = NO_OVERRIDES

    @property
    def version(self) -> str:
        """The four characters of the uid that count the versions, ``0001`` first."""
        return split_uid(self.uid)[1]

    @property
    def basename(self) -> str:
        """Name of the stored file or folder, the first part of every path under ``/data/{uid}/``."""
        return self.storage_key.rsplit("/", 1)[-1]

    @property
    def fingerprint(self) -> str:
        """Changes whenever the stored bytes or the overrides do; what is derived from an artifact is kept by it."""
        return f"{self.hash}-{self.overrides.digest}" if self.overrides else self.hash


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactDraft:
    """What the catalog is told to make an artifact: everything that it does not decide itself.

    Attributes:
        uid: From ``Catalog.reserve_uid(key)``, since the bytes are stored under it before the artifact exists.
        key: See Artifact, as are the others.
        created_by: Handle of the user, who is added when unknown.
    """

    uid: str
    key: str
    description: str | None
    kind: str
    hash: str
    size_bytes: int
    n_files: int
    storage_url: str
    storage_key: str
    is_folder: bool
    created_by: str
    content: Content
