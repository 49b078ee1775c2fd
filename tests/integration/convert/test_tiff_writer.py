"""Written OME-TIFF, read back with tifffile and our own reader; expected pixels are those that were handed over."""

import random
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vitrina.convert.tiff.codecs import TileCodec
from vitrina.convert.tiff.image import TiffImage
from vitrina.convert.tiff.offsets import read_directory_offsets
from vitrina.convert.tiff.plan import plan_tiff
from vitrina.convert.tiff.writer import TiffWriter
from vitrina.model.content import Channel, ImageElement
from vitrina.pyramid.writer import Place
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source

LOSSLESS = ("none", "deflate", "lzw", "zstd")
DTYPES = ("uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64")


def make_levels(image, seed=0):
    """Pixels of each level; unlike a pyramid they have nothing in common, so that no level passes for another."""
    rng = np.random.default_rng(seed)
    if image.dtype.kind == "f":
        return [rng.normal(0, 1e3, shape).astype(image.dtype) for shape in image.level_shapes_tczyx]
    info = np.iinfo(image.dtype)
    return [rng.integers(info.min, info.max, shape, image.dtype, endpoint=True) for shape in image.level_shapes_tczyx]


def list_places(image):
    """All chunks of all levels in an order of its own, the same each time."""
    places = []
    for level, (n_times, n_channels, depth, *_) in enumerate(image.level_shapes_tczyx):
        rows, columns = image.get_grid_yx(level)
        channels = range(0, n_channels, image.n_joint_channels)
        for t, c, z, y, x in product(range(n_times), channels, range(depth), range(rows), range(columns)):
            places.append(Place(level=level, t=t, c=c, z=z, y=y, x=x))
    random.Random(0).shuffle(places)  # noqa: S311 any order will do
    return places


def cut_chunk(levels, place, image):
    """What the engine hands over: a whole tile, its edge repeated, and not contiguous."""
    (height, width), n_joint = image.tile_shape_yx, image.n_joint_channels
    y, x = place.y * height, place.x * width
    window = levels[place.level][place.t, place.c : place.c + n_joint, place.z, y : y + height, x : x + width]
    missing = ((0, 0), (0, height - window.shape[1]), (0, width - window.shape[2]))
    padded = np.pad(window, missing, mode="edge")
    return np.repeat(padded, 2, axis=2)[:, None, :, ::2]


def write_image(chunks, image, levels, *, n_threads=2, seed=0, stored=(), stop_after=None):
    """Play the engine: encode in threads, reserve in order, store in any order; the ledger of what was stored."""
    places = list_places(image)[:stop_after]
    known = {place: (offset, size_bytes) for place, offset, size_bytes in stored}
    ledger = []
    waiting = []
    with ThreadPoolExecutor(n_threads) as pool:
        cut = [cut_chunk(levels, place, image) for place in places]
        for parts in pool.map(chunks.encode, places, cut):
            for encoded in parts:
                if encoded.place in known:
                    chunks.restore(encoded.place, *known[encoded.place])
                    continue
                offset = chunks.reserve(encoded)
                waiting.append((encoded, offset))
                ledger.append((encoded.place, offset, len(encoded.data)))
        random.Random(seed).shuffle(waiting)  # noqa: S311 any order will do
        list(pool.map(lambda one: chunks.store(*one), waiting))
    return ledger


def write_file(path, images, *, is_big=None, n_threads=2, seed=0):
    writer = TiffWriter(path, plan_tiff(images, is_big=is_big))
    pixels = [make_levels(image, i) for i, image in enumerate(images)]
    for i, image in enumerate(images):
        chunks = writer.for_image(i)
        write_image(chunks, image, pixels[i], n_threads=n_threads, seed=seed)
        chunks.finish()
    return writer, pixels


def read_tczyx(path, series, level, image):
    """A level as tifffile reads it, in our order of axes."""
    with tifffile.TiffFile(path) as tiff:
        found = tiff.series[series].levels[level]
        pixels, axes = found.asarray(), found.axes
    n_times, n_channels, *shape_zyx = image.level_shapes_tczyx[level]
    order = [axes.index(axis) for axis in "TZYXCS" if axis in axes]
    return np.moveaxis(pixels.transpose(order).reshape(n_times, *shape_zyx, n_channels), -1, 1)


def halve(shape):
    return (*shape[:3], -(-shape[3] // 2), -(-shape[4] // 2))


def make_image(shape, dtype="uint16", n_levels=1, **more):
    shapes = [shape]
    while len(shapes) < n_levels:
        shapes.append(halve(shapes[-1]))
    return TiffImage(dtype=np.dtype(dtype), level_shapes_tczyx=tuple(shapes), **{"tile_shape_yx": (32, 32), **more})


@st.composite
def images(draw):
    sizes = st.integers(1, 3)
    sides = st.integers(1, 70)
    joint = draw(st.sampled_from([1, 3]))
    shape = (draw(sizes), joint * draw(sizes), draw(sizes), draw(sides), draw(sides))
    codec = TileCodec(name=draw(st.sampled_from(LOSSLESS)), predicts_floats=draw(st.booleans()))
    tile_shape_yx = draw(st.sampled_from([(16, 16), (32, 32), (16, 64), (96, 80)]))
    dtype = draw(st.sampled_from(DTYPES))
    is_color = draw(st.booleans()) if dtype == "uint8" and shape[1] % 3 == 0 else None
    return make_image(
        shape,
        dtype,
        draw(st.integers(1, 4)),
        n_joint_channels=joint,
        is_color=is_color,
        tile_shape_yx=tile_shape_yx,
        codec=codec,
    )


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(image=images(), is_big=st.booleans())
def test_tifffile_reads_what_was_written(tmp_path, image, is_big):
    path = tmp_path / "image.ome.tif"
    path.unlink(missing_ok=True)
    writer, (levels,) = write_file(path, [image], is_big=is_big)
    with tifffile.TiffFile(path) as tiff:
        assert tiff.is_ome
        assert tiff.is_bigtiff == is_big
        assert len(tiff.pages) == image.n_planes
        assert len(tiff.series) == 1
        assert len(tiff.series[0].levels) == len(levels)
        assert tuple(page.offset for page in tiff.pages) == writer.directory_offsets == read_directory_offsets(path)
    for level, pixels in enumerate(levels):
        np.testing.assert_array_equal(read_tczyx(path, 0, level, image), pixels)


CHANNELS = (
    Channel(name="DAPI", color_rgb=(0, 0, 255)),
    Channel(name="Å-SMA <µ> & co", color_rgb=(255, 128, 0)),
)
SIZES = {"t": (2.5, "minute"), "z": (1500.0, "nanometer"), "y": (0.5, "micrometer"), "x": (0.25, "micrometer")}


def test_our_reader_finds_axes_sizes_channels_and_levels(tmp_path):
    image = make_image((2, 2, 3, 100, 80), n_levels=2, name="Größe", pixel_sizes=SIZES, channels=CHANNELS)
    path = tmp_path / "image.ome.tif"
    write_file(path, [image])
    source = open_source(path)
    reader = find_reader(source)
    content = reader.read_content(source)
    assert (reader.format, content.findings) == ("ome-tiff", ())
    (element,) = content.elements
    assert isinstance(element, ImageElement)
    assert element.name == "Größe"
    assert [(axis.name, axis.unit) for axis in element.axes] == [
        ("t", "minute"), ("c", None), ("z", "nanometer"), ("y", "micrometer"), ("x", "micrometer"),
    ]  # fmt: skip
    assert [(level.shape, level.chunk_shape) for level in element.levels] == [
        ((2, 2, 3, 100, 80), (1, 1, 1, 32, 32)), ((2, 2, 3, 50, 40), (1, 1, 1, 32, 32)),
    ]  # fmt: skip
    assert [level.scale for level in element.levels] == [(2.5, 1, 1500, 0.5, 0.25), (2.5, 1, 1500, 1, 0.5)]
    assert [(channel.name, channel.color_rgb) for channel in element.channels] == [
        (channel.name, channel.color_rgb) for channel in CHANNELS
    ]
    with tifffile.TiffFile(path) as tiff:
        assert tiff.pages[0].resolution == (40_000, 20_000)  # pixels per centimeter of 0.25 and 0.5 µm
        assert tiff.pages[0].pages[0].resolution == (20_000, 10_000)
        assert tiff.pages[0].software == "Vitrina"


def test_several_images_lie_in_one_file(tmp_path):
    images = [
        make_image((1, 2, 3, 70, 50), n_levels=3, name="first"),
        make_image((2, 3, 1, 40, 90), "uint8", n_levels=2, n_joint_channels=3, name="colour", tile_shape_yx=(16, 64)),
        make_image((1, 1, 1, 1, 1), "float32", name="dot", codec=TileCodec(name="none")),
    ]
    path = tmp_path / "images.ome.tif"
    _, pixels = write_file(path, images)
    with tifffile.TiffFile(path) as tiff:
        assert [series.name for series in tiff.series] == ["first", "colour", "dot"]
    for i, image in enumerate(images):
        for level, expected in enumerate(pixels[i]):
            np.testing.assert_array_equal(read_tczyx(path, i, level, image), expected)
    source = open_source(path)
    content = find_reader(source).read_content(source)
    assert [element.name for element in content.elements] == ["first", "colour", "dot"]
    assert content.elements[1].is_rgb


@pytest.mark.parametrize("n_joint", [1, 3])
def test_jpeg_tiles_look_like_what_was_written(tmp_path, n_joint):
    codec = TileCodec(name="jpeg", level=95)
    image = make_image((1, n_joint, 1, 64, 64), "uint8", n_joint_channels=n_joint, codec=codec)
    ramp = np.broadcast_to(np.linspace(0, 255, 64), (1, n_joint, 1, 64, 64)).astype(np.uint8).copy()
    ramp[:, 0] = 255 - ramp[:, 0]  # red runs against green and blue
    path = tmp_path / "image.ome.tif"
    writer = TiffWriter(path, plan_tiff([image]))
    chunks = writer.for_image(0)
    write_image(chunks, image, [ramp])
    stored = np.empty((n_joint, 1, 32, 32), np.uint8)
    chunks.read_into(Place(level=0, t=0, c=0, z=0, y=1, x=1), stored)
    assert np.abs(stored.astype(int) - ramp[0, :, :, 32:, 32:]).max() <= 3
    chunks.finish()
    assert np.abs(read_tczyx(path, 0, 0, image).astype(int) - ramp).max() <= 3


@pytest.mark.parametrize("n_joint", [1, 3])
@pytest.mark.parametrize("codec", LOSSLESS)
def test_stored_tiles_are_read_back(tmp_path, codec, n_joint):
    for dtype in ("uint8", "uint16", "float32"):
        chosen = TileCodec(name=codec, predicts_floats=True)
        image = make_image((1, 3, 1, 40, 40), dtype, n_joint_channels=n_joint, codec=chosen)
        levels = make_levels(image)
        chunks = TiffWriter(tmp_path / f"{dtype}.ome.tif", plan_tiff([image])).for_image(0)
        write_image(chunks, image, levels)
        out = np.empty((n_joint, 1, 8, 32), dtype)
        chunks.read_into(Place(level=0, t=0, c=3 - n_joint, z=0, y=1, x=0), out)
        np.testing.assert_array_equal(out[:, 0], levels[0][0, 3 - n_joint :, 0, 32:, :32])
        chunks.abort()


def test_bytes_do_not_depend_on_threads(tmp_path):
    images = [
        make_image((2, 3, 1, 90, 70), "uint8", n_levels=3, n_joint_channels=3),
        make_image((1, 2, 2, 50, 50), n_levels=2, channels=CHANNELS),
    ]
    for n_threads in (1, 4):
        write_file(tmp_path / f"{n_threads}.ome.tif", images, n_threads=n_threads, seed=n_threads)
    assert (tmp_path / "1.ome.tif").read_bytes() == (tmp_path / "4.ome.tif").read_bytes()
