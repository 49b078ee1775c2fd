"""What can be chosen about an OME-Zarr beyond its levels. Expected values by hand and NumPy, read with zarr-python."""

import json

import numpy as np
import pytest
import tifffile
import zarr
from pyramids import make_pixels

from vitrina.convert.ome_zarr import OmeZarrOptions
from vitrina.convert.options import PyramidOptions
from vitrina.errors import InputError
from vitrina.verbs.convert import convert

SMALL = PyramidOptions(chunk_zyx=(1, 32, 32), min_size_px=64, n_threads=2)
VERSIONS = pytest.mark.parametrize("version", ["0.4", "0.5"])


def write_source(folder, pixels, axes="CYX"):
    tifffile.imwrite(
        folder / "source.ome.tif", pixels, tile=(64, 64), photometric="minisblack", metadata={"axes": axes}
    )
    return folder / "source.ome.tif"


def run(tmp_path, pixels, **chosen):
    done = convert(
        write_source(tmp_path, pixels),
        tmp_path / "out.ome.zarr",
        OmeZarrOptions(pyramid=SMALL, **chosen),
        verifies=True,
    )
    return done, zarr.open_group(tmp_path / "out.ome.zarr", mode="r")


def get_attrs(group, version):
    return group.attrs.asdict() if version == "0.4" else group.attrs["ome"]


PIXELS = make_pixels((1, 2, 1, 100, 90), "uint16")[0, :, 0]


@VERSIONS
def test_paths_of_levels_may_begin_with_a_word(tmp_path, version):
    _, root = run(tmp_path, PIXELS, version=version, level_prefix="s")
    (multiscale,) = get_attrs(root, version)["multiscales"]
    assert [dataset["path"] for dataset in multiscale["datasets"]] == ["s0", "s1"]
    np.testing.assert_array_equal(root["s0"][...], PIXELS)


@VERSIONS
def test_axes_that_are_absent_may_be_there_with_size_1(tmp_path, version):
    done, root = run(tmp_path, PIXELS, version=version, has_all_axes=True)
    assert done.images[0].axes == "tczyx"
    assert root["0"].shape == (1, 2, 1, 100, 90)
    np.testing.assert_array_equal(root["0"][0, :, 0], PIXELS)
    (multiscale,) = get_attrs(root, version)["multiscales"]
    assert [(axis["name"], axis["type"]) for axis in multiscale["axes"]] == [
        ("t", "time"), ("c", "channel"), ("z", "space"), ("y", "space"), ("x", "space"),
    ]  # fmt: skip


@VERSIONS
def test_an_only_image_may_be_a_collection_and_have_another_name(tmp_path, version):
    done, root = run(tmp_path, PIXELS, version=version, is_collection=True, name="nuclei")
    assert [(image.path, image.name) for image in done.images] == [("0", "nuclei")]
    assert get_attrs(root, version)["bioformats2raw.layout"] == 3
    assert get_attrs(root["OME"], version)["series"] == ["0"]
    assert get_attrs(root["0"], version)["multiscales"][0]["name"] == "nuclei"
    np.testing.assert_array_equal(root["0/0"][...], PIXELS)


@VERSIONS
@pytest.mark.parametrize("separator", ["/", "."])
def test_keys_of_chunks_are_folders_or_one_name(tmp_path, version, separator):
    run(tmp_path, PIXELS, version=version, separator=separator, shard_zyx=None)
    begin = "" if version == "0.4" else f"c{separator}"
    assert (tmp_path / "out.ome.zarr" / "0" / f"{begin}{separator.join('132')}").is_file()


@pytest.mark.parametrize(("kind", "expected"), [("range", None), ("none", (0, 65535))])
def test_windows_span_the_values_or_the_type(tmp_path, kind, expected):
    pixels = (PIXELS % np.array([1000, 3000], np.uint16)[:, None, None]) + np.uint16(7)
    _, root = run(tmp_path, pixels, window=kind)
    windows = [channel["window"] for channel in root.attrs["ome"]["omero"]["channels"]]
    for window, plane in zip(windows, pixels, strict=True):
        assert (window["start"], window["end"]) == (expected or (plane.min(), plane.max()))


@pytest.mark.parametrize("fill", [0, 255])
def test_chunks_of_nothing_but_the_fill_value_are_left_out_of_shards(tmp_path, fill):
    pixels = np.full((1, 128, 128), fill, np.uint8)
    pixels[0, 40, 40] = 7
    _, root = run(tmp_path, pixels, fill_value=fill, shard_zyx=(1, 4, 4))
    assert root["0"].fill_value == fill
    np.testing.assert_array_equal(root["0"][...], pixels if root["0"].ndim == 3 else pixels[0])
    (shard,) = [path for path in (tmp_path / "out.ome.zarr" / "0" / "c").rglob("*") if path.is_file()]
    index = np.frombuffer(shard.read_bytes()[-(16 * 16 + 4) : -4], "<u8").reshape(16, 2)
    assert np.count_nonzero(index[:, 1] != 2**64 - 1) == 1, "only the chunk with another pixel"


@pytest.mark.parametrize("fill", [-1, 65536, 0.5])
def test_a_fill_value_that_no_pixel_can_have_is_refused(tmp_path, fill):
    with pytest.raises(InputError) as caught:
        run(tmp_path, PIXELS, fill_value=fill)
    assert caught.value.code == "fill-value-impossible"
    assert not (tmp_path / "out.ome.zarr").exists()


@VERSIONS
def test_documents_are_plain_json(tmp_path, version):
    run(tmp_path, PIXELS.astype(np.float32), version=version)
    names = (".zarray", ".zgroup", ".zattrs") if version == "0.4" else ("zarr.json",)
    documents = [path for name in names for path in (tmp_path / "out.ome.zarr").rglob(name)]
    assert len(documents) >= 4

    def refuse(word):
        raise AssertionError(word)

    for path in documents:
        json.loads(path.read_text(encoding="utf-8"), parse_constant=refuse)  # neither NaN nor Infinity
