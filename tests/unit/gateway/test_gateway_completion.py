"""Metadata filled in for the viewer. Expected values from NGFF 0.4 and 0.5, and by hand."""

import contents as make
import pytest

from vitrina.gateway.completion import complete, find_incomplete
from vitrina.model.content import Content
from vitrina.model.finding import Finding

ATTRS = {"multiscales": [{"version": "0.4", "axes": [], "datasets": []}], "mine": 1}


def test_ome_zarr_gets_channels_and_loses_units_that_are_none():
    image = make.make_image(unit="pixel", channels=(make.Channel(name="DAPI", window=(5.0, 90.0)),), n_channels=1)
    completed = complete(ATTRS, image)
    assert completed["mine"] == 1
    assert completed["omero"]["channels"] == [
        {
            "active": True,
            "label": "DAPI",
            "color": "FFFFFF",
            "window": {"start": 5.0, "end": 90.0, "min": 0.0, "max": 65535.0},
        }
    ]
    assert all("unit" not in axis for axis in completed["multiscales"][0]["axes"])
    assert [dataset["path"] for dataset in completed["multiscales"][0]["datasets"]] == ["0", "1"]


def test_true_units_stay():
    axes = complete(ATTRS, make.make_image(unit="micrometer"))["multiscales"][0]["axes"]
    assert axes[-1] == {"name": "x", "type": "space", "unit": "micrometer"}


def test_attributes_stay_in_their_version():
    completed = complete({"ome": {"version": "0.5"}}, make.make_image())
    assert completed["ome"]["version"] == "0.5"
    assert "omero" in completed["ome"]
    assert "multiscales" not in completed


def test_paths_become_relative_to_the_image():
    completed = complete(ATTRS, make.make_image(path="A/1/0"))
    assert [dataset["path"] for dataset in completed["multiscales"][0]["datasets"]] == ["0", "1"]


def test_labels_are_declared_as_labels_and_get_no_channels():
    completed = complete(ATTRS, make.make_labels(path=""))
    assert "image-label" in completed
    assert "omero" not in completed


def test_levels_with_fewer_planes_are_not_offered():
    stack = make.make_image("zyx", (26, 64, 64), (13, 32, 32), (26, 16, 16), n_channels=1)
    completed = complete(ATTRS, stack)
    assert [dataset["path"] for dataset in completed["multiscales"][0]["datasets"]] == ["0", "2"]
    assert completed["omero"]["rdefs"]["defaultZ"] == 13


def test_spatialdata_keeps_its_transformations_when_levels_are_dropped():
    attrs = {
        "spatialdata_attrs": {"version": "0.2"},
        "multiscales": [{"datasets": [{"path": "0"}, {"path": "1"}], "coordinateTransformations": ["kept"]}],
        "omero": {"channels": [{"label": "DAPI"}]},
    }
    stack = make.make_image("zyx", (26, 64, 64), (13, 32, 32), path="images/stack", n_channels=1)
    completed = complete(attrs, stack)
    assert completed["multiscales"] == [{"datasets": [{"path": "0"}], "coordinateTransformations": ["kept"]}]
    assert completed["omero"]["channels"] == [{"label": "DAPI"}]


def test_a_guessed_gene_column_is_named_but_a_stored_name_wins():
    points = make.make_points()
    assert complete({"spatialdata_attrs": {"version": "0.1"}}, points)["spatialdata_attrs"] == {
        "feature_key": "gene",
        "version": "0.1",
    }
    assert complete({"spatialdata_attrs": {"feature_key": "target"}}, points)["spatialdata_attrs"] == {
        "feature_key": "target"
    }


@pytest.mark.parametrize(
    ("content", "paths"),
    [
        (make.make_spatialdata(make.make_image(path="images/he"), make.make_points()), set()),
        (
            make.make_spatialdata(
                make.make_points(),
                findings=(Finding(code="feature-key-guessed", severity="info", path="", message=""),),
            ),
            {"points/transcripts"},
        ),
        (Content(format="ome-zarr", elements=(make.make_image(), make.make_labels())), {"", "labels/nuclei"}),
        (Content(format="anndata", elements=(make.make_table(),)), set()),
    ],
)
def test_only_what_the_viewer_cannot_read_is_touched(content, paths):
    assert set(find_incomplete(content)) == paths
