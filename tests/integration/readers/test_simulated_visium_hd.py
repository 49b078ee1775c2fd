"""Simulated output of Space Ranger 4 for Visium HD is read back as the tissue that it was written from.

spatialdata-io 0.7.1 reads the same bundle, and gives the same barcodes, counts, places and outlines of cells; it was
run by hand, since its dependencies do not fit into this environment. Its squares stand upright, ours lie as the slide.
"""

import json
import os
import shutil

import numpy as np
import pyarrow.parquet as pq
import pytest
import shapely
import tifffile

from vitrina.errors import UnreadableError
from vitrina.model.content import ImageElement, ShapesElement, TableElement
from vitrina.readers.elements import open_pixels, read_shapes, read_table
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source
from vitrina.simulate.bundles.visium_hd import TILT_DEGREES, write_visium_hd
from vitrina.simulate.section import SectionParameters

PARAMETERS = SectionParameters(
    n_cells=200, n_transcripts=20_000, n_genes=50, width_um=160, height_um=140, pixel_size_um=0.25
)
SIZES = (2, 8, 16)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("visium-hd") / "outs"
    return folder, write_visium_hd(PARAMETERS, folder)


@pytest.fixture(scope="module")
def whole(written):
    return read(written[0])


@pytest.fixture
def copied(written, tmp_path):
    folder = tmp_path / "outs"
    shutil.copytree(written[0], folder, copy_function=os.link)
    return folder


def read(path):
    source = open_source(path)
    reader = find_reader(source)
    return source, reader, reader.read_content(source)


def get(content, kind):
    return {element.name: element for element in content.elements if isinstance(element, kind)}


def replace(path, data):
    path.unlink()  # it may be a link to the file of other tests
    path.write_bytes(data)


def test_all_elements_are_found(whole):
    _, reader, content = whole
    assert reader.format == content.format == "visium-hd"
    assert content.is_simulated
    assert set(get(content, ImageElement)) == {"full_image", "hires_image", "lowres_image"}
    assert set(get(content, TableElement)) == {"square_002um", "square_008um", "square_016um", "cells"}
    bins = {f"bins_square_{size:03d}um" for size in SIZES}
    assert set(get(content, ShapesElement)) == {*bins, "cell_segmentations", "nucleus_segmentations"}
    assert [(one.code, one.path) for one in content.findings] == [
        ("bundle-file-unused", "feature_slice.h5#"),
        ("bundle-file-unused", "barcode_mappings.parquet#"),
    ]


@pytest.mark.parametrize("size", SIZES)
def test_bins_are_read_back_with_counts_and_places(written, whole, size):
    source, _, content = whole
    name, bundle = f"square_{size:03d}um", written[1]
    element = get(content, TableElement)[name]
    table = read_table(source, content, element)
    expected = bundle.counts[size]
    assert list(table.obs_names) == expected.barcodes
    assert (expected.matrix != table.X).nnz == 0
    assert element.n_obs == len(table)
    assert (table.obs["in_tissue"] == 1).all()
    slide = bundle.slide
    rows, columns = (np.array([int(code[:-2].split("_")[at]) for code in expected.barcodes]) + 0.5 for at in (2, 3))
    centres = slide.origin_xy_um + size * (rows[:, None] * slide.row_xy + columns[:, None] * slide.column_xy)
    np.testing.assert_allclose(table.obsm["spatial"] * 0.25, centres)


@pytest.mark.parametrize("size", SIZES)
def test_squares_hold_the_molecules_that_their_bins_count(written, whole, size):
    source, _, content = whole
    name, bundle = f"square_{size:03d}um", written[1]
    squares = read_shapes(source, content, get(content, ShapesElement)[f"bins_{name}"])
    scale = get(content, ShapesElement)[f"bins_{name}"].placements[0].affine_xy[0]
    # counted by shapely, independently of rows and columns: which square holds which molecule
    tree = shapely.STRtree(shapely.points(bundle.transcripts.xy / scale))
    found, _ = tree.query(squares.geometry.to_numpy(), predicate="contains")
    counted = np.bincount(found, minlength=len(squares))
    expected = np.asarray(bundle.counts[size].matrix.sum(axis=1)).ravel()
    # single precision puts a few molecules on the edge of two bins
    assert np.abs(counted - expected).sum() <= 0.001 * expected.sum()
    np.testing.assert_allclose(squares.geometry.area, (size / scale) ** 2)
    first = np.asarray(squares.geometry.iloc[0].exterior.coords)
    assert np.degrees(np.arctan2(*(first[1] - first[0])[::-1])) == pytest.approx(TILT_DEGREES)


def test_segmented_cells_are_read_back_with_counts_and_outlines(written, whole):
    source, _, content = whole
    bundle = written[1]
    element = get(content, TableElement)["cells"]
    table = read_table(source, content, element)
    assert list(table.obs_names) == list(table.obs["cell_id"]) == bundle.cells.barcodes
    assert (bundle.cells.matrix != table.X).nnz == 0
    assert [column.name for column in element.obs_columns] == list(table.obs.columns)
    outlines = bundle.specimen.outlines
    for name, expected in (("cell", outlines.cell_nkxy), ("nucleus", outlines.nucleus_nkxy)):
        shapes_element = get(content, ShapesElement)[f"{name}_segmentations"]
        shapes = read_shapes(source, content, shapes_element)
        assert shapes_element.n_shapes == len(shapes) == PARAMETERS.n_cells
        assert list(shapes.index) == bundle.cells.barcodes
        polygons = shapely.polygons(expected / 0.25)
        assert shapely.equals_exact(shapes.geometry.to_numpy(), polygons, tolerance=1e-9).all()


def test_images_of_all_sizes_cover_the_same_place(written, whole):
    source, _, content = whole
    for element in get(content, ImageElement).values():
        sizes = dict(zip((axis.name for axis in element.axes), element.levels[0].shape, strict=True))
        scale = element.placements[0].affine_xy[0]
        assert sizes["x"] * scale == pytest.approx(160, abs=scale)
        assert sizes["y"] * scale == pytest.approx(140, abs=scale)
    full = get(content, ImageElement)["full_image"]
    expected = tifffile.imread(written[0] / "microscope_image" / "section_he.tif")
    pixels = open_pixels(source, content, full)
    out = np.empty((3, 1, *expected.shape[:2]), np.uint8)
    for channel in range(0, 3, pixels.n_joint_channels):
        pixels.read_into((0, channel, 0, 0, 0), out[channel : channel + pixels.n_joint_channels])
    pixels.close()
    np.testing.assert_array_equal(out[:, 0], expected.transpose(2, 0, 1))


def test_it_becomes_spatialdata_whose_tables_annotate_their_shapes(whole):
    source, reader, _ = whole
    loaded = reader.read_object(source)
    for name, table in loaded.tables.items():
        attrs = table.uns["spatialdata_attrs"]
        assert attrs["region"] == ("cell_segmentations" if name == "cells" else f"bins_{name}")
        assert set(table.obs[attrs["instance_key"]]) == set(loaded.shapes[attrs["region"]].index)


def test_long_lists_of_positions_are_matched_only_when_the_table_is_read(written, whole, monkeypatch):
    monkeypatch.setattr("vitrina.readers.tenx.spot_set.MAX_MATCHED", 100)
    source, _, content = read(written[0])
    assert get(content, TableElement)["square_008um"].n_obs == get(whole[2], TableElement)["square_008um"].n_obs
    table = read_table(source, content, get(content, TableElement)["square_008um"])
    assert (written[1].counts[8].matrix != table.X).nnz == 0


def test_a_folder_of_bins_that_is_damaged_does_not_keep_the_others_away(copied):
    path = copied / "binned_outputs/square_008um/filtered_feature_bc_matrix.h5"
    replace(path, path.read_bytes()[:20_000])
    positions = copied / "binned_outputs/square_016um/spatial/tissue_positions.parquet"
    table = pq.read_table(positions).select(["barcode", "in_tissue"])
    positions.unlink()
    pq.write_table(table, positions)
    replace(copied / "segmented_outputs/cell_segmentations.geojson", b'{"type": "FeatureCollection", "features": [')
    source, _, content = read(copied)
    damaged = {one.path: one.code for one in content.findings if one.severity == "error"}
    assert set(damaged) >= {"binned_outputs/square_008um#", "binned_outputs/square_016um#"}
    assert damaged["binned_outputs/square_016um#"] == "tissue-positions-invalid"
    assert "square_002um" in get(content, TableElement)
    with pytest.raises(UnreadableError, match="outlines of cells"):
        read_shapes(source, content, get(content, ShapesElement)["cell_segmentations"])


def test_bins_without_positions_and_cells_are_an_error_that_names_them(copied):
    shutil.rmtree(copied / "segmented_outputs")
    for path in copied.glob("binned_outputs/*/spatial/tissue_positions.parquet"):
        path.unlink()
    with pytest.raises(UnreadableError, match=r"tissue_positions\.parquet"):
        read(copied)


def test_folders_of_bins_that_are_links_out_of_the_dataset_are_not_followed(copied, tmp_path):
    outside = tmp_path / "elsewhere"
    (copied / "binned_outputs/square_016um").rename(outside)
    (copied / "binned_outputs/square_016um").symlink_to(outside)
    _, _, content = read(copied)
    assert set(get(content, TableElement)) == {"square_002um", "square_008um", "cells"}
    assert [one.path for one in content.findings if one.code == "link-outside"] == ["binned_outputs/square_016um#"]


def test_without_scale_factors_places_are_in_pixels_and_told(copied):
    for path in [*copied.glob("**/scalefactors_json.json")]:
        stated = json.loads(path.read_bytes())
        stated.pop("microns_per_pixel", None)
        replace(path, json.dumps(stated).encode())
    _, _, content = read(copied)
    assert get(content, ShapesElement)["bins_square_016um"].placements[0].affine_xy[0] == 1.0
    assert "scalefactors_json.json with microns_per_pixel#" in {one.path for one in content.findings}
