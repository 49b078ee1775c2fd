"""The root of an HDF5 file or Zarr hierarchy."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Final

from vitrina.checks.formats.nodes.hdf5 import open_hdf5
from vitrina.checks.formats.nodes.zarr import ZarrNode
from vitrina.errors import UnreadableError
from vitrina.readers.anndata import HDF5_MAGIC
from vitrina.readers.damage import check_not_empty, reading
from vitrina.readers.source import open_zip
from vitrina.readers.zarr_tree import get_zarr_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from vitrina.checks.formats.nodes.node import Node
    from vitrina.readers.source import Source
    from vitrina.readers.zarr_tree import ZarrTree

MAX_INFLATED_BYTES: Final = 2**28
MAX_INFLATION: Final = 200
"""An entry of a zip file that is larger, and larger by this factor than what is stored, is there to fill the memory."""

USER_BLOCK: Final = 512
"""Bytes that may stand before an HDF5 superblock, and twice as many, and so on."""


@contextmanager
def open_node(source: Source, beat: Callable[[], None]) -> Iterator[tuple[Node, ZarrTree | None]]:
    """The root of a source, and its hierarchy where it is Zarr.

    Args:
        source: The file or folder.
        beat: Called before anything is read of an HDF5 file.

    Raises:
        UnreadableError: It is neither HDF5 nor Zarr, or damaged so that nothing can be read.
    """
    check_not_empty(source)
    with reading(source, "hierarchy-damaged", "HDF5 or Zarr"):
        tree = None if is_hdf5(source) else open_tree(source)
    if tree is not None:
        yield ZarrNode(tree), tree
        return
    with ExitStack() as stack:
        with reading(source, "hierarchy-damaged", "HDF5"):
            root = stack.enter_context(open_hdf5(source.path, beat))
        yield root, None


def be_still() -> None:
    """Do nothing before anything is read."""


def open_tree(source: Source) -> ZarrTree:
    """The Zarr hierarchy of a source.

    Raises:
        UnreadableError: There is none, it is damaged, or a zip file that holds it would fill the memory.
    """
    if not source.is_folder and source.tree is not None:
        _check_archive(source)
    return get_zarr_tree(source)


def _check_archive(source: Source) -> None:
    with open_zip(source.path) as archive:
        for entry in archive.infolist():
            if entry.file_size > MAX_INFLATED_BYTES and entry.file_size > MAX_INFLATION * entry.compress_size:
                raise UnreadableError(
                    "zip-inflates",
                    f"{entry.filename[:80]} inside {source.path} has {entry.compress_size:,} bytes, and would inflate "
                    f"to {entry.file_size:,}; no real data does.",
                    where=str(source.path),
                )


def is_hdf5(source: Source) -> bool:
    """Whether an HDF5 superblock is at the start of a file, or after a user block."""
    if source.tree is not None:
        return False
    if source.head.startswith(HDF5_MAGIC):
        return True
    offset = USER_BLOCK
    with source.path.open("rb") as file:
        while offset <= 2**20:
            file.seek(offset)
            if file.read(len(HDF5_MAGIC)) == HDF5_MAGIC:
                return True
            offset *= 2
    return False
