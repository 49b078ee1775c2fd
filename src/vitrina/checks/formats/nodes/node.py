"""What a check needs of a group or an array, whichever container it lies in."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy.typing as npt

MAX_DEPTH: Final = 32
"""Groups nested deeper than this are not followed: hard links of HDF5 can make a group its own child."""

MAX_CHUNK_BYTES: Final = 2**28
"""A chunk that needs more memory than this is not read."""

BLOCK_VALUES: Final = 2**20
"""Values that are in memory at once."""

MAX_BLOCKS: Final = 192
"""Of longer arrays as many blocks are read, evenly spread: some seconds."""


class BrokenNodeError(Exception):
    """A group or array cannot be read, or must not be followed.

    Args:
        code: Of the finding that it becomes.
        path: Of the node.
        message: One whole sentence.
        fix: What the user can do about it.
    """

    def __init__(self, code: str, path: str, message: str, *, fix: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.path = path
        self.message = message
        self.fix = fix


class Node(Protocol):
    """A group or an array. Every method and property raises BrokenNodeError where the bytes are damaged."""

    @property
    def path(self) -> str:
        """From the root of the file, empty for the root."""

    @property
    def is_group(self) -> bool:
        """Whether it holds other nodes."""

    @property
    def attrs(self) -> Mapping[str, Any]:
        """Attributes as text, numbers and lists."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Of an array; empty for a group."""

    @property
    def dtype(self) -> str:
        """Of an array: a NumPy name, ``string``, ``bool``, ``datetime``, ``compound`` or ``object``."""

    @property
    def chunk_shape(self) -> tuple[int, ...] | None:
        """What is read at once; None where the values lie in one piece."""

    def list_names(self) -> list[str]:
        """Names below a group, sorted; broken ones too."""

    def find(self, name: str) -> Node | None:
        """The node below a group, None when it is absent."""

    def read(self, start: int, stop: int) -> npt.NDArray[Any]:
        """Values ``start`` to ``stop`` along the first axis."""


def describe(node: Node) -> str:
    """How a node is called in a message."""
    return node.path or "the root"


def join(path: str, name: str) -> str:
    """The path of a child."""
    return f"{path}/{name}" if path else name


def is_integer(dtype: str) -> bool:
    """Whether a dtype is one of whole numbers."""
    return dtype.startswith(("int", "uint"))


def is_number(dtype: str) -> bool:
    """Whether a dtype is one of numbers."""
    return is_integer(dtype) or dtype.startswith(("float", "complex"))


def count_blocks(node: Node) -> int:
    """How many blocks an array with one axis has."""
    return math.ceil(node.shape[0] / BLOCK_VALUES) if node.shape else 0


def read_blocks(node: Node) -> Iterator[tuple[int, npt.NDArray[Any]]]:
    """Start and values of the blocks of an array with one axis; of a very long one, evenly spread blocks.

    Raises:
        BrokenNodeError: A block cannot be read, or a chunk is too large to be read with care.
    """
    n_values = node.shape[0] if node.shape else 0
    check_chunk(node)
    n_blocks = count_blocks(node)
    stride = max(1, math.ceil(n_blocks / MAX_BLOCKS))
    for block in range(0, n_blocks, stride):
        start = block * BLOCK_VALUES
        yield start, node.read(start, min(start + BLOCK_VALUES, n_values))


def check_chunk(node: Node) -> None:
    """Whether a chunk fits into memory.

    Raises:
        BrokenNodeError: It does not.
    """
    n_bytes = math.prod(node.chunk_shape or ()) * 8
    if n_bytes > MAX_CHUNK_BYTES:
        raise BrokenNodeError(
            "values-not-read",
            node.path,
            f"The values of {describe(node)} were not checked, for a chunk of them has about {n_bytes:,} bytes.",
            fix="Store it in smaller chunks.",
        )
