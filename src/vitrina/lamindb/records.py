"""What a LaminDB instance holds, in its own words and numbers. ``id`` is always that of the row.

Source: https://docs.lamin.ai/lamindb
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

TRASH = -1
"""Id of the branch that holds what was deleted and can be restored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaminUser:
    """A person."""

    id: int
    handle: str
    name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LaminStorage:
    """A root for bytes.

    Attributes:
        root: As recorded: a path, or a URL such as ``s3://bucket``.
        folder: Where it lies on this machine; None when it does not.
    """

    id: int
    root: str
    folder: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LaminTerm:
    """An entry of a registry.

    Attributes:
        registry: Class name with its module, such as ``bionty.Tissue`` or ``ULabel``.
        name: Of a gene its symbol, or its identifier where it has none.
        parent_ids: Ids of rows of the same registry: its parents, and its type.
        attributes: Further identifying fields that have a value.
        organism_id: Row of ``bionty.Organism``, or None.
    """

    id: int
    registry: str
    uid: str
    name: str
    ontology_id: str | None
    synonyms: tuple[str, ...]
    description: str | None
    parent_ids: tuple[int, ...]
    attributes: Mapping[str, str]
    organism_id: int | None
    created_at: datetime
    created_by_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LaminFeature:
    """A typed dimension; ``dtype`` as LaminDB writes it, such as ``cat[bionty.Tissue.ontology_id]``."""

    id: int
    uid: str
    name: str
    dtype: str
    unit: str | None
    description: str | None
    synonyms: tuple[str, ...]
    is_nullable: bool
    default: Any
    is_coerced: bool
    created_at: datetime
    created_by_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LaminSchema:
    """A set of features, or of slots.

    Attributes:
        feature_ids: Members in order.
        optional_ids: Those of the members that may be absent.
        index_id: The member that is the index, or None.
        n_terms: Number of members that are terms, such as genes.
        slots: Ids of component schemas by slot.
    """

    id: int
    uid: str
    name: str | None
    description: str | None
    itype: str | None
    dtype: str | None
    otype: str | None
    feature_ids: tuple[int, ...]
    optional_ids: frozenset[int]
    index_id: int | None
    n_terms: int
    slots: Mapping[str, int]
    is_minimal: bool
    is_maximal: bool
    is_ordered: bool
    is_flexible: bool
    is_coerced: bool
    created_at: datetime
    created_by_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LaminLabel:
    """A term on an artifact."""

    registry: str
    term_id: int
    feature_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LaminArtifact:
    """One version of a dataset.

    Attributes:
        key: Name that the user gave, or None.
        kind: ``dataset``, ``model``, ``__lamindb_run__`` for what LaminDB keeps of a run, or None.
        suffix: Of the stored file or folder, empty without one.
        size_bytes: None where LaminDB could not tell.
        hash: See ``hashing``; None where LaminDB could not tell.
        hash_type: ``md5``, ``sha1-fl``, ``md5-d`` or what a cloud storage gave.
        storage_key: Path below the storage's root, with ``/``.
        is_overwritten: Whether a later version was written over its bytes.
        labels: Terms on it.
        values: JSON values by id of the feature; several for a feature that was set several times.
        slots: Ids of the schemas of what its slots have, by slot.
        updated_at: When it was last changed, such as by being moved to the trash.
    """

    id: int
    uid: str
    key: str | None
    description: str | None
    kind: str | None
    suffix: str
    size_bytes: int | None
    hash: str | None
    hash_type: str | None
    storage_id: int
    storage_key: str
    is_overwritten: bool
    is_latest: bool
    is_trashed: bool
    run_id: int | None
    schema_id: int | None
    created_at: datetime
    updated_at: datetime
    created_by_id: int
    labels: tuple[LaminLabel, ...]
    values: tuple[tuple[int, Any], ...]
    slots: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class LaminTransform:
    """One version of some code; its uid has 12 characters for the family and 4 for the version."""

    id: int
    uid: str
    key: str
    kind: str
    description: str | None
    source: str | None
    reference: str | None
    created_at: datetime
    created_by_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LaminRun:
    """One execution of a transform.

    Attributes:
        status: ``scheduled``, ``restarted``, ``started``, ``completed``, ``errored`` or ``aborted``.
        environment_id: Artifact whose text is the environment, or None.
        report_id: Artifact whose text is the log or report, or None.
        input_ids: Artifacts that it read.
    """

    id: int
    uid: str
    transform_id: int
    parent_id: int | None
    parameters: Mapping[str, Any]
    status: str
    environment_id: int | None
    report_id: int | None
    started_at: datetime
    finished_at: datetime | None
    created_by_id: int
    input_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LaminCollection:
    """One version of a set of artifacts, in order."""

    id: int
    uid: str
    key: str
    description: str | None
    artifact_ids: tuple[int, ...]
    is_trashed: bool
    run_id: int | None
    created_at: datetime
    created_by_id: int
