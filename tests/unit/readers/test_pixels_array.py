"""Arrays of several libraries; expected values come from NumPy's own indexing and transposition."""

import numpy as np
import pytest

from vitrina.errors import UnsupportedError
from vitrina.readers.pixels.array import ArrayPixels

ARRAY = np.arange(2 * 3 * 4 * 50 * 60, dtype=np.uint32).reshape(2, 3, 4, 50, 60)


def make_numpy(array, chunks):
    return array


def make_zarr(array, chunks):
    import zarr

    made = zarr.create_array(zarr.storage.MemoryStore(), shape=array.shape, dtype=array.dtype, chunks=chunks)
    made[...] = array
    return made


def make_dask(array, chunks):
    import dask.array

    return dask.array.from_array(array, chunks=chunks)


def make_xarray(array, chunks):
    import xarray

    return xarray.DataArray(make_dask(array, chunks))


@pytest.mark.parametrize("make", [make_numpy, make_zarr, make_dask, make_xarray])
@pytest.mark.parametrize("axes", ["tczyx", "yxczt", "xtycz"])
def test_a_window_is_read_in_any_order_of_axes(make, axes):
    order = ["tczyx".index(axis) for axis in axes]
    chunks = tuple((1, 1, 2, 16, 32)[i] for i in order)
    pixels = ArrayPixels(make(np.ascontiguousarray(ARRAY.transpose(order)), chunks), axes)
    assert pixels.shape_tczyx == ARRAY.shape
    assert pixels.n_joint_channels == 1
    assert pixels.chunk_shape_tczyx in {(1, 1, 2, 16, 32), (1, 1, 1, 1, 1)}  # NumPy has no chunks
    out = np.zeros((1, 3, 20, 31), np.uint32)
    pixels.read_into((1, 2, 1, 30, 29), out)
    np.testing.assert_array_equal(out, ARRAY[1, 2:3, 1:4, 30:50, 29:60])
    pixels.close()


def test_channels_in_one_chunk_are_read_together():
    array = ARRAY[0, :, 0]
    pixels = ArrayPixels(make_zarr(array, (3, 16, 16)), "cyx")
    assert (pixels.n_joint_channels, pixels.chunk_shape_tczyx) == (3, (1, 3, 1, 16, 16))
    out = np.zeros((3, 1, 50, 60), np.uint32)
    pixels.read_into((0, 0, 0, 0, 0), out)
    np.testing.assert_array_equal(out[:, 0], array)


def test_samples_beside_channels_are_channels_too():
    array = ARRAY[0].transpose(0, 2, 3, 1)  # c, y, x, s
    pixels = ArrayPixels(array, "cyxs")
    assert pixels.shape_tczyx == (1, 12, 1, 50, 60)
    out = np.zeros((1, 1, 50, 60), np.uint32)
    pixels.read_into((0, 7, 0, 0, 0), out)
    np.testing.assert_array_equal(out[0, 0], ARRAY[0, 1, 3])


@pytest.mark.parametrize("dtype", ["bool", "float16", "int8", ">u2", "uint64", "<f8"])
def test_numbers_keep_their_type_in_the_byte_order_of_the_machine(dtype):
    array = (ARRAY[0, 0, 0] % 2).astype(dtype)
    pixels = ArrayPixels(array, "yx")
    assert pixels.dtype == array.dtype.newbyteorder("=")
    assert pixels.dtype.isnative
    out = np.zeros((1, 1, 50, 60), pixels.dtype)
    pixels.read_into((0, 0, 0, 0, 0), out)
    np.testing.assert_array_equal(out[0, 0], array)


@pytest.mark.parametrize("dtype", ["complex64", "U3", [("a", "u1")]])
def test_other_values_are_no_pixels(dtype):
    with pytest.raises(UnsupportedError) as caught:
        ArrayPixels(np.zeros((3, 4), dtype), "yx")
    assert caught.value.code == "pixels-unsupported"
