"""When loops are compiled, for which arrays they are used, and that they give what NumPy gives."""

import sys
import threading

import numpy as np
import pytest
from numba.core import config

from vitrina import compiled
from vitrina.pyramid import downsample
from vitrina.readers.pixels import raster

BYTE = np.dtype("uint8")


@pytest.fixture(autouse=True)
def nothing_compiled(monkeypatch):
    monkeypatch.setattr(compiled, "_ready", {})
    monkeypatch.setattr(compiled, "_begun", {})


@pytest.fixture
def used(monkeypatch):
    """For each time that a compiled loop could have been used, whether it was."""
    tried, run = [], compiled.run
    monkeypatch.setattr(compiled, "run", lambda *given: tried.append(run(*given)) or tried[-1])
    return tried


def begin():
    return downsample.warm_up("mean", (1, 2, 2), BYTE)


def shrink(block, out):
    """Expected of 0, 1, 2, ... 15 in rows of four: the means by hand."""
    size = (1, block.shape[2] // 2, block.shape[3] // 2)
    downsample.shrink_into("mean", block, (1, 2, 2), out, start_zyx=(0, 0, 0), size_zyx=size)
    return out[0, 0].tolist()


BLOCK = np.arange(16, dtype=np.uint8).reshape(1, 1, 4, 4)
MEANS = [[3, 5], [11, 13]]


def make_out():
    return np.zeros((1, 1, 2, 2), np.uint8)


def test_a_loop_is_compiled_once_and_used_when_it_is_there(used):
    assert shrink(BLOCK, make_out()) == MEANS
    thread = begin()
    assert begin() is thread
    thread.join()
    assert shrink(BLOCK, make_out()) == MEANS
    assert used == [False, True]


def test_there_is_nothing_to_compile_for_what_has_no_loop():
    assert downsample.warm_up("nearest", (1, 2, 2), BYTE) is None
    assert downsample.warm_up("mean", (1, 2, 2), np.dtype("uint64")) is None
    raster.warm_up(BYTE, 4)
    raster.warm_up(np.dtype("uint16"), 3)
    assert compiled._begun == {}


def test_a_compiled_loop_takes_what_is_read_only(used):
    begin().join()
    fixed = BLOCK.copy()
    fixed.flags.writeable = False
    assert shrink(fixed, make_out()) == MEANS
    assert used == [True]


def test_parts_of_other_arrays_are_left_to_numpy(used):
    begin().join()
    wide = np.zeros((1, 1, 2, 4), np.uint8)
    assert shrink(np.repeat(BLOCK, 2, axis=3)[..., ::2], make_out()) == MEANS
    assert shrink(BLOCK, wide[..., ::2]) == MEANS
    assert wide[0, 0].tolist() == [[3, 0, 5, 0], [11, 0, 13, 0]]
    assert used == [False, False]


def test_what_must_not_be_written_is_not_written():
    begin().join()
    out = make_out()
    out.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        shrink(BLOCK, out)
    assert not out.any()


def test_rows_that_are_read_only_are_split_too(used):
    rows = np.arange(30, dtype=np.uint8).reshape(2, 5, 3)
    rows.flags.writeable = False
    raster.warm_up(BYTE, 3)
    next(iter(compiled._begun.values())).join()
    out = np.zeros((3, 2, 5), np.uint8)
    raster.copy_samples(rows, 0, out)
    np.testing.assert_array_equal(out, np.moveaxis(rows, -1, 0))
    assert used == [True]


@pytest.mark.parametrize("width", [1, 15, 64, 200])
def test_red_green_and_blue_are_split_as_numpy_does(width, used):
    """Expected: ``np.moveaxis``. The columns around stay as they were."""
    rows = np.random.default_rng(width).integers(0, 256, (7, width, 3), np.uint8)
    raster.warm_up(BYTE, 3)
    next(iter(compiled._begun.values())).join()
    for margin in (0, 1):
        whole = np.full((3, 7 + 2 * margin, width + 2 * margin), 9, np.uint8)
        part = whole[:, margin : margin + 7, margin : margin + width]
        raster.copy_samples(rows, 0, part)
        np.testing.assert_array_equal(part, np.moveaxis(rows, -1, 0))
        assert whole.sum() == rows.sum(dtype=int) + 9 * (whole.size - part.size)
    assert used == [True, True]


@pytest.mark.parametrize(
    ("rows", "n_channels"),
    [
        (np.arange(7 * 9 * 3, dtype=np.uint8).reshape(7, 9, 3)[:, :5], 3),
        (np.arange(7 * 5 * 4, dtype=np.uint8).reshape(7, 5, 4), 3),
        (np.arange(7 * 5 * 3, dtype=np.uint8).reshape(7, 5, 3), 2),
        (np.arange(7 * 5 * 3, dtype=np.uint16).reshape(7, 5, 3), 3),
    ],
    ids=["not contiguous", "four samples", "two channels", "16 bits"],
)
def test_what_is_no_plain_rgb_is_taken_apart_all_the_same(rows, n_channels):
    raster.warm_up(BYTE, 3)
    next(iter(compiled._begun.values())).join()
    out = np.zeros((n_channels, *rows.shape[:2]), rows.dtype)
    raster.copy_samples(rows, 0, out)
    np.testing.assert_array_equal(out, np.moveaxis(rows, -1, 0)[:n_channels])


@pytest.mark.parametrize("missing", ["numba", "llvmlite.binding"])
def test_where_the_compiler_is_missing_numpy_does_the_work(used, monkeypatch, tmp_path, missing):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setitem(sys.modules, missing, None)
    begin().join()
    assert shrink(BLOCK, make_out()) == MEANS
    assert used == [False]


def test_compiling_in_two_threads_leaves_the_settings_of_the_process_as_they_were(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    before, seen = config.CACHE_DIR, []
    second_came, first_has_left = threading.Event(), threading.Event()

    class Compiled:
        def enable_caching(self):
            seen.append(config.CACHE_DIR)
            if len(seen) == 1:
                second_came.wait(0.2)  # the chance to come in between, which it must not have
            else:
                second_came.set()
                first_has_left.wait()

    def keep():
        compiled.keep_compiled(Compiled())
        first_has_left.set()

    threads = [threading.Thread(target=keep) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [str(tmp_path / "vitrina" / "numba")] * 2
    assert before == config.CACHE_DIR
