"""``vt.Collection``: a frozen set of artifacts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, Unpack

from vitrina.api.artifact import Artifact
from vitrina.api.connection import get_instance
from vitrina.api.query import ArtifactQuery
from vitrina.api.record_list import RecordList
from vitrina.api.tracking.active import record_inputs
from vitrina.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    import pandas as pd

    from vitrina.ml.choices import TileKeywords
    from vitrina.ml.tiles import Tiles
    from vitrina.model.collection import Collection as Record
    from vitrina.verbs.instance import Instance

COLUMNS = ("uid", "key", "description", "n_artifacts", "hash", "version", "is_latest", "created_at", "created_by")


class Collection:
    """A frozen set of artifacts, or one about to be saved. A known key gets a new version.

    Args:
        artifacts: Saved artifacts; an artifact that comes twice counts once.
        key: Its name; that of ``revises`` unless given.
        description: Free text.
        revises: Collection of which it is a new version: gives the key.

    Example:
        >>> import vitrina as vt
        >>> cohort = vt.Collection(vt.Artifact.filter(tissue="lung"), key="cohort").save()  # doctest: +SKIP
        >>> cohort.append(artifact).save()                                                  # doctest: +SKIP
    """

    _bound: ClassVar[Instance | None] = None

    def __init__(
        self,
        artifacts: Artifact | Iterable[Artifact],
        key: str | None = None,
        description: str | None = None,
        *,
        revises: Collection | None = None,
    ) -> None:
        self._instance = self._get_instance()
        self._artifacts = [artifacts] if isinstance(artifacts, Artifact) else list(artifacts)
        self._key = revises.key if key is None and revises is not None else key
        if self._key is None:
            raise InputError("key-missing", "A collection needs a key.", hint='Pass key="my/cohort".')
        self._description = description
        self._record: Record | None = None

    @classmethod
    def _get_instance(cls) -> Instance:
        return cls._bound or get_instance()

    @classmethod
    def _wrap(cls, instance: Instance, record: Record) -> Self:
        collection = cls.__new__(cls)
        collection._instance = instance
        collection._artifacts = []
        collection._key = record.key
        collection._description = record.description
        collection._record = record
        return collection

    @classmethod
    def get(cls, ref: str) -> Self:
        """The collection that a key, ``key@0001``, a uid or the start of a uid names.

        Raises:
            NotFoundError: Nothing fits, or several do.
        """
        instance = cls._get_instance()
        return cls._wrap(instance, instance.get_collection(ref))

    @classmethod
    def filter(cls, **where: object) -> RecordList[Self]:
        """The collections whose fields match, newest first: ``key__startswith="cohorts/"``.

        Raises:
            InputError: There is no such field.
        """
        instance = cls._get_instance()
        records = instance.list_collections()
        return RecordList((cls._wrap(instance, record) for record in records), COLUMNS).filter(**where)

    @classmethod
    def to_dataframe(cls, *, limit: int | None = None) -> pd.DataFrame:
        """The collections as a table, newest first."""
        return cls.filter().to_dataframe(limit=limit)

    def save(self) -> Self:
        """Put it into the catalog; it is immutable from then on. A set that is there under the key is not made again.

        Raises:
            InputError: It has no artifacts, or one is not saved.
            ConflictError: An artifact is in the trash.
        """
        if self._record is None:
            uids = [artifact.uid for artifact in self._artifacts]
            self._record = self._instance.add_collection(uids, key=str(self._key), description=self._description)
        return self

    def append(self, artifacts: Artifact | Iterable[Artifact]) -> Self:
        """A new version with more artifacts, about to be saved."""
        more = [artifacts] if isinstance(artifacts, Artifact) else list(artifacts)
        made = type(self)([*self, *more], self._key, self._description)
        made._instance = self._instance
        return made

    def delete(self) -> None:
        """Remove this version; its artifacts stay."""
        self._instance.delete_collection(self._saved)

    @property
    def _saved(self) -> Record:
        if self._record is None:
            raise InputError(
                "collection-not-saved", f"The collection {self._key!r} is not saved yet.", hint="Call .save()."
            )
        return self._record

    @property
    def uid(self) -> str:
        """20 characters: 16 for the family of versions, 4 for the version."""
        return self._saved.uid

    @property
    def key(self) -> str:
        """Its name."""
        return str(self._key)

    @property
    def description(self) -> str | None:
        """Free text."""
        return self._description

    @property
    def hash(self) -> str:
        """BLAKE3 of the sorted uids of its artifacts, one per line."""
        return self._saved.hash

    @property
    def version(self) -> str:
        """Four characters, ``0001`` for the first."""
        return self._saved.version

    @property
    def is_latest(self) -> bool:
        """Whether there was no newer version when this object was made."""
        return self._saved.is_latest

    @property
    def created_at(self) -> datetime:
        """UTC."""
        return self._saved.created_at

    @property
    def created_by(self) -> str:
        """Handle of the user."""
        return self._saved.created_by

    @property
    def n_artifacts(self) -> int:
        """How many artifacts it has."""
        return len(self._record.artifact_uids) if self._record else len(self._artifacts)

    @property
    def artifacts(self) -> ArtifactQuery[Artifact]:
        """A query among its artifacts; those in the trash are left out. Iterate the collection for its own order."""
        query = ArtifactQuery(self._instance, lambda record: Artifact._wrap(self._instance, record))
        return query.with_versions().filter(uid__in=list(self._saved.artifact_uids))

    @property
    def versions(self) -> RecordList[Self]:
        """All versions, newest first."""
        records = self._instance.list_collection_versions(self._saved)
        return RecordList((self._wrap(self._instance, record) for record in records), COLUMNS)

    def load(self, *, join: Literal["inner", "outer"] = "outer") -> Any:
        """All datasets in memory, put together to one AnnData, DataFrame or SpatialData.

        Args:
            join: Which variables or columns the result has: those of all, or those that all have.

        Raises:
            UnsupportedError: The artifacts are of different formats, or of one that cannot be put together.
        """
        loaded = self._instance.load_collection(self._saved, join=join)
        record_inputs(self._instance, list(self._saved.artifact_uids))
        return loaded

    def tiles(self, **options: Unpack[TileKeywords]) -> Tiles:
        """Square tiles around the cells of its artifacts, for training; see ``ArtifactQuery.tiles``.

        Raises:
            InputError: An option makes no sense, or a choice is left open.
            NotFoundError: A dataset has no such image, channel, region, column or gene.
        """
        from vitrina.api.tiles import build_tiles

        records = self._instance.list_collected(self._saved)
        return build_tiles(self._instance, records, options, {"collection": {"uid": self.uid, "key": self.key}})

    def __iter__(self) -> Iterator[Artifact]:
        if self._record is None:
            return iter(self._artifacts)
        records = self._instance.list_collected(self._record)
        return (Artifact._wrap(self._instance, record) for record in records)

    def __len__(self) -> int:
        return self.n_artifacts

    def __repr__(self) -> str:
        if self._record is None:
            return f"Collection(key={self._key!r}, {self.n_artifacts} artifacts, not saved)"
        return f"Collection(uid={self.uid!r}, key={self.key!r}, {self.n_artifacts} artifacts)"
