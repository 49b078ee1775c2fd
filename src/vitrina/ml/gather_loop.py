"""The loop of ``gather``, compiled by numba. Rows are copied by ``memcpy``: eight times as fast as pixel by pixel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba
from numba.core import cgutils, types
from numba.extending import intrinsic

from vitrina.compiled import keep_compiled

if TYPE_CHECKING:
    from collections.abc import Callable

raw_memcpy: Any = cgutils.raw_memcpy


def _copy_run(  # noqa: PLR0917 numba asks for these arguments
    typing_context: Any,  # noqa: ARG001 as above
    target: Any,
    target_start: Any,  # noqa: ARG001 as above
    source: Any,
    source_start: Any,  # noqa: ARG001 as above
    n: Any,  # noqa: ARG001 as above
) -> Any:
    """Copy ``n`` values between flat arrays of one type, which do not overlap."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        to, to_start, of, of_start, count = arguments
        to_type, _, of_type, _, _ = signature.args
        to_pointer = builder.gep(context.make_array(to_type)(context, builder, to).data, [to_start])
        of_pointer = builder.gep(context.make_array(of_type)(context, builder, of).data, [of_start])
        item_bytes = context.get_abi_sizeof(context.get_data_type(to_type.dtype))
        raw_memcpy(builder, to_pointer, of_pointer, count, item_bytes)
        return context.get_dummy_value()

    return types.void(target, types.int64, source, types.int64, types.int64), build


copy_run: Any = intrinsic(_copy_run)


def compile_loop() -> Callable[..., None]:
    """The loop; compiled for a type of pixels when it first meets it, and kept for the next process."""
    compiled: Any = numba.njit(nogil=True)(_gather)
    keep_compiled(compiled)
    return compiled  # type: ignore[no-any-return]  # numba does not say what it makes


def _gather(  # noqa: PLR0917 one loop: calls would hide where the time goes
    arena: Any, table: Any, blocks: Any, block_of: Any, y0: Any, x0: Any, out: Any, pad: Any
) -> None:
    n_tiles, n_channels, size_y, size_x = out.shape
    flat = out.reshape(-1)
    tile_pixels = size_y * size_x
    for tile in range(n_tiles):
        first_row, first_column, n_columns, start, chunk_h, chunk_w, height, width = blocks[block_of[tile]]
        top, left = y0[tile], x0[tile]
        begin_y, end_y = max(top, 0), min(top + size_y, height)
        begin_x, end_x = max(left, 0), min(left + size_x, width)
        base = tile * n_channels * tile_pixels
        if begin_y > top or begin_x > left or end_y < top + size_y or end_x < left + size_x:
            for i in range(base, base + n_channels * tile_pixels):
                flat[i] = pad
            if begin_y >= end_y or begin_x >= end_x:
                continue
        for row in range(begin_y // chunk_h, (end_y - 1) // chunk_h + 1):
            row_begin, row_end = max(begin_y, row * chunk_h), min(end_y, (row + 1) * chunk_h)
            for column in range(begin_x // chunk_w, (end_x - 1) // chunk_w + 1):
                column_begin, column_end = max(begin_x, column * chunk_w), min(end_x, (column + 1) * chunk_w)
                slot = table[start + (row - first_row) * n_columns + column - first_column]
                n = column_end - column_begin
                for channel in range(n_channels):
                    source = slot + (channel * chunk_h + row_begin - row * chunk_h) * chunk_w
                    source += column_begin - column * chunk_w
                    target = base + channel * tile_pixels + (row_begin - top) * size_x + column_begin - left
                    for _ in range(row_begin, row_end):
                        copy_run(flat, target, arena, source, n)
                        source += chunk_w
                        target += size_x
