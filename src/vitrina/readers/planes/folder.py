"""The files below a folder: none outside of it, since links are not followed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from vitrina.errors import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vitrina.readers.source import Source

MAX_FILES = 5_000_000
"""A plate of 1536 wells, 9 fields, 5 channels and 50 planes has 3.5 million."""

MAX_DEPTH = 16
"""Folders inside folders that are looked into."""

MAX_LOOKED_AT = 2_000
"""Files that are looked at to tell what a folder is."""

TIFF_SUFFIXES = (".tif", ".tiff")


def iterate_files(root: Path, suffixes: tuple[str, ...] = TIFF_SUFFIXES) -> Iterator[str]:
    """Paths below a folder in the order of their names, with ``/`` between; hidden ones and links are left out.

    Raises:
        UnreadableError: A folder cannot be read.
    """
    yield from _iterate(root, "", suffixes, MAX_DEPTH)


def list_files(source: Source, suffixes: tuple[str, ...] = TIFF_SUFFIXES) -> list[str]:
    """All of them.

    Raises:
        UnreadableError: There are too many, or a folder cannot be read.
    """
    found: list[str] = []
    for path in iterate_files(source.path, suffixes):
        found.append(path)
        if len(found) > MAX_FILES:
            raise UnreadableError(
                "folder-too-large",
                f"{source.path} holds more than {MAX_FILES:,} images.",
                hint="Convert parts of it one by one.",
                where=str(source.path),
            )
    return found


def _iterate(folder: Path | str, prefix: str, suffixes: tuple[str, ...], depth: int) -> Iterator[str]:
    try:
        with os.scandir(folder) as listed:
            entries = sorted(listed, key=lambda entry: entry.name)
    except OSError as err:
        raise UnreadableError(
            "file-unreadable", f"{folder} cannot be read: {err.strerror or err}.", where=str(folder)
        ) from err
    for entry in entries:
        if entry.name.startswith(".") or entry.is_symlink():
            continue
        if entry.is_dir(follow_symlinks=False):
            if depth:
                yield from _iterate(entry.path, f"{prefix}{entry.name}/", suffixes, depth - 1)
        elif entry.name.lower().endswith(suffixes):
            yield prefix + entry.name
