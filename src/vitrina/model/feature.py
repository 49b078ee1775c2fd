"""Features: typed dimensions, such as ``tissue`` of dtype ``cat[Tissue]``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureDraft:
    """What the catalog is told to make a feature.

    Attributes:
        name: As columns and queries have it; unique in the instance.
        dtype: Canonical text, see ``dtype.parse_dtype``: ``float``, ``cat[Tissue.ontology_id]``, ``list[cat[ULabel]]``.
        unit: Of numbers, such as ``micrometer``; None without one.
        description: Free text, or None.
        synonyms: Other names for the column.
        is_nullable: Whether values may be missing.
        default: JSON value that stands for missing ones; None for none.
        is_coerced: Whether values of another dtype are converted before they are checked.
    """

    name: str
    dtype: str
    unit: str | None = None
    description: str | None = None
    synonyms: tuple[str, ...] = ()
    is_nullable: bool = True
    default: str | int | float | bool | None = None
    is_coerced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """A feature that the instance has. Fields as in FeatureDraft.

    Attributes:
        uid: 16 base62 characters.
        created_at: UTC.
        created_by: Handle of the user.
    """

    uid: str
    name: str
    dtype: str
    unit: str | None
    description: str | None
    synonyms: tuple[str, ...]
    is_nullable: bool
    default: str | int | float | bool | None
    is_coerced: bool
    created_at: datetime
    created_by: str
