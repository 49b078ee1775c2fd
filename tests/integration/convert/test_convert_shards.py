"""Shards, written chunk by chunk and read with zarr-python; expected pixels are those that were handed over."""

import os
import random
import threading
from itertools import product

import numpy as np
import pytest
import zarr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vitrina.convert.zarr import shards
from vitrina.convert.zarr.arrays import ArraySpec
from vitrina.convert.zarr.codecs import Codec
from vitrina.convert.zarr.shards import read_shard_index
from vitrina.convert.zarr.writer import ZarrWriter
from vitrina.errors import UnreadableError
from vitrina.pyramid.writer import Place

SHAPE = (1, 2, 3, 70, 50)
CHUNK = (1, 1, 1, 16, 16)


def make_spec(shard, **more):
    settings_ = {"dtype": np.dtype("uint16"), "codec": Codec(name="zstd"), "zarr_format": 3, "shape_tczyx": SHAPE}
    return ArraySpec(path="0", axes="tczyx", chunk_tczyx=CHUNK, shard_tczyx=shard, **settings_ | more)


def list_places(spec):
    return [Place(level=0, t=t, c=c, z=z, y=y, x=x) for t, c, z, y, x in product(*map(range, spec.count_chunks()))]


def cut_chunk(pixels, place):
    """A whole chunk, with nothing beyond the edge of the image."""
    chunk = np.zeros((1, *CHUNK[2:]), pixels.dtype)
    window = pixels[place.t, place.c, place.z, 16 * place.y : 16 * place.y + 16, 16 * place.x : 16 * place.x + 16]
    chunk[0, 0, : window.shape[0], : window.shape[1]] = window
    return chunk


def make_pixels(seed, share_of_zeros):
    """Pixels with chunks of nothing but zeros among them."""
    rng = np.random.default_rng(seed)
    pixels = rng.integers(1, 2**16, SHAPE, np.uint16)
    is_empty = rng.random((1, 2, 3, 5, 4)) < share_of_zeros
    pixels[is_empty.repeat(16, 3).repeat(16, 4)[:, :, :, :70, :50]] = 0
    return pixels


def write(folder, spec, pixels, places):
    writer = ZarrWriter(folder, [spec])
    placed = []
    for place in places:
        chunks = writer.encode(place, cut_chunk(pixels, place))
        placed.extend((encoded, writer.reserve(encoded)) for encoded in chunks)
    random.Random(len(places)).shuffle(placed)  # noqa: S311 any order will do
    for encoded, offset in placed:
        writer.store(encoded, offset)
    return writer, placed


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    shard=st.tuples(st.just(1), st.integers(1, 2), st.integers(1, 4), st.integers(1, 5), st.integers(1, 5)),
    seed=st.integers(0, 2**31),
    share_of_zeros=st.sampled_from([0, 0.5, 1]),
)
def test_zarr_python_reads_shards_with_chunks_in_any_order_and_missing(tmp_path_factory, shard, seed, share_of_zeros):
    folder = tmp_path_factory.mktemp("shards")
    spec, pixels = make_spec(shard), make_pixels(seed, share_of_zeros)
    places = list_places(spec)
    random.Random(seed).shuffle(places)  # noqa: S311 any order will do
    writer, placed = write(folder, spec, pixels, places)
    assert writer._shards == {}, "a shard is closed with its last chunk"
    np.testing.assert_array_equal(zarr.open_array(folder / "0", mode="r")[...], pixels)
    n_shards = np.prod([-(-n // by) for n, by in zip(spec.count_chunks(), shard, strict=True)])
    files = [path for path in (folder / "0" / "c").rglob("*") if path.is_file()]
    assert len(files) == n_shards
    # chunks, and for each shard an index of 16 bytes per chunk with its checksum, and nothing else
    sizes = sum(len(encoded.data or b"") for encoded, _ in placed)
    assert sum(path.stat().st_size for path in files) == sizes + n_shards * (16 * np.prod(shard) + 4)
    empty = [encoded.place for encoded, _ in placed if encoded.data is None]
    assert set(empty) == {place for place in places if not cut_chunk(pixels, place).any()}


def test_the_index_says_where_chunks_lie_and_what_is_missing(tmp_path):
    spec, pixels = make_spec((1, 1, 1, 2, 4)), make_pixels(0, 0.4)
    _, placed = write(tmp_path, spec, pixels, list_places(spec))
    offsets = {encoded.place: (offset, len(encoded.data)) for encoded, offset in placed if encoded.data is not None}
    index = read_shard_index(tmp_path / spec.get_key((0, 1, 2, 0, 0)), spec)
    for y, x in product(range(2), range(4)):
        expected = offsets.get(Place(level=0, t=0, c=1, z=2, y=y, x=x), (2**64 - 1, 2**64 - 1))
        assert tuple(int(value) for value in index[0, 0, 0, y, x]) == expected
    cut = read_shard_index(tmp_path / spec.get_key((0, 1, 2, 2, 0)), spec)
    assert (cut[0, 0, 0, 1] == 2**64 - 1).all(), "beyond the edge of the image there are no chunks"


def test_a_damaged_index_is_noticed_by_zarr_python_and_by_us(tmp_path):
    spec = make_spec((1, 1, 1, 5, 4))
    writer, _ = write(tmp_path, spec, make_pixels(0, 0), list_places(spec))
    path = tmp_path / spec.get_key((0, 0, 0, 0, 0))
    data = bytearray(path.read_bytes())
    data[-10] ^= 1
    path.write_bytes(data)
    with pytest.raises(ValueError, match="checksum"):
        zarr.open_array(tmp_path / "0", mode="r")[0, 0, 0]
    with pytest.raises(ValueError, match="checksum"):
        writer.read_into(Place(level=0, t=0, c=0, z=0, y=0, x=0), np.empty((1, 1, 16, 16), np.uint16))


@pytest.mark.parametrize(("shard", "zarr_format"), [((1, 1, 1, 2, 2), 3), (None, 3), (None, 2)])
def test_chunks_are_read_back_from_open_and_from_closed_files(tmp_path, shard, zarr_format):
    spec, pixels = make_spec(shard, zarr_format=zarr_format), make_pixels(0, 0.3)
    places = list_places(spec)
    for folder, stored in (("open", places[:-7]), ("closed", places)):
        writer, _ = write(tmp_path / folder, spec, pixels, stored)
        for place in stored:
            out = np.full((1, 1, 16, 16), 7, np.uint16)
            writer.read_into(place, out)
            np.testing.assert_array_equal(out, cut_chunk(pixels, place))
        writer.abort()


def test_a_damaged_chunk_is_not_read_back(tmp_path):
    spec = make_spec((1, 1, 1, 5, 4), codec=Codec())
    writer, placed = write(tmp_path, spec, make_pixels(0, 0), list_places(spec))
    encoded, offset = placed[0]
    with writer._get_path(encoded.place).open("r+b") as file:
        file.seek(offset + 12)
        file.write(b"\xff\xff\xff\xff")
    with pytest.raises(UnreadableError) as caught:
        writer.read_into(encoded.place, np.empty((1, 1, 16, 16), np.uint16))
    assert caught.value.code == "chunk-damaged"
    assert str(tmp_path) in caught.value.message


def test_a_shard_is_not_closed_while_a_chunk_is_read_from_it(tmp_path, monkeypatch):
    spec, pixels = make_spec((1, 1, 1, 5, 4)), make_pixels(0, 0)
    places = [place for place in list_places(spec) if (place.c, place.z) == (0, 0)]
    writer, _ = write(tmp_path, spec, pixels, places[:-1])
    (last,) = writer.encode(places[-1], cut_chunk(pixels, places[-1]))
    closing = threading.Thread(target=writer.store, args=(last, writer.reserve(last)))
    read = os.pread

    def read_slowly(*arguments):
        if not closing.ident:
            closing.start()
            closing.join(0.2)  # the chance to close it, which it must not have
        return read(*arguments)

    monkeypatch.setattr(shards.os, "pread", read_slowly)
    out = np.empty((1, 1, 16, 16), np.uint16)
    writer.read_into(places[0], out)
    closing.join()
    np.testing.assert_array_equal(out, cut_chunk(pixels, places[0]))
    assert writer._shards == {}


@pytest.mark.parametrize("n_restored", [0, 1, 30, 59, 60])
def test_a_writer_goes_on_with_the_shards_of_another(tmp_path, n_restored):
    spec, pixels = make_spec((1, 2, 1, 3, 2)), make_pixels(1, 0.3)
    places = list_places(spec)
    write(tmp_path / "whole", spec, pixels, places)[0].finish()
    _, placed = write(tmp_path / "stopped", spec, pixels, places)
    offsets = {encoded.place: (offset, encoded.data) for encoded, offset in placed}
    for path in (tmp_path / "stopped" / "0" / "c").rglob("*"):
        if path.is_file():
            with path.open("ab") as file:
                file.write(b"left behind by the one before")
    writer = ZarrWriter(tmp_path / "stopped", [spec])
    for place in places[:n_restored]:
        offset, data = offsets[place]
        if data is not None:
            assert writer.read_stored(place, offset, len(data)) == data
        writer.restore(place, offset, None if data is None else len(data))
    for place in places[n_restored:]:
        for encoded in writer.encode(place, cut_chunk(pixels, place)):
            writer.store(encoded, writer.reserve(encoded))
    writer.finish()
    files = [path.relative_to(tmp_path / "whole") for path in (tmp_path / "whole").rglob("*") if path.is_file()]
    assert len(files) == 1 + 3 * 2 * 2
    for path in files:
        assert (tmp_path / "stopped" / path).read_bytes() == (tmp_path / "whole" / path).read_bytes()
    np.testing.assert_array_equal(zarr.open_array(tmp_path / "stopped" / "0", mode="r")[...], pixels)


def test_one_open_per_shard(tmp_path, monkeypatch):
    spec, opened = make_spec((1, 1, 1, 2, 2)), []
    open_ = os.open

    def counted(path, *arguments):
        opened.append(path)
        return open_(path, *arguments)

    monkeypatch.setattr(shards.os, "open", counted)
    write(tmp_path, spec, make_pixels(0, 0.5), list_places(spec))
    assert len(opened) == len(set(opened)) == 2 * 3 * 3 * 2
