"""Real datasets and SpatialData: repaired as far as that goes, and read by the libraries that they are made for."""

import json
import shutil
import warnings
import zipfile

import numpy as np
import ome_zarr_models
import pytest
import samples
import spatialdata
import zarr
from fixable import hash_tree, make_pixels
from pyramids import make_levels
from spatialdata.models import Image2DModel, Labels2DModel

from vitrina.checks.fix import pixels as rules
from vitrina.verbs.check import check
from vitrina.verbs.fix import fix


def list_errors(path, purpose="specification"):
    return [finding.code for finding in check(path, purpose=purpose).findings if finding.severity == "error"]


@pytest.mark.parametrize("name", ["mri", "image", "segmentation"])
def test_a_real_image_is_repaired_for_the_viewer(tmp_path, name):
    path = tmp_path / "it.ome.zarr"
    if name == "mri":
        shutil.copytree(samples.get("ome-zarr-v04-mri/mri-stack.ome.zarr"), path)
    else:
        with zipfile.ZipFile(samples.get(f"ome-zarr-v04-2dt-labels/{name}.ome.zarr.zip")) as file:
            file.extractall(tmp_path)
        (tmp_path / f"{name}.ome.zarr").rename(path)
    before = hash_tree(path)
    finest = json.loads((path / ".zattrs").read_bytes())["multiscales"][0]["datasets"][0]["path"]
    pixels = zarr.open_array(path / finest, mode="r")[...]
    done = fix(path, purpose="viewer")
    if done.repairs:
        assert hash_tree(done.backup) == before
    repaired = zarr.open_group(path, mode="r")
    np.testing.assert_array_equal(repaired[finest][...], pixels)
    assert [finding.code for finding in done.left if finding.severity == "error"] == list_errors(path)
    assert not {code for one in done.repairs for code in one.codes} & set(list_errors(path, "viewer"))
    assert fix(path, purpose="viewer").repairs == ()
    if not list_errors(path):
        ome_zarr_models.open_ome_zarr(repaired)


@pytest.fixture
def sdata(tmp_path):
    pixels = make_pixels((2, 100, 90))
    objects = {
        "images": {"he": Image2DModel.parse(pixels, dims="cyx", c_coords=["a", "b"])},
        "labels": {"cells": Labels2DModel.parse(make_pixels((100, 90), "int32", 1), dims="yx")},
    }
    with warnings.catch_warnings(action="ignore"):
        spatialdata.SpatialData(**objects).write(tmp_path / "it.zarr")
    return tmp_path / "it.zarr"


def read(path):
    with warnings.catch_warnings(action="ignore"):
        return spatialdata.read_zarr(path)


def test_what_spatialdata_wrote_needs_no_repair(sdata):
    done = fix(sdata)
    assert (done.repairs, done.has_errors) == ((), False)


def test_single_scales_of_spatialdata_get_levels(sdata, monkeypatch):
    plan = rules.plan_levels
    monkeypatch.setattr(rules, "MAX_FLAT_SIDE_PX", 64)
    monkeypatch.setattr(
        rules, "plan_levels", lambda shape, n_levels=None: plan(shape, n_levels=n_levels, min_size_px=60)
    )
    done = fix(sdata)
    assert [(one.kind, one.path) for one in done.repairs] == [("levels", "images/he"), ("levels", "labels/cells")]
    assert not done.has_errors
    opened = read(sdata)
    expected = make_levels(make_pixels((2, 100, 90))[None, :, None], 2, "mean")
    for i, level in enumerate(expected):
        image = next(iter(opened["he"][f"scale{i}"].values()))
        np.testing.assert_array_equal(image.to_numpy(), level[0, :, 0])
        assert list(image.coords["c"].to_numpy()) == ["a", "b"]
    np.testing.assert_array_equal(
        next(iter(opened["cells"]["scale1"].values())).to_numpy(), make_pixels((100, 90), "int32", 1)[::2, ::2]
    )
    assert fix(sdata).repairs == ()


def test_marks_lists_and_copies_of_spatialdata_are_repaired(sdata):
    document = json.loads((sdata / "labels/cells/zarr.json").read_text())
    del document["attributes"]["ome"]["image-label"]
    (sdata / "labels/cells/zarr.json").write_text(json.dumps(document))
    assert {"image-label-missing", "consolidated-stale"} <= set(list_errors(sdata))
    done = fix(sdata)
    assert {"metadata", "consolidated"} == {one.kind for one in done.repairs}
    assert list_errors(sdata) == []
    assert sorted(read(sdata).labels) == ["cells"]
    opened = zarr.open_consolidated(sdata)
    assert opened["labels/cells"].attrs["ome"]["image-label"] == {}
