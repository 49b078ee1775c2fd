"""``vt.Schema``: what a dataset, or a slot of it, must have."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

from vitrina.api.connection import get_instance
from vitrina.api.dtypes import build_dtype, build_registry_field
from vitrina.api.feature import FIELDS as FEATURE_FIELDS
from vitrina.api.feature import Feature
from vitrina.api.record_list import RecordList
from vitrina.errors import InputError
from vitrina.model.schema import SchemaDraft

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    from vitrina.model.schema import Schema as Record
    from vitrina.verbs.instance import Instance

FIELDS = (
    "uid",
    "name",
    "description",
    "n_members",
    "itype",
    "otype",
    "dtype",
    "minimal_set",
    "maximal_set",
    "ordered_set",
    "flexible",
    "coerce",
    "hash",
    "created_at",
    "created_by",
)

type FeatureLike = Feature | tuple[Feature, Mapping[str, bool]]


class Schema:
    """A set of features with what must hold for them, or schemas in the slots of a larger one.

    Schemas that demand the same are one schema, whatever they are called first.

    Args:
        features: Features; one that may be absent as ``feature.with_config(optional=True)``.
        slots: Schemas by slot, such as ``{"attrs:bio": ..., "tables:table:obs": ..., "tables:table:var.T": ...}``.
        name: Unique in the instance.
        description: Free text.
        itype: What names are when they are no features, such as ``vt.Gene.ensembl_gene_id``.
        index: What the index holds.
        flexible: Whether further columns are checked against the features of their names; by default only when
            neither features, slots nor an ``itype`` are given.
        otype: Class of the dataset: ``DataFrame``, ``AnnData``, ``MuData``, ``SpatialData``.
        dtype: Of all values, with ``itype``.
        minimal_set: Whether all features that are not optional must be there.
        maximal_set: Whether nothing else may be there.
        ordered_set: Whether the features must come in order.
        coerce: Whether values of another dtype are converted before they are checked.

    Example:
        >>> import vitrina as vt
        >>> tissue = vt.Feature(name="tissue", dtype=vt.Tissue)        # doctest: +SKIP
        >>> schema = vt.Schema([tissue], name="samples").save()        # doctest: +SKIP
    """

    _bound: ClassVar[Instance | None] = None

    def __init__(
        self,
        features: Iterable[FeatureLike] | None = None,
        *,
        slots: Mapping[str, Schema] | None = None,
        name: str | None = None,
        description: str | None = None,
        itype: object = None,
        index: Feature | None = None,
        flexible: bool | None = None,
        otype: str | None = None,
        dtype: object = None,
        minimal_set: bool = True,
        maximal_set: bool = False,
        ordered_set: bool = False,
        coerce: bool = False,
    ) -> None:
        self._instance = self._get_instance()
        self._members = [_split_member(member) for member in features or ()]
        self._index = index
        self._slots: dict[str, Schema] = dict(slots or {})
        self._record: Record | None = None
        names = None if itype is None else build_registry_field(itype)
        is_open = not self._members and not self._slots and names in (None, "Feature")
        self._draft = SchemaDraft(
            name=name,
            description=description,
            itype=names,
            dtype=None if dtype is None else build_dtype(dtype),
            otype=otype,
            is_minimal=minimal_set,
            is_maximal=maximal_set,
            is_ordered=ordered_set,
            is_flexible=is_open if flexible is None else flexible,
            is_coerced=coerce,
        )

    @classmethod
    def _get_instance(cls) -> Instance:
        return cls._bound or get_instance()

    @classmethod
    def _wrap(cls, instance: Instance, record: Record) -> Self:
        schema = cls.__new__(cls)
        schema._instance = instance
        schema._take(record)
        return schema

    def _take(self, record: Record) -> None:
        self._record = record
        self._members = [
            (Feature._wrap(self._instance, member.feature), member.is_optional) for member in record.members
        ]
        self._index = None if record.index is None else Feature._wrap(self._instance, record.index)
        self._slots = {slot: Schema._wrap(self._instance, part) for slot, part in record.slots.items()}
        self._draft = SchemaDraft(
            name=record.name,
            description=record.description,
            itype=record.itype,
            dtype=record.dtype,
            otype=record.otype,
            is_minimal=record.is_minimal,
            is_maximal=record.is_maximal,
            is_ordered=record.is_ordered,
            is_flexible=record.is_flexible,
            is_coerced=record.is_coerced,
        )

    @classmethod
    def get(cls, ref: str | None = None, *, name: str | None = None) -> Self:
        """The schema with a name or a uid.

        Raises:
            NotFoundError: There is none; the nearest names are in the hint.
        """
        if (ref is None) == (name is None):
            raise InputError("ref-missing", "Give a uid or a name, and only one of them.")
        instance = cls._get_instance()
        return cls._wrap(instance, instance.get_schema(ref or name or ""))

    @classmethod
    def filter(cls, **where: object) -> RecordList[Self]:
        """The schemas whose fields match, newest first: ``otype="SpatialData"``, ``name__startswith="visium"``."""
        instance = cls._get_instance()
        return RecordList((cls._wrap(instance, record) for record in instance.list_schemas()), FIELDS).filter(**where)

    @classmethod
    def search(cls, text: str, *, limit: int = 20) -> RecordList[Self]:
        """The schemas that have the text in their name or description."""
        wanted = text.casefold()
        found = [one for one in cls.filter() if wanted in f"{one.name or ''}\n{one.description or ''}".casefold()]
        return RecordList(found[:limit], FIELDS)

    @classmethod
    def lookup(cls) -> Any:
        """The schemas with a name as attributes, for completion with the Tab key."""
        from vitrina.api.lookup import build_lookup

        return build_lookup({schema.name: schema for schema in cls.filter() if schema.name})

    @classmethod
    def to_dataframe(cls, *, limit: int | None = 100) -> pd.DataFrame:
        """The newest schemas as a table."""
        return cls.filter().to_dataframe(limit=limit)

    def save(self) -> Self:
        """Keep it in the catalog, with those of its features and slots that are not there yet.

        Raises:
            ConflictError: The name stands for other demands.
        """
        if self._record is None:
            draft = replace(
                self._draft,
                feature_uids=tuple(feature.save().uid for feature, _ in self._members),
                optional_uids=frozenset(feature.uid for feature, is_optional in self._members if is_optional),
                index_uid=None if self._index is None else self._index.save().uid,
                slots={slot: schema.save().uid for slot, schema in self._slots.items()},
            )
            self._take(self._instance.add_schema(draft))
        return self

    @property
    def _saved(self) -> Record:
        if self._record is None:
            raise InputError("schema-not-saved", f"The schema {self.name!r} is not saved yet.", hint="Call .save().")
        return self._record

    @property
    def features(self) -> RecordList[Feature]:
        """The features in order."""
        return RecordList((feature for feature, _ in self._members), FEATURE_FIELDS)

    members = features

    @property
    def optionals(self) -> RecordList[Feature]:
        """Those of the features that may be absent."""
        return RecordList((feature for feature, is_optional in self._members if is_optional), FEATURE_FIELDS)

    @property
    def slots(self) -> dict[str, Schema]:
        """Schemas by slot."""
        return dict(self._slots)

    @property
    def index(self) -> Feature | None:
        """What the index holds."""
        return self._index

    @property
    def n_members(self) -> int:
        """Number of features."""
        return len(self._members)

    @property
    def uid(self) -> str:
        """16 characters."""
        return self._saved.uid

    @property
    def hash(self) -> str:
        """BLAKE3 of what it demands."""
        return self._saved.hash

    @property
    def created_at(self) -> Any:
        """UTC."""
        return self._saved.created_at

    @property
    def created_by(self) -> str:
        """Handle of the user."""
        return self._saved.created_by

    @property
    def name(self) -> str | None:
        """Unique in the instance; None for one known by its content."""
        return self._draft.name

    @property
    def description(self) -> str | None:
        """Free text."""
        return self._draft.description

    @property
    def itype(self) -> str:
        """What names are."""
        return self._draft.itype or "Feature"

    @property
    def dtype(self) -> str | None:
        """Of all values, with ``itype``."""
        return self._draft.dtype

    @property
    def otype(self) -> str | None:
        """Class of the dataset."""
        return self._draft.otype

    @property
    def minimal_set(self) -> bool:
        """Whether all features must be there."""
        return self._draft.is_minimal

    @property
    def maximal_set(self) -> bool:
        """Whether nothing else may be there."""
        return self._draft.is_maximal

    @property
    def ordered_set(self) -> bool:
        """Whether features must come in order."""
        return self._draft.is_ordered

    @property
    def flexible(self) -> bool:
        """Whether further columns are checked."""
        return self._draft.is_flexible

    @property
    def coerce(self) -> bool:
        """Whether values of another dtype are converted before they are checked."""
        return self._draft.is_coerced

    def describe(self) -> None:
        """Print what it demands as a tree."""
        from vitrina.verbs.describe_schema import describe_schema

        print(describe_schema(self._saved))  # noqa: T201 - this is what it is for

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Schema) and self._saved.uid == other._saved.uid

    def __hash__(self) -> int:
        return hash(self._draft.name)

    def __repr__(self) -> str:
        name = f"name={self.name!r}, " if self.name else ""
        parts = f"slots={list(self._slots)}" if self._slots else f"features={[one.name for one, _ in self._members]}"
        itype = f", itype={self._draft.itype!r}" if self._draft.itype else ""
        otype = f", otype={self.otype!r}" if self.otype else ""
        return f"Schema({name}{parts}{itype}{otype}{'' if self._record else ', not saved'})"


def _split_member(member: FeatureLike) -> tuple[Feature, bool]:
    feature, config = member if isinstance(member, tuple) else (member, {})
    if not isinstance(feature, Feature):
        raise InputError(
            "feature-wanted",
            f"{feature!r} is not a feature.",
            hint="Give vt.Feature objects, or feature.with_config(...).",
        )
    unknown = set(config) - {"optional"}
    if unknown:
        raise InputError("config-unknown", f"A member of a schema has no setting {', '.join(sorted(unknown))}.")
    return feature, config.get("optional", False)
