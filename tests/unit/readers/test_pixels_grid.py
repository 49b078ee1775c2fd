"""Segments and chunks of a window. Every pixel must come from exactly the segment that holds it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vitrina.readers.pixels.chunk_grid import find_chunk_parts
from vitrina.readers.pixels.tiff_grid import SegmentGrid, plan_strip_group

SIZES = st.integers(1, 30)


@given(data=st.data(), n_planes=st.integers(1, 3), shape=st.tuples(st.integers(1, 3), SIZES, SIZES))
def test_the_parts_of_a_window_are_the_tiles_that_hold_its_pixels(data, n_planes, shape):
    depth, height, width = shape
    tile = data.draw(st.tuples(st.integers(1, 2), st.integers(1, 12), st.integers(1, 12)))
    grid = SegmentGrid(n_planes=n_planes, shape_zyx=shape, segment_zyx=tile)
    counts = [-(-size // own) for size, own in zip(shape, tile, strict=True)]
    numbers = np.arange(n_planes * np.prod(counts)).reshape(n_planes, *counts)
    of_pixel = numbers.repeat(tile[0], 1).repeat(tile[1], 2).repeat(tile[2], 3)[:, :depth, :height, :width]
    plane, z = data.draw(st.integers(0, n_planes - 1)), data.draw(st.integers(0, depth - 1))
    y, x = data.draw(st.integers(0, height - 1)), data.draw(st.integers(0, width - 1))
    rows, columns = data.draw(st.integers(1, height - y)), data.draw(st.integers(1, width - x))
    found = np.full((rows, columns), -1)
    for part in grid.find_parts(plane, z, (y, x), (rows, columns)):
        target = slice(part.to_y, part.to_y + part.height), slice(part.to_x, part.to_x + part.width)
        assert (found[target] == -1).all()
        found[target] = part.number
        assert part.z == z % tile[0]
        assert (y + part.to_y - part.y) % tile[1] == (x + part.to_x - part.x) % tile[2] == 0
        if part.is_whole:
            assert np.count_nonzero(of_pixel == part.number) == part.height * part.width
    np.testing.assert_array_equal(found, of_pixel[plane, z, y : y + rows, x : x + columns])


@given(height=st.integers(1, 200), strip=st.integers(1, 40), row_bytes=st.integers(1, 10**6), n_planes=SIZES)
def test_groups_of_strips_hold_every_strip_once_in_order(height, strip, row_bytes, n_planes):
    strip = min(strip, height)
    rows = plan_strip_group(strip, height, row_bytes)
    assert rows % strip == 0
    grid = SegmentGrid(n_planes=n_planes, shape_zyx=(1, height, 9), segment_zyx=(1, rows, 9), strip_height=strip)
    n_groups = n_planes * -(-height // rows)
    strips = [number for group in range(n_groups) for number in grid.list_stored(group)]
    assert strips == list(range(n_planes * -(-height // strip)))


def test_tiny_strips_are_grouped_and_large_ones_are_not():
    assert plan_strip_group(1, 5000, 20_000) == 64
    assert plan_strip_group(16, 5000, 20_000) == 64
    assert plan_strip_group(1, 5000, 2 * 2**20) == 2
    assert plan_strip_group(512, 5000, 20_000) == 512
    assert plan_strip_group(5000, 5000, 20_000) == 5000


@given(data=st.data(), shape=st.lists(st.integers(1, 9), min_size=1, max_size=4))
def test_chunk_parts_copy_the_window(data, shape):
    chunk = [data.draw(st.integers(1, 5)) for _ in shape]
    starts = [data.draw(st.integers(0, size - 1)) for size in shape]
    window = [slice(start, data.draw(st.integers(start + 1, size))) for start, size in zip(starts, shape, strict=True)]
    array = np.arange(np.prod(shape)).reshape(shape)
    copied = np.full([own.stop - own.start for own in window], -1)
    for part in find_chunk_parts(shape, chunk, window):
        held = array[tuple(slice(i * n, (i + 1) * n) for i, n in zip(part.chunk, chunk, strict=True))]
        copied[part.target] = held[part.inside]
        assert part.is_whole == (held[part.inside].size == held.size)
    np.testing.assert_array_equal(copied, array[tuple(window)])
