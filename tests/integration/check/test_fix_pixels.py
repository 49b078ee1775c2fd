"""Arrays that are written: missing levels, chunks, types. Pixels are read back with zarr-python."""

import numpy as np
import pytest
import zarr
from fixable import edit, fix_and_check, list_codes, make_pixels, read_block, write_store
from pyramids import make_levels

from vitrina.checks.fix import pixels as rules
from vitrina.verbs.fix import fix

VERSIONS = pytest.mark.parametrize("zarr_format", [2, 3])


@pytest.fixture(autouse=True)
def _small_screens(monkeypatch):
    """Images of a hundred pixels are large, so that tests are small."""
    monkeypatch.setattr(rules, "MAX_FLAT_SIDE_PX", 64)
    monkeypatch.setattr(
        rules, "plan_levels", lambda shape, n_levels=None: PLAN(shape, n_levels=n_levels, min_size_px=40)
    )


PLAN = rules.plan_levels


@VERSIONS
def test_missing_levels_are_made_in_the_layout_of_the_finest(tmp_path, zarr_format):
    pixels = make_pixels((2, 101, 90))
    store = write_store(tmp_path / "it.zarr", zarr_format, pixels)
    before = {path: path.stat().st_ino for path in (store / "0").rglob("*") if path.is_file()}
    done = fix_and_check(store, "image-not-pyramidal")
    expected = make_levels(pixels[None, :, None], 3, "mean")
    root = zarr.open_group(store, mode="r")
    for i, level in enumerate(expected):
        np.testing.assert_array_equal(root[str(i)][...], level[0, :, 0])
    assert root["2"].metadata.zarr_format == zarr_format
    assert root["2"].chunks == (1, 32, 32)
    assert {path: path.stat().st_ino for path in (store / "0").rglob("*") if path.is_file()} == before
    datasets = read_block(store, zarr_format)["multiscales"][0]["datasets"]
    assert [one["path"] for one in datasets] == ["0", "1", "2"]
    assert datasets[2]["coordinateTransformations"] == [
        {"type": "scale", "scale": [1, 2, 2]},
        {"type": "translation", "translation": [0, 0.75, 0.75]},  # (4 - 1) / 2 pixels of half a micrometer
    ]
    assert not (done.backup / "1").exists()


@VERSIONS
def test_label_images_get_as_many_levels_as_their_image(tmp_path, zarr_format):
    pixels = make_pixels((2, 101, 90))
    ids = make_pixels((101, 90), "uint16", 3)
    store = write_store(tmp_path / "it.zarr", zarr_format, pixels, pixels[:, ::2, ::2])
    mark = {"image-label": {"colors": [{"label-value": 1}], **({"version": "0.4"} if zarr_format == 2 else {})}}
    write_store(store / "labels/a", zarr_format, ids, axes="yx", chunks=(32, 32), scales=([0.5, 0.5],), **mark)
    fix_and_check(store, "labels-level-count", "labels-without-list")
    np.testing.assert_array_equal(zarr.open_array(store / "labels/a/1", mode="r")[...], ids[::2, ::2])


@VERSIONS
@pytest.mark.parametrize("kind", ["float32", "float64", "bool"])
def test_label_ids_of_another_type_become_the_smallest_integers(tmp_path, zarr_format, kind):
    ids = make_pixels((50, 40), "bool" if kind == "bool" else "uint16")
    ids = (ids.astype(kind) * 400) if kind != "bool" else ids
    mark = {"image-label": {"colors": [{"label-value": 1}], **({"version": "0.4"} if zarr_format == 2 else {})}}
    store = write_store(tmp_path / "it.zarr", zarr_format, ids, axes="yx", chunks=(32, 32), scales=([1, 1],), **mark)
    assert "labels-dtype" in list_codes(store)
    fix_and_check(store, "labels-dtype")
    array = zarr.open_array(store / "0", mode="r")
    assert array.dtype == ("uint8" if kind == "bool" else "uint32")
    np.testing.assert_array_equal(array[...], ids)


def test_ids_that_are_no_whole_numbers_stay(tmp_path):
    mark = {"image-label": {"version": "0.4", "colors": [{"label-value": 1}]}}
    ids = np.full((50, 40), 0.5, "float32")
    store = write_store(tmp_path / "it.zarr", 2, ids, axes="yx", chunks=(32, 32), scales=([1, 1],), **mark)
    done = fix(store)
    assert (done.repairs, done.out) == ((), None)
    assert {one.code: one.fix for one in done.left} == {
        "labels-dtype": "Not repaired: The values are not all whole numbers, so no such type holds them unchanged."
    }
    assert done.has_errors


@VERSIONS
def test_chunks_of_several_planes_become_tiles_for_the_viewer_alone(tmp_path, zarr_format):
    pixels = make_pixels((2, 3, 60, 50), "int64")
    levels = pixels, pixels[:, :, ::2, ::2]
    store = write_store(
        tmp_path / "it.zarr", zarr_format, *levels, axes="czyx", chunks=(1, 3, 32, 32), scales=([1] * 4, [1, 1, 2, 2])
    )
    fix(store)  # display settings
    (store.with_name("it.zarr.backup")).rename(tmp_path / "older")
    assert fix(store).repairs == ()
    fix_and_check(store, "ngff-z-chunked", "zarr-dtype-unsupported", purpose="viewer")
    for i, level in enumerate(levels):
        array = zarr.open_array(store / str(i), mode="r")
        assert array.dtype == "uint8"
        assert array.chunks[:2] == (1, 1)
        np.testing.assert_array_equal(array[...], level)


def test_an_axis_order_that_cannot_be_written_is_left(tmp_path):
    pixels = make_pixels((90, 80, 2))
    store = write_store(tmp_path / "it.zarr", 2, pixels, axes="yxc", chunks=(32, 32, 1), scales=([0.5, 0.5, 1],))
    assert "image-not-pyramidal" not in {code for one in fix(store).repairs for code in one.codes}
    assert not (store / "1").exists()


@pytest.mark.parametrize("shards", [None, (1, 64, 64)])
def test_codec_shards_and_attributes_are_those_of_the_finest(tmp_path, shards):
    store = write_store(tmp_path / "it.zarr", 3, make_pixels((2, 70, 90)))
    root = zarr.open_group(store, mode="r+")
    del root["0"]
    codec = zarr.codecs.ZstdCodec(level=3)
    array = root.create_array(
        "0", shape=(2, 70, 90), dtype="uint16", chunks=(1, 32, 32), shards=shards, compressors=codec,
        dimension_names=list("cyx"), attributes={"own": 1},
    )  # fmt: skip
    array[...] = make_pixels((2, 70, 90))
    edit(store, 3, lambda block: block["multiscales"][0].update(name="other"))
    fix_and_check(store, "image-not-pyramidal")
    made = zarr.open_array(store / "1", mode="r")
    assert (made.compressors, made.shards, dict(made.attrs)) == (array.compressors, shards and (1, 64, 64), {"own": 1})
