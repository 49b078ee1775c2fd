"""The root of an HDF5 file or Zarr hierarchy."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Final

from vitrina.checks.formats.nodes.hdf5 import open_hdf5
from vitrina.checks.formats.nodes.zarr import ZarrNode
from vitrina.readers.damage import check_not_empty, reading
from vitrina.readers.form import HDF5_MAGIC
from vitrina.readers.zarr_tree import get_zarr_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from vitrina.checks.formats.nodes.node import Node
    from vitrina.readers.source import Source
    from vitrina.readers.zarr_tree import ZarrTree

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
        tree = None if is_hdf5(source) else get_zarr_tree(source)
    if tree is not None:
        yield ZarrNode(tree), tree
        return
    with ExitStack() as stack:
        with reading(source, "hierarchy-damaged", "HDF5"):
            root = stack.enter_context(open_hdf5(source.path, beat))
        yield root, None


def be_still() -> None:
    """Do nothing before anything is read."""


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
