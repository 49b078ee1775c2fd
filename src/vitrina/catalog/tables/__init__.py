"""The tables, private to the catalog. ``migrations`` makes them; a test holds the two against each other."""

from __future__ import annotations

from vitrina.catalog.tables.annotation import NO_FEATURE, ArtifactSlotRow, LabelRow, ValueRow
from vitrina.catalog.tables.artifact import ONLY_LATEST, ArtifactRow, ChangeRow, ContentRow, FamilyRow, OverridesRow
from vitrina.catalog.tables.base import Row
from vitrina.catalog.tables.collection import CollectedRow, CollectionRow, ViewRow
from vitrina.catalog.tables.feature import FeatureRow, MemberRow, SchemaRow, SlotRow
from vitrina.catalog.tables.instance import InstanceRow, StorageRow, UserRow
from vitrina.catalog.tables.run import LongTextRow, RunArtifactRow, RunRow, TransformRow
from vitrina.catalog.tables.term import AncestorRow, ParentRow, TermNameRow, TermRow

__all__ = [
    "NO_FEATURE",
    "ONLY_LATEST",
    "AncestorRow",
    "ArtifactRow",
    "ArtifactSlotRow",
    "ChangeRow",
    "CollectedRow",
    "CollectionRow",
    "ContentRow",
    "FamilyRow",
    "FeatureRow",
    "InstanceRow",
    "LabelRow",
    "LongTextRow",
    "MemberRow",
    "OverridesRow",
    "ParentRow",
    "Row",
    "RunArtifactRow",
    "RunRow",
    "SchemaRow",
    "SlotRow",
    "StorageRow",
    "TermNameRow",
    "TermRow",
    "TransformRow",
    "UserRow",
    "ValueRow",
    "ViewRow",
]
