"""The datasets in a folder: each file, and each folder that a reader takes for one dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.errors import InputError
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def list_datasets(folder: Path) -> tuple[Path, ...]:
    """Paths of the datasets below a folder, or the folder itself when it is one; hidden files are left out.

    Raises:
        NotFoundError: There is no such folder.
        InputError: It is a file.
    """
    source = open_source(folder)
    if not source.is_folder:
        raise InputError(
            "folder-wanted",
            f"{folder} is a file.",
            hint="Add it as one artifact: vt.Artifact(path).",
            where=str(folder),
        )
    return (folder,) if find_reader(source) is not None else tuple(_walk(folder))


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir() and find_reader(open_source(path)) is None:
            yield from _walk(path)
        else:
            yield path
