"""Virtual arrays, held against zarr-python as a second implementation of Zarr 2."""

import asyncio
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vitrina.errors import UnsupportedError
from vitrina.gateway.hierarchy import TEXT, Hierarchy, VirtualArray


def serve(values, chunk_shape, *, dtype=None, separator="."):
    array = VirtualArray(
        shape=np.shape(values),
        chunk_shape=chunk_shape,
        dtype=dtype or values.dtype.name,
        read=lambda window: values[window] if dtype != TEXT else values[window[0]],
        separator=separator,
    )
    return Hierarchy(etag="e", groups={"": {"name": "root"}}, arrays={"a": array})


def get(tree, key):
    return asyncio.run(tree.get(key))


def read_with_zarr(tree, n_dims, n_chunks, separator):
    """Copy every key a client could ask for into memory, and let zarr-python put the array together."""
    import zarr
    from zarr.core.buffer import default_buffer_prototype
    from zarr.storage import MemoryStore

    keys = [".zgroup", ".zattrs", "a/.zarray", "a/.zattrs"]
    keys += ["a/" + separator.join(map(str, index)) for index in np.ndindex(*[n_chunks] * n_dims)]
    buffer = default_buffer_prototype().buffer
    store = MemoryStore({key: buffer.from_bytes(value) for key in keys if (value := get(tree, key)) is not None})
    return zarr.open_array(store, path="a", mode="r", zarr_format=2)[...]


@settings(max_examples=40, deadline=None)
@given(
    shape=st.lists(st.integers(1, 7), min_size=1, max_size=3),
    chunk=st.integers(1, 8),
    dtype=st.sampled_from(["uint8", "uint16", "int32", "float32", "float64"]),
    separator=st.sampled_from([".", "/"]),
)
def test_zarr_python_reads_what_is_served(shape, chunk, dtype, separator):
    values = np.arange(np.prod(shape)).reshape(shape).astype(dtype)
    tree = serve(values, (chunk,) * len(shape), separator=separator)
    assert (read_with_zarr(tree, len(shape), 8, separator) == values).all()


def test_zarr_python_reads_text():
    texts = ["B cell", "", "Zölle", "NA", "😀"]
    assert read_with_zarr(serve(texts, (2,), dtype=TEXT), 1, 3, ".").tolist() == texts


def test_groups_and_arrays_have_metadata_and_folders_have_none():
    tree = serve(np.zeros(4), (2,))
    assert json.loads(get(tree, ".zattrs")) == {"name": "root"}
    assert json.loads(get(tree, ".zgroup")) == {"zarr_format": 2}
    assert get(tree, "a") is None
    assert get(tree, "") is None


@pytest.mark.parametrize(
    "key",
    [
        "a/2",
        "a/-1",
        "a/00",
        "a/1.0",
        "a/1/0",
        "a/x",
        "a/",
        "b/0",
        "a/1.",
        "../a/0",
        "a/../a/0",
        "a/0\n",
        "a/٣",
        "a/1e1",
    ],
)
def test_keys_that_are_no_chunks_are_absent(key):
    assert get(serve(np.zeros(4), (2,)), key) is None


def test_a_hole_is_absent():
    array = VirtualArray(shape=(4,), chunk_shape=(2,), dtype="uint8", read=lambda _: None)
    assert get(Hierarchy(etag="e", groups={}, arrays={"a": array}), "a/0") is None


def test_a_chunk_beyond_the_memory_limit_is_refused_before_it_is_read():
    def read(window):
        pytest.fail("the chunk was read")

    array = VirtualArray(shape=(2**33,), chunk_shape=(2**33,), dtype="float64", read=read)
    with pytest.raises(UnsupportedError) as caught:
        get(Hierarchy(etag="e", groups={}, arrays={"a": array}), "a/0")
    assert caught.value.code == "chunk-too-large"
