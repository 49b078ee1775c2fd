"""What happened to stored bytes: deleted, collected as garbage, held against what was saved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from vitrina.model.artifact import Artifact
from vitrina.model.finding import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """What happened to an artifact.

    Attributes:
        artifact: As it is in the trash, or as it was.
        is_permanent: Whether it was removed for good.
        freed_bytes: Of the storage; what other versions share, or what lies where the user keeps it, stays.
    """

    artifact: Artifact
    is_permanent: bool
    freed_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Garbage:
    """One thing that went, or would go.

    Attributes:
        kind: An artifact from the trash; bytes that no artifact names; a file of the cache.
        name: Key and version, or where it lay.
    """

    kind: Literal["artifact", "bytes", "cache"]
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What ``gc`` did, or would do.

    Attributes:
        garbage: What went.
        freed_bytes: Of the storage.
        findings: What had to stay, and why.
        is_dry_run: Whether nothing happened.
    """

    garbage: tuple[Garbage, ...]
    freed_bytes: int
    findings: tuple[Finding, ...]
    is_dry_run: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What was read, and what is not as it was saved."""

    n_artifacts: int
    size_bytes: int
    findings: tuple[Finding, ...]
