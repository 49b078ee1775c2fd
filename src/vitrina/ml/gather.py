"""Tiles out of decoded chunks: the one step that every pixel of an epoch passes through."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import numpy.typing as npt

    type Ints = npt.NDArray[np.int64]
    type Pixels = npt.NDArray[Any]

FIELDS = ("first_row", "first_column", "n_columns", "table_start", "chunk_height", "chunk_width", "height", "width")
"""What is said of a block: its first chunk, how many chunks lie side by side in it, where its part of the table begins,
the size of a chunk and that of the image."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """Chunks in memory.

    Attributes:
        arena: One chunk after the other, each channels x height x width.
        table: Per chunk of a block, row after row, where it begins in the arena; -1 for chunks that no tile needs.
        blocks: Blocks x ``FIELDS``.
    """

    arena: Pixels
    table: Ints
    blocks: Ints


def gather(decoded: Decoded, block_of: Ints, start_yx: tuple[Ints, Ints], out: Pixels, pad: Any) -> None:
    """Fill a batch with tiles; what lies outside of the image becomes ``pad``. Other threads run meanwhile.

    Args:
        decoded: The chunks.
        block_of: Block of each tile.
        start_yx: First row and first column of each tile in its image.
        out: Tiles x channels x height x width, contiguous.
        pad: Value of pixels outside of the image.
    """
    y0, x0 = start_yx
    _compile()(decoded.arena, decoded.table, decoded.blocks, block_of, y0, x0, out, out.dtype.type(pad))


@cache
def _compile() -> Callable[..., None]:
    from vitrina.ml.gather_loop import compile_loop

    return compile_loop()
