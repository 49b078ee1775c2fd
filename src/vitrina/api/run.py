"""``vt.Run``: one execution of code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from vitrina.api.connection import get_instance
from vitrina.api.records import RecordQuery

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import pandas as pd

    from vitrina.api.artifact import Artifact
    from vitrina.api.query import ArtifactQuery
    from vitrina.api.transform import Transform
    from vitrina.model.annotation import JsonValue
    from vitrina.model.run import Run as Record
    from vitrina.model.run import RunStatus
    from vitrina.verbs.instance import Instance

COLUMNS = ("uid", "transform.key", "status", "started_at", "finished_at", "created_by", "parameters", "error")
FIELDS = ("transform", "status", "created_by", "parent_uid", "input_uid", "output_uid")


class Run:
    """An execution of a transform, as it was when this object was made."""

    _bound: ClassVar[Instance | None] = None

    def __init__(self, instance: Instance, record: Record) -> None:
        self._instance = instance
        self._record = record

    @classmethod
    def wrap(cls, instance: Instance, record: Record) -> Self:
        """The run of a record."""
        return cls(instance, record)

    @classmethod
    def get(cls, uid: str) -> Self:
        """The run with a uid, or with the only uid that begins so.

        Raises:
            NotFoundError: Nothing fits, or several do.
        """
        instance = cls._bound or get_instance()
        return cls(instance, instance.get_run(uid))

    @classmethod
    def filter(cls, **where: object) -> RecordQuery[Record, Self]:
        """The runs that match, newest first.

        Args:
            where: ``transform`` (a key or a uid), ``status``, ``created_by``, ``parent_uid``, ``input_uid``,
                ``output_uid``.
        """
        instance = cls._bound or get_instance()
        query = RecordQuery("run", instance.find_runs, lambda record: cls(instance, record), COLUMNS, FIELDS)
        return query.filter(**{name: getattr(value, "uid", value) for name, value in where.items()})

    @classmethod
    def to_dataframe(cls, *, limit: int | None = 100) -> pd.DataFrame:
        """The newest runs as a table."""
        return cls.filter().to_dataframe(limit=limit)

    @property
    def uid(self) -> str:
        """16 characters."""
        return self._record.uid

    @property
    def transform(self) -> Transform:
        """The code that was run."""
        from vitrina.api.transform import Transform

        return Transform.wrap(self._instance, self._record.transform)

    @property
    def params(self) -> Mapping[str, JsonValue]:
        """Parameters by name."""
        return self._record.parameters

    @property
    def status(self) -> RunStatus:
        """``started``, ``completed``, ``errored`` or ``aborted``."""
        return self._record.status

    @property
    def error(self) -> str | None:
        """Why it did not end well."""
        return self._record.error

    @property
    def git_commit(self) -> str | None:
        """Commit of the code's working tree, with ``-dirty`` when it had changes."""
        return self._record.git_commit

    @property
    def started_at(self) -> datetime:
        """UTC."""
        return self._record.started_at

    @property
    def finished_at(self) -> datetime | None:
        """UTC; None when it has not ended."""
        return self._record.finished_at

    @property
    def created_by(self) -> str:
        """Handle of the user."""
        return self._record.created_by

    @property
    def parent(self) -> Run | None:
        """The run that started this one."""
        uid = self._record.parent_uid
        return Run(self._instance, self._instance.get_run(uid)) if uid else None

    @property
    def children(self) -> RecordQuery[Record, Run]:
        """The runs that this one started."""
        instance = self._instance
        query = RecordQuery("run", instance.find_runs, lambda record: Run(instance, record), COLUMNS, FIELDS)
        return query.filter(parent_uid=self.uid)

    @property
    def inputs(self) -> ArtifactQuery[Artifact]:
        """The artifacts that it has read until now."""
        return self._query(self._instance.get_run(self.uid).input_uids)

    @property
    def outputs(self) -> ArtifactQuery[Artifact]:
        """The artifacts that it has saved until now."""
        return self._query(self._instance.get_run(self.uid).output_uids)

    @property
    def environment(self) -> str | None:
        """The packages that were installed, one ``name==version`` per line; a step has those of its flow."""
        record = self._record
        while (found := self._instance.read_environment(record.uid)) is None and record.parent_uid:
            record = self._instance.get_run(record.parent_uid)
        return found

    @property
    def log(self) -> str | None:
        """What it printed."""
        return self._instance.read_log(self.uid)

    def __repr__(self) -> str:
        error = f", error={self.error!r}" if self.error else ""
        return f"Run(uid={self.uid!r}, transform={self._record.transform.key!r}, status={self.status!r}{error})"

    def _query(self, uids: tuple[str, ...]) -> ArtifactQuery[Artifact]:
        from vitrina.api.artifact import Artifact

        instance = self._instance
        bound: Any = type("Artifact", (Artifact,), {"_bound": instance})
        query: ArtifactQuery[Artifact] = bound.filter(uid__in=list(uids)).with_versions()
        return query
