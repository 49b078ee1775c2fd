"""``vt.View``: a saved state of the viewer; ``vt.save_vitessce_config``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from vitrina.api.connection import get_instance
from vitrina.api.records import RecordQuery

if TYPE_CHECKING:
    from datetime import datetime

    import pandas as pd

    from vitrina.model.view import View as Record
    from vitrina.verbs.instance import Instance

COLUMNS = ("uid", "name", "subject_uid", "created_at", "created_by")
FIELDS = ("subject_uid",)


class View:
    """A Vitessce configuration on an artifact or a collection. It names artifacts and paths, and no server."""

    _bound: ClassVar[Instance | None] = None

    def __init__(self, instance: Instance, record: Record) -> None:
        self._instance = instance
        self._record = record

    @classmethod
    def get(cls, uid: str) -> Self:
        """The view with a uid.

        Raises:
            NotFoundError: There is none.
        """
        instance = cls._bound or get_instance()
        return cls(instance, instance.get_saved_view(uid))

    @classmethod
    def filter(cls, **where: object) -> RecordQuery[Record, Self]:
        """The views that match, newest first; ``subject_uid`` is that of an artifact or a collection."""
        instance = cls._bound or get_instance()
        query = RecordQuery("view", instance.find_views, lambda record: cls(instance, record), COLUMNS, FIELDS)
        return query.filter(**where)

    @classmethod
    def to_dataframe(cls, *, limit: int | None = 100) -> pd.DataFrame:
        """The newest views as a table."""
        return cls.filter().to_dataframe(limit=limit)

    @property
    def uid(self) -> str:
        """16 characters."""
        return self._record.uid

    @property
    def name(self) -> str:
        """Shown in the hub."""
        return self._record.name

    @property
    def subject_uid(self) -> str:
        """Uid of the artifact or collection."""
        return self._record.subject_uid

    @property
    def created_at(self) -> datetime:
        """UTC."""
        return self._record.created_at

    @property
    def created_by(self) -> str:
        """Handle of the user."""
        return self._record.created_by

    @property
    def config(self) -> dict[str, Any]:
        """The configuration as it is kept: with ``vitrina://{uid}/...`` in place of addresses."""
        return dict(self._record.config)

    def to_dict(self, base_url: str | None = None) -> dict[str, Any]:
        """The configuration with addresses, as Vitessce reads it.

        Args:
            base_url: Scheme, host and port of the server; the running one, else one in this process, unless given.
        """
        from vitrina.api.hub import get_base_url

        base = get_base_url(self._instance) if base_url is None else base_url.rstrip("/")
        return self._instance.build_saved_view(self._record, base)

    def show(self) -> Any:
        """Show it in the notebook, or open it in the browser; a server is started when none runs."""
        from vitrina.api.hub import show_page

        return show_page(self._instance, f"/viewer/?config=/api/v1/views/{self.uid}/vitessce.json")

    def __repr__(self) -> str:
        return f"View(uid={self.uid!r}, name={self.name!r})"


def save_vitessce_config(vitessce_config: Any, key: str | None = None, description: str | None = None) -> View:
    """Save a configuration of vitessce-python as a view of the artifact that it shows.

    One that shows several artifacts becomes a view of their collection.

    Args:
        vitessce_config: A ``VitessceConfig`` over artifacts, or its JSON.
        key: Name of the view; the configuration's own unless given.
        description: Shown in the viewer.

    Raises:
        InputError: It is no configuration, or shows data that is no artifact.
        NotFoundError: It shows an artifact of another instance.
    """
    instance = get_instance()
    return View(instance, instance.save_view(vitessce_config, name=key, description=description))
