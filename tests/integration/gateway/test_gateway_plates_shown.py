"""Plates of an instance as the hub shows them. Expected extents and windows by hand."""

import json
import math
import shutil

import numpy as np
import pytest
from zarr_plates import halve, make_field, write_zarr_plate

from vitrina.errors import UnsupportedError
from vitrina.gateway.plates import geometry
from vitrina.gateway.tree import resolve
from vitrina.model.overrides import ElementOverrides
from vitrina.verbs.init import init

BASE = "http://host"


@pytest.fixture
def instance(tmp_path):
    return init(tmp_path / "museum").instance


def add(instance, path):
    return instance.add(path, key=path.name).artifact


def get_values(config, name):
    return list(config["coordinationSpace"].get(name, {}).values())


def get_channels(instance, artifact, path="mosaic"):
    return json.loads(resolve(instance.open_tree(artifact, 2).find(f"{path}/.zattrs")))["omero"]["channels"]


def test_the_camera_stands_before_the_whole_plate_and_contrast_is_that_of_all_fields(tmp_path, instance):
    artifact = add(instance, write_zarr_plate(tmp_path / "screen.zarr"))
    assert [finding for finding in instance.check_view(artifact) if finding.severity == "error"] == []
    config = instance.build_view(artifact, BASE)
    (file,) = config["datasets"][0]["files"]
    assert (file["fileType"], file["url"]) == ("image.ome-zarr", f"{BASE}/zarr/{artifact.uid}/mosaic")
    # 400 x 264 pixels of half a micrometer
    assert (get_values(config, "spatialTargetX"), get_values(config, "spatialTargetY")) == ([100.0], [66.0])
    assert get_values(config, "spatialZoom") == [pytest.approx(math.log2(960 / 200) - 0.1)]
    coarse = [halve(make_field(row, column, field)) for row, column, field in np.ndindex(2, 3, 4)]
    chosen = [coarse[round(23 * number / 15)] for number in range(16)]
    assert get_values(config, "spatialChannelWindow") == [pytest.approx(np.percentile(np.stack(chosen), [1, 99.8]))]


def test_a_plate_in_zarr_3_is_shown_in_zarr_3(tmp_path, instance):
    artifact = add(instance, write_zarr_plate(tmp_path / "screen.zarr", zarr_format=3))
    (file,) = instance.build_view(artifact, BASE)["datasets"][0]["files"]
    assert file["url"] == f"{BASE}/zarr3/{artifact.uid}/mosaic"


def test_a_plate_that_is_too_large_to_be_made_is_not_shown_and_it_is_told_why(tmp_path, instance, monkeypatch):
    monkeypatch.setattr(geometry, "MAX_MADE_PIXELS", 100_000)
    artifact = add(instance, write_zarr_plate(tmp_path / "screen.zarr", n_levels=1))
    with pytest.raises(UnsupportedError, match="coarsest levels together have 105,600 pixels") as caught:
        instance.build_view(artifact, BASE)
    assert caught.value.code == "view-unavailable"
    assert "vitrina convert" in caught.value.hint


def test_what_is_said_of_the_first_field_holds_for_the_mosaic_and_all_fields(tmp_path, instance):
    artifact = add(instance, write_zarr_plate(tmp_path / "screen.zarr"))
    said = ElementOverrides(
        path="A/1/0",
        channel_names=("DAPI",),
        channel_colors=((0, 0, 255),),
        channel_windows=((10.0, 900.0),),
        pixel_size=(0.25, 0.25),
        unit="um",
    )
    artifact = instance.override(artifact, said)
    for path in ("mosaic", "B/3/2"):
        (channel,) = get_channels(instance, artifact, path)
        assert (channel["label"], channel["color"]) == ("DAPI", "0000FF")
        assert (channel["window"]["start"], channel["window"]["end"]) == (10, 900)
        attrs = json.loads(resolve(instance.open_tree(artifact, 2).find(f"{path}/.zattrs")))
        dataset = attrs["multiscales"][0]["datasets"][0]
        assert dataset["coordinateTransformations"][0]["scale"] == [1.0, 0.25, 0.25]
    config = instance.build_view(artifact, BASE)
    assert get_values(config, "spatialTargetX") == [50.0]
    assert get_values(config, "spatialChannelWindow") == [[10.0, 900.0]]


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_a_zipped_plate_is_served_alike(tmp_path, instance, zarr_format):
    root = write_zarr_plate(tmp_path / "screen.zarr", n_columns=2, zarr_format=zarr_format)
    packed = shutil.make_archive(str(tmp_path / "zipped.zarr"), "zip", root)
    folder, zipped = (add(instance, type(root)(path)) for path in (root, packed))
    for served in (2, 3):
        trees = [instance.open_tree(artifact, served) for artifact in (folder, zipped)]
        key = "0/0/0/0" if served == 2 else "0/c/0/0/0"
        for path in ("mosaic", "B/2/3"):
            both = [resolve(tree.find(f"{path}/{key}")) for tree in trees]
            assert both[0] == both[1] is not None


def test_made_levels_are_kept_on_disk_and_the_finest_is_not(tmp_path, instance):
    artifact = add(instance, write_zarr_plate(tmp_path / "screen.zarr", n_columns=9))
    tree = instance.open_tree(artifact, 2)
    folder = instance.chunk_cache._folder
    counts = []
    for key in ("mosaic/0/0/0/0", "mosaic/1/0/0/0"):
        assert resolve(tree.find(key)) is not None
        counts.append(sum(path.is_file() for path in folder.rglob("*")))
    assert counts == [0, 1]


def test_a_converted_plate_is_shown_as_it_was_before(tmp_path, instance):
    stored = add(instance, write_zarr_plate(tmp_path / "screen.zarr", n_levels=1))
    made = instance.convert_artifact(stored).artifact
    trees = [instance.open_tree(artifact, 2) for artifact in (stored, made)]
    before, after = (resolve(tree.find("mosaic/0/0/0/0")) for tree in trees)
    assert before == after is not None
