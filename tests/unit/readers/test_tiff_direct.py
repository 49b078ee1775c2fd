"""Tiles decoded to where they are wanted; expected values by hand, compressed by zlib of the standard library."""

import zlib
from types import SimpleNamespace

import imagecodecs
import numpy as np
import pytest

from vitrina.readers.pixels.tiff_direct import DirectDecoder, find_direct

STEPS = np.array([[5, 1, 1], [7, 0, 65535]], "=u2")
"""Differences within the rows of the tile below; the last goes down by one."""

SUMS = [[5, 6, 7], [7, 7, 6]]


def make_decoder(sum_up=imagecodecs.delta_decode):
    return DirectDecoder(shape_yx=(2, 3), decompress=imagecodecs.deflate_decode, sum_up=sum_up)


def describe(**others):
    """The keyframe of a level as tifffile has it, with a horizontal predictor."""
    usual = {
        "is_tiled": True,
        "compression": 8,
        "predictor": 2,
        "bitspersample": 16,
        "fillorder": 1,
        "sampleformat": 1,
        "is_subsampled": False,
    }
    return SimpleNamespace(**usual | others)


def test_a_tile_is_decoded_into_the_array():
    out = np.zeros((2, 3), "=u2")
    assert make_decoder().decode(zlib.compress(STEPS.tobytes()), out)
    assert out.tolist() == SUMS
    assert make_decoder(sum_up=None).decode(zlib.compress(STEPS.tobytes()), out)
    assert out.tolist() == STEPS.tolist()


@pytest.mark.parametrize(
    "out", [np.zeros((2, 6), "=u2")[:, ::2], np.zeros((3, 2), "=u2").T, np.zeros((1, 3), "=u2")], ids=str
)
def test_another_array_than_a_whole_tile_is_left_to_others(out):
    assert not make_decoder().decode(zlib.compress(STEPS.tobytes()), out)
    assert not out.any()


def test_a_tile_with_too_few_bytes_is_left_to_others():
    assert not make_decoder().decode(zlib.compress(STEPS.tobytes()[:-2]), np.zeros((2, 3), "=u2"))


def test_a_tile_with_too_many_bytes_writes_nothing_behind_the_array():
    whole = np.zeros((3, 3), "=u2")
    with pytest.raises(imagecodecs.DeflateError):
        make_decoder().decode(zlib.compress(STEPS.tobytes() * 2), whole[:2])
    assert not whole[2].any()


def test_usual_tiles_have_a_direct_decoder():
    decoder = find_direct(describe(), np.dtype("=u2"), (1, 2, 3), 1)
    assert decoder is not None
    out = np.zeros((2, 3), "=u2")
    assert decoder.decode(zlib.compress(STEPS.tobytes()), out)
    assert out.tolist() == SUMS


@pytest.mark.parametrize(
    "others",
    [{"is_tiled": False}, {"compression": 7}, {"predictor": 3}, {"bitspersample": 12}, {"fillorder": 2},
     {"sampleformat": 5}, {"is_subsampled": True}],
    ids=str,
)  # fmt: skip
def test_other_tiles_have_none(others):
    assert find_direct(describe(**others), np.dtype("=u2"), (1, 2, 3), 1) is None


def test_samples_that_lie_interleaved_volumes_floats_and_another_order_of_bytes_have_none():
    assert find_direct(describe(), np.dtype("=u2"), (1, 2, 3), 3) is None
    assert find_direct(describe(), np.dtype("=u2"), (2, 2, 3), 1) is None
    assert find_direct(describe(), np.dtype("=f2"), (1, 2, 3), 1) is None
    assert find_direct(describe(), np.dtype("=u2").newbyteorder("S"), (1, 2, 3), 1) is None
