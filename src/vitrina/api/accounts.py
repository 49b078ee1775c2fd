"""``vt.User`` and ``vt.Storage``: who wrote to the instance, and where its bytes lie."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from vitrina.api.connection import get_instance
from vitrina.api.record_list import RecordList

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from vitrina.model.storage import Storage as StorageRecord
    from vitrina.model.user import User as UserRecord
    from vitrina.verbs.instance import Instance


class _Listed:
    """A kind of records of which there are few."""

    FIELDS: ClassVar[tuple[str, ...]]
    _bound: ClassVar[Instance | None] = None

    @classmethod
    def _list_records(cls, instance: Instance) -> Iterable[UserRecord | StorageRecord]:
        raise NotImplementedError

    def __init__(self, record: UserRecord | StorageRecord) -> None:
        self.record = record

    @property
    def uid(self) -> str:
        """16 characters."""
        return self.record.uid

    @classmethod
    def filter(cls, **where: object) -> RecordList[Self]:
        """Those whose fields match."""
        instance = cls._bound or get_instance()
        return RecordList((cls(record) for record in cls._list_records(instance)), cls.FIELDS).filter(**where)

    @classmethod
    def get(cls, ref: str) -> Self:
        """The one that a uid or its own name means.

        Raises:
            NotFoundError: There is none.
        """
        return next((one for one in cls.filter() if ref == one.uid), None) or cls.filter(**{cls.FIELDS[1]: ref}).one()

    @classmethod
    def to_dataframe(cls) -> pd.DataFrame:
        """All of them as a table."""
        return cls.filter().to_dataframe()

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.FIELDS)
        return f"{type(self).__name__}({fields})"


class User(_Listed):
    """A person or service that wrote to the instance."""

    FIELDS = ("uid", "handle", "name")
    record: UserRecord

    @classmethod
    def _list_records(cls, instance: Instance) -> Iterable[UserRecord]:
        return instance.catalog.list_users()

    @property
    def handle(self) -> str:
        """Unique short name."""
        return self.record.handle

    @property
    def name(self) -> str | None:
        """Full name."""
        return self.record.name


class Storage(_Listed):
    """A root for bytes."""

    FIELDS = ("uid", "root")
    record: StorageRecord

    @classmethod
    def _list_records(cls, instance: Instance) -> Iterable[StorageRecord]:
        return instance.catalog.list_storages()

    @property
    def root(self) -> str:
        """Its URL."""
        return self.record.url
