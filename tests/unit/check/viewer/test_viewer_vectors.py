from dataclasses import replace

import pytest
from viewer_records import list_severities

from vitrina.checks.viewer.vectors import MORTON, ParquetFacts, check_points, check_shapes
from vitrina.model.content import PointsElement, ShapesElement

NAMED = {"spatialdata_attrs": {"feature_key": "gene"}}
UNTILED = ParquetFacts(columns=("x", "y", "gene"), largest_row_group=1_000_000)
TILED = ParquetFacts(columns=("x", "y", "gene", MORTON), largest_row_group=50_000)
WKB = ParquetFacts(geometry_encoding="WKB", geometry_types=("Polygon",))


def make_points(n_points, feature_key="gene"):
    return PointsElement(name="rna", path="points/rna", n_points=n_points, axes=("x", "y"), feature_key=feature_key)


def make_shapes(n_shapes=10, geometry="polygon"):
    return ShapesElement(name="cells", path="shapes/cells", n_shapes=n_shapes, geometry=geometry)


@pytest.mark.parametrize(
    ("n_points", "facts", "code"),
    [
        (200_000, UNTILED, None),
        (200_001, UNTILED, "points-not-tiled"),
        (5_000_001, UNTILED, "points-too-many"),
        (5_000_001, TILED, None),
        (5_000_001, replace(TILED, largest_row_group=100_000), "points-too-many"),
    ],
)
def test_many_points_must_be_sorted_into_tiles(n_points, facts, code):
    found = list_severities(check_points(make_points(n_points), facts, attrs=NAMED))
    assert found == ([(code, "info")] if code else [])


def test_points_without_a_gene_column_are_not_drawn_and_a_guessed_one_is_healed():
    code = "points-feature-key-missing"
    assert list_severities(check_points(make_points(9), UNTILED, attrs={})) == [(code, "info")]
    assert list_severities(check_points(make_points(9, None), UNTILED, attrs={})) == [(code, "warning")]


def test_plain_polygons_are_right():
    assert list(check_shapes(make_shapes(), WKB)) == []


@pytest.mark.parametrize(
    ("shapes", "facts", "found"),
    [
        (make_shapes(), replace(WKB, geometry_encoding="polygon"), ("shapes-geoarrow", "error")),
        (make_shapes(), replace(WKB, geometry_types=("Polygon", "MultiPolygon")), ("shapes-mixed", "warning")),
        (make_shapes(geometry="mixed"), replace(WKB, geometry_types=("Polygon", "Point")), ("shapes-mixed", "warning")),
        (make_shapes(500_001), WKB, ("shapes-too-many", "warning")),
    ],
)
def test_each_fault_of_shapes_is_told(shapes, facts, found):
    assert list_severities(check_shapes(shapes, facts)) == [found]
