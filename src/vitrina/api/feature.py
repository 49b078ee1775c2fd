"""``vt.Feature``: one typed dimension."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from vitrina.api.connection import get_instance
from vitrina.api.dtypes import build_dtype
from vitrina.api.record_list import RecordList
from vitrina.errors import InputError
from vitrina.model.expression import Compare, Not
from vitrina.model.feature import Feature as Record
from vitrina.model.feature import FeatureDraft

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from vitrina.verbs.instance import Instance

FIELDS = (
    "uid",
    "name",
    "dtype",
    "unit",
    "description",
    "synonyms",
    "nullable",
    "default_value",
    "coerce",
    "created_at",
    "created_by",
)


class Feature:
    """A dimension that datasets, slots and artifacts have values of.

    Compared with a value, a feature gives a condition for ``Artifact.filter``; ``&``, ``|`` and ``~`` join conditions.

    Args:
        name: As columns and queries have it.
        dtype: Such as ``float``, ``"cat[Tissue]"``, ``vt.Tissue``, ``vt.Tissue.ontology_id``, ``list[str]``.
        unit: Of numbers.
        description: Free text.
        synonyms: Other names for the column: a list, or text with ``|`` between them.
        nullable: Whether values may be missing.
        default_value: Stands for missing values.
        coerce: Whether values of another dtype are converted before they are checked.

    Example:
        >>> import vitrina as vt
        >>> donor_age = vt.Feature(name="donor_age", dtype=int, unit="year").save()  # doctest: +SKIP
        >>> vt.Artifact.filter((donor_age > 60) & ~(donor_age == 80))                # doctest: +SKIP

    Raises:
        InputError: The dtype is none.
    """

    _bound: ClassVar[Instance | None] = None

    def __init__(
        self,
        name: str,
        dtype: object,
        *,
        unit: str | None = None,
        description: str | None = None,
        synonyms: str | Iterable[str] | None = None,
        nullable: bool = True,
        default_value: str | float | bool | None = None,
        coerce: bool = False,
    ) -> None:
        self._instance = self._get_instance()
        self._record: Record | FeatureDraft = FeatureDraft(
            name=name,
            dtype=build_dtype(dtype),
            unit=unit,
            description=description,
            synonyms=_split_synonyms(synonyms),
            is_nullable=nullable,
            default=default_value,
            is_coerced=coerce,
        )

    @classmethod
    def _get_instance(cls) -> Instance:
        return cls._bound or get_instance()

    @classmethod
    def _wrap(cls, instance: Instance, record: Record) -> Self:
        feature = cls.__new__(cls)
        feature._instance = instance
        feature._record = record
        return feature

    @classmethod
    def _list(cls, records: Iterable[Record]) -> RecordList[Self]:
        instance = cls._get_instance()
        return RecordList((cls._wrap(instance, record) for record in records), FIELDS)

    @classmethod
    def get(cls, ref: str | None = None, *, name: str | None = None) -> Self:
        """The feature with a name or a uid.

        Raises:
            NotFoundError: There is none; the nearest names are in the hint.
        """
        instance = cls._get_instance()
        return cls._wrap(instance, instance.get_feature(_choose_ref(ref, name)))

    @classmethod
    def filter(cls, **where: object) -> RecordList[Self]:
        """The features whose fields match, newest first: ``dtype="float"``, ``name__in=[...]``."""
        return cls._list(cls._get_instance().list_features()).filter(**where)

    @classmethod
    def search(cls, text: str, *, limit: int = 20) -> RecordList[Self]:
        """The features that have the text in their name, synonyms or description."""
        return cls._list(cls._get_instance().search_features(text, limit=limit))

    @classmethod
    def lookup(cls) -> Any:
        """The features as attributes, for completion with the Tab key: ``Feature.lookup().donor_age``."""
        from vitrina.api.lookup import build_lookup

        return build_lookup({feature.name: feature for feature in cls.filter()})

    @classmethod
    def to_dataframe(cls, *, limit: int | None = 100) -> pd.DataFrame:
        """The newest features as a table."""
        return cls.filter().to_dataframe(limit=limit)

    @classmethod
    def from_values(cls, values: Iterable[str]) -> RecordList[Self]:
        """The features that have some of the names, in the order of the names; the other names are left out."""
        names = list(dict.fromkeys(values))
        found = cls._get_instance().find_features(names)
        return cls._list(found[name] for name in names if name in found)

    def save(self) -> Self:
        """Keep it in the catalog; a feature that is there is taken as it is.

        Raises:
            ConflictError: It is there with another dtype, unit, default or nullability.
        """
        if isinstance(self._record, FeatureDraft):
            self._record = self._instance.add_feature(self._record)
        return self

    def with_config(self, *, optional: bool = False) -> tuple[Self, dict[str, bool]]:
        """The feature as a member of a schema that may be absent."""
        return self, {"optional": optional}

    @property
    def _saved(self) -> Record:
        if isinstance(self._record, FeatureDraft):
            raise InputError("feature-not-saved", f"The feature {self.name!r} is not saved yet.", hint="Call .save().")
        return self._record

    @property
    def uid(self) -> str:
        """16 characters."""
        return self._saved.uid

    @property
    def name(self) -> str:
        """As columns and queries have it."""
        return self._record.name

    @property
    def dtype(self) -> str:
        """Canonical text, such as ``cat[Tissue]``."""
        return self._record.dtype

    @property
    def unit(self) -> str | None:
        """Of numbers."""
        return self._record.unit

    @property
    def description(self) -> str | None:
        """Free text."""
        return self._record.description

    @property
    def synonyms(self) -> str | None:
        """Other names for the column, with ``|`` between them; None without any."""
        return "|".join(self._record.synonyms) or None

    @property
    def nullable(self) -> bool:
        """Whether values may be missing."""
        return self._record.is_nullable

    @property
    def default_value(self) -> str | float | bool | None:
        """Stands for missing values."""
        return self._record.default

    @property
    def coerce(self) -> bool:
        """Whether values of another dtype are converted before they are checked."""
        return self._record.is_coerced

    @property
    def created_at(self) -> Any:
        """UTC."""
        return self._saved.created_at

    @property
    def created_by(self) -> str:
        """Handle of the user."""
        return self._saved.created_by

    def is_null(self, value: bool = True) -> Compare:
        """Artifacts without a value; with ``False`` those that have one."""
        return Compare(name=self.name, lookup="isnull", value=value)

    def in_(self, values: Iterable[object]) -> Compare:
        """Artifacts with one of the values."""
        return Compare(name=self.name, lookup="in", value=list(values))

    def contains(self, text: str) -> Compare:
        """Artifacts whose value has the text in it."""
        return Compare(name=self.name, lookup="contains", value=text)

    def __eq__(self, other: object) -> Any:
        if isinstance(other, Feature):
            return self.name == other.name and self.dtype == other.dtype
        return Compare(name=self.name, value=other)

    def __ne__(self, other: object) -> Any:
        is_equal = self == other
        return not is_equal if isinstance(is_equal, bool) else Not(part=is_equal)

    def __hash__(self) -> int:
        return hash(self.name)

    def __lt__(self, other: object) -> Compare:
        return Compare(name=self.name, lookup="lt", value=other)

    def __le__(self, other: object) -> Compare:
        return Compare(name=self.name, lookup="lte", value=other)

    def __gt__(self, other: object) -> Compare:
        return Compare(name=self.name, lookup="gt", value=other)

    def __ge__(self, other: object) -> Compare:
        return Compare(name=self.name, lookup="gte", value=other)

    def __repr__(self) -> str:
        state = ", not saved" if isinstance(self._record, FeatureDraft) else ""
        unit = f", unit={self.unit!r}" if self.unit else ""
        return f"Feature(name={self.name!r}, dtype={self.dtype!r}{unit}{state})"


def _choose_ref(ref: str | None, name: str | None) -> str:
    if (ref is None) == (name is None):
        raise InputError("ref-missing", "Give a uid or a name, and only one of them.")
    return ref or name or ""


def _split_synonyms(synonyms: str | Iterable[str] | None) -> tuple[str, ...]:
    parts = synonyms.split("|") if isinstance(synonyms, str) else synonyms or ()
    return tuple(dict.fromkeys(stripped for part in parts if (stripped := part.strip())))
