"""Expected windows and chunks by hand arithmetic or brute force."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitrina.errors import InputError
from vitrina.ml.place import plan_size, plan_starts
from vitrina.ml.plan import Blocks, Grid, find_chunks, plan_epoch
from vitrina.ml.sampler import WeightedSampler, take_part


@given(centre=st.floats(-1e4, 1e5), size_px=st.integers(1, 512))
def test_a_tile_holds_the_pixels_whose_centres_lie_in_it(centre, size_px):
    (start,) = plan_starts(np.array([centre]), size_px)
    low = centre - size_px / 2
    assert start + 0.5 >= low - 1e-6
    assert start - 0.5 < low + 1e-6


@given(
    starts=st.lists(st.tuples(st.integers(-100, 400), st.integers(-100, 400)), min_size=1, max_size=20),
    size_px=st.integers(1, 150),
    chunk=st.tuples(st.integers(16, 90), st.integers(16, 90)),
)
def test_exactly_the_chunks_that_hold_a_pixel_of_a_tile_are_needed(starts, size_px, chunk):
    shape = (300, 350)
    y0, x0 = (np.array(values) for values in zip(*starts, strict=True))
    blocks = np.arange(len(starts)) % 3
    grid = Grid(shape_yx=shape, chunk_yx=chunk, chunk_bytes=1)
    expected = set()
    for block, y, x in zip(blocks, y0, x0, strict=True):
        for row in range(max(y, 0), min(y + size_px, shape[0])):
            columns = range(max(x, 0), min(x + size_px, shape[1]))
            expected |= {(block, row // chunk[0], column // chunk[1]) for column in columns}
    assert [tuple(found) for found in find_chunks(blocks, y0, x0, size_px, grid)] == sorted(expected)


def build_blocks(block_of, sizes):
    """Blocks of one chunk each."""
    n = len(sizes)
    return Blocks(block_of=block_of, chunks=np.arange(n), chunk_starts=np.arange(n + 1), chunk_bytes=np.array(sizes))


def test_a_chunk_that_blocks_share_counts_once():
    chunks, starts = np.array([0, 1, 1, 2, 2, 3, 0, 3]), np.array([0, 2, 4, 6, 8])
    blocks = Blocks(block_of=np.arange(4), chunks=chunks, chunk_starts=starts, chunk_bytes=np.full(4, 10))
    # by hand: four blocks in a ring share each of their two chunks with a neighbour, so that 4 chunks hold all
    assert len(plan_epoch(np.arange(4), blocks, 40, None).window_starts) == 2
    assert plan_epoch(np.arange(4), blocks, 30, None).window_starts == (0, 2, 4)


@given(
    sizes=st.lists(st.integers(1, 50), min_size=1, max_size=60), budget=st.integers(50, 200), seed=st.integers(0, 99)
)
def test_windows_fit_into_the_budget_and_hold_whole_blocks(sizes, budget, seed):
    block_of = np.repeat(np.arange(len(sizes)), 3)
    blocks = build_blocks(block_of, sizes)
    plan = plan_epoch(np.arange(len(block_of)), blocks, budget, np.random.default_rng(seed))
    assert sorted(plan.ids) == list(range(len(block_of)))
    used = [set(block_of[plan.ids[a:b]]) for a, b in zip(plan.window_starts, plan.window_starts[1:], strict=False)]
    assert sum(map(len, used)) == len(sizes)
    assert all(sum(sizes[block] for block in window) <= budget for window in used)


def test_equal_plans_have_equal_hashes_and_others_do_not():
    blocks = build_blocks(np.arange(50), [1] * 50)
    one, same, other = (plan_epoch(np.arange(50), blocks, 10, np.random.default_rng(seed)).hash for seed in (1, 1, 2))
    assert one == same
    assert one != other


@given(n=st.integers(0, 200), n_parts=st.integers(1, 9))
def test_parts_cover_everything_once(n, n_parts):
    parts = [take_part(np.arange(n), part, n_parts) for part in range(n_parts)]
    assert np.concatenate(parts).tolist() == list(range(n))


def test_weights_decide_how_often_a_tile_comes():
    weights = np.array([0.0, 1.0, 2.0, 5.0])
    drawn = WeightedSampler(weights, 800).draw(4, np.random.default_rng(0))
    assert np.bincount(drawn, minlength=4).tolist() == [0, 100, 200, 500]  # 800 / 8 per unit of weight


@pytest.mark.parametrize("weights", [[1.0], [0, 0], [1, -1], [np.nan, 1]])
def test_weights_that_make_no_sense_are_refused(weights):
    with pytest.raises(InputError, match="weights"):
        WeightedSampler(np.array(weights)).draw(2, np.random.default_rng(0))


def test_sizes_are_pixels_or_micrometres():
    assert plan_size(128, None, None) == 128
    assert plan_size(None, 64, 0.5) == 128
    for wrong in ((None, None, 0.5), (128, 64, 0.5), (None, 64, None), (0, None, None), (None, 1e6, 0.1)):
        with pytest.raises(InputError):
            plan_size(*wrong)
