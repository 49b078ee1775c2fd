"""Real output of Space Ranger, compared with what h5py, pandas and Pillow read from the same files."""

import h5py
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import samples

from vitrina.model.content import ImageElement, ShapesElement, TableElement
from vitrina.readers.elements import read_shapes, read_table
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source

NAMES = ["barcode", "in_tissue", "array_row", "array_col", "y", "x"]


def read(path):
    source = open_source(path)
    reader = find_reader(source)
    return source, reader, reader.read_content(source)


def get(content, kind):
    return {element.name: element for element in content.elements if isinstance(element, kind)}


@pytest.fixture(scope="module", params=["visium-mouse-brain-tiny", "visium-mouse-brain-tiny/outs"])
def visium(request):
    return read(samples.get(request.param))


@pytest.fixture(scope="module")
def visium_hd():
    return read(samples.get("visium-hd-tiny"))


def test_visium_is_recognised_by_its_outputs_and_by_the_folder_around_them(visium):
    _, reader, content = visium
    assert reader.format == content.format == "visium"
    assert set(get(content, ImageElement)) == {"hires_image", "lowres_image"}
    assert set(get(content, ShapesElement)) == {"spots"}
    assert get(content, ShapesElement)["spots"].n_shapes == 2695
    assert content.coordinate_systems == ("global",)


def test_the_spots_of_visium_lie_where_the_list_of_positions_says(visium):
    source, _, content = visium
    root = samples.get("visium-mouse-brain-tiny/outs")
    listed = pd.read_csv(root / "spatial/tissue_positions_list.csv", header=None, names=NAMES).set_index("barcode")
    with h5py.File(root / "filtered_feature_bc_matrix.h5") as file:
        barcodes = [barcode.decode() for barcode in file["matrix/barcodes"]]
    table = read_table(source, content, get(content, TableElement)["table"])
    spots = read_shapes(source, content, get(content, ShapesElement)["spots"])
    assert list(table.obs_names) == barcodes
    expected = listed.loc[barcodes]
    np.testing.assert_array_equal(table.obsm["spatial"], expected[["x", "y"]])
    np.testing.assert_array_equal(spots.geometry.x, expected["x"])
    np.testing.assert_array_equal(table.obs["array_row"], expected["array_row"])
    np.testing.assert_array_equal(table.obs["spot_id"], spots.index)
    # spot_diameter_fullres of scalefactors_json.json
    np.testing.assert_allclose(spots["radius"], 89.47248494250101 / 2)


def test_the_counts_of_visium_are_those_of_the_file(visium):
    source, _, content = visium
    table = read_table(source, content, get(content, TableElement)["table"])
    with h5py.File(samples.get("visium-mouse-brain-tiny/outs/filtered_feature_bc_matrix.h5")) as file:
        assert table.X.sum() == file["matrix/data"][:].sum()
        assert table.shape == tuple(file["matrix/shape"][:])[::-1]


def test_pixels_of_visium_get_their_size_from_the_distance_of_spots(visium):
    _, _, content = visium
    hires = get(content, ImageElement)["hires_image"]
    spots = get(content, ShapesElement)["spots"]
    # independent of it: spot_diameter_fullres spans 65 µm by the vendor's documentation
    assert spots.placements[0].affine_xy[0] == pytest.approx(65 / 89.47248494250101, rel=1e-3)
    assert hires.placements[0].affine_xy[0] == pytest.approx(spots.placements[0].affine_xy[0] / 0.17211704)
    assert hires.levels[0].scale[0] == pytest.approx(hires.placements[0].affine_xy[0])
    assert {finding.code for finding in content.findings} == {"pixel-size-derived", "alpha-dropped"}


def test_visium_becomes_spatialdata_whose_table_annotates_the_spots(visium):
    source, reader, _ = visium
    loaded = reader.read_object(source)
    assert set(loaded.images) == {"hires_image", "lowres_image"}
    assert loaded.tables["table"].uns["spatialdata_attrs"]["region"] == "spots"
    assert set(loaded.tables["table"].obs["spot_id"]) == set(loaded.shapes["spots"].index)


def test_the_bins_of_visium_hd_are_squares_that_annotate_a_table_for_each_size(visium_hd):
    source, reader, content = visium_hd
    assert reader.format == content.format == "visium-hd"
    assert set(get(content, TableElement)) == {"square_008um", "square_016um"}
    assert {name: shapes.geometry for name, shapes in get(content, ShapesElement).items()} == {
        "bins_square_008um": "polygon",
        "bins_square_016um": "polygon",
    }
    for name, table in get(content, TableElement).items():
        loaded = read_table(source, content, table)
        shapes = read_shapes(source, content, get(content, ShapesElement)[f"bins_{name}"])
        assert table.n_obs == len(loaded) == len(shapes) == get(content, ShapesElement)[f"bins_{name}"].n_shapes
        np.testing.assert_array_equal(loaded.obs["location_id"], shapes.index)
        centres = np.column_stack((shapes.geometry.centroid.x, shapes.geometry.centroid.y))
        np.testing.assert_allclose(centres, loaded.obsm["spatial"], atol=1e-6)


def test_barcodes_of_visium_hd_without_a_position_are_left_out_and_told(visium_hd):
    source, _, content = visium_hd
    root = samples.get("visium-hd-tiny/outs/binned_outputs/square_016um")
    listed = set(pq.read_table(root / "spatial/tissue_positions.parquet").column("barcode").to_pylist())
    with h5py.File(root / "filtered_feature_bc_matrix.h5") as file:
        barcodes = [barcode.decode() for barcode in file["matrix/barcodes"]]
    placed = [barcode for barcode in barcodes if barcode in listed]
    table = read_table(source, content, get(content, TableElement)["square_016um"])
    assert list(table.obs_names) == placed
    told = [one for one in content.findings if one.code == "barcodes-without-position"]
    assert [one.message.split(" barcodes")[0] for one in told] == [f"{len(barcodes) - len(placed):,} of 2,695"]


def test_bins_are_as_large_and_turned_as_the_grid_of_their_centres(visium_hd):
    source, _, content = visium_hd
    squares = read_shapes(source, content, get(content, ShapesElement)["bins_square_016um"])
    # spot_diameter_fullres of scalefactors_json.json
    np.testing.assert_allclose(squares.geometry.area, 58.44508306958184**2, rtol=2e-3)
    first = np.asarray(squares.geometry.iloc[0].exterior.coords)
    tilt = np.degrees(np.arctan2(*(first[1] - first[0])[::-1]))
    # by hand from two bins of one row, 276 columns apart in array_col: the slide lies turned by 0.38 degrees
    assert tilt == pytest.approx(-0.38, abs=0.05)
    # positions of 16 µm bins stand beside scale factors of 8 µm: the size that is stated counts
    upright = read_shapes(source, content, get(content, ShapesElement)["bins_square_008um"])
    np.testing.assert_allclose(upright.geometry.area, 29.22254153479092**2)
    assert [one.path for one in content.findings if one.code == "bin-grid-mismatch"] == [
        "binned_outputs/square_008um/spatial/tissue_positions.parquet#"
    ]


def test_a_thumbnail_of_visium_is_the_picture_of_the_tissue(visium, visium_hd):
    for source, reader, content in (visium, visium_hd):
        preview = reader.read_preview(source, content, 128)
        assert preview.is_rgb
        assert 128 <= max(preview.pixels_cyx.shape) <= 700
