"""Schemas: which features a dataset, or a slot of it, has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from vitrina.model.feature import Feature


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaDraft:
    """What the catalog is told to make a schema.

    Attributes:
        name: Unique where it is given; None for one that is known by its content only.
        description: Free text, or None.
        feature_uids: Members in order.
        optional_uids: Those of the members that may be absent.
        index_uid: Feature of the index, or None.
        itype: What members are when they are not features: a registry field such as ``Gene.ensembl_gene_id``; None for
            ``Feature``.
        dtype: Of all values of a slot with ``itype``, such as ``float``; None for any.
        otype: Class of the object: ``DataFrame``, ``AnnData``, ``MuData``, ``SpatialData``; None for a part of one.
        slots: Uids of component schemas by slot, such as ``tables:table:obs``.
        is_minimal: Whether all members that are not optional must be there.
        is_maximal: Whether nothing but the members may be there.
        is_ordered: Whether the members must come in order.
        is_flexible: Whether further columns are checked against features of the same name.
        is_coerced: Whether values of another dtype are converted before they are checked.
    """

    name: str | None = None
    description: str | None = None
    feature_uids: tuple[str, ...] = ()
    optional_uids: frozenset[str] = frozenset()
    index_uid: str | None = None
    itype: str | None = None
    dtype: str | None = None
    otype: str | None = None
    slots: Mapping[str, str] = field(default_factory=dict)
    is_minimal: bool = True
    is_maximal: bool = False
    is_ordered: bool = False
    is_flexible: bool = False
    is_coerced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A feature in a schema, and whether it may be absent."""

    feature: Feature
    is_optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """A schema that the instance has, with everything it refers to. Fields as in SchemaDraft.

    Attributes:
        uid: 16 base62 characters.
        hash: BLAKE3 of what it demands, without name and description: equal demands are one schema.
        members: Features in order.
        index: Feature of the index, or None.
        slots: Component schemas by slot.
        created_at: UTC.
        created_by: Handle of the user.
    """

    uid: str
    name: str | None
    description: str | None
    hash: str
    members: tuple[Member, ...]
    index: Feature | None
    itype: str | None
    dtype: str | None
    otype: str | None
    slots: Mapping[str, Schema]
    is_minimal: bool
    is_maximal: bool
    is_ordered: bool
    is_flexible: bool
    is_coerced: bool
    created_at: datetime
    created_by: str
