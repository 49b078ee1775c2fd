"""Open the instance to work with."""

from __future__ import annotations

import os
from pathlib import Path

from vitrina.errors import UnsupportedError
from vitrina.settings import find_root, read_last_root, read_settings, write_last_root
from vitrina.verbs.instance import Instance


def connect(named: str | os.PathLike[str] | None = None) -> Instance:
    """Open an instance and remember it as the last one connected.

    Args:
        named: Its folder; None for ``VITRINA_INSTANCE``, else the nearest folder above that is an instance, else the
            last one connected.

    Raises:
        NotFoundError: There is no instance.
        UnsupportedError: A URL was given; those come with the PostgreSQL catalog and the remote client.
    """
    text = None if named is None else os.fspath(named)
    if text is not None and "://" in text:
        raise UnsupportedError(
            "instance-url-unsupported",
            f"{text} is a URL, and only folders can be connected yet.",
            hint="Name the folder that holds `.vitrina/`.",
            where=text,
        )
    root = find_root(text, os.environ, Path.cwd(), read_last_root())
    instance = open_instance(root)
    write_last_root(root)
    return instance


def open_instance(root: Path) -> Instance:
    """Open the instance in a folder.

    Raises:
        NotFoundError: There is none.
    """
    from vitrina.catalog.open import open_catalog
    from vitrina.storage.open import open_store

    settings = read_settings(root)
    return Instance(settings, open_catalog(settings.database_url), open_store(settings.storage_url))
