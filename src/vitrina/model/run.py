"""Lineage: transforms (code) and runs (one execution of it)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from vitrina.model.annotation import JsonValue
from vitrina.model.uid import split_uid

type TransformKind = Literal["script", "notebook", "function", "pipeline", "upload", "convert"]
type RunStatus = Literal["started", "completed", "errored", "aborted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TransformDraft:
    """What the catalog is told to make a transform, or a new version of one: same key and source are the same version.

    Attributes:
        key: Path or qualified name of the code, such as ``analysis/segment.py``.
        kind: What the code is.
        description: Free text, or None.
        source: The code itself; None where there is none.
        reference: Where it also lies, such as ``https://github.com/lab/repo/blob/{commit}/segment.py``, or None.
        git_commit: Commit of the working tree, with ``-dirty`` when it had changes; None outside of git.
    """

    key: str
    kind: TransformKind
    created_by: str
    description: str | None = None
    source: str | None = None
    reference: str | None = None
    git_commit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transform:
    """One version of some code. Fields as in TransformDraft.

    Attributes:
        uid: 20 base62 characters: family and version.
        hash: BLAKE3 of the source; None without one.
        is_latest: Whether no newer version exists.
        created_at: UTC.
    """

    uid: str
    key: str
    kind: TransformKind
    description: str | None
    hash: str | None
    reference: str | None
    git_commit: str | None
    is_latest: bool
    created_at: datetime
    created_by: str

    @property
    def version(self) -> str:
        """The four characters of the uid that count the versions, ``0001`` first."""
        return split_uid(self.uid)[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDraft:
    """What the catalog is told when a run starts.

    Attributes:
        transform_uid: What is run.
        parameters: By name.
        environment: Lock of the environment, such as ``pip freeze`` prints; None when not recorded.
        git_commit: See TransformDraft.
        parent_uid: Run that started this one, or None.
    """

    transform_uid: str
    created_by: str
    parameters: Mapping[str, JsonValue] = field(default_factory=dict)
    environment: str | None = None
    git_commit: str | None = None
    parent_uid: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One execution of a transform. Texts (source, environment, log) are read apart: they are long.

    Attributes:
        uid: 16 base62 characters.
        status: ``started`` until it ends.
        started_at: UTC.
        finished_at: UTC, None until it ends.
        input_uids: Artifacts that it read.
        output_uids: Artifacts that it saved.
    """

    uid: str
    transform: Transform
    parameters: Mapping[str, JsonValue]
    git_commit: str | None
    parent_uid: str | None
    status: RunStatus
    error: str | None
    started_at: datetime
    finished_at: datetime | None
    created_by: str
    input_uids: tuple[str, ...] = ()
    output_uids: tuple[str, ...] = ()
