"""Tissue, cells, outlines and label images agree with each other."""

import hashlib
from dataclasses import replace

import numpy as np
import shapely

from vitrina.simulate.cell_types import CELL_TYPES, CODES
from vitrina.simulate.outlines import measure_areas
from vitrina.simulate.specimen import build_specimen
from vitrina.simulate.zones import ZONES, Zone


def _hash(specimen):
    arrays = (specimen.labels_yx, specimen.nuclei_yx, specimen.outlines.cell_nkxy, specimen.cells.type_code)
    return [hashlib.sha256(array.tobytes()).hexdigest() for array in arrays]


def test_equal_parameters_give_equal_tissue(specimen):
    assert _hash(build_specimen(specimen.parameters)) == _hash(specimen)


def test_another_section_is_another_piece_of_tissue(specimen):
    other = build_specimen(replace(specimen.parameters, section="S2"))
    assert (other.tissue.zone_yx != specimen.tissue.zone_yx).mean() > 0.1


def test_there_are_as_many_cells_as_asked_for(specimen):
    assert specimen.cells.type_code.shape == (900,)
    assert np.unique(specimen.labels_yx).tolist() == list(range(901))


def test_every_cell_lies_in_a_zone_where_cells_live(specimen):
    assert all(ZONES[zone].area_per_cell_um2 for zone in np.unique(specimen.cells.zone))


def test_outlines_are_valid_and_do_not_overlap(specimen):
    """Checked by GEOS, which knows nothing of how they were made."""
    polygons = shapely.polygons(specimen.outlines.cell_nkxy)
    assert shapely.is_valid(polygons).all()
    one, other = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    shared = shapely.area(shapely.intersection(polygons[one], polygons[other]))[one != other]
    assert shared.sum() < 1e-9 * shapely.area(polygons).sum()


def test_every_nucleus_lies_inside_its_cell(specimen):
    cells, nuclei = (
        shapely.polygons(specimen.outlines.cell_nkxy),
        shapely.polygons(specimen.outlines.nucleus_nkxy),
    )
    assert shapely.contains(cells, nuclei).all()


def test_outlines_stay_inside_the_section(specimen):
    low, high = specimen.outlines.cell_nkxy.min(axis=(0, 1)), specimen.outlines.cell_nkxy.max(axis=(0, 1))
    assert (low >= 0).all()
    assert (high <= (400, 360)).all()


def test_areas_agree_with_geos(specimen):
    expected = shapely.area(shapely.polygons(specimen.outlines.cell_nkxy))
    np.testing.assert_allclose(measure_areas(specimen.outlines.cell_nkxy), expected)


def test_a_label_is_the_id_of_the_polygon_that_the_pixels_centre_lies_in(specimen):
    """Checked by GEOS on every pixel of a window, for cells and nuclei."""
    for polygons_nkxy, labels_yx in (
        (specimen.outlines.cell_nkxy, specimen.labels_yx),
        (specimen.outlines.nucleus_nkxy, specimen.nuclei_yx),
    ):
        rows, columns = np.mgrid[250:400, 300:450]
        centres = shapely.points((columns.ravel() + 0.5) * 0.5, (rows.ravel() + 0.5) * 0.5)
        polygon, pixel = shapely.STRtree(centres).query(shapely.polygons(polygons_nkxy), predicate="contains")
        expected = np.zeros(rows.size, dtype=int)
        expected[pixel] = polygon + 1
        assert (expected > 0).any()
        assert (labels_yx[rows, columns].ravel() == expected).all()


def test_label_pixels_cover_the_area_of_their_polygons(specimen):
    pixels = np.bincount(specimen.labels_yx.ravel())[1:] * 0.5**2
    areas = measure_areas(specimen.outlines.cell_nkxy)
    assert abs(pixels.sum() / areas.sum() - 1) < 0.002
    assert np.abs(pixels / areas - 1).max() < 0.25


def test_pixels_of_another_size_show_the_same_cells(specimen):
    coarse = build_specimen(replace(specimen.parameters, pixel_size_um=0.8))
    assert coarse.labels_yx.shape == (450, 500)
    assert (coarse.outlines.cell_nkxy == specimen.outlines.cell_nkxy).all()


def test_niches_differ_in_their_cells(specimen):
    types, zone = specimen.cells.type_code, specimen.cells.zone
    assert (types[zone == Zone.TUMOUR] == CODES["malignant"]).mean() > 0.6
    assert (types[zone == Zone.STROMA] == CODES["fibroblast"]).mean() > 0.3
    assert (types[zone == Zone.STROMA] != CODES["malignant"]).all()


def test_a_normal_section_has_no_tumour(specimen):
    normal = build_specimen(replace(specimen.parameters, disease="normal"))
    assert not np.isin(normal.tissue.zone_yx, (Zone.TUMOUR, Zone.NECROSIS)).any()
    assert CODES["malignant"] not in normal.cells.type_code


def test_spindle_cells_lie_along_the_fibres(specimen):
    """Covariance of a fibroblast's vertices against the slope of the flow: along the lines, not across them."""
    of = np.flatnonzero(specimen.cells.type_code == CODES["fibroblast"])
    vertices = specimen.outlines.nucleus_nkxy[of]
    spread = vertices - vertices.mean(axis=1, keepdims=True)
    axis = np.linalg.eigh(np.einsum("nki,nkj->nij", spread, spread))[1][:, :, 1]
    columns, rows = (specimen.cells.centre_xy[of] / 2).astype(int).T
    slope = np.stack([np.gradient(specimen.tissue.flow_yx, axis=a)[rows, columns] for a in (1, 0)], axis=-1)
    slope /= np.linalg.norm(slope, axis=1, keepdims=True)
    assert np.median(np.abs((axis * slope).sum(axis=1))) < 0.35  # 0.71 if they did not care


def test_cell_types_are_unique_by_every_name():
    for name in ("key", "name", "ontology_id"):
        assert len({getattr(cell_type, name) for cell_type in CELL_TYPES}) == len(CELL_TYPES)


def test_zones_name_only_cell_types_that_exist():
    assert {key for traits in ZONES.values() for key in traits.cells} == set(CODES)
