"""Tiles that pass through as they lie in the file, held against tifffile (where they lie) and zarr-python (pixels)."""

import asyncio
import json

import numpy as np
import pytest
import tifffile
import zarr
from zarr.core.buffer import default_buffer_prototype
from zarr.storage import MemoryStore

from vitrina.errors import UnreadableError
from vitrina.gateway.open import open_tree
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source

TILE = 256
NOISE = np.random.default_rng(0).normal(600, 40, (2, 700, 600)).astype(np.uint16)


def read_content(path):
    source = open_source(path)
    return find_reader(source).read_content(source)


def serve(path, content=None, **options):
    return open_tree(open_source(path), content or read_content(path), etag="e", **options)


def get(tree, key):
    return asyncio.run(tree.get(key))


def write(path, *levels, subifds=True, **options):
    settings = {"tile": (TILE, TILE), "compression": "zlib", "photometric": "minisblack", **options}
    with tifffile.TiffWriter(path, byteorder=settings.pop("byteorder", "<")) as writer:
        axes = settings.pop("axes", "CYX")
        writer.write(levels[0], subifds=len(levels) - 1, metadata={"axes": axes}, **settings)
        for level in levels[1:]:
            writer.write(level, subfiletype=1, **settings)
    return path


def find_tile(path, level, page, number):
    """The bytes of a tile as tifffile finds them."""
    with tifffile.TiffFile(path) as file:
        found = file.series[0].levels[level].pages[page]
        start = found.dataoffsets[number]
        return path.read_bytes()[start : start + found.databytecounts[number]]


def read_all(tree, prefix, array, keys, zarr_format=2):
    """An array as zarr-python reads it from the values of a tree."""
    buffer = default_buffer_prototype().buffer
    values = {key: get(tree, f"{prefix}{array}/{key}") for key in keys}
    store = MemoryStore(
        {f"{array}/{key}": buffer.from_bytes(value) for key, value in values.items() if value is not None}
    )
    return zarr.open_array(store, path=array, mode="r", zarr_format=zarr_format)[...]


def list_keys(shape, side=TILE):
    return [
        "/".join(map(str, index)) for index in np.ndindex(*shape[:-2], -(-shape[-2] // side), -(-shape[-1] // side))
    ]


def find_prefix(tree):
    return "" if b"multiscales" in get(tree, ".zattrs") else "0/"


@pytest.mark.parametrize("compression", ["zlib", None])
def test_tiles_are_chunks_at_all_levels(tmp_path, compression):
    coarse = np.ascontiguousarray(NOISE[:, ::2, ::2])
    path = write(tmp_path / "a.ome.tif", NOISE, coarse, compression=compression)
    tree = serve(path)
    prefix = find_prefix(tree)
    for number, level in enumerate((NOISE, coarse)):
        described = json.loads(get(tree, f"{prefix}{number}/.zarray"))
        assert described["chunks"] == [1, TILE, TILE]
        assert described["compressor"] == (None if compression is None else {"id": "zlib", "level": 1})
        n_columns = -(-level.shape[2] // TILE)
        for c, row, column in ((0, 0, 0), (1, 0, 1), (1, 1, n_columns - 1)):
            value = tree.find(f"{prefix}{number}/{c}/{row}/{column}")
            assert value == find_tile(path, number, c, row * n_columns + column)
        assert (read_all(tree, prefix, str(number), [".zarray", *list_keys(level.shape)]) == level).all()


def test_samples_in_planes_of_their_own_pass_through(tmp_path):
    color = np.random.default_rng(5).integers(0, 255, (3, 300, 520), dtype=np.uint8)
    path = write(tmp_path / "a.tif", color, photometric="rgb", planarconfig="separate")
    tree = serve(path)
    prefix = find_prefix(tree)
    assert tree.find(f"{prefix}0/2/1/0") == find_tile(path, 0, 0, 2 * 6 + 3)  # two rows of three tiles per sample
    assert (read_all(tree, prefix, "0", [".zarray", *list_keys(color.shape)]) == color).all()


def test_levels_that_are_made_have_the_same_chunks_and_are_encoded(tmp_path):
    plane = np.random.default_rng(1).integers(0, 60_000, (1500, 1100)).astype(np.uint16)
    tree = serve(write(tmp_path / "a.tif", plane, axes="YX"))
    prefix = find_prefix(tree)
    described = [json.loads(get(tree, f"{prefix}{level}/.zarray")) for level in (0, 1)]
    assert [one["chunks"] for one in described] == [[TILE, TILE]] * 2
    assert [one["compressor"]["id"] for one in described] == ["zlib", "blosc"]
    by_hand = (plane.reshape(750, 2, 550, 2).astype(int).sum(axis=(1, 3)) + 2) // 4
    assert (read_all(tree, prefix, "1", [".zarray", *list_keys(by_hand.shape)]) == by_hand).all()


def test_in_format_3_only_what_is_not_compressed_passes_through(tmp_path):
    packed = serve(write(tmp_path / "a.tif", NOISE), zarr_format=3)
    plain = serve(write(tmp_path / "b.tif", NOISE, compression=None), zarr_format=3)
    for tree, codecs in ((packed, ["bytes", "blosc"]), (plain, ["bytes"])):
        prefix = "" if "ome" in json.loads(get(tree, "zarr.json"))["attributes"] else "0/"
        assert [codec["name"] for codec in json.loads(get(tree, f"{prefix}0/zarr.json"))["codecs"]] == codecs
        keys = ["zarr.json", *(f"c/{key}" for key in list_keys(NOISE.shape))]
        assert (read_all(tree, prefix, "0", keys, zarr_format=3) == NOISE).all()


@pytest.mark.parametrize(
    "options",
    [
        {"predictor": True},
        {"compression": "lzw"},
        {"byteorder": ">"},
        {"tile": (128, 128)},
        {"tile": (256, 512)},
        {"tile": (240, 240)},
    ],
)
def test_other_tiles_are_decoded(tmp_path, options):
    tree = serve(write(tmp_path / "a.tif", NOISE, **options))
    prefix = find_prefix(tree)
    described = json.loads(get(tree, f"{prefix}0/.zarray"))
    assert (described["chunks"], described["compressor"]["id"]) == ([1, 512, 512], "blosc")
    assert callable(tree.find(f"{prefix}0/0/0/0"))
    assert (read_all(tree, prefix, "0", [".zarray", *list_keys(NOISE.shape, 512)]) == NOISE).all()


def test_levels_with_other_tiles_are_all_decoded(tmp_path):
    with tifffile.TiffWriter(tmp_path / "a.ome.tif") as writer:
        options = {"tile": (TILE, TILE), "photometric": "minisblack"}
        writer.write(NOISE, subifds=1, metadata={"axes": "CYX"}, compression="zlib", **options)
        writer.write(NOISE[:, ::2, ::2], subfiletype=1, compression="lzw", **options)
    tree = serve(tmp_path / "a.ome.tif")
    prefix = find_prefix(tree)
    described = [json.loads(get(tree, f"{prefix}{level}/.zarray"))["compressor"]["id"] for level in (0, 1)]
    assert described == ["blosc", "blosc"]


def test_types_without_a_texture_and_interleaved_samples_are_decoded(tmp_path):
    wide = serve(write(tmp_path / "a.tif", NOISE[0].astype(np.float64), axes="YX"))
    assert json.loads(get(wide, f"{find_prefix(wide)}0/.zarray"))["dtype"] == "<f4"
    color = np.random.default_rng(5).integers(0, 255, (300, 520, 3), dtype=np.uint8)
    tree = serve(write(tmp_path / "b.tif", color, photometric="rgb", axes="YXS"))
    assert json.loads(get(tree, f"{find_prefix(tree)}0/.zarray"))["compressor"]["id"] == "blosc"


def test_a_tile_behind_the_end_is_damage_and_a_tile_without_bytes_a_hole(tmp_path):
    path = write(tmp_path / "a.tif", NOISE)
    content = read_content(path)
    with tifffile.TiffFile(path, mode="r+") as file:
        page = file.pages[0]
        sizes, offsets = list(page.databytecounts), list(page.dataoffsets)
        sizes[0] = offsets[0] = 0
        sizes[1] = 10**7  # more than zlib could make of a tile
        offsets[2] = path.stat().st_size - 5
        page.tags["TileByteCounts"].overwrite(sizes)
        page.tags["TileOffsets"].overwrite(offsets)
    tree = serve(path, content)
    prefix = find_prefix(tree)
    assert tree.find(f"{prefix}0/0/0/0") is None
    for key in ("0/0/0/1", "0/0/0/2"):
        with pytest.raises(UnreadableError):
            tree.find(f"{prefix}{key}")
