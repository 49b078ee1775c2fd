"""Which format a conversion has: by its name, its options, and what the source holds."""

from dataclasses import asdict
from pathlib import Path

import pytest

from vitrina.cli.convert_formats import FORMAT_NAMES, FORMATS
from vitrina.convert.targets import TARGETS, choose_format, find_named, get_target, get_target_of
from vitrina.errors import InputError
from vitrina.model.content import Axis, Content, ImageElement, LabelsElement, Level, PointsElement, ShapesElement
from vitrina.model.content import TableElement as Table

YX = (Axis(name="y"), Axis(name="x"))
LEVELS = (Level(path="0", shape=(8, 8), chunk_shape=None, scale=(1.0, 1.0), translation=(0.0, 0.0)),)
IMAGE = ImageElement(name="a", path="a", axes=YX, dtype="uint8", levels=LEVELS, channels=())
LABELS = LabelsElement(name="b", path="b", axes=YX, dtype="uint8", levels=LEVELS)
POINTS = PointsElement(name="c", path="c", n_points=1, axes=("x", "y"))
SHAPES = ShapesElement(name="d", path="d", n_shapes=1, geometry="polygon")
TABLE = Table(name="e", path="e", n_obs=1)


def test_the_command_line_knows_every_target():
    assert tuple(TARGETS) == FORMAT_NAMES
    assert set(FORMATS) <= set(FORMAT_NAMES)


@pytest.mark.parametrize("name", FORMAT_NAMES)
def test_options_lead_back_to_their_target(name):
    target = get_target(name)
    assert target.name == name
    options = target.options_type()
    assert get_target_of(options).name == name
    asdict(options)


def test_no_suffix_belongs_to_two_targets():
    suffixes = [suffix for _, suffixes in TARGETS.values() for suffix in suffixes]
    assert len(suffixes) == len(set(suffixes))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.ome.zarr", "ome-zarr"), ("a.sdata.zarr", "spatialdata"), ("A.SpatialData.Zarr", "spatialdata"),
        ("a.h5ad.zarr", "anndata-zarr"), ("a.anndata.zarr", "anndata-zarr"), ("a.mudata.zarr", "mudata-zarr"),
        ("a.points.parquet", "points"), ("a.reference.json", "reference"), ("a.tif", "ome-tiff"),
    ],
)  # fmt: skip
def test_the_name_says_the_format(name, expected):
    assert find_named(Path(name)) == expected


@pytest.mark.parametrize("name", ["a.zarr", "a", "a.parquet", "a.json", "zarr"])
def test_other_names_leave_it_open(name):
    assert find_named(Path(name)) is None


@pytest.mark.parametrize(
    ("format_", "elements", "expected"),
    [
        ("tiff", (IMAGE,), "ome-zarr"),
        ("ome-zarr", (IMAGE, LABELS), "ome-zarr"),
        ("anndata", (TABLE,), "anndata-zarr"),
        ("table", (TABLE,), "anndata-zarr"),
        ("mudata", (TABLE, TABLE), "mudata-zarr"),
        ("spatialdata", (IMAGE,), "spatialdata"),
        ("spatialdata", (TABLE,), "spatialdata"),
        ("xenium", (IMAGE, LABELS, POINTS, SHAPES, TABLE), "spatialdata"),
        ("merscope", (POINTS,), "spatialdata"),
        ("folder-of-tables", (TABLE, TABLE), "spatialdata"),
    ],
)
def test_what_a_source_holds_says_the_format(format_, elements, expected):
    assert choose_format(Content(format=format_, elements=elements)) == expected


def test_an_unknown_format_is_refused_with_those_that_are_known():
    with pytest.raises(InputError) as caught:
        get_target("svg")
    assert caught.value.code == "format-unknown"
    assert "spatialdata" in caught.value.hint
