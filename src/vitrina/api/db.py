"""``vt.DB``: an instance other than the connected one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.api.artifact import Artifact
from vitrina.place import find_place
from vitrina.verbs.connect import open_instance

if TYPE_CHECKING:
    import os


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
        self.Artifact = type("Artifact", (Artifact,), {"_bound": opened})

    def __repr__(self) -> str:
        return f"DB({self.name!r})"
