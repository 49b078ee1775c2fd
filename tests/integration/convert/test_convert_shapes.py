"""Shapes: what SpatialData cannot hold is told, and very many outlines get a simpler copy. Expected values by hand."""

import geopandas
import numpy as np
import pytest
import shapely
import spatialdata
from same_spatialdata import build_small
from shapely import LineString, MultiPolygon, Point, Polygon, box
from spatialdata.models import ShapesModel

from vitrina.convert.spatialdata.options import SpatialDataOptions
from vitrina.convert.spatialdata.shapes import MANY_SHAPES, simplify_shapes, unwrap_shapes
from vitrina.errors import InputError
from vitrina.model.content import ShapesElement
from vitrina.readers.spatialdata_shapes import settle_shapes
from vitrina.verbs.convert import convert

ELEMENT = ShapesElement(name="cells", path="shapes/cells", n_shapes=1, geometry="polygon")
TWO = MultiPolygon([box(0, 0, 1, 1), box(5, 5, 6, 6)])
BOW_TIE = Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])


def frame(*geometry, **columns):
    return geopandas.GeoDataFrame({"geometry": list(geometry), **columns}, index=np.arange(1, len(geometry) + 1))


@pytest.mark.parametrize(
    ("shapes", "kept", "codes"),
    [
        (frame(box(0, 0, 1, 1), box(2, 2, 3, 3)), [1, 2], []),
        (frame(box(0, 0, 1, 1), None, Polygon()), [1], ["shapes-empty"]),
        (frame(box(0, 0, 1, 1), TWO), [1, 2], ["shapes-multipart"]),
        (frame(BOW_TIE), [1], ["shapes-invalid"]),
        (frame(box(0, 0, 1, 1), box(1, 1, 2, 2), Point(3, 3)), [1, 2], ["shapes-mixed-kinds"]),
        (frame(box(0, 0, 1, 1), LineString([(0, 0), (1, 1)])), [1], ["shapes-mixed-kinds"]),
        (frame(Point(0, 0), Point(1, 1), Point(2, 2), radius=[1.0, 0.0, np.nan]), [1], ["circles-without-radius"]),
        (frame(Point(0, 0)), [], ["circles-without-radius"]),
        (frame(), [], []),
    ],
)
def test_what_spatialdata_cannot_hold_is_left_out_and_told(shapes, kept, codes):
    settled, findings = settle_shapes(shapes, ELEMENT)
    assert settled.index.tolist() == kept
    assert [finding.code for finding in findings] == codes


def test_polygons_of_one_part_are_unwrapped_and_others_stay():
    shapes = unwrap_shapes(frame(MultiPolygon([box(0, 0, 1, 1)]), TWO, box(2, 2, 3, 3)))
    assert shapes.geometry.geom_type.tolist() == ["Polygon", "MultiPolygon", "Polygon"]
    assert shapes.geometry.iloc[0].equals(box(0, 0, 1, 1))


def build_circle(x, n_vertices=64):
    return Point(x, 0).buffer(5, quad_segs=n_vertices // 4)


def test_a_simpler_copy_has_fewer_vertices_and_stays_near():
    shapes = frame(*(build_circle(x) for x in range(0, 100, 20)))
    copy, finding = simplify_shapes(shapes, ELEMENT, 0.5, "shapes/cells_simplified")
    before, after = (shapely.get_num_coordinates(one.geometry.to_numpy()).sum() for one in (shapes, copy))
    assert after < before / 3
    assert max(a.hausdorff_distance(b) for a, b in zip(shapes.geometry, copy.geometry, strict=True)) <= 0.5
    assert copy.index.tolist() == shapes.index.tolist()
    assert f"{after:,} instead of {before:,}" in finding.message
    assert "0.5" in finding.message


@pytest.mark.parametrize(
    ("shapes", "tolerance"),
    [(frame(box(0, 0, 1, 1)), None), (frame(box(0, 0, 1, 1)), 0), (frame(Point(0, 0), radius=[1.0]), 0.5)],
)
def test_few_outlines_and_circles_have_no_copy(shapes, tolerance):
    assert simplify_shapes(shapes, ELEMENT, tolerance, "x") is None


def test_very_many_outlines_have_a_copy_by_their_size():
    """Their area, 100.5, is that of a circle of diameter 11.31; a twentieth of that is 0.57."""
    corners = np.array([[0, 0], [10, 0], [10, 10], [5, 10.1], [0, 10]])
    many = shapely.polygons(np.broadcast_to(corners, (MANY_SHAPES + 1, 5, 2)))
    copy, finding = simplify_shapes(frame(*many), ELEMENT, None, "x")
    assert "0.57" in finding.message
    assert shapely.get_num_coordinates(copy.geometry.iloc[0]) == 5  # four corners, the first again; the tip is gone


def test_a_simpler_copy_is_an_element_beside_the_exact_one(tmp_path):
    sdata = build_small()
    sdata.shapes["cells"] = ShapesModel.parse(frame(*(build_circle(x * 20) for x in range(30))))
    sdata.write(tmp_path / "source.zarr", shapes_geometry_encoding="WKB")
    done = convert(tmp_path / "source.zarr", tmp_path / "out.sdata.zarr", SpatialDataOptions(simplify_tolerance=0.5))
    assert [finding.code for finding in done.findings] == ["shapes-simplified"]
    found = spatialdata.read_zarr(tmp_path / "out.sdata.zarr").shapes
    assert sorted(found) == ["beads", "cells", "cells_simplified"]
    assert found["cells"].geometry.equals(sdata.shapes["cells"].geometry)


def test_empty_shapes_are_left_out_and_the_table_says_so(tmp_path):
    sdata = build_small()
    sdata.write(tmp_path / "source.zarr", shapes_geometry_encoding="WKB")
    nothing = geopandas.GeoDataFrame({"geometry": [Polygon()] * 30}, index=np.arange(1, 31))
    nothing.to_parquet(tmp_path / "source.zarr" / "shapes" / "cells" / "shapes.parquet")
    done = convert(tmp_path / "source.zarr", tmp_path / "out.sdata.zarr")
    assert {finding.code for finding in done.findings} >= {"shapes-empty", "element-left-out", "table-unlinked"}
    found = spatialdata.read_zarr(tmp_path / "out.sdata.zarr")
    assert sorted(found.shapes) == ["beads"]
    assert "spatialdata_attrs" not in found.tables["table"].uns


@pytest.mark.parametrize("tolerance", [-1.0, float("nan"), float("inf")])
def test_tolerances_are_distances(tolerance):
    with pytest.raises(InputError):
        SpatialDataOptions(simplify_tolerance=tolerance)
