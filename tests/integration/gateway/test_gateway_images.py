"""Images as OME-Zarr, held against tifffile (pixels) and zarr-python (the served tree)."""

import asyncio
import json
from dataclasses import replace

import numpy as np
import pytest
import samples
import tifffile
import zarr
from numcodecs import Blosc
from zarr.core.buffer import default_buffer_prototype
from zarr.storage import MemoryStore

from vitrina.errors import UnreadableError, UnsupportedError
from vitrina.gateway.open import open_tree
from vitrina.model.content import Axis, Channel, Content, ImageElement, LabelsElement, Level
from vitrina.readers.pixels.tiff import TiffPixels
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source

TYPES = {"t": "time", "c": "channel", "z": "space", "y": "space", "x": "space"}


def make_content(axes, shape, dtype="uint16", *, is_labels=False):
    levels = (Level(path="0", shape=shape, chunk_shape=None, scale=(0.5,) * len(axes), translation=(0.0,) * len(axes)),)
    values = {"name": "a", "path": "", "dtype": dtype, "levels": levels}
    values["axes"] = tuple(Axis(name=a, type=TYPES[a], unit="pixel") for a in axes)
    n_channels = shape[axes.index("c")] if "c" in axes else 1
    channels = tuple(Channel(name=f"Channel {i}") for i in range(n_channels))
    element = LabelsElement(**values) if is_labels else ImageElement(**values, channels=channels)
    return Content(format="tiff", container="tiff", elements=(element,))


def open_served(tree):
    attrs = json.loads(asyncio.run(tree.get(".zattrs")))
    values = dict(tree._metadata)
    for path, array in tree._arrays.items():
        counts = [-(-size // chunk) for size, chunk in zip(array.shape, array.chunk_shape, strict=True)]
        for index in np.ndindex(*counts):
            key = f"{path}/{'/'.join(map(str, index))}"
            values[key] = asyncio.run(tree.get(key))
    buffer = default_buffer_prototype().buffer
    store = MemoryStore({key: buffer.from_bytes(value) for key, value in values.items()})
    group = zarr.open_group(store, mode="r", zarr_format=2)
    return attrs, [group[dataset["path"]][...] for dataset in attrs["multiscales"][0]["datasets"]]


def serve(path, content):
    return open_served(open_tree(open_source(path), content, etag="e"))


def test_a_stored_pyramid_is_served_level_by_level(tmp_path):
    rng = np.random.default_rng(0)
    levels = [rng.integers(0, 60000, (3, size, size + 40)).astype(np.uint16) for size in (700, 350)]
    with tifffile.TiffWriter(tmp_path / "a.ome.tif") as writer:
        options = {"tile": (128, 128), "photometric": "minisblack", "compression": "zlib"}
        writer.write(levels[0], subifds=1, metadata={"axes": "CYX"}, **options)
        writer.write(levels[1], subfiletype=1, **options)
    content = make_content("cyx", levels[0].shape)
    element = content.elements[0]
    coarser = replace(element.levels[0], path="1", shape=levels[1].shape)
    content = replace(content, elements=(replace(element, levels=(*element.levels, coarser)),))
    attrs, served = serve(tmp_path / "a.ome.tif", content)
    assert [(a == b).all() for a, b in zip(served, levels, strict=True)] == [True, True]
    scales = [dataset["coordinateTransformations"][0]["scale"] for dataset in attrs["multiscales"][0]["datasets"]]
    assert scales[1] == pytest.approx([0.5, 1.0, 740 / 390 * 0.5])
    assert all("unit" not in axis for axis in attrs["multiscales"][0]["axes"])


@pytest.mark.parametrize("is_tiled", [True, False])
def test_a_flat_image_gets_levels_of_means(tmp_path, is_tiled):
    plane = np.random.default_rng(0).integers(0, 255, (2100, 1300)).astype(np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", plane, tile=(256, 256) if is_tiled else None)
    attrs, served = serve(tmp_path / "a.tif", make_content("yx", plane.shape, "uint8"))
    assert [level.shape for level in served] == [(2100, 1300), (1050, 650), (525, 325)]
    assert (served[0] == plane).all()
    by_hand = (plane.reshape(1050, 2, 650, 2).astype(int).sum(axis=(1, 3)) + 2) // 4
    assert (served[1] == by_hand).all()
    scales = [dataset["coordinateTransformations"] for dataset in attrs["multiscales"][0]["datasets"]]
    assert [transform["scale"] for transform, *_ in scales] == [[0.5, 0.5], [1.0, 1.0], [2.0, 2.0]]
    assert [transform["translation"] for _, transform in scales[1:]] == [[0.25, 0.25], [0.75, 0.75]]


def test_samples_become_channels_and_dimensions_their_ngff_order(tmp_path):
    color = np.random.default_rng(0).integers(0, 255, (40, 50, 3)).astype(np.uint8)
    tifffile.imwrite(tmp_path / "rgb.tif", color, photometric="rgb")
    _, served = serve(tmp_path / "rgb.tif", make_content("yxc", color.shape, "uint8"))
    assert (served[0] == np.moveaxis(color, -1, 0)).all()
    stack = np.random.default_rng(0).integers(0, 999, (2, 3, 4, 20, 30)).astype(np.uint16)
    tifffile.imwrite(tmp_path / "stack.tif", stack, imagej=True, metadata={"axes": "TZCYX"})
    attrs, served = serve(tmp_path / "stack.tif", make_content("tzcyx", stack.shape))
    assert [axis["name"] for axis in attrs["multiscales"][0]["axes"]] == ["t", "c", "z", "y", "x"]
    assert (served[0] == stack.transpose(0, 2, 1, 3, 4)).all()


def test_samples_in_planes_of_their_own_are_channels(tmp_path):
    color = np.random.default_rng(5).integers(0, 255, (3, 60, 70), dtype=np.uint8)
    tifffile.imwrite(tmp_path / "rgb.tif", color, photometric="rgb", planarconfig="separate")
    _, served = serve(tmp_path / "rgb.tif", make_content("cyx", color.shape, "uint8"))
    assert (served[0] == color).all()


def test_labels_shrink_to_labels(tmp_path):
    labels = np.zeros((1200, 1200), np.uint32)
    labels[1::2] = 70_000
    tifffile.imwrite(tmp_path / "a.tif", labels)
    attrs, served = serve(tmp_path / "a.tif", make_content("yx", labels.shape, "uint32", is_labels=True))
    assert set(np.unique(served[1])) <= {0, 70_000}
    assert "image-label" in attrs


def test_types_without_a_texture_are_served_as_others(tmp_path):
    values = np.array([[-5, 2**40], [7, 8]], np.int64)
    tifffile.imwrite(tmp_path / "a.tif", values)
    _, served = serve(tmp_path / "a.tif", make_content("yx", values.shape, "int64"))
    assert served[0].dtype == np.int32
    assert served[0].tolist() == [[-5, 2**31 - 1], [7, 8]]


def test_a_damaged_file_is_unreadable(tmp_path):
    plane = np.random.default_rng(0).integers(0, 255, (900, 900)).astype(np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", plane, tile=(256, 256), compression="zlib")
    whole = (tmp_path / "a.tif").read_bytes()
    (tmp_path / "a.tif").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UnreadableError):
        serve(tmp_path / "a.tif", make_content("yx", plane.shape, "uint8"))


@pytest.mark.parametrize(
    "name",
    [
        "ome-tiff-pyramid/2048x2048_ome6_tiled.ome.tif",
        "svs-cmu1-he/CMU-1-Small-Region.svs",
        "ome-tiff-rgba16/output_ome.ome.tiff",
        "tiff-hela-3ch/hela-cells.tif",
        "tiff-bbbc022-3ch/IXMtest_A02_s9.tif",
        "tiff-mitosis-5d/xyzct-mitosis.tif",
        "tiff-migration-2dt/cancer_cell_migration_crop.tif",
        "tiff-golgi-labels-table/segmentation.tif",
    ],
)
def test_real_files_keep_their_pixels(name):
    source = open_source(samples.get(name))
    content = find_reader(source).read_content(source)
    _, served = open_served(open_tree(source, content, etag="e"))
    with tifffile.TiffFile(source.path, _multifile=False) as file:
        expected = file.series[0].asarray()
    assert served[0].size == expected.size
    assert served[0].astype(float).sum() == pytest.approx(expected.astype(float).sum())


@pytest.mark.parametrize("size", [(1031, 2047), (1, 1500), (1026, 1)])
def test_odd_sizes_keep_the_mean_of_what_is_there(tmp_path, size):
    plane = np.random.default_rng(2).integers(0, 60000, size).astype(np.uint16)
    tifffile.imwrite(tmp_path / "a.tif", plane)
    _, served = serve(tmp_path / "a.tif", make_content("yx", size))
    height, width = size
    padded = np.pad(plane, ((0, height % 2 if height > 1 else 0), (0, width % 2 if width > 1 else 0)), mode="edge")
    step_y, step_x = min(2, height), min(2, width)
    blocks = padded.reshape(padded.shape[0] // step_y, step_y, padded.shape[1] // step_x, step_x).astype(np.int64)
    assert (served[1] == (2 * blocks.sum(axis=(1, 3)) + step_y * step_x) // (2 * step_y * step_x)).all()


@pytest.fixture
def read(monkeypatch):
    """Where each window begins that is read of a TIFF file."""
    starts, read_into = [], TiffPixels.read_into

    def count(pixels, start, out):
        starts.append(start)
        read_into(pixels, start, out)

    monkeypatch.setattr(TiffPixels, "read_into", count)
    return starts


def test_each_part_of_a_level_is_read_once_for_all_coarser_ones(tmp_path, read):
    plane = np.zeros((4096, 4096), np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", plane, tile=(512, 512))
    tree = open_tree(open_source(tmp_path / "a.tif"), make_content("yx", plane.shape, "uint8"), etag="e")
    for key in ("2/0/0", "2/1/1", "1/3/3", "2/0/1", "2/1/0"):
        assert asyncio.run(tree.get(key)) is not None
    assert len(read) == len(set(read)) == 64


@pytest.mark.parametrize(("compression", "n_read_again"), [("zlib", 0), (None, 1)])
def test_what_was_decoded_for_coarser_levels_is_kept_and_what_lies_as_it_is_read_again(
    tmp_path, read, compression, n_read_again
):
    plane = np.arange(2048 * 2048, dtype=np.uint32).reshape(2048, 2048)
    tifffile.imwrite(tmp_path / "a.tif", plane, tile=(512, 512), compression=compression)
    tree = open_tree(open_source(tmp_path / "a.tif"), make_content("yx", plane.shape, "uint32"), etag="e")
    assert tree.read("1/0/0") is not None
    n_read = len(read)
    decoded = Blosc().decode(tree.read("0/1/1"))
    assert (np.frombuffer(decoded, np.uint32).reshape(512, 512) == plane[512:1024, 512:1024]).all()
    assert (n_read, len(read) - n_read) == (4, n_read_again)


def test_an_image_too_large_to_be_shrunk_while_one_waits_is_refused(tmp_path):
    content = make_content("yx", (20_000, 20_000), "uint8")
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((4, 4), np.uint8))
    with pytest.raises(UnsupportedError, match="vitrina convert"):
        open_tree(open_source(tmp_path / "a.tif"), content, etag="e")
