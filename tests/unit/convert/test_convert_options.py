"""What can be chosen, and what is refused. Expected values by hand."""

from pathlib import Path

import click
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyramids import CountingSource

from vitrina.cli.convert_formats import OPTIONS, build_options
from vitrina.cli.convert_options import parse_size_bytes, parse_zyx
from vitrina.convert.image import ConvertedImage
from vitrina.convert.levels import plan_image, shift_progress
from vitrina.convert.ome_tiff import OmeTiffOptions, get_offsets_path
from vitrina.convert.ome_zarr import OmeZarrOptions, plan_arrays
from vitrina.convert.options import PyramidOptions
from vitrina.convert.tiff.codecs import TileCodec
from vitrina.convert.zarr.codecs import Codec
from vitrina.errors import InputError, UnsupportedError
from vitrina.model.content import Axis
from vitrina.verbs.convert import find_format

CHOSEN = click.Command("convert", params=OPTIONS).make_context("convert", []).params
"""What no option gives."""


@given(
    z=st.integers(1, 9999), y=st.integers(1, 9999), x=st.integers(1, 9999), by=st.sampled_from([",", "x", " ", ", "])
)
def test_sizes_are_two_or_three_numbers(z, y, x, by):
    assert parse_zyx(by.join([str(y), str(x)])) == (1, y, x)
    assert parse_zyx(f" {by.join([str(z), str(y), str(x)])} ") == (z, y, x)


@pytest.mark.parametrize("text", ["", "5", "1,2,3,4", "a,b", "-1,2", "1.5,2", "0,8", "8,0", "1,,", ",1,2", "8;8"])
def test_other_sizes_are_refused(text):
    with pytest.raises(InputError) as caught:
        parse_zyx(text)
    assert caught.value.code == "size-malformed"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1000000", 1_000_000), ("1K", 1024), ("500M", 524_288_000), ("2G", 2_147_483_648), ("1.5g", 1_610_612_736),
        (" 2 GiB ", 2_147_483_648), ("3MB", 3_145_728), ("7b", 7), ("0", 0),
    ],
)  # fmt: skip
def test_sizes_in_bytes(text, expected):
    assert parse_size_bytes(text) == expected


@pytest.mark.parametrize("text", ["", "much", "-5M", "5T", "1e9", "M", "1.M", "5 M B"])
def test_other_sizes_in_bytes_are_refused(text):
    with pytest.raises(InputError) as caught:
        parse_size_bytes(text)
    assert caught.value.code == "size-malformed"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.zarr", "ome-zarr"), ("a.ome.zarr", "ome-zarr"), ("A.OME.ZARR", "ome-zarr"), ("a.tif", "ome-tiff"),
        ("a.ome.tif", "ome-tiff"), ("a.ome.TIFF", "ome-tiff"),
    ],
)  # fmt: skip
def test_the_name_says_the_format(name, expected):
    assert find_format(Path("folder.tif") / name) == expected


@pytest.mark.parametrize("name", ["a", "a.h5ad", "a.zarr.zip", "zarr", "a.tif.gz", "a.btf"])
def test_other_names_say_none(name):
    with pytest.raises(InputError) as caught:
        find_format(Path("folder.zarr") / name)
    assert caught.value.code == "format-unclear"
    assert "--format" in caught.value.hint


@pytest.mark.parametrize("method", ["mean", "gaussian", "linear", "cubic", "lanczos"])
def test_labels_are_never_blended(method):
    with pytest.raises(InputError) as caught:
        PyramidOptions(label_downsampling=method)
    assert caught.value.code == "labels-blended"


@pytest.mark.parametrize(
    "settings",
    [{"chunk_zyx": (1, 0, 8)}, {"chunk_zyx": (0, 8, 8)}, {"min_size_px": 0}, {"n_levels": -1}, {"n_threads": -2}],
)
def test_numbers_are_positive(settings):
    with pytest.raises(InputError) as caught:
        PyramidOptions(**settings)
    assert caught.value.code == "options-not-positive"


def test_labels_and_images_have_methods_of_their_own():
    options = PyramidOptions(downsampling="cubic", label_downsampling="mode")
    assert options.choose_method(is_labels=False) == "cubic"
    assert options.choose_method(is_labels=True) == "mode"
    assert PyramidOptions(n_threads=3).choose_n_threads() == 3
    assert PyramidOptions().choose_n_threads() >= 1


def test_a_tile_is_one_plane_deep():
    with pytest.raises(InputError) as caught:
        OmeTiffOptions(pyramid=PyramidOptions(chunk_zyx=(2, 64, 64)))
    assert caught.value.code == "tile-too-deep"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.ome.tif", "a.offsets.json"),
        ("a.ome.tiff", "a.offsets.json"),
        ("a.tif", "a.offsets.json"),
        ("a.b", "a.b.offsets.json"),
    ],
)
def test_offsets_lie_beside_the_file(name, expected):
    """Source: the README of generate-tiff-offsets, which makes ``a.offsets.json`` of ``a.ome.tif``."""
    assert get_offsets_path(Path("/x") / name) == Path("/x") / expected


def test_command_line_without_options_is_the_default_of_each_format():
    assert build_options(Path("a.ome.zarr"), **CHOSEN) == OmeZarrOptions()
    assert build_options(Path("a.ome.tif"), **CHOSEN) == OmeTiffOptions()
    assert build_options(Path("a"), **CHOSEN | {"format": "ome-tiff"}) == OmeTiffOptions()


def test_every_option_of_the_command_line_arrives():
    chosen = CHOSEN | {
        "version": "0.4", "n_levels": 3, "min_size_px": 100, "downsampling": "lanczos", "label_downsampling": "mode",
        "shrinks_z": True, "uses_levels": True, "n_threads": 5, "chunk": "2,64,32", "memory": "1M", "shard": "none",
        "codec": "zstd", "level": 7,
    }  # fmt: skip
    pyramid = PyramidOptions(
        n_levels=3,
        min_size_px=100,
        downsampling="lanczos",
        label_downsampling="mode",
        shrinks_z=True,
        uses_levels=True,
        chunk_zyx=(2, 64, 32),
        n_threads=5,
        max_memory_bytes=2**20,
    )
    codec = Codec(name="zstd", level=7)
    assert build_options(Path("a.zarr"), **chosen) == OmeZarrOptions(
        version="0.4", pyramid=pyramid, codec=codec, label_codec=codec, shard_zyx=None
    )
    blosc = build_options(Path("a.zarr"), **CHOSEN | {"inner": "lz4", "shuffle": "bitshuffle", "shard": "2,4,4"})
    assert (blosc.codec, blosc.shard_zyx) == (Codec(inner="lz4", shuffle="bitshuffle"), (2, 4, 4))
    assert build_options(Path("a.zarr"), **CHOSEN | {"profile": "fast"}).codec == Codec(inner="lz4", level=5)
    assert build_options(Path("a.zarr"), **CHOSEN | {"profile": "small"}).codec == Codec(level=3)
    tiff = CHOSEN | {"codec": "jpeg", "level": 90, "is_big": True, "omits_offsets": True, "chunk": "256,256"}
    assert build_options(Path("a.tif"), **tiff) == OmeTiffOptions(
        pyramid=PyramidOptions(chunk_zyx=(1, 256, 256)),
        codec=TileCodec(name="jpeg", level=90),
        is_big=True,
        has_offsets=False,
    )


@pytest.mark.parametrize(
    ("name", "option"),
    [
        ("a.zarr", {"codec": "deflate"}), ("a.zarr", {"codec": "lzw"}), ("a.zarr", {"codec": "jpeg"}),
        ("a.zarr", {"is_big": True}), ("a.zarr", {"omits_offsets": True}), ("a.tif", {"codec": "blosc"}),
        ("a.tif", {"codec": "gzip"}), ("a.tif", {"shard": "2,2"}), ("a.tif", {"shuffle": "shuffle"}),
        ("a.tif", {"inner": "zstd"}),
    ],
)  # fmt: skip
def test_what_only_the_other_format_has_is_refused(name, option):
    with pytest.raises(InputError) as caught:
        build_options(Path(name), **CHOSEN | option)
    assert caught.value.code == "option-of-other-format"


def make_image(shape=(1, 1, 1, 3000, 4000), dtype="uint16", **more):
    pixels = np.broadcast_to(np.zeros((), dtype), shape)
    return ConvertedImage(
        **{
            "name": "image",
            "sources": (CountingSource(pixels, chunk_zyx=(1, 256, 256)),),
            "axes": tuple(Axis(name=axis) for axis in "tczyx"),
            "pixel_size_tczyx": (1.0,) * 5,
            "origin_tczyx": (0.0,) * 5,
            **more,
        }
    )


def test_memory_by_hand():
    """A block of 1024 x 1024 x 2 bytes. Three threads leave one per level of five unfinished; of the encoded, two per
    thread may wait, and the two threads that do not lag finish one per level more.
    """
    plan = plan_image(make_image(), PyramidOptions(n_threads=3))
    assert (plan.passes[0].block_zyx, plan.n_threads) == ((1, 1024, 1024), 3)
    assert plan.memory_bytes == 2 * 1024**2 * (3 * 5 + 2 * 3 + 2 * 5)


@given(limit=st.integers(2**19, 2**26), n_threads=st.integers(1, 8))
def test_less_memory_takes_fewer_threads_then_smaller_blocks_and_is_kept_to(limit, n_threads):
    image = make_image()
    free = plan_image(image, PyramidOptions(n_threads=n_threads))
    smallest = 512 * 512 * 2 * (2 + 5)
    options = PyramidOptions(n_threads=n_threads, max_memory_bytes=limit)
    if limit < smallest:
        with pytest.raises(InputError) as caught:
            plan_image(image, options)
        assert caught.value.code == "memory-too-small"
        assert f"{smallest:,}" in caught.value.message
        return
    plan = plan_image(image, options)
    assert plan.memory_bytes <= limit
    assert 1 <= plan.n_threads <= n_threads
    assert (plan == free) == (free.memory_bytes <= limit)
    assert plan.chunk_zyx == free.chunk_zyx


def test_filters_and_stored_levels_take_one_pass_per_level():
    for method in ("gaussian", "linear", "cubic", "lanczos"):
        plan = plan_image(make_image(), PyramidOptions(downsampling=method))
        assert [(len(one.levels), one.first_level) for one in plan.passes] == [(1, number) for number in range(5)]
    assert len(plan_image(make_image(), PyramidOptions()).passes) == 1
    assert len(plan_image(make_image(is_labels=True), PyramidOptions(downsampling="cubic")).passes) == 1
    sources = make_image().sources + make_image((1, 1, 1, 1000, 1333)).sources
    kept = plan_image(make_image(sources=sources), PyramidOptions(uses_levels=True))
    assert [level.shape_tczyx for level in kept.levels] == [(1, 1, 1, 3000, 4000), (1, 1, 1, 1000, 1333)]
    assert len(kept.passes) == 2


def test_shards_are_cut_to_small_levels():
    image = make_image((1, 1, 5, 700, 1200))
    options = OmeZarrOptions(pyramid=PyramidOptions(chunk_zyx=(1, 128, 128)), shard_zyx=(2, 4, 4))
    arrays = plan_arrays("", image, plan_image(image, options.pyramid), options)
    assert [array.path for array in arrays] == ["0", "1", "2", "3"]
    assert [array.shard_tczyx for array in arrays] == [
        (1, 1, 2, 4, 4),
        (1, 1, 2, 3, 4),
        (1, 1, 2, 2, 3),
        (1, 1, 2, 1, 2),
    ]


def test_pixels_that_zarr_does_not_have_are_refused():
    image = make_image(dtype="datetime64[s]")
    with pytest.raises(UnsupportedError) as caught:
        plan_arrays("", image, plan_image(image, PyramidOptions()), OmeZarrOptions())
    assert caught.value.code == "zarr-dtype"


def test_progress_of_a_part_is_told_as_a_part_of_all():
    told = []
    shift_progress(lambda *progress: told.append(progress), 10, 30)(4, 5)
    assert told == [(14, 30)]
    assert shift_progress(None, 0, 1) is None


@pytest.mark.parametrize("axes", ["yx", "czyx", "tczyx"])
def test_levels_lie_where_their_pixels_do(axes):
    """A pixel of level 2 covers four: 4 times as large, and its centre lies 1.5 pixels further."""
    image = make_image(
        (1, 1, 1, 1000, 999),
        axes=tuple(Axis(name=axis) for axis in axes),
        pixel_size_tczyx=(2.0, 1.0, 3.0, 0.5, 0.25),
        origin_tczyx=(0.0, 0.0, 9.0, 10.0, 20.0),
    )
    plan = plan_image(image, PyramidOptions())
    element = image.describe("a", plan.levels, (1, 1, 1, 512, 512))
    assert [level.path for level in element.levels] == ["a/0", "a/1", "a/2"]
    assert element.levels[2].scale[-2:] == (2.0, 1.0)
    assert element.levels[2].translation[-2:] == (10 + 0.75, 20 + 0.375)
    assert [len(level.shape) for level in element.levels] == [len(axes)] * 3
    if "z" in axes:
        assert [level.scale[-3] for level in element.levels] == [3.0] * 3
        assert [level.translation[-3] for level in element.levels] == [9.0] * 3
