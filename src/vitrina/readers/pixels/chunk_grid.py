"""Which chunks a window of an array needs."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class ChunkPart(NamedTuple):
    """What a window and a chunk have in common.

    Attributes:
        chunk: Number of the chunk along each dimension.
        inside: Per dimension, counted from the chunk's first pixel.
        target: The same pixels, counted from the window's first.
        is_whole: Whether the window holds all of the chunk that lies inside the array.
    """

    chunk: tuple[int, ...]
    inside: tuple[slice, ...]
    target: tuple[slice, ...]
    is_whole: bool


def find_chunk_parts(shape: Sequence[int], chunk_shape: Sequence[int], window: Sequence[slice]) -> Iterator[ChunkPart]:
    """The chunks that a window needs, in C order.

    Args:
        shape: Of the array.
        chunk_shape: Of its chunks.
        window: One slice per dimension, inside the array.
    """
    per_dim = [
        list(_find_parts(size, chunk, own.start, own.stop))
        for size, chunk, own in zip(shape, chunk_shape, window, strict=True)
    ]
    for parts in product(*per_dim):
        numbers, inside, target, are_whole = zip(*parts, strict=True)
        yield ChunkPart(numbers, inside, target, all(are_whole))


def _find_parts(size: int, chunk: int, start: int, stop: int) -> Iterator[tuple[int, slice, slice, bool]]:
    for number in range(start // chunk, -(-stop // chunk)):
        first = number * chunk
        begin, end = max(start, first), min(stop, first + chunk)
        is_whole = begin == first and end == min(first + chunk, size)
        yield number, slice(begin - first, end - first), slice(begin - start, end - start), is_whole
