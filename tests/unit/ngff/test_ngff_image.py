"""OME-Zarr image metadata. Expected values are hand arithmetic on the examples of the specification."""

import pytest

from vitrina.errors import DataError
from vitrina.ngff.axes import Axis
from vitrina.ngff.detect import find_kind, find_version, parse_image, parse_labels, parse_plate, parse_well
from vitrina.ngff.image import Dataset, Image
from vitrina.ngff.level_transform import LevelTransform
from vitrina.ngff.omero import Omero, OmeroChannel, OmeroWindow
from vitrina.ngff.v04 import image as v04
from vitrina.ngff.v05 import image as v05

AXES = [{"name": "c", "type": "channel"}, {"name": "y", "type": "space", "unit": "micrometer"}, {"name": "x"}]


def build_multiscale(**changes):
    return {
        "version": "0.4",
        "axes": AXES,
        "datasets": [
            {"path": "0", "coordinateTransformations": [{"type": "scale", "scale": [1, 0.5, 0.25]}]},
            {
                "path": "1",
                "coordinateTransformations": [
                    {"type": "scale", "scale": [1, 1.0, 0.5]},
                    {"type": "translation", "translation": [0, 0.25, 0.125]},
                ],
            },
        ],
    } | changes


IMAGE = Image(
    name="cells",
    axes=(
        Axis(name="c", type="channel"),
        Axis(name="y", type="space", unit="micrometer"),
        Axis(name="x", type="space"),
    ),
    datasets=(
        Dataset(path="0", transform=LevelTransform(scale=(1.0, 0.5, 0.25), translation=(0.0, 0.0, 0.0))),
        Dataset(path="1", transform=LevelTransform(scale=(1.0, 1.0, 0.5), translation=(0.0, 0.25, 0.125))),
    ),
    omero=Omero(
        channels=(
            OmeroChannel(
                label="DAPI", color_rgb=(0, 0, 255), window=OmeroWindow(start=10.0, end=900.0, min=0.0, max=65535.0)
            ),
        ),
        model="greyscale",
    ),
)


def test_axes_and_levels_are_read():
    image = parse_image({"multiscales": [build_multiscale()]})
    assert [axis.name for axis in image.axes] == ["c", "y", "x"]
    assert image.axes[1].unit == "micrometer"
    assert image.axes[2].type == "space"  # its name says so
    assert image.datasets[1].transform == LevelTransform(scale=(1.0, 1.0, 0.5), translation=(0.0, 0.25, 0.125))


def test_the_transform_of_the_whole_image_comes_after_that_of_the_level():
    # position = 2 * (1.0 * index + 0.25) + 3 = 2 * index + 3.5 on y of level 1
    whole = [{"type": "scale", "scale": [1, 2, 2]}, {"type": "translation", "translation": [0, 3, 0]}]
    image = parse_image({"multiscales": [build_multiscale(coordinateTransformations=whole)]})
    assert image.datasets[1].transform == LevelTransform(scale=(1.0, 2.0, 1.0), translation=(0.0, 3.5, 0.25))


def test_transforms_to_named_systems_are_kept_apart():
    named = {"type": "identity", "input": {"name": "cyx"}, "output": {"name": "global"}}
    image = parse_image({"multiscales": [build_multiscale(coordinateTransformations=[named])]})
    assert image.named_transforms == (named,)
    assert image.datasets[0].transform.scale == (1.0, 0.5, 0.25)


@pytest.mark.parametrize("version", [v04, v05])
def test_what_is_built_is_read_back_unchanged(version):
    assert version.parse_image(version.build_image(IMAGE)) == IMAGE
    assert parse_image(version.build_image(IMAGE)) == IMAGE


def test_0_4_lies_at_the_root_with_everything_that_a_viewer_needs():
    attrs = v04.build_image(IMAGE)
    assert attrs["multiscales"][0]["version"] == "0.4"
    assert attrs["multiscales"][0]["datasets"][0] == {
        "path": "0",
        "coordinateTransformations": [{"type": "scale", "scale": [1.0, 0.5, 0.25]}],
    }
    assert attrs["omero"]["channels"] == [
        {
            "active": True,
            "label": "DAPI",
            "color": "0000FF",
            "window": {"start": 10.0, "end": 900.0, "min": 0.0, "max": 65535.0},
        }
    ]
    assert attrs["omero"]["rdefs"] == {"model": "greyscale", "defaultZ": 0, "defaultT": 0}


def test_0_5_lies_under_ome_with_the_version_once():
    attrs = v05.build_image(IMAGE)
    assert list(attrs) == ["ome"]
    assert attrs["ome"]["version"] == "0.5"
    assert "version" not in attrs["ome"]["multiscales"][0]


def test_a_level_without_a_transform_says_so():
    multiscale = build_multiscale(datasets=[{"path": "0"}])
    assert parse_image({"multiscales": [multiscale]}).datasets[0].transform is None


def test_axes_of_0_3_are_names_and_those_of_0_1_are_fixed():
    of_03 = parse_image({"multiscales": [{"version": "0.3", "axes": ["y", "x"], "datasets": [{"path": "0"}]}]})
    of_01 = parse_image({"multiscales": [{"version": "0.1", "datasets": [{"path": "0"}]}]})
    assert [axis.name for axis in of_03.axes] == ["y", "x"]
    assert [(axis.name, axis.type) for axis in of_01.axes] == [
        ("t", "time"), ("c", "channel"), ("z", "space"), ("y", "space"), ("x", "space"),
    ]  # fmt: skip


def test_a_draft_is_read_where_a_scale_and_a_translation_say_it_all():
    attrs = build_draft({"type": "affine", "affine": [[4, 0, 32], [0, 3, 21]], "input": "0", "output": "physical"})
    assert parse_image(attrs).datasets[0].transform == LevelTransform(scale=(4.0, 3.0), translation=(32.0, 21.0))


def test_a_rotated_level_of_a_draft_is_refused():
    attrs = build_draft({"type": "affine", "affine": [[0, -1, 0], [1, 0, 0]], "input": "0", "output": "physical"})
    with pytest.raises(DataError, match="scale above zero"):
        parse_image(attrs)


def build_draft(transform):
    systems = [
        {"name": "world", "axes": [{"name": "q"}]},
        {"name": "physical", "axes": [{"name": "y", "unit": "micrometer"}, {"name": "x"}]},
    ]
    datasets = [{"path": "0", "coordinateTransformations": [transform]}]
    return {"ome": {"version": "0.6", "multiscales": [{"coordinateSystems": systems, "datasets": datasets}]}}


@pytest.mark.parametrize(
    "changes",
    [
        {"axes": []},
        {"axes": [{"name": "x"}, {"name": "x"}]},
        {"axes": [{"type": "space"}]},
        {"axes": None},
        {"datasets": []},
        {"datasets": None},
        {"datasets": ["0"]},
        {"datasets": [{"path": ""}]},
        {"datasets": [{"path": "0", "coordinateTransformations": [{"type": "scale", "scale": [1, 1]}]}]},
        {"datasets": [{"path": "0", "coordinateTransformations": [{"type": "scale", "scale": [1, 0, 1]}]}]},
        {"datasets": [{"path": "0", "coordinateTransformations": [{"type": "rotation"}]}]},
        {"coordinateTransformations": {"type": "scale"}},
    ],
)
def test_malformed_metadata_is_told_with_its_place(changes):
    with pytest.raises(DataError) as caught:
        parse_image({"multiscales": [build_multiscale(**changes)]})
    assert caught.value.code == "ngff-malformed"
    assert caught.value.where.startswith("/multiscales/0/")


@pytest.mark.parametrize("attrs", [{"multiscales": []}, {"multiscales": {}}, {"multiscales": [1]}, {}])
def test_attributes_without_an_image_are_refused(attrs):
    with pytest.raises(DataError):
        parse_image(attrs)


@pytest.mark.parametrize(
    ("attrs", "kind", "version"),
    [
        ({"multiscales": [{"version": "0.4"}]}, "image", "0.4"),
        ({"ome": {"version": "0.5", "multiscales": [{}]}}, "image", "0.5"),
        ({"multiscales": [{}], "image-label": {"version": "0.4"}}, "labels", "0.4"),
        ({"image-label": {}}, None, None),
        ({"ome": {"version": "0.5", "plate": {}}}, "plate", "0.5"),
        ({"plate": {"version": "0.4"}}, "plate", "0.4"),
        ({"well": {"version": "0.4"}}, "well", "0.4"),
        ({"labels": ["nuclei"]}, "label-list", None),
        ({"bioformats2raw.layout": 3}, "bioformats2raw", None),
        ({"spatialdata_attrs": {}}, None, None),
        ({}, None, None),
        ({"multiscales": 3, "omero": 4}, "image", None),
    ],
)
def test_kind_and_version_are_found_by_the_keys(attrs, kind, version):
    assert find_kind(attrs) == kind
    assert find_version(attrs) == version


@pytest.mark.parametrize("wrap", [lambda block: block, lambda block: {"ome": {"version": "0.5", **block}}])
def test_plates_wells_and_label_lists_are_read_in_both_versions(wrap):
    plate = parse_plate(
        wrap(
            {
                "plate": {
                    "name": "p",
                    "rows": [{"name": "A"}],
                    "columns": [{"name": "1"}, {"name": "2"}],
                    "wells": [{"path": "A/1"}, {"path": "A/2"}],
                }
            }
        )
    )
    assert (plate.rows, plate.columns, plate.well_paths) == (("A",), ("1", "2"), ("A/1", "A/2"))
    assert parse_well(wrap({"well": {"images": [{"path": "0"}, {"path": "1"}]}})).field_paths == ("0", "1")
    assert parse_labels(wrap({"labels": ["nuclei", "cells"]})) == ("nuclei", "cells")


@pytest.mark.parametrize("plate", [None, {}, {"rows": [], "columns": [], "wells": [{}]}, {"rows": 1}])
def test_a_malformed_plate_is_told(plate):
    with pytest.raises(DataError):
        parse_plate({"plate": plate})
