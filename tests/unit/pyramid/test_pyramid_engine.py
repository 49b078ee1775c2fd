"""One pass over a source makes all levels: exact counts of what is read, encoded and held, and what comes of errors.

Expected pixels are those of ``pyramids.make_levels``, which works on whole images.
"""

import threading
from itertools import product
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyramids import CountingSource, KeepingWriter, make_levels, make_pixels

from vitrina.pyramid import engine
from vitrina.pyramid.engine import WAITING_PER_THREAD, build_pyramid
from vitrina.pyramid.plan import PyramidPlan, plan_block, plan_levels
from vitrina.pyramid.written import WrittenLevel


def make_plan(shape, *, chunk_zyx=(1, 4, 4), n_levels=3, shrinks_z=False, n_joint=1, max_bytes=0):
    block = plan_block(shape, chunk_zyx, (1, 1, 1), bytes_per_voxel=1, shrinks_z=shrinks_z, max_bytes=max_bytes)
    levels = plan_levels(shape, n_levels=n_levels, shrinks_z=shrinks_z)
    return PyramidPlan(levels=levels, chunk_zyx=chunk_zyx, block_zyx=block, n_joint_channels=n_joint)


def read_levels(writer, plan, source):
    """What was written, whole."""
    levels = []
    for number, level in enumerate(plan.levels):
        written = WrittenLevel(writer, number, plan, source)
        pixels = np.empty(level.shape_tczyx, source.dtype)
        n_t, n_c = level.shape_tczyx[:2]
        for t, c in product(range(n_t), range(0, n_c, plan.n_joint_channels)):
            written.read_into((t, c, 0, 0, 0), pixels[t, c : c + plan.n_joint_channels])
        levels.append(pixels)
    return levels


@settings(max_examples=80)
@given(data=st.data())
def test_every_pixel_is_read_once_and_every_chunk_is_encoded_once(data):
    n_joint = data.draw(st.sampled_from([1, 2, 3]))
    sides = st.integers(1, 40)
    shape = data.draw(
        st.tuples(st.integers(1, 2), st.sampled_from([n_joint, 2 * n_joint]), st.integers(1, 4), sides, sides)
    )
    shrinks_z = data.draw(st.booleans())
    plan = make_plan(
        shape,
        chunk_zyx=data.draw(st.tuples(st.integers(1, 3), st.integers(2, 9), st.integers(2, 9))),
        n_levels=data.draw(st.integers(1, 5)),
        shrinks_z=shrinks_z,
        n_joint=n_joint,
        max_bytes=data.draw(st.sampled_from([0, 1000])),
    )
    method = data.draw(st.sampled_from(["mean", "nearest", "mode"]))
    dtype = data.draw(st.sampled_from(["uint8", "int16", "float32", "uint64", "bool"]))
    source = CountingSource(
        make_pixels(shape, dtype, n_values=4 if method == "mode" else None), n_joint_channels=n_joint
    )
    writer, progress = KeepingWriter(), []
    build_pyramid(
        source,
        writer,
        plan,
        method=method,
        n_threads=data.draw(st.integers(1, 4)),
        progress=lambda done, n_all: progress.append((done, n_all)),
    )
    finest = [node for node in plan.iterate_nodes() if node.level == 0]
    assert len(source.windows) == len(finest)
    assert (source.count_reads() == 1).all()
    places = [place for node in plan.iterate_nodes() for place, _ in plan.list_chunks(node)]
    assert sorted(map(repr, writer.encoded)) == sorted(map(repr, places))
    assert writer.reserved == places
    assert set(writer.chunks) == set(places)
    assert len(progress) == plan.n_nodes
    assert max(progress) == (plan.n_nodes, plan.n_nodes)
    expected = make_levels(source.pixels, len(plan.levels), method, shrinks_z=shrinks_z)
    for found, level in zip(read_levels(writer, plan, source), expected, strict=True):
        np.testing.assert_array_equal(found, level)


@pytest.fixture
def buffers(monkeypatch):
    """Every block that the engine makes; none is given back before the end, so their number is the most at a time."""
    made = []

    def empty(shape, dtype):
        made.append(shape)
        return np.empty(shape, dtype)

    monkeypatch.setattr(engine, "np", SimpleNamespace(empty=empty))
    return made


def test_one_thread_holds_one_block_per_level(buffers):
    """By hand: 16 x 16 blocks, then 8 x 8, 4 x 4, 2 x 2 and one; each level has one unfinished block at a time."""
    plan = make_plan((2, 3, 1, 64, 64), n_levels=5)
    build_pyramid(CountingSource(make_pixels((2, 3, 1, 64, 64), "uint8")), KeepingWriter(), plan)
    assert plan.n_nodes == 6 * 341
    assert buffers == [(1, 1, 4, 4)] * 5


class SlowSource(CountingSource):
    """Keeps its first window until all other threads have been held back."""

    def __init__(self, pixels):
        super().__init__(pixels)
        self.order = None
        self.n_others = 0
        self.n_waiting = None

    def read_into(self, start_tczyx, out_czyx):
        super().read_into(start_tczyx, out_czyx)
        if start_tczyx == (0, 0, 0, 0, 0):
            while len(self.order.changed._waiters) < self.n_others:
                threading.Event().wait(0.001)
            self.n_waiting = len(self.order._waiting)


@pytest.mark.parametrize("n_threads", [2, 4])
def test_threads_wait_for_one_that_is_slow(n_threads, buffers, monkeypatch):
    source = SlowSource(make_pixels((1, 1, 1, 256, 256), "uint8"))
    source.n_others = n_threads - 1
    in_order = engine.InOrder

    def make_order(*arguments, **more):
        source.order = in_order(*arguments, **more)
        return source.order

    monkeypatch.setattr(engine, "InOrder", make_order)
    plan = make_plan((1, 1, 1, 256, 256), n_levels=4)
    writer = KeepingWriter()
    build_pyramid(source, writer, plan, n_threads=n_threads)
    # each thread may bring a block, and all blocks that this completes, after the last look at how many wait
    assert WAITING_PER_THREAD * n_threads < source.n_waiting
    assert source.n_waiting <= WAITING_PER_THREAD * n_threads + (n_threads - 1) * len(plan.levels)
    # what waits spans so many neighbours that at most three blocks of a level are unfinished, fewer further up
    assert len(buffers) <= n_threads + 3 * (len(plan.levels) - 1)
    for found, level in zip(read_levels(writer, plan, source), make_levels(source.pixels, 4, "mean"), strict=True):
        np.testing.assert_array_equal(found, level)


@pytest.mark.parametrize("n_threads", [1, 3])
@pytest.mark.parametrize(
    ("source_fails_at", "writer_fails_at", "expected"),
    [(7, None, "the source ends here"), (None, 7, "the disk is full")],
)
def test_an_error_ends_all_threads_and_is_raised(n_threads, source_fails_at, writer_fails_at, expected):
    source = CountingSource(make_pixels((1, 1, 1, 64, 64), "uint8"), fails_at=source_fails_at)
    writer = KeepingWriter(fails_at=writer_fails_at)
    before = set(threading.enumerate())
    with pytest.raises((RuntimeError, OSError), match=expected):
        build_pyramid(source, writer, make_plan((1, 1, 1, 64, 64)), n_threads=n_threads)
    assert [thread for thread in threading.enumerate() if thread not in before and "pyramid" in thread.name] == []
    assert len(source.windows) <= 7 + WAITING_PER_THREAD * n_threads


def test_levels_of_two_passes_are_numbered_on():
    pixels = make_pixels((1, 1, 1, 9, 9), "uint8")
    (level,) = make_plan((1, 1, 1, 9, 9), n_levels=1).levels
    plan = PyramidPlan(levels=(level,), chunk_zyx=(1, 4, 4), block_zyx=(1, 4, 4), first_level=2)
    writer = KeepingWriter()
    build_pyramid(CountingSource(pixels), writer, plan)
    assert {place.level for place in writer.reserved} == {2}
    out = np.empty((1, 1, 9, 9), np.uint8)
    WrittenLevel(writer, 2, plan, CountingSource(pixels)).read_into((0, 0, 0, 0, 0), out)
    np.testing.assert_array_equal(out[0], pixels[0, 0])
