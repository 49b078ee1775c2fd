"""When loops are compiled, what that leaves behind in the process, and that they give what NumPy gives."""

import sys
import threading

import numpy as np
import pytest
from numba.core import config

from vitrina import compiled
from vitrina.compiled import find_compiled
from vitrina.pyramid import downsample
from vitrina.pyramid.kernels import mean_of_4_integers
from vitrina.readers.pixels import raster

BYTE = np.dtype("uint8")


@pytest.fixture(autouse=True)
def nothing_compiled(monkeypatch):
    monkeypatch.setattr(compiled, "_ready", {})
    monkeypatch.setattr(compiled, "_begun", {})


def begin():
    return downsample.warm_up("mean", (1, 2, 2), BYTE)


def test_a_loop_is_compiled_once_and_used_when_it_is_there():
    assert find_compiled(mean_of_4_integers, BYTE) is None
    thread = begin()
    assert begin() is thread
    thread.join()
    assert find_compiled(mean_of_4_integers, BYTE) is not None


def test_there_is_nothing_to_compile_for_what_has_no_loop():
    assert downsample.warm_up("nearest", (1, 2, 2), BYTE) is None
    assert downsample.warm_up("mean", (1, 2, 2), np.dtype("uint64")) is None
    raster.warm_up(BYTE, 4)
    raster.warm_up(np.dtype("uint16"), 3)
    assert compiled._begun == {}


def test_a_compiled_loop_takes_arrays_of_other_kinds_too():
    """Expected: the means by hand. Arrays may be read-only, or parts of others."""
    begin().join()
    block = np.arange(16, dtype=np.uint8).reshape(1, 1, 4, 4)
    fixed = block.copy()
    fixed.flags.writeable = False
    for given in (fixed, np.repeat(block, 2, axis=3)[..., ::2]):
        out = np.zeros((1, 1, 2, 4), np.uint8)
        downsample.shrink_into("mean", given, (1, 2, 2), out[..., ::2], start_zyx=(0, 0, 0), size_zyx=(1, 2, 2))
        assert out[0, 0].tolist() == [[3, 0, 5, 0], [11, 0, 13, 0]]


def test_rows_that_are_read_only_are_split_too():
    rows = np.arange(30, dtype=np.uint8).reshape(2, 5, 3)
    rows.flags.writeable = False
    raster.warm_up(BYTE, 3)
    next(iter(compiled._begun.values())).join()
    out = np.zeros((3, 2, 5), np.uint8)
    raster.copy_samples(rows, 0, out)
    np.testing.assert_array_equal(out, np.moveaxis(rows, -1, 0))


@pytest.mark.parametrize("width", [1, 15, 64, 200])
def test_red_green_and_blue_are_split_as_numpy_does(width):
    """Expected: ``np.moveaxis``. The columns around stay as they were."""
    rows = np.random.default_rng(width).integers(0, 256, (7, width, 3), np.uint8)
    raster.warm_up(BYTE, 3)
    next(iter(compiled._begun.values())).join()
    used, find = [], find_compiled
    for margin in (0, 1):
        whole = np.full((3, 7 + 2 * margin, width + 2 * margin), 9, np.uint8)
        part = whole[:, margin : margin + 7, margin : margin + width]
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(compiled, "find_compiled", lambda *key: used.append(find(*key)) or used[-1])
            raster.copy_samples(rows, 0, part)
        np.testing.assert_array_equal(part, np.moveaxis(rows, -1, 0))
        assert whole.sum() == rows.sum(dtype=int) + 9 * (whole.size - part.size)
    assert len(used) == 2
    assert None not in used


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


def test_without_numba_numpy_does_the_work(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    begin().join()
    assert find_compiled(mean_of_4_integers, BYTE) is None


def test_where_nothing_may_be_kept_it_is_compiled_all_the_same(monkeypatch, tmp_path):
    blocked = tmp_path / "a-file"
    blocked.touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    begin().join()
    assert find_compiled(mean_of_4_integers, BYTE) is not None


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
