"""``vt.Transform``: one version of some code."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from vitrina.api.connection import get_instance
from vitrina.api.records import RecordQuery

if TYPE_CHECKING:
    from datetime import datetime

    import pandas as pd

    from vitrina.api.run import Run
    from vitrina.model.run import Run as RunRecord
    from vitrina.model.run import Transform as Record
    from vitrina.model.run import TransformKind
    from vitrina.verbs.instance import Instance

COLUMNS = ("uid", "key", "kind", "version", "description", "git_commit", "is_latest", "created_at", "created_by")
FIELDS = ("key", "kind", "latest_only")


class Transform:
    """A script, notebook, function or pipeline in one version: other code under the same key is another version."""

    _bound: ClassVar[Instance | None] = None

    def __init__(self, instance: Instance, record: Record) -> None:
        self._instance = instance
        self.record = record

    @classmethod
    def wrap(cls, instance: Instance, record: Record) -> Self:
        """The transform of a record."""
        return cls(instance, record)

    @classmethod
    def get(cls, ref: str) -> Self:
        """The transform that a key, ``key@0001``, a uid or the start of a uid names.

        Raises:
            NotFoundError: Nothing fits, or several do.
        """
        instance = cls._bound or get_instance()
        return cls(instance, instance.get_transform(ref))

    @classmethod
    def filter(cls, **where: object) -> RecordQuery[Record, Self]:
        """The transforms that match, newest first.

        Args:
            where: ``key``, ``kind``; ``latest_only=False`` for older versions too.
        """
        instance = cls._bound or get_instance()
        find = instance.find_transforms
        return RecordQuery("transform", find, lambda record: cls(instance, record), COLUMNS, FIELDS).filter(**where)

    @classmethod
    def to_dataframe(cls, *, limit: int | None = 100) -> pd.DataFrame:
        """The newest transforms as a table."""
        return cls.filter().to_dataframe(limit=limit)

    @property
    def uid(self) -> str:
        """20 characters: 16 for the family of versions, 4 for the version."""
        return self.record.uid

    @property
    def key(self) -> str:
        """Path or qualified name of the code."""
        return self.record.key

    @property
    def kind(self) -> TransformKind:
        """``script``, ``notebook``, ``function``, ``pipeline``, ``upload`` or ``convert``."""
        return self.record.kind

    @property
    def version(self) -> str:
        """Four characters, ``0001`` for the first."""
        return self.record.version

    @property
    def is_latest(self) -> bool:
        """Whether there was no newer version when this object was made."""
        return self.record.is_latest

    @property
    def description(self) -> str | None:
        """What it does."""
        return self.record.description

    @property
    def reference(self) -> str | None:
        """Where the code also lies."""
        return self.record.reference

    @property
    def git_commit(self) -> str | None:
        """Commit of the working tree when this version was first run, with ``-dirty`` when it had changes."""
        return self.record.git_commit

    @property
    def hash(self) -> str | None:
        """BLAKE3 of the source."""
        return self.record.hash

    @property
    def created_at(self) -> datetime:
        """UTC."""
        return self.record.created_at

    @property
    def created_by(self) -> str:
        """Handle of the user."""
        return self.record.created_by

    @property
    def source_code(self) -> str | None:
        """The code itself."""
        return self._instance.read_source(self.uid)

    @property
    def runs(self) -> RecordQuery[RunRecord, Run]:
        """The runs of this version, newest first."""
        from vitrina.api.run import COLUMNS as RUN_COLUMNS
        from vitrina.api.run import FIELDS as RUN_FIELDS
        from vitrina.api.run import Run

        instance = self._instance
        query = RecordQuery("run", instance.find_runs, lambda record: Run(instance, record), RUN_COLUMNS, RUN_FIELDS)
        return query.filter(transform=self.uid)

    def __repr__(self) -> str:
        return f"Transform(uid={self.uid!r}, key={self.key!r}, kind={self.kind!r})"
