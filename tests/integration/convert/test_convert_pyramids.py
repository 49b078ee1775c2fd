"""Whole conversions of arrays to OME-Zarr, of all shapes, types and options, read back with zarr-python.

Expected levels are those of ``pyramids.make_levels``, which works on whole images; of filters, those of
``ResampledLevel`` over whole levels, whose own test holds it against Pillow and SciPy.
"""

import numpy as np
import pytest
import zarr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyramids import DTYPES, CountingSource, make_levels, make_pixels

from vitrina import compiled
from vitrina.convert.image import ConvertedImage
from vitrina.convert.levels import plan_image
from vitrina.convert.ome_zarr import OmeZarrOptions, write_ome_zarr
from vitrina.convert.options import PyramidOptions
from vitrina.convert.zarr.codecs import Codec
from vitrina.convert.zarr.shards import Shard
from vitrina.convert.zarr.writer import ZarrWriter
from vitrina.model.content import Axis
from vitrina.pyramid.downsample import warm_up
from vitrina.pyramid.journal import Journal
from vitrina.pyramid.plan import plan_levels
from vitrina.pyramid.resample import ResampledLevel
from vitrina.readers.pixels.array import ArrayPixels

FILTERS = ("gaussian", "linear", "cubic", "lanczos")
CODECS = (Codec(), Codec(name="none"), Codec(name="zstd"), Codec(name="gzip"), Codec(inner="lz4", shuffle="bitshuffle"))


def make_image(source, axes="tczyx", **more):
    return ConvertedImage(
        **{
            "name": "image",
            "sources": (source,),
            "axes": tuple(Axis(name=axis) for axis in axes),
            "pixel_size_tczyx": (1.0,) * 5,
            "origin_tczyx": (0.0,) * 5,
            **more,
        }
    )


def read_levels(root, n_levels):
    return [zarr.open_array(root / str(number), mode="r")[...] for number in range(n_levels)]


def list_tree(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@st.composite
def options(draw, methods=("mean", "nearest", "mode")):
    shrinks_z = draw(st.booleans())
    zarr_format = draw(st.sampled_from([2, 3]))
    method = draw(st.sampled_from(methods))
    return OmeZarrOptions(
        version="0.4" if zarr_format == 2 else "0.5",
        pyramid=PyramidOptions(
            n_levels=draw(st.integers(1, 5)),
            downsampling=method,
            shrinks_z=shrinks_z,
            chunk_zyx=draw(st.tuples(st.integers(1, 3), st.integers(5, 70), st.integers(5, 70))),
            n_threads=draw(st.integers(1, 4)),
            max_memory_bytes=None,
        ),
        codec=draw(st.sampled_from(CODECS)),
        shard_zyx=draw(st.none() | st.tuples(st.integers(1, 2), st.integers(1, 4), st.integers(1, 4))),
        separator=draw(st.sampled_from("/.")),
    )


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), chosen=options())
def test_all_levels_equal_those_of_the_whole_image(tmp_path_factory, data, chosen):
    root = tmp_path_factory.mktemp("zarr")
    n_joint = data.draw(st.sampled_from([1, 1, 3]))
    sides = (st.integers(1, min(130, 9 * size)) for size in chosen.pyramid.chunk_zyx[1:])  # 9 x 9 chunks in a plane
    sizes = st.tuples(st.integers(1, 2), st.sampled_from([n_joint, 2 * n_joint]), st.integers(1, 4), *sides)
    shape, method = data.draw(sizes), chosen.pyramid.downsampling
    dtype = data.draw(st.sampled_from(DTYPES))
    if method == "mode" or np.dtype(dtype).itemsize == 8:
        shape = (1, *shape[1:3], min(shape[3], 60), min(shape[4], 60))  # the definition takes its time
    pixels = make_pixels(shape, dtype, n_values=3 if method == "mode" and dtype != "bool" else None)
    source = CountingSource(pixels, n_joint_channels=n_joint)
    write_ome_zarr({"": make_image(source)}, root, chosen)
    expected = make_levels(
        pixels,
        len(plan_levels(shape, n_levels=chosen.pyramid.n_levels, shrinks_z=chosen.pyramid.shrinks_z)),
        method,
        shrinks_z=chosen.pyramid.shrinks_z,
    )
    for found, level in zip(read_levels(root, len(expected)), expected, strict=True):
        assert found.dtype == pixels.dtype
        np.testing.assert_array_equal(found, level)
    assert not (root / str(len(expected))).exists()
    assert (source.count_reads() == 1).all()


@pytest.mark.parametrize("axes", ["yx", "xy", "cyx", "yxc", "zyx", "tyx", "tczyx", "xyzct", "yxczt", "ctyx"])
def test_the_axes_of_the_source_may_come_in_any_order(tmp_path, axes):
    sizes = {"t": 2, "c": 3, "z": 4, "y": 70, "x": 50}
    array = make_pixels(tuple(sizes[axis] for axis in axes), "uint16")
    own = [axis for axis in "tczyx" if axis in axes]
    ordered = array.transpose([axes.index(axis) for axis in own])
    whole = ordered.reshape([sizes[axis] if axis in axes else 1 for axis in "tczyx"])
    chosen = OmeZarrOptions(pyramid=PyramidOptions(n_levels=3, chunk_zyx=(1, 32, 32), n_threads=2), shard_zyx=(1, 2, 2))
    write_ome_zarr({"": make_image(ArrayPixels(array, axes), own)}, tmp_path, chosen)
    for found, level in zip(read_levels(tmp_path, 3), make_levels(whole, 3, "mean"), strict=True):
        np.testing.assert_array_equal(found, level.reshape(found.shape))
        assert found.ndim == len(axes)


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), chosen=options(methods=FILTERS))
def test_filtered_levels_equal_those_of_whole_levels(tmp_path_factory, data, chosen):
    root = tmp_path_factory.mktemp("zarr")
    shape = (1, 2, *data.draw(st.tuples(st.integers(1, 4), st.integers(1, 130), st.integers(1, 130))))
    pixels = make_pixels(shape, data.draw(st.sampled_from(["uint8", "int16", "float32"])))
    source, pyramid = CountingSource(pixels), chosen.pyramid
    write_ome_zarr({"": make_image(source)}, root, chosen)
    assert (source.count_reads() == 1).all()
    levels = plan_levels(shape, n_levels=pyramid.n_levels, shrinks_z=pyramid.shrinks_z)
    expected = pixels
    for number, (level, found) in enumerate(zip(levels, read_levels(root, len(levels)), strict=True)):
        if number:
            resampled = ResampledLevel(CountingSource(expected), level, pyramid.downsampling)
            expected = np.empty(level.shape_tczyx, pixels.dtype)
            for c in range(shape[1]):
                resampled.read_into((0, c, 0, 0, 0), expected[0, c : c + 1])
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("method", ["mean", "mode"])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int32"])
def test_compiled_loops_make_the_same_tree_as_numpy(tmp_path, dtype, method, monkeypatch):
    pixels = make_pixels((1, 1, 2, 300, 270), dtype, n_values=3 if method == "mode" else None)
    pyramid = PyramidOptions(chunk_zyx=(1, 16, 16), min_size_px=20, downsampling=method, n_threads=2)
    plan = plan_image(make_image(CountingSource(pixels)), pyramid)
    for factor in {level.factor_zyx for level in plan.levels[1:]}:
        warm_up(method, factor, pixels.dtype).join()
    used, run = [], compiled.run
    monkeypatch.setattr(compiled, "run", lambda *given: used.append(run(*given)) or used[-1])
    write_ome_zarr({"": make_image(CountingSource(pixels))}, tmp_path / "compiled", OmeZarrOptions(pyramid=pyramid))
    assert set(used) == {True}
    monkeypatch.setattr(compiled, "run", lambda *_: False)
    write_ome_zarr({"": make_image(CountingSource(pixels))}, tmp_path / "numpy", OmeZarrOptions(pyramid=pyramid))
    assert list_tree(tmp_path / "compiled") == list_tree(tmp_path / "numpy")


@pytest.mark.parametrize("version", ["0.4", "0.5"])
@pytest.mark.parametrize("method", ["mean", "lanczos"])
def test_bytes_depend_neither_on_threads_nor_on_the_run(tmp_path, version, method):
    pixels = make_pixels((2, 3, 2, 150, 130), "uint16")
    trees = []
    for run, n_threads in enumerate((1, 4, 4, 3)):
        pyramid = PyramidOptions(chunk_zyx=(1, 16, 32), n_levels=4, n_threads=n_threads, downsampling=method)
        chosen = OmeZarrOptions(version=version, pyramid=pyramid, shard_zyx=(1, 3, 2))
        write_ome_zarr({"": make_image(CountingSource(pixels))}, tmp_path / str(run), chosen)
        trees.append(list_tree(tmp_path / str(run)))
    assert trees[1:] == trees[:1] * 3


def count_shards(pixels_shape, chosen):
    total = 0
    plan = plan_image(make_image(CountingSource(np.zeros(pixels_shape, np.uint8))), chosen.pyramid)
    for level in plan.levels:
        chunks = [-(-n // by) for n, by in zip(level.shape_tczyx[2:], plan.chunk_zyx, strict=True)]
        shards = [-(-n // min(by, n)) for n, by in zip(chunks, chosen.shard_zyx, strict=True)]
        total += pixels_shape[0] * pixels_shape[1] * int(np.prod(shards))
    return total


def test_each_chunk_is_encoded_once_and_each_shard_opened_once(tmp_path, monkeypatch):
    shape = (1, 2, 3, 130, 150)
    pyramid = PyramidOptions(chunk_zyx=(1, 16, 16), n_levels=4, n_threads=3)
    chosen = OmeZarrOptions(pyramid=pyramid, shard_zyx=(2, 3, 3))
    encoded, opened = [], []
    encode, open_ = ZarrWriter.encode, Shard.__init__

    def count_encode(self, place, pixels_czyx):
        encoded.append(place)
        return encode(self, place, pixels_czyx)

    def count_open(self, path, *arguments):
        opened.append(path)
        open_(self, path, *arguments)

    monkeypatch.setattr(ZarrWriter, "encode", count_encode)
    monkeypatch.setattr(Shard, "__init__", count_open)
    write_ome_zarr({"": make_image(CountingSource(make_pixels(shape, "uint8")))}, tmp_path, chosen)
    assert len(opened) == len(set(opened)) == count_shards(shape, chosen)
    # by hand: 9 x 10, 5 x 5, 3 x 3 and 2 x 2 chunks of each of 6 planes
    assert len(encoded) == len(set(encoded)) == 6 * (90 + 25 + 9 + 4)


def run(folder, pixels, chosen, *, fails_at=None):
    """Convert with journals, as far as the source goes; how many windows were read."""
    source, journals = CountingSource(pixels, fails_at=fails_at), []

    def open_journal(name):
        journals.append(Journal(folder / f"journal-{name}"))
        return journals[-1]

    try:
        write_ome_zarr({"": make_image(source)}, folder / "out", chosen, open_journal=open_journal)
    finally:
        for journal in journals:
            journal.close()
    return len(source.windows)


def choose(version, method="mean"):
    """So little memory that a block is one chunk."""
    pyramid = PyramidOptions(chunk_zyx=(1, 16, 16), n_levels=3, n_threads=1, downsampling=method, max_memory_bytes=1280)
    return OmeZarrOptions(version=version, pyramid=pyramid, shard_zyx=(1, 2, 2))


@pytest.mark.parametrize("version", ["0.4", "0.5"])
@pytest.mark.parametrize("method", ["mean", "cubic"])
def test_stopped_after_any_number_of_windows_it_goes_on_to_the_same_bytes(tmp_path, version, method):
    pixels = make_pixels((1, 2, 1, 75, 90), "uint8")
    pixels[0, 1, 0, :40] = 0  # chunks that are left out of shards
    chosen = choose(version, method)
    (tmp_path / "whole").mkdir()
    n_windows = run(tmp_path / "whole", pixels, chosen)
    expected = list_tree(tmp_path / "whole" / "out")
    assert n_windows == 2 * 5 * 6, "blocks of one chunk"
    n_reads = []
    for stop in range(n_windows):
        folder = tmp_path / str(stop)
        folder.mkdir()
        with pytest.raises(RuntimeError, match="ends here"):
            run(folder, pixels, chosen, fails_at=stop)
        n_reads.append(run(folder, pixels, chosen))
        assert list_tree(folder / "out") == expected
    assert n_reads == [n_windows - stop for stop in range(n_windows)], "no window is read a second time"


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_what_was_damaged_since_is_made_again(tmp_path, version):
    """A power failure may lose what the journal says was stored: each file in turn is cut, damaged, or gone."""
    pixels, chosen = make_pixels((1, 1, 1, 75, 90), "uint8"), choose(version)
    (tmp_path / "whole").mkdir()
    run(tmp_path / "whole", pixels, chosen)
    expected = list_tree(tmp_path / "whole" / "out")
    n_damaged = 0
    for number, name in enumerate(sorted(expected)):
        if "z" in name.rpartition("/")[2]:  # metadata documents are written anew each time
            continue
        for damage in ("cut", "flip", "gone"):
            folder = tmp_path / f"{number}-{damage}"
            folder.mkdir()
            with pytest.raises(RuntimeError, match="ends here"):
                run(folder, pixels, chosen, fails_at=25)
            path = folder / "out" / name
            if not path.exists():
                continue
            n_damaged += 1
            data = bytearray(path.read_bytes())
            data[len(data) // 3] ^= 8
            if damage == "gone":
                path.unlink()
            else:
                path.write_bytes(data if damage == "flip" else data[: len(data) // 2])
            run(folder, pixels, chosen)
            assert list_tree(folder / "out") == expected
    assert n_damaged >= 3 * 10
