"""Pixels of a dataset in an N5 container."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError
from vitrina.readers.n5.blocks import check_compression, decode_block
from vitrina.readers.n5.tree import MAX_BLOCK_BYTES, find_array
from vitrina.readers.pixels.array import ArrayPixels
from vitrina.readers.pixels.decoded_cache import DecodedCache

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from vitrina.model.content import Axis
    from vitrina.pyramid.source import Pixels
    from vitrina.readers.n5.tree import N5Array


class N5Values:
    """A dataset with NumPy's basic indexing by slices; blocks that are not stored are 0.

    Args:
        root: The container.
        array: What is known of the dataset.
    """

    def __init__(self, root: Path, array: N5Array) -> None:
        import numpy as np

        self.shape = array.shape
        self.chunks = array.block_shape
        self.dtype = np.dtype(array.dtype)
        self._folder = root / array.path
        self._array = array
        self._cache = DecodedCache()

    def __getitem__(self, window: Any, /) -> Pixels:
        import numpy as np

        spans = [range(*one.indices(size)) for one, size in zip(window, self.shape, strict=True)]
        out = np.zeros([len(span) for span in spans], self.dtype)
        if not out.size:
            return out
        touched = [range(s.start // b, (s.stop - 1) // b + 1) for s, b in zip(spans, self.chunks, strict=True)]
        for index in product(*touched):
            block = self._cache.get(index, lambda index=index: self._read(index))  # type: ignore[misc]  # bound at once
            starts = [i * size for i, size in zip(index, self.chunks, strict=True)]
            inside = [
                (max(span.start, start), min(span.stop, start + length))
                for span, start, length in zip(spans, starts, block.shape, strict=True)
            ]
            if any(low >= high for low, high in inside):
                continue
            target = tuple(slice(low - s.start, high - s.start) for (low, high), s in zip(inside, spans, strict=True))
            taken = tuple(slice(low - at, high - at) for (low, high), at in zip(inside, starts, strict=True))
            out[target] = block[taken]
        return out

    def _read(self, index: tuple[int, ...]) -> Pixels:
        """One block; an empty one where it is not stored."""
        import numpy as np

        path = self._folder.joinpath(*map(str, reversed(index)))
        if path.is_symlink() or not path.is_file():
            return np.zeros((0,) * len(index), self.dtype)
        if path.stat().st_size > 2 * MAX_BLOCK_BYTES:
            raise UnreadableError("chunk-damaged", f"{path} is larger than any block.", where=str(path))
        return decode_block(path.read_bytes(), self._array, str(path))


def open_n5_pixels(root: Path, path: str, axes: Sequence[Axis], shape: tuple[int, ...]) -> ArrayPixels:
    """Open one dataset.

    Args:
        root: The container.
        path: Of the dataset.
        axes: Slowest first.
        shape: As it was described.

    Raises:
        UnreadableError: There is no such dataset, or it has another shape.
        UnsupportedError: Its blocks cannot be decoded here.
    """
    array = find_array(root, path)
    if array is None or array.shape != shape:
        raise UnreadableError(
            "n5-changed",
            f"The dataset {path!r} in {root} was described with the shape {shape}, but "
            f"{'is not there' if array is None else f'has {array.shape}'}.",
            hint="The container has changed since: read its content again.",
            where=str(root),
        )
    check_compression(array, root)
    return ArrayPixels(N5Values(root, array), axes, f"{root}, dataset {path!r}")
