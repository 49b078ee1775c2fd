"""A written level as a source: windows are those of the image, and chunks are not read over and over."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyramids import CountingSource, KeepingWriter, make_pixels

from vitrina.pyramid import written
from vitrina.pyramid.engine import build_pyramid
from vitrina.pyramid.plan import PyramidPlan, plan_levels
from vitrina.pyramid.written import WrittenLevel

SHAPE = (2, 4, 3, 21, 17)
PIXELS = make_pixels(SHAPE, "uint16")


class CountingWriter(KeepingWriter):
    def __init__(self):
        super().__init__()
        self.read = []

    def read_into(self, place, out_czyx):
        self.read.append(place)
        super().read_into(place, out_czyx)


def open_level():
    plan = PyramidPlan(
        levels=plan_levels(SHAPE, n_levels=1), chunk_zyx=(2, 5, 8), block_zyx=(2, 10, 8), n_joint_channels=2
    )
    writer = CountingWriter()
    source = CountingSource(PIXELS, n_joint_channels=2)
    build_pyramid(source, writer, plan)
    return WrittenLevel(writer, 0, plan, source), writer


@given(data=st.data())
def test_windows_are_those_of_the_image(data):
    level, _ = open_level()
    start = [data.draw(st.integers(0, size - 1)) for size in SHAPE[2:]]
    sizes = [data.draw(st.integers(1, size - at)) for size, at in zip(SHAPE[2:], start, strict=True)]
    t, c = data.draw(st.integers(0, 1)), data.draw(st.sampled_from([0, 2]))
    out = np.zeros((2, *sizes), np.uint16)
    level.read_into((t, c, *start), out)
    window = tuple(slice(at, at + size) for at, size in zip(start, sizes, strict=True))
    np.testing.assert_array_equal(out, PIXELS[t, c : c + 2, *window])


def read_row(level, y):
    level.read_into((0, 0, 0, y, 0), np.empty((2, 1, 1, 17), np.uint16))


def test_chunks_are_read_once_while_they_are_kept():
    level, writer = open_level()
    for y in range(10):
        read_row(level, y)
    assert len(writer.read) == len(set(writer.read)) == 2 * 3  # two rows of chunks, three columns
    level.close()
    read_row(level, 0)
    assert len(writer.read) == 9


@pytest.mark.parametrize(("n_kept", "n_read"), [(3, 6), (2, 9)])
def test_what_was_used_longest_ago_is_forgotten(monkeypatch, n_kept, n_read):
    level, writer = open_level()
    monkeypatch.setattr(written, "MAX_CACHED_BYTES", n_kept * 2 * 2 * 5 * 8 * 2)
    for y in (0, 1, 5):  # three chunks, the same again, three others
        read_row(level, y)
    assert len(writer.read) == n_read
