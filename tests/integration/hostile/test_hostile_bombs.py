"""Small files that would fill the memory, or never end. Without its control each of them does, in the sandbox."""

import asyncio
import json
import struct
import tracemalloc
import zipfile
import zlib

import h5py
import imagecodecs
import numcodecs
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import samples
import tifffile
from hostile_files import build_grey_tags, build_png, build_tiff, write_array, write_image

from vitrina.errors import UnreadableError, VitrinaError
from vitrina.gateway.open import open_tree
from vitrina.model.content import Content
from vitrina.model.jsonable import build_json, parse_json
from vitrina.readers import spatialdata as spatialdata_reader
from vitrina.readers.pixels import chunk_codec
from vitrina.readers.pixels.chunk_codec import ChunkCodec
from vitrina.readers.pixels.picture_size import find_picture_size
from vitrina.readers.source import open_source
from vitrina.readers.spatialdata import SpatialDataReader
from vitrina.readers.table import TableReader

FULL = {"reader-out-of-memory", "reader-killed"}
"""What a process without memory ends with: an error of Python, or the end by a library that does not expect it."""


@pytest.fixture
def describe(small_sandbox):
    """What a file contains, with 512 MiB of memory, perhaps without some of the controls."""

    def call(path, without=()):
        return parse_json(Content, small_sandbox.call("hostile_tasks:describe", path, without=dict(without)))

    return call


def refuse(describe, path, without=()):
    """The code of the error that comes of a file."""
    with pytest.raises(VitrinaError) as caught:
        describe(path, without)
    return caught.value.code


def test_a_picture_of_any_stated_size_is_refused_before_it_is_decoded(describe, tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(build_png(60_000, 60_000))
    assert path.stat().st_size < 200
    assert refuse(describe, path) == "picture-too-large"
    weakened = {
        "vitrina.readers.pixels.picture:MAX_PIXELS": 10**12,
        "PIL.Image:MAX_IMAGE_PIXELS": 10**12,
    }
    assert refuse(describe, path, weakened) in FULL


def test_a_picture_is_refused_where_another_library_has_switched_off_the_limit_of_pillow(describe, tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(build_png(60_000, 60_000))
    assert refuse(describe, path, {"PIL.Image:MAX_IMAGE_PIXELS": 10**12}) == "picture-too-large"


@pytest.mark.parametrize("side", [40_000, 2**31 - 1])
def test_a_strip_of_any_stated_size_is_refused_before_it_is_decoded(describe, tmp_path, side):
    path = tmp_path / "a.tif"
    data = zlib.compress(bytes(1000))
    path.write_bytes(build_tiff(build_grey_tags(side, side, len(data), compression=8), data))
    assert refuse(describe, path) == "tiff-segment-too-large"
    assert refuse(describe, path, {"vitrina.readers.pixels.tiff_segments:check_segment": "nothing"}) in FULL


def test_a_tiff_that_states_many_strips_of_nothing_is_read_in_parts(describe, tmp_path):
    """Tiles that are not stored are zeros, so 2^31 pixels a side are no reason to refuse: only parts are ever read."""
    path = tmp_path / "a.tif"
    with tifffile.TiffWriter(path, bigtiff=True) as writer:
        writer.write(np.zeros((64, 64), np.uint8), tile=(64, 64), metadata=None)
    data = bytearray(path.read_bytes())
    with tifffile.TiffFile(path) as tiff:
        at = [tiff.pages[0].tags[number].valueoffset for number in (256, 257)]
    for offset in at:
        data[offset : offset + 2] = struct.pack("<H", 60_000)
    path.write_bytes(bytes(data))
    try:
        content = describe(path)
    except VitrinaError as err:
        assert err.code not in FULL  # noqa: PT017 either is right
    else:
        assert content.elements[0].levels[0].shape == (60_000, 60_000)


def build_jpeg_bomb(side):
    """A sound JPEG of 64 x 64 pixels whose frame header states another size."""
    data = bytearray(imagecodecs.jpeg8_encode(np.zeros((64, 64), np.uint8)))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", side, side)
    return bytes(data)


def test_a_tile_that_holds_a_picture_of_another_size_is_refused(describe, tmp_path):
    path = tmp_path / "a.tif"
    data = build_jpeg_bomb(60_000)
    tags = build_grey_tags(64, 64, len(data), compression=7)
    path.write_bytes(build_tiff(tags, data))
    assert find_picture_size(data) == (60_000, 60_000)
    assert refuse(describe, path) == "tiff-damaged"
    without = {"vitrina.readers.pixels.tiff_segments:check_picture_size": "nothing"}
    assert refuse(describe, path, without) in FULL


@pytest.mark.parametrize("encode", [imagecodecs.jpeg8_encode, imagecodecs.jpeg2k_encode])
def test_the_size_of_a_picture_is_what_its_codec_decodes(encode):
    data = encode(np.zeros((48, 80), np.uint8))
    assert find_picture_size(data) == (48, 80)
    assert find_picture_size(b"II*\0" + data[2:]) in {None, (48, 80)}
    assert find_picture_size(zlib.compress(data)) is None


def build_loop(kind):
    """A TIFF whose directory comes after itself, or is a lower resolution of itself."""
    tags = build_grey_tags(8, 8, 64)
    start = 8 + 64
    if kind == "next":
        return build_tiff(tags, bytes(64), next_directory=start)
    return build_tiff({**tags, 330: ("I", (start,))}, bytes(64))


@pytest.mark.parametrize("kind", ["next", "below"])
def test_directories_that_follow_each_other_in_a_circle_end(describe, tmp_path, kind):
    path = tmp_path / "a.tif"
    path.write_bytes(build_loop(kind))
    try:
        assert describe(path).elements[0].levels[0].shape[-2:] == (8, 8)
    except UnreadableError as err:
        assert err.code == "tiff-damaged"  # noqa: PT017 either is right


BOMB_BYTES = 200 * 2**20


def build_blosc_bomb():
    """A Blosc header that states 2 GB; what follows is nothing."""
    sound = bytearray(numcodecs.Blosc(cname="zstd").encode(bytes(4096)))
    sound[4:8] = struct.pack("<I", 2**31 - 1)
    return bytes(sound)


BOMBS = {
    "zlib": lambda: zlib.compress(bytes(BOMB_BYTES), 1),
    "gzip": lambda: numcodecs.GZip(1).encode(bytes(BOMB_BYTES)),
    "zstd": lambda: bytes(numcodecs.Zstd(1).encode(bytes(BOMB_BYTES))),
    "lz4": lambda: bytes(numcodecs.LZ4().encode(bytes(BOMB_BYTES))),
    "blosc": build_blosc_bomb,
}


def measure_peak(function):
    tracemalloc.start()
    try:
        with pytest.raises((ValueError, RuntimeError, EOFError, imagecodecs.ZstdError)):
            function()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("codec", BOMBS)
@pytest.mark.parametrize("steps", ["one", "two"])
def test_a_chunk_never_becomes_more_than_its_array_says(codec, steps):
    bomb = BOMBS[codec]()
    names = (codec,) if steps == "one" else ("zlib", codec)
    layout = ChunkCodec(chunk_shape=(64, 64), dtype=np.dtype("u1"), steps=names)
    assert measure_peak(lambda: layout.decode(bomb)) < 2**22


@pytest.mark.parametrize("codec", ["zlib", "gzip"])
def test_without_its_bound_a_chunk_fills_the_memory(codec, monkeypatch):
    bomb = BOMBS[codec]()
    layout = ChunkCodec(chunk_shape=(64, 64), dtype=np.dtype("u1"), steps=(codec,))
    monkeypatch.setattr(chunk_codec, "_inflate", lambda data, _, bits: zlib.decompress(data, bits))
    assert measure_peak(lambda: layout.decode(bomb)) > BOMB_BYTES
    monkeypatch.setattr(chunk_codec, "_decode_zstd", lambda data, _: numcodecs.Zstd().decode(data))
    zstd = ChunkCodec(chunk_shape=(64, 64), dtype=np.dtype("u1"), steps=("zstd",))
    assert measure_peak(lambda: zstd.decode(BOMBS["zstd"]())) > BOMB_BYTES


@pytest.mark.parametrize("codec", ["zlib", "gzip", "zstd", "lz4", "blosc"])
def test_sound_chunks_are_what_numcodecs_makes_of_them(codec):
    pixels = np.arange(4096, dtype="<u2").reshape(64, 64)
    encoder = {"zlib": numcodecs.Zlib(), "gzip": numcodecs.GZip(), "zstd": numcodecs.Zstd(), "lz4": numcodecs.LZ4(),
               "blosc": numcodecs.Blosc()}[codec]  # fmt: skip
    data = bytes(encoder.encode(pixels))
    layout = ChunkCodec(chunk_shape=(64, 64), dtype=np.dtype("<u2"), steps=(codec,))
    assert (layout.decode(data) == pixels).all()
    twice = ChunkCodec(chunk_shape=(64, 64), dtype=np.dtype("<u2"), steps=("zlib", codec))
    assert (twice.decode(bytes(encoder.encode(zlib.compress(pixels.tobytes())))) == pixels).all()


def test_chunks_that_do_not_fit_into_memory_are_refused_by_what_the_array_says(describe, tmp_path):
    root = write_image(tmp_path / "a.zarr")
    write_array(root / "0", np.zeros((8, 8), np.uint8), shape=[2**31, 2**31], chunks=[2**31, 2**31])
    assert refuse(describe, root) == "chunk-too-large"
    assert refuse(describe, root, {"vitrina.readers.zarr_tree:MAX_CHUNK_BYTES": 2**63}) in {
        *FULL, "ome-zarr-damaged", "reader-failed",
    }  # fmt: skip


def write_zip(path, size_bytes):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(".zgroup", json.dumps({"zarr_format": 2}))
        axes = [{"name": "y", "type": "space"}, {"name": "x", "type": "space"}]
        multiscales = [{"version": "0.4", "axes": axes, "datasets": [{"path": "0"}]}]
        archive.writestr(".zattrs", json.dumps({"multiscales": multiscales}))
        document = {
            "zarr_format": 2, "shape": [8, 8], "chunks": [8, 8], "dtype": "|u1", "compressor": None, "fill_value": 0,
            "order": "C", "filters": None,
        }  # fmt: skip
        archive.writestr("0/.zarray", json.dumps(document))
        with archive.open("0/0.0", "w") as member:
            for _ in range(size_bytes // 2**24):
                member.write(bytes(2**24))


def test_an_entry_of_a_zip_file_that_inflates_is_refused(describe, tmp_path):
    path = tmp_path / "a.ome.zarr.zip"
    write_zip(path, 640 * 2**20)
    assert path.stat().st_size < 4 * 2**20
    assert refuse(describe, path) == "zip-inflates"
    assert refuse(describe, path, {"vitrina.readers.source:_check_inflation": "nothing"}) in FULL


def test_a_zip_file_is_not_unpacked_where_it_does_not_fit(tmp_path, monkeypatch):
    path = tmp_path / "a.zarr.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zarr.json", json.dumps({"zarr_format": 3, "node_type": "group", "attributes": {
            "spatialdata_attrs": {"version": "0.2"}}}))  # fmt: skip
        archive.writestr("../../escaped.txt", "x")
        archive.writestr("big", bytes(2**20))
    monkeypatch.setattr(spatialdata_reader.tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(spatialdata_reader.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 2**19})())
    with pytest.raises(UnreadableError) as caught:
        SpatialDataReader().read_object(open_source(path))
    assert caught.value.code == "zip-too-large"
    monkeypatch.undo()
    monkeypatch.setattr(spatialdata_reader.tempfile, "tempdir", str(tmp_path))
    assert list(SpatialDataReader().read_object(open_source(path)).gen_elements()) == []
    assert not list(tmp_path.rglob("escaped.txt")), "and names stay inside of the folder while it is there"


@pytest.mark.parametrize("name", [".zattrs", ".zgroup", "0/.zarray"])
def test_metadata_larger_than_any_real_one_is_refused(describe, tmp_path, name):
    root = write_image(tmp_path / "a.zarr")
    with (root / name).open("wb") as file:
        file.truncate(2**30)
    assert refuse(describe, root) == "metadata-too-large"
    assert refuse(describe, root, {"vitrina.readers.source:MAX_METADATA_BYTES": 2**40}) in FULL


def test_json_inside_of_json_without_end_is_damage(describe, tmp_path):
    root = write_image(tmp_path / "a.zarr")
    content = describe(root)
    deep = "[" * 200_000
    with pytest.raises(RecursionError):
        json.loads(deep)
    (root / ".zattrs").write_text(deep)
    assert refuse(describe, root) == "json-damaged"
    for zarr_format, key in ((2, ".zattrs"), (3, "zarr.json")):
        tree = open_tree(open_source(root), content, etag="e", zarr_format=zarr_format)
        with pytest.raises(UnreadableError) as caught:
            asyncio.run(tree.get(key))
        assert caught.value.code == "json-malformed"


def test_a_header_of_millions_of_columns_is_no_table(describe, tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a" + b",b" * 12_000_000 + b"\n" + b"1" + b",1" * 12_000_000 + b"\n")
    assert describe(path).format == "file"
    assert refuse(describe, path, {"vitrina.readers.table:SAMPLE_BYTES": 2**30}) in FULL


def test_a_parquet_file_of_very_many_rows_is_drawn_from_some_of_them(small_sandbox, tmp_path):
    path = tmp_path / "a.parquet"
    rows = pa.table({"x": np.zeros(2**20), "y": np.ones(2**20)})
    with pq.ParquetWriter(path, rows.schema) as writer:
        for _ in range(100):
            writer.write_table(rows)
    assert path.stat().st_size < 2**20
    content = build_json(TableReader().read_content(open_source(path)))
    assert small_sandbox.call("hostile_tasks:draw", path, content=content, without={}) > 0
    weakened = {"vitrina.readers.table:MAX_DRAWN_ROWS": 10**12}
    with pytest.raises(UnreadableError) as caught:
        small_sandbox.call("hostile_tasks:draw", path, content=content, without=weakened)
    assert caught.value.code in FULL


def test_a_chunk_of_hdf5_that_does_not_fit_into_memory_is_refused(describe, tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        image = file.create_dataset("image", (40_000, 40_000), "u1", chunks=(40_000, 40_000), compression="gzip")
        packer = zlib.compressobj(1)
        image.id.write_direct_chunk(
            (0, 0), b"".join([*(packer.compress(bytes(16_000_000)) for _ in range(100)), packer.flush()])
        )
    assert path.stat().st_size < 16 * 2**20
    assert refuse(describe, path) in {"hdf5-chunk-too-large", "image-missing"}
    assert refuse(describe, path, {"vitrina.readers.pixels.hdf5:MAX_CHUNK_BYTES": 2**60}) in {*FULL, "hdf5-damaged"}


def test_positions_that_a_file_only_states_are_not_read(describe, tmp_path):
    path = tmp_path / "a.h5ad"
    n = 2**31
    with h5py.File(path, "w") as file:
        file.attrs.update({"encoding-type": "anndata", "encoding-version": "0.1.0"})
        for axis, size in (("obs", n), ("var", 1)):
            frame = file.create_group(axis)
            frame.attrs.update({"encoding-type": "dataframe", "encoding-version": "0.2.0", "_index": "_index"})
            frame.attrs["column-order"] = np.array([], h5py.string_dtype())
            frame.create_dataset("_index", (size,), h5py.string_dtype(), chunks=(min(size, 2**20),))
        file.create_dataset("obsm/spatial", (n, 2), "f4", chunks=(2**20, 2))
    assert path.stat().st_size < 2**16
    table = describe(path).elements[0]
    assert (table.n_obs, table.extent_xy) == (n, None)
    assert refuse(describe, path, {"vitrina.readers.anndata_table:MAX_PLACED_ROWS": 2**40}) in {
        *FULL, "anndata-damaged",
    }  # fmt: skip


def test_a_czi_that_states_millions_of_dimensions_is_refused(describe, tmp_path):
    """Where the number is, the magics around it say, and that there were seven."""
    path = tmp_path / "a.czi"
    data = bytearray(samples.get("czi-mosaic/mosaic_test.czi").read_bytes())
    (directory,) = struct.unpack_from("<q", data, 32 + 52)
    entry = directory + 32 + 128
    assert data[entry : entry + 2] == b"DV"
    assert struct.unpack_from("<i", data, entry + 28) == (7,)
    struct.pack_into("<i", data, entry + 28, 2**29)
    path.write_bytes(bytes(data))
    assert refuse(describe, path) == "czi-damaged"
    assert refuse(describe, path, {"vitrina.readers.czi:check_directory": "nothing"}) in FULL
