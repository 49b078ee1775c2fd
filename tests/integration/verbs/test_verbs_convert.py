"""The verb: what it plans, writes, reports and goes on with. Pixels are read back with zarr-python and tifffile."""

import json

import anndata
import numpy as np
import pytest
import samples
import tifffile
import zarr
from pyramids import make_levels, make_pixels

from vitrina.convert.anndata.options import AnnDataOptions
from vitrina.convert.ome_tiff import OmeTiffOptions
from vitrina.convert.ome_zarr import OmeZarrOptions
from vitrina.convert.options import PyramidOptions
from vitrina.convert.tiff.codecs import TileCodec
from vitrina.convert.zarr.writer import ZarrWriter
from vitrina.errors import ConflictError, DataError, InputError, NotFoundError, UnreadableError, UnsupportedError
from vitrina.verbs.convert import convert
from vitrina.verbs.convert_artifact import is_web_ready
from vitrina.verbs.init import init

SHAPE = (1, 2, 3, 150, 130)
SMALL = PyramidOptions(chunk_zyx=(1, 32, 32), min_size_px=64, n_threads=2)
ZARR = OmeZarrOptions(pyramid=SMALL, shard_zyx=(1, 2, 2))
TIFF = OmeTiffOptions(pyramid=SMALL)


def write_tiff(path, *arrays, **metadata):
    with tifffile.TiffWriter(path, ome=True) as file:
        for array in arrays:
            file.write(array[0], tile=(48, 64), compression="zlib", metadata={"axes": "CZYX", **metadata})
    return path


@pytest.fixture
def source(tmp_path):
    return write_tiff(tmp_path / "source.ome.tif", make_pixels(SHAPE, "uint16"))


def list_tree(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_it_reports_what_it_made(source, tmp_path):
    done = convert(source, tmp_path / "out.ome.zarr", ZARR)
    (image,) = done.images
    assert (image.axes, image.dtype, image.chunk_shape) == ("czyx", "uint16", (1, 1, 32, 32))
    assert image.shapes == ((2, 3, 150, 130), (2, 3, 75, 65), (2, 3, 38, 33))
    assert done.pixel_bytes == 2 * 6 * (150 * 130 + 75 * 65 + 38 * 33)
    assert done.size_bytes == sum(map(len, list_tree(tmp_path / "out.ome.zarr").values()))
    assert (done.format, done.n_threads, done.is_resumed) == ("ome-zarr", 2, False)
    assert [finding.code for finding in done.findings] == ["pixel-size-missing"]
    assert done.target == tmp_path / "out.ome.zarr"


@pytest.mark.parametrize(("name", "options"), [("out.ome.zarr", ZARR), ("out.ome.tif", TIFF)])
def test_a_dry_run_plans_the_same_and_writes_nothing(source, tmp_path, name, options):
    before = set(tmp_path.iterdir())
    planned = convert(source, tmp_path / "absent" / name, options, is_dry_run=True)
    assert set(tmp_path.iterdir()) == before
    done = convert(source, tmp_path / "absent" / name, options)
    assert planned.size_bytes is None
    assert planned.images == done.images
    assert (planned.pixel_bytes, planned.memory_bytes) == (done.pixel_bytes, done.memory_bytes)


@pytest.mark.parametrize(("name", "options"), [("out.ome.zarr", ZARR), ("out.ome.tif", TIFF)])
def test_what_is_verified_is_read_twice_and_made_once(source, tmp_path, name, options):
    told = []
    done = convert(source, tmp_path / name, options, verifies=True, progress=lambda *now: told.append(now))
    blocks = {n_all for _, n_all in told}
    assert len(blocks) == 1
    assert max(told) == (blocks.pop(),) * 2
    assert len(told) == max(told)[0]
    assert done.size_bytes > 0


def test_what_differs_when_it_is_read_back_never_appears(source, tmp_path, monkeypatch):
    encode = ZarrWriter.encode

    def encode_wrongly(self, place, pixels_czyx):
        wrong = pixels_czyx.copy()
        if (place.level, place.c, place.z, place.y, place.x) == (1, 1, 2, 1, 1):
            wrong[0, 0, 3, 4] ^= 1
        return encode(self, place, wrong)

    monkeypatch.setattr(ZarrWriter, "encode", encode_wrongly)
    with pytest.raises(DataError) as caught:
        convert(source, tmp_path / "out.ome.zarr", ZARR, verifies=True)
    assert caught.value.code == "verify-failed"
    assert "Level 1" in caught.value.message
    assert "channel 1, chunk 2, 1, 1" in caught.value.message
    assert not (tmp_path / "out.ome.zarr").exists()


def test_what_loses_details_is_not_verified(tmp_path):
    source = write_tiff(tmp_path / "source.ome.tif", make_pixels((1, 1, 1, 64, 64), "uint8"))
    options = OmeTiffOptions(pyramid=SMALL, codec=TileCodec(name="jpeg"))
    with pytest.raises(InputError) as caught:
        convert(source, tmp_path / "out.ome.tif", options, verifies=True)
    assert caught.value.code == "verify-lossy"


@pytest.mark.parametrize(("name", "options"), [("out.ome.zarr", ZARR), ("out.ome.tif", TIFF)])
def test_a_result_that_is_there_is_replaced_only_when_asked(source, tmp_path, name, options):
    target = tmp_path / name
    convert(source, target, options)
    with pytest.raises(ConflictError) as caught:
        convert(source, target, options)
    assert caught.value.code == "target-exists"
    write_tiff(source, make_pixels((1, 1, 1, 70, 70), "uint16"))
    convert(source, target, options, overwrites=True)
    read = zarr.open_array(target / "0", mode="r")[...] if target.is_dir() else tifffile.imread(target)
    np.testing.assert_array_equal(np.squeeze(read), make_pixels((1, 1, 1, 70, 70), "uint16")[0, 0, 0])
    others = ["out.offsets.json"] if name.endswith("tif") else []
    assert sorted(entry.name for entry in tmp_path.iterdir()) == sorted([*others, name, "source.ome.tif"])


def stop_after(monkeypatch, n_chunks):
    """Have the writer fail after so many chunks of the finest level."""
    encode, done = ZarrWriter.encode, []

    def encode_some(self, place, pixels_czyx):
        done.append(place)
        if len(done) > n_chunks:
            raise OSError("the disk is full")
        return encode(self, place, pixels_czyx)

    monkeypatch.setattr(ZarrWriter, "encode", encode_some)


def interrupt(source, target, options, **more):
    with pytest.MonkeyPatch.context() as patch:
        stop_after(patch, 20)
        with pytest.raises(OSError, match="full"):
            convert(source, target, options, **more)


def test_an_interrupted_conversion_goes_on(source, tmp_path):
    target = tmp_path / "out.ome.zarr"
    interrupt(source, target, ZARR)
    assert not target.exists()
    assert convert(source, target, ZARR).is_resumed
    convert(source, tmp_path / "whole.ome.zarr", ZARR)
    assert list_tree(target) == list_tree(tmp_path / "whole.ome.zarr")


def test_another_number_of_threads_goes_on_too(source, tmp_path):
    target = tmp_path / "out.ome.zarr"
    interrupt(source, target, ZARR)
    other = OmeZarrOptions(
        pyramid=PyramidOptions(chunk_zyx=(1, 32, 32), min_size_px=64, n_threads=4), shard_zyx=(1, 2, 2)
    )
    assert convert(source, target, other).is_resumed


@pytest.mark.parametrize(
    "change",
    ["series", "ome-xml", "level", "source"],
)
def test_another_conversion_starts_anew(tmp_path, change):
    pixels = [make_pixels(SHAPE, "uint16", seed) for seed in (0, 1)]
    source, target = write_tiff(tmp_path / "source.ome.tif", *pixels), tmp_path / "out.ome.zarr"
    interrupt(source, target, ZARR, series=[0])
    if change == "source":
        write_tiff(source, *pixels[::-1])
    options = OmeZarrOptions(pyramid=SMALL, shard_zyx=(1, 3, 3)) if change == "level" else ZARR
    series = [1] if change == "series" else [0]
    done = convert(source, target, options, series=series, keeps_ome_xml=change != "ome-xml")
    assert not done.is_resumed
    expected = pixels[1 if change in {"series", "source"} else 0][0]
    np.testing.assert_array_equal(zarr.open_array(target / "0", mode="r")[...], expected)
    assert (target / "OME").exists() == (change != "ome-xml")


def test_several_images_get_numbers_and_one_is_chosen_by_its_own(tmp_path):
    pixels = [make_pixels((1, 1, 1, 50 + 20 * n, 60), "uint8", n) for n in range(3)]
    source = write_tiff(tmp_path / "source.ome.tif", *pixels)
    done = convert(source, tmp_path / "all.ome.zarr", ZARR)
    assert [image.path for image in done.images] == ["0", "1", "2"]
    root = zarr.open_group(tmp_path / "all.ome.zarr", mode="r")
    for n in range(3):
        np.testing.assert_array_equal(np.squeeze(root[f"{n}/0"][...]), pixels[n][0, 0, 0])
    assert root.attrs["ome"] == {"version": "0.5", "bioformats2raw.layout": 3}
    assert root["OME"].attrs["ome"] == {"version": "0.5", "series": ["0", "1", "2"]}
    xml = (tmp_path / "all.ome.zarr" / "OME" / "METADATA.ome.xml").read_text()
    with tifffile.TiffFile(source) as file:
        assert xml == file.ome_metadata
    one = convert(source, tmp_path / "one.ome.zarr", ZARR, series=[2])
    assert [image.path for image in one.images] == [""]
    np.testing.assert_array_equal(
        np.squeeze(zarr.open_array(tmp_path / "one.ome.zarr" / "0", mode="r")[...]), pixels[2][0, 0, 0]
    )
    with pytest.raises(InputError) as caught:
        convert(source, tmp_path / "none.ome.zarr", ZARR, series=[3])
    assert caught.value.code == "series-missing"
    convert(source, tmp_path / "all.ome.tif", TIFF)
    with tifffile.TiffFile(tmp_path / "all.ome.tif") as file:
        assert [series.shape for series in file.series] == [(50, 60), (70, 60), (90, 60)]


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_levels_of_the_source_are_kept_when_asked(tmp_path, version):
    pixels = make_pixels((1, 2, 1, 90, 80), "uint8")
    made = tmp_path / "made.ome.zarr"
    convert(write_tiff(tmp_path / "source.ome.tif", pixels), made, OmeZarrOptions(pyramid=SMALL, shard_zyx=None))
    marked = zarr.open_array(made / "1", mode="r+")
    marked[...] = 7  # no mean of anything
    keeping = PyramidOptions(chunk_zyx=(1, 32, 32), uses_levels=True, downsampling="lanczos")
    for options, expected in (
        (OmeZarrOptions(version=version, pyramid=keeping), 7),
        (OmeZarrOptions(version=version, pyramid=SMALL), make_levels(pixels, 2, "mean")[1][0, :, 0]),
    ):
        done = convert(made, tmp_path / "out.ome.zarr", options, overwrites=True, verifies=True)
        read = zarr.open_group(tmp_path / "out.ome.zarr", mode="r")
        assert len(done.images[0].shapes) == 2
        np.testing.assert_array_equal(read["0"][...], pixels[0, :, 0])
        np.testing.assert_array_equal(read["1"][...], np.broadcast_to(expected, read["1"].shape))


def test_offsets_of_the_planes_lie_beside_an_ome_tiff(source, tmp_path):
    convert(source, tmp_path / "out.ome.tif", TIFF)
    with tifffile.TiffFile(tmp_path / "out.ome.tif") as file:
        expected = [page.offset for page in file.pages]
    assert json.loads((tmp_path / "out.offsets.json").read_text()) == expected
    convert(source, tmp_path / "bare.ome.tif", OmeTiffOptions(pyramid=SMALL, has_offsets=False))
    assert not (tmp_path / "bare.offsets.json").exists()


@pytest.mark.parametrize("name", ["out.ome.zarr", "out.ome.tif"])
def test_the_name_says_the_format_where_no_options_do(source, tmp_path, name):
    done = convert(source, tmp_path / name)
    assert done.format == ("ome-zarr" if name.endswith("zarr") else "ome-tiff")
    assert done.images[0].shapes == ((2, 3, 150, 130),)
    assert done.images[0].chunk_shape[-2:] == (160, 144)


def test_what_cannot_be_converted_says_so(tmp_path, source):
    (tmp_path / "a.bin").write_bytes(b"nothing that anybody knows" * 9)
    for path, error in (
        (tmp_path / "absent.tif", NotFoundError),
        (tmp_path / "a.bin", UnsupportedError),
    ):
        with pytest.raises(error):
            convert(path, tmp_path / "out.ome.zarr")
    with pytest.raises(InputError):
        convert(source, tmp_path / "out.h5")
    damaged = tmp_path / "damaged.ome.tif"
    damaged.write_bytes(source.read_bytes()[: source.stat().st_size // 2])
    with pytest.raises(UnreadableError):
        convert(damaged, tmp_path / "out.ome.zarr")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.bin", "damaged.ome.tif", "source.ome.tif"]


@pytest.mark.parametrize(
    ("sample", "key", "format_"),
    [
        ("h5ad-pbmc68k/10x_pbmc68k_reduced.h5ad", "pbmc.anndata.zarr", "anndata"),
        ("h5mu-hubmap", "mods.mudata.zarr", "mudata"),
        ("sdata-merfish-ileum/merfish_mouse_ileum_cropped.sdata.zarr.zip", "ileum.web.sdata.zarr", "spatialdata"),
    ],
)
def test_what_an_artifact_holds_says_what_is_made_of_it(tmp_path, sample, key, format_):
    source = samples.get(sample)
    source = next(source.glob("*.h5mu")) if source.is_dir() else source
    instance = init(tmp_path / "lab").instance
    stem = key.split(".", maxsplit=1)[0]
    suffix = ".sdata.zarr" if format_ == "spatialdata" else source.suffix
    artifact = instance.add(source, key=f"{stem}{suffix}").artifact
    made = instance.convert_artifact(artifact).artifact
    assert (made.key, made.format, made.content.container) == (key, format_, "zarr3")
    assert is_web_ready(made)
    assert is_web_ready(artifact) == (format_ == "spatialdata")


@pytest.mark.parametrize(
    ("options", "target"), [(AnnDataOptions(), "out.anndata.zarr"), (AnnDataOptions(zarr_format=2), "out.zarr")]
)
def test_a_table_is_verified_by_its_size(tmp_path, options, target):
    source = samples.get("h5ad-pbmc68k/10x_pbmc68k_reduced.h5ad")
    done = convert(source, tmp_path / target, options, verifies=True)
    assert done.format == "anndata-zarr"
    assert [part.size for part in done.parts] == ["700 observations of 765 variables"]
    read = anndata.io.read_zarr(tmp_path / target)
    assert read.shape == (700, 765)


def test_only_mudata_becomes_mudata(tmp_path):
    source = samples.get("h5ad-pbmc68k/10x_pbmc68k_reduced.h5ad")
    with pytest.raises(UnsupportedError) as caught:
        convert(source, tmp_path / "out.mudata.zarr")
    assert caught.value.code == "no-modalities"


def test_a_name_that_only_says_zarr_leaves_the_format_to_the_source(tmp_path):
    h5ad = samples.get("h5ad-pbmc68k/10x_pbmc68k_reduced.h5ad")
    assert convert(h5ad, tmp_path / "a.zarr", is_dry_run=True).format == "anndata-zarr"
    section = samples.get("sdata-merfish-ileum/merfish_mouse_ileum_cropped.sdata.zarr.zip")
    assert convert(section, tmp_path / "a.zarr", is_dry_run=True).format == "spatialdata"
    assert convert(section, tmp_path / "a.ome.zarr", is_dry_run=True).format == "ome-zarr"
    write_tiff(tmp_path / "a.ome.tif", make_pixels((1, 1, 1, 20, 20), "uint8"))
    assert convert(tmp_path / "a.ome.tif", tmp_path / "a.zarr", is_dry_run=True).format == "ome-zarr"
