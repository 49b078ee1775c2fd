"""Open the instance to work with."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from vitrina.place import find_place, get_cache_root, read_last_place, write_last_place
from vitrina.settings import SettingsFile, build_settings, read_settings_file
from vitrina.verbs.instance import Instance

if TYPE_CHECKING:
    from vitrina.catalog.catalog import Catalog
    from vitrina.place import Place
    from vitrina.settings import Settings


def connect(named: str | os.PathLike[str] | None = None) -> Instance:
    """Open an instance and remember it as the last one connected.

    Args:
        named: Its folder or the URL of its database; None for ``VITRINA_INSTANCE``, else the nearest folder above that
            is an instance, else the last one connected.

    Raises:
        NotFoundError: There is no instance.
        UnsupportedError: The URL of something else was given.
    """
    text = None if named is None else os.fspath(named)
    place = find_place(text, os.environ, Path.cwd(), read_last_place())
    instance = open_instance(place)
    write_last_place(place)
    return instance


def open_instance(place: Place) -> Instance:
    """Open the instance in a folder, or in a database.

    Raises:
        NotFoundError: There is none.
    """
    from vitrina.catalog.open import open_catalog
    from vitrina.storage.open import open_store

    file = read_settings_file(place) if isinstance(place, Path) else SettingsFile(database_url=place, shared=None)
    with ExitStack() as stack:
        catalog = stack.enter_context(open_catalog(file.database_url))
        settings = _complete(place, file, catalog)
        instance = Instance(settings, catalog, open_store(settings.storage_url))
        stack.pop_all()  # it stays open when all went well
    return instance


def _complete(place: Place, file: SettingsFile, catalog: Catalog) -> Settings:
    from vitrina.catalog.shared_settings import get_shared_settings, read_uid

    shared = file.shared or get_shared_settings(catalog.database)
    root = place if isinstance(place, Path) else get_cache_root(read_uid(catalog.database))
    settings = build_settings(root, file.database_url, shared)
    settings.folder.mkdir(parents=True, exist_ok=True)
    return settings
