"""Plates through the gateway. Expected pixels are those that were written, as zarr-python and tifffile read them; their
places and the levels of means are worked out by hand.
"""

import asyncio
import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import samples
import tifffile
import zarr
from plates import make_plane, write_imagexpress, write_operetta
from zarr.storage import MemoryStore
from zarr_plates import halve, locate, make_field, write_field, write_zarr_plate

from vitrina.errors import UnreadableError, UnsupportedError
from vitrina.gateway.chunk_cache import ChunkCache
from vitrina.gateway.open import open_tree
from vitrina.gateway.plates import geometry, mosaic
from vitrina.readers.pixels.chunk_files import ChunkFiles
from vitrina.readers.registry import find_reader
from vitrina.readers.source import FolderTree, ReadOptions, open_source

SIDE, CELL = 64, 136  # two fields of 64 pixels, and a gap of an eighth of 64


class TreeStore(MemoryStore):
    """A tree as a store of zarr-python."""

    def __init__(self, tree):
        super().__init__(read_only=True)
        self.tree = tree

    async def get(self, key, prototype, byte_range=None):
        assert byte_range is None
        value = await self.tree.get(key)
        return None if value is None else prototype.buffer.from_bytes(value)

    async def exists(self, key):
        return await self.tree.get(key) is not None


def serve(path, zarr_format=2, *, pattern=None):
    source = open_source(path, ReadOptions(pattern=pattern))
    content = find_reader(source).read_content(source)
    return open_tree(open_source(path, ReadOptions(pattern=pattern)), content, etag="e", zarr_format=zarr_format)


def get(tree, key):
    return asyncio.run(tree.get(key))


def open_group(tree, path, zarr_format=2):
    return zarr.open_group(TreeStore(tree), path=path, mode="r", zarr_format=zarr_format)


def read_attrs(tree, path, zarr_format=2):
    if zarr_format == 2:
        return json.loads(get(tree, f"{path}/.zattrs".lstrip("/")))
    return json.loads(get(tree, f"{path}/zarr.json".lstrip("/")))["attributes"]["ome"]


def read_levels(tree, zarr_format=2):
    attrs = read_attrs(tree, "mosaic", zarr_format)
    group = open_group(tree, "mosaic", zarr_format)
    return [group[dataset["path"]][...] for dataset in attrs["multiscales"][0]["datasets"]]


def build_mosaic(n_rows, n_columns, n_fields=4, *, skip=(), build=make_field, n_channels=1):
    """The mosaic of ``write_zarr_plate``, field by field."""
    whole = np.zeros((n_channels, n_rows * CELL - 8, n_columns * CELL - 8), np.uint16)
    for row, column, field in np.ndindex(n_rows, n_columns, n_fields):
        if (row, column, field) not in skip:
            y, x = (SIDE * at for at in locate(field, n_fields))
            pixels = build(row, column, field, (n_channels, SIDE, SIDE))
            whole[:, row * CELL + y :, column * CELL + x :][:, :SIDE, :SIDE] = pixels
    return whole


@pytest.mark.parametrize("n_levels", [1, 2, 3])
@pytest.mark.parametrize(("stored_format", "zarr_format"), [(2, 2), (3, 3), (2, 3), (3, 2)])
def test_a_stored_plate_has_a_mosaic_whose_levels_are_means(tmp_path, stored_format, zarr_format, n_levels):
    root = write_zarr_plate(tmp_path / "a.zarr", n_rows=2, n_columns=9, n_levels=n_levels, zarr_format=stored_format)
    levels = read_levels(serve(root, zarr_format), zarr_format)
    assert len(levels) == max(n_levels, 2)  # 1,216 pixels wide
    assert np.array_equal(levels[0], build_mosaic(2, 9))
    for finer, coarser in pairwise(levels):
        assert np.array_equal(coarser, halve(finer))


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_the_plate_is_served_field_by_field_as_it_is_stored(tmp_path, zarr_format):
    root = write_zarr_plate(tmp_path / "a.zarr", zarr_format=zarr_format)
    tree = serve(root, zarr_format)
    attrs = read_attrs(tree, "", zarr_format)
    assert [row["name"] for row in attrs["plate"]["rows"]] == ["A", "B"]
    assert [one["path"] for one in read_attrs(tree, "B/3", zarr_format)["well"]["images"]] == ["0", "1", "2", "3"]
    stored = zarr.open_group(root, mode="r", zarr_format=zarr_format)
    served = open_group(tree, "B/3/2", zarr_format)
    for level in ("0", "1"):
        assert np.array_equal(served[level][...], stored[f"B/3/2/{level}"][...])
    key = "B/3/2/0/0/0/0" if zarr_format == 2 else "B/3/2/0/c/0/0/0"
    assert get(tree, key) == (root / key).read_bytes()


def test_every_field_gets_the_channels_of_the_first(tmp_path):
    tree = serve(write_zarr_plate(tmp_path / "a.zarr"))
    first, other = (read_attrs(tree, path)["omero"]["channels"] for path in ("A/1/0", "B/3/2"))
    assert first == other
    low, high = np.percentile(halve(make_field(0, 0, 0)), [1, 99.8])  # measured on the coarsest level
    assert (first[0]["window"]["start"], first[0]["window"]["end"]) == pytest.approx((low, high))


def test_the_contrast_of_the_mosaic_is_that_of_fields_all_over_the_plate(tmp_path):
    root = write_zarr_plate(tmp_path / "a.zarr", n_rows=1, n_columns=4)
    (channel,) = read_attrs(serve(root), "mosaic")["omero"]["channels"]
    coarse = [halve(make_field(0, column, field)) for column in range(4) for field in range(4)]
    low, high = np.percentile(np.stack(coarse), [1, 99.8])
    assert (channel["window"]["start"], channel["window"]["end"]) == pytest.approx((low, high))


def test_a_window_that_metadata_state_is_kept(tmp_path):
    root = write_zarr_plate(tmp_path / "a.zarr")
    attrs = json.loads((root / "A/1/0/.zattrs").read_text())
    window = {"start": 10, "end": 4000, "min": 0, "max": 65535}
    attrs["omero"] = {"channels": [{"label": "DAPI", "color": "00FF00", "window": window}]}
    (root / "A/1/0/.zattrs").write_text(json.dumps(attrs))
    tree = serve(root)
    for path in ("mosaic", "B/2/0"):
        (channel,) = read_attrs(tree, path)["omero"]["channels"]
        assert channel["window"] == window
        assert channel["color"] == "00FF00"


def test_the_mosaic_is_an_image_with_the_size_of_pixels(tmp_path):
    attrs = read_attrs(serve(write_zarr_plate(tmp_path / "a.zarr")), "mosaic")
    (image,) = attrs["multiscales"]
    assert image["name"] == "screen"
    assert [(axis["name"], axis.get("unit")) for axis in image["axes"]] == [
        ("c", None), ("y", "micrometer"), ("x", "micrometer"),
    ]  # fmt: skip
    transforms = [dataset["coordinateTransformations"] for dataset in image["datasets"]]
    assert [one[0]["scale"] for one in transforms] == [[1.0, 0.5, 0.5], [1.0, 1.0, 1.0]]
    assert [one["translation"] for one in transforms[1] if one["type"] == "translation"] == [[0.0, 0.25, 0.25]]


def test_the_plate_does_not_claim_to_tell_all_that_is_in_it(tmp_path):
    for number in (2, 3):
        tree = serve(write_zarr_plate(tmp_path / f"{number}.zarr", zarr_format=number), number)
        group = open_group(tree, "", number)
        assert group["mosaic/0"].shape == (1, 264, 400)
        assert group["A/2/3/1"].shape == (1, 32, 32)
    assert get(tree, ".zmetadata") is None


def test_missing_wells_and_fields_are_holes(tmp_path):
    skip = {(0, 1, 2), *((1, 7, field) for field in range(4))}
    tree = serve(write_zarr_plate(tmp_path / "a.zarr", n_columns=9, skip=skip))
    whole = build_mosaic(2, 9, skip=skip)
    assert np.array_equal(read_levels(tree)[0], whole)
    assert whole[0, CELL + 64, 7 * CELL + 64] == 0


def test_a_chunk_without_fields_is_not_there(tmp_path):
    skip = {(0, column, field) for column in range(3, 12) for field in range(4)}  # pixels 408 to 1,632
    tree = serve(write_zarr_plate(tmp_path / "a.zarr", n_rows=1, n_columns=16, skip=skip))
    assert [get(tree, f"mosaic/0/0/0/{x}") is None for x in range(5)] == [False, True, True, False, False]
    assert get(tree, "mosaic/1/0/0/1") is not None


def make_large(row, column, field, shape_cyx):
    height, width = shape_cyx[1:]
    return make_field(row, column, field, (1 + field % 2, height + 5 * field, width - 7 * field))


def test_fields_of_unlike_sizes_and_channels_are_padded(tmp_path):
    tree = serve(write_zarr_plate(tmp_path / "a.zarr", n_rows=1, n_columns=1, n_levels=3, build=make_large))
    levels = read_levels(tree)
    cell = (80, 64)  # the largest is 79 x 64; both are multiples of four, the step of the coarsest level
    assert levels[0].shape == (2, 160, 128)
    for field in range(4):
        y, x = (at * side for at, side in zip(locate(field, 4), cell, strict=True))
        pixels = make_large(0, 0, field, (1, SIDE, SIDE))
        for number, level in enumerate(levels):
            own = np.zeros((2, *(-(-side // 2**number) for side in cell)), np.uint16)
            own[: len(pixels), : pixels.shape[1], : pixels.shape[2]] = pixels
            begin_y, begin_x = y >> number, x >> number
            assert np.array_equal(level[:, begin_y : begin_y + own.shape[1], begin_x : begin_x + own.shape[2]], own)
            pixels = halve(pixels)


def test_fields_of_unlike_types_and_levels_are_joined(tmp_path):
    root = write_zarr_plate(tmp_path / "a.zarr", n_rows=1, n_columns=1, n_levels=3, skip={(0, 0, 1), (0, 0, 2)})
    bright = np.full((1, SIDE, SIDE), 200, np.uint8)
    write_field(root / "A/1/1", bright, 3, 2, locate(1, 4))
    flat = make_field(0, 0, 2)
    write_field(root / "A/1/2", flat, 1, 2, locate(2, 4))
    levels = read_levels(serve(root))
    assert [level.dtype for level in levels] == [np.uint16] * 3
    assert (levels[0][0, :SIDE, SIDE:] == 200).all()
    assert np.array_equal(levels[2][:, 16:, 16:], halve(halve(flat)))


def test_a_damaged_field_is_black_and_told_and_hides_no_other(tmp_path, caplog):
    root = write_zarr_plate(tmp_path / "a.zarr", n_rows=1)
    (root / "A/2/1/0/0/0/0").write_bytes(b"no chunk")
    tree = serve(root)
    assert np.array_equal(read_levels(tree)[0], build_mosaic(1, 3, skip={(0, 1, 1)}))
    assert [record.getMessage().split(":")[0] for record in caplog.records] == [
        "the field A/2/1 is left out of the mosaic"
    ]


@pytest.mark.parametrize("gone", ["A/1", "A/1/0", "A/1/0/0"])
def test_a_plate_without_any_field_is_refused_in_words(tmp_path, gone):
    root = write_zarr_plate(tmp_path / "a.zarr", n_rows=1, n_columns=1, n_fields=2, n_levels=1, skip={(0, 0, 1)})
    source = open_source(root)
    content = find_reader(source).read_content(source)
    (first,) = content.elements
    content = replace(content, elements=(replace(first, path="A/1/7"),))  # of what was there before
    shutil.rmtree(root / gone)
    with pytest.raises(UnreadableError, match=r"None of the \d fields"):
        get(open_tree(open_source(root), content, etag="e"), "mosaic/.zattrs")


def test_what_is_no_plate_any_more_is_refused_in_words(tmp_path):
    root = write_zarr_plate(tmp_path / "a.zarr", n_rows=1, n_columns=1, n_fields=1)
    tree = serve(root)
    (root / ".zattrs").write_text("{}")
    with pytest.raises(UnreadableError, match="was a plate when it was described"):
        get(tree, "mosaic/0/0/0/0")


def test_flat_fields_that_are_too_many_are_refused_but_served_one_by_one(tmp_path, monkeypatch):
    monkeypatch.setattr(geometry, "MAX_MADE_PIXELS", 100_000)
    tree = serve(write_zarr_plate(tmp_path / "a.zarr", n_levels=1))
    with pytest.raises(UnsupportedError, match="105,600 pixels"):
        get(tree, "mosaic/.zattrs")
    assert get(tree, "A/1/0/.zattrs") is not None


def test_many_flat_fields_are_shrunk_one_by_one(tmp_path, monkeypatch):
    root = write_zarr_plate(tmp_path / "a.zarr", n_levels=1)
    monkeypatch.setattr(geometry, "MAX_FLAT_PIXELS", 8_000)
    levels = read_levels(serve(root))
    assert np.array_equal(levels[0], build_mosaic(2, 3))
    assert [level.shape[1:] for level in levels] == [(264, 400), (132, 200), (66, 100)]
    assert np.array_equal(levels[2], halve(halve(levels[0])))


@pytest.fixture
def counted(monkeypatch):
    """What is read: chunks of fields, and documents."""
    chunks, documents = [], []
    read_chunk, read_document = ChunkFiles.read, FolderTree.get

    def count_chunk(self, path, chunk):
        chunks.append(f"{path}/{self.get_key(chunk)}")
        return read_chunk(self, path, chunk)

    def count_document(self, key):
        documents.append(key)
        return read_document(self, key)

    monkeypatch.setattr(ChunkFiles, "read", count_chunk)
    monkeypatch.setattr(FolderTree, "get", count_document)
    return chunks, documents


def test_each_field_is_read_once_and_from_its_coarsest_level(tmp_path, counted):
    chunks, _ = counted
    root = write_zarr_plate(tmp_path / "a.zarr", n_rows=2, n_columns=18, n_levels=3)
    content = find_reader(open_source(root)).read_content(open_source(root))
    tree = open_tree(open_source(root), content, etag="e", cache=ChunkCache(tmp_path / "kept", 2**24))
    assert len(json.loads(get(tree, "mosaic/.zattrs"))["multiscales"][0]["datasets"]) == 3  # 2,440 pixels wide: 610
    chunks.clear()
    # the first chunk ends inside of the sixteenth column, whose fields both chunks show; they are decoded once
    assert get(tree, "mosaic/2/0/0/0") is not None
    assert get(tree, "mosaic/2/0/0/1") is not None
    assert len(chunks) == 2 * 18 * 4
    assert all(key.split("/")[3] == "2" for key in chunks)
    assert get(tree, "mosaic/2/0/0/0") is not None
    assert len(chunks) == 2 * 18 * 4


def test_one_well_is_described_and_the_others_are_compared_with_it(tmp_path, counted):
    root = write_zarr_plate(tmp_path / "a.zarr", n_rows=2, n_columns=3, n_levels=2, skip={(1, 2, 3)})
    source = open_source(root)
    content = find_reader(source).read_content(source)
    chunks, documents = counted
    tree = open_tree(open_source(root), content, etag="e")
    chunks.clear()
    documents.clear()
    get(tree, "mosaic/.zattrs")
    assert len(chunks) == 16  # for contrast, from the coarsest level
    assert all(key.split("/")[3] == "1" for key in chunks)
    described = {key.rpartition("/")[0] for key in documents if key.count("/") == 3 and key.endswith(".zattrs")}
    assert described == {"A/1/0", "A/1/1", "A/1/2", "A/1/3", "B/3/3"}  # the last is not there
    finest = [key for key in documents if key.endswith("/0/.zarray")]
    # four described, 20 compared with the first, which is read for that, and once more to see how its channels lie
    assert len(finest) == 4 + 20 + 1 + 1
    assert len([key for key in documents if key.endswith("/1/.zarray")]) == 4 + 16


def test_a_field_whose_coarser_level_is_unlike_is_made_from_its_finer_one(tmp_path):
    root = write_zarr_plate(tmp_path / "a.zarr", n_rows=1, n_columns=2)
    document = json.loads((root / "A/2/1/1/.zarray").read_text())
    (root / "A/2/1/1/.zarray").write_text(json.dumps({**document, "shape": [1, 30, 30]}))
    (root / "A/2/2/1/0/0/0").write_bytes(b"no chunk")
    levels = read_levels(serve(root))
    assert np.array_equal(levels[1], halve(levels[0]))


def test_a_plate_of_imagexpress_is_served_field_by_field_and_as_a_mosaic(tmp_path):
    root = write_imagexpress(tmp_path / "plate")  # two wells, two sites, two wavelengths, three planes of 24 x 40
    for zarr_format in (2, 3):
        tree = serve(root, zarr_format)
        attrs = read_attrs(tree, "", zarr_format)
        assert [well["path"] for well in attrs["plate"]["wells"]] == ["A/1", "B/2"]
        assert read_attrs(tree, "B/2", zarr_format)["well"]["images"][1] == {"path": "1", "acquisition": 0}
        field = open_group(tree, "B/2/1", zarr_format)["0"][...]
        planes = [[make_plane(ord("B"), 2, 2, wave, 1, z) for z in (1, 2, 3)] for wave in (1, 2)]
        assert np.array_equal(field, planes)
        (mosaic,) = read_levels(tree, zarr_format)
        assert mosaic.shape == (2, 3, 24 + 5 + 24, 80 + 5 + 80)
        assert np.array_equal(mosaic[:, :, 29:, 85 + 40 :], planes)
        assert not mosaic[:, :, :24, 85:].any()
        assert get(tree, "B/2/7/.zattrs" if zarr_format == 2 else "B/2/7/zarr.json") is None


def test_fields_of_operetta_lie_as_the_stage_was_moved(tmp_path):
    tree = serve(write_operetta(tmp_path / "plate"))  # the second field lies higher, by more than a field
    (mosaic,) = read_levels(tree)
    expected = [[[make_plane(2, 3, 2, c, t, z) for z in (1, 2)] for c in (1, 2)] for t in (0, 1)]
    assert mosaic.shape == (2, 2, 2, 2 * 48 + 5, 2 * 40 + 5)
    assert np.array_equal(mosaic[..., :24, :40], expected)


def test_a_plate_named_by_a_pattern_is_a_mosaic(tmp_path):
    for well in ("B02", "B03", "C03"):
        for field in (1, 2):
            tifffile.imwrite(tmp_path / f"{well}_{field}.tif", make_plane(ord(well[0]), int(well[1:]), field))
    (mosaic,) = read_levels(serve(tmp_path, pattern="{well}_{field}.tif"))
    assert np.array_equal(mosaic[0, 29:, 85 : 85 + 40], make_plane(ord("C"), 3, 1))
    assert not mosaic[0, 29:, :80].any()


def test_the_sample_of_imagexpress_is_a_mosaic_of_stacks_and_projections():
    path = samples.get("hcs-imagexpress-plate1334")
    levels = read_levels(serve(path))
    gap, block_gap = 64, 32
    well = 2 * 512 + block_gap + 2 * 512
    names = {site: sorted(path.rglob(f"ZStep_1/*_E08_s{site}_w[124][0-9A-F]*.tif")) for site in (1, 2)}
    assert levels[0].shape[-1] == 2 * well + gap
    assert all(size <= 1024 for size in levels[-1].shape[-2:])
    fields = [np.stack([tifffile.imread(one) for one in names[site]]) for site in (1, 2)]
    found = [
        np.array_equal(levels[0][:, y : y + 512, x : x + 512], fields[site])
        for site in (0, 1)
        for y in range(0, levels[0].shape[1] - 511, 512)
        for x in (well + gap, well + gap + 512)
    ]
    assert sum(found) == 2
    for finer, coarser in pairwise(levels):
        assert np.array_equal(coarser, halve(finer))


def test_a_plate_of_the_conformance_suite_without_chunks_is_a_mosaic_of_nothing():
    path = samples.SHARED / "conformance/bioimagetools-examples/valid/plate-01.zarr"
    levels = read_levels(serve(path))
    assert [level.shape for level in levels] == [(2125, 2125), (1063, 1063), (532, 532)]
    assert levels[0].dtype == np.float32
    assert not any(level.any() for level in levels)


@pytest.mark.parametrize(("min_bytes", "n_threads"), [(SIDE * SIDE * 2 + 1, 1), (SIDE * SIDE * 2, mosaic.N_THREADS)])
def test_only_large_fields_are_read_side_by_side(tmp_path, monkeypatch, min_bytes, n_threads):
    write_zarr_plate(tmp_path / "a.zarr", n_rows=2, n_columns=2)
    monkeypatch.setattr(mosaic, "MIN_BYTES_PER_FIELD", min_bytes)
    submitted, submit = [], ThreadPoolExecutor.submit

    def count(pool, function, *arguments):
        if pool._thread_name_prefix == "mosaic":
            submitted.append(function)
        return submit(pool, function, *arguments)

    monkeypatch.setattr(ThreadPoolExecutor, "submit", count)
    levels = read_levels(serve(tmp_path / "a.zarr"))
    assert (levels[0] == build_mosaic(2, 2)).all()
    assert len(submitted) == (0 if n_threads == 1 else n_threads)
