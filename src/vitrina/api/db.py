"""``vt.DB``: an instance other than the connected one."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from vitrina.api.artifact import Artifact
from vitrina.model.registry import REGISTRIES
from vitrina.place import find_place
from vitrina.verbs.connect import open_instance

if TYPE_CHECKING:
    import os

_HOMES = {
    **dict.fromkeys(REGISTRIES, "vitrina.api.registries"),
    "Collection": "vitrina.api.collection",
    "Feature": "vitrina.api.feature",
    "Run": "vitrina.api.run",
    "Schema": "vitrina.api.schema",
    "Storage": "vitrina.api.accounts",
    "Transform": "vitrina.api.transform",
    "User": "vitrina.api.accounts",
    "View": "vitrina.api.view",
}


class DB:
    """An instance next to the connected one, with the same queries.

    Args:
        instance: Its folder, or the URL of its database.

    Example:
        >>> import vitrina as vt
        >>> vt.DB("lab-a").Artifact.filter(format="spatialdata").to_dataframe()  # doctest: +SKIP

    Raises:
        NotFoundError: There is no instance.
    """

    Artifact: type[Artifact]

    def __init__(self, instance: str | os.PathLike[str]) -> None:
        from pathlib import Path

        opened = open_instance(find_place(str(instance), {}, Path.cwd(), None))
        opened.catalog.finder.keeps_index = True
        self.name = opened.settings.name
        self._instance = opened
        self.Artifact = type("Artifact", (Artifact,), {"_bound": opened})

    def __getattr__(self, name: str) -> Any:
        """A class such as ``Tissue`` or ``Feature``, whose entries are those of this instance."""
        if name not in _HOMES:
            raise AttributeError(f"DB has no attribute {name!r}")
        bound = type(name, (getattr(import_module(_HOMES[name]), name),), {"_bound": self._instance})
        setattr(self, name, bound)
        return bound

    def __repr__(self) -> str:
        return f"DB({self.name!r})"
