"""Simulated output of Xenium is read back as the tissue that it was written from.

spatialdata-io 0.7.1 reads both bundles too, and gives the same ids, places, counts, polygons, transcripts, labels and
pixels; it was run by hand, since its dependencies do not fit into this environment.
"""

import gzip
import os
import shutil

import numpy as np
import pyarrow.parquet as pq
import pytest
import shapely

from vitrina.errors import UnreadableError
from vitrina.model.content import ImageElement, LabelsElement, PointsElement, ShapesElement, TableElement
from vitrina.readers.elements import iterate_points, open_pixels, read_shapes, read_table
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source
from vitrina.simulate.bundles.xenium import write_xenium
from vitrina.simulate.fluorescence import CHANNELS, build_fluorescence
from vitrina.simulate.genes import PANEL
from vitrina.simulate.histology import build_he
from vitrina.simulate.section import SectionParameters
from vitrina.simulate.texture import build_texture

PARAMETERS = SectionParameters(
    n_cells=250, n_transcripts=20_000, n_genes=60, width_um=170, height_um=136, pixel_size_um=0.2125
)
FORMS = ("cell_feature_matrix.h5", "cell_feature_matrix", "cell_feature_matrix.zarr.zip")


@pytest.fixture(scope="module", params=[3, 1], ids=["version 3", "version 1"])
def written(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("xenium") / "outs"
    return folder, write_xenium(PARAMETERS, folder, generation=request.param), request.param


@pytest.fixture(scope="module")
def whole(written):
    return read(written[0])


@pytest.fixture
def copied(written, tmp_path):
    """A copy of the bundle to be damaged; image files are links, which cost nothing."""
    folder = tmp_path / "region"
    shutil.copytree(written[0], folder, copy_function=os.link)
    return folder


def read(path):
    source = open_source(path)
    reader = find_reader(source)
    return source, reader, reader.read_content(source)


def get(content, kind):
    return {element.name: element for element in content.elements if isinstance(element, kind)}


def read_pixels(source, content, element, level=0):
    pixels = open_pixels(source, content, element, level)
    try:
        c, z, y, x = pixels.shape_tczyx[1:]
        out = np.empty((c, z, y, x), pixels.dtype)
        for channel in range(0, c, pixels.n_joint_channels):
            pixels.read_into((0, channel, 0, 0, 0), out[channel : channel + pixels.n_joint_channels])
    finally:
        pixels.close()
    return out


def rewrite(path, change):
    table = change(pq.read_table(path))
    path.unlink()  # it may be a link to the file of other tests
    pq.write_table(table, path)


def test_all_elements_are_found(written, whole):
    _, reader, content = whole
    assert reader.format == content.format == "xenium"
    assert content.format_version == {3: "3.0.0.15", 1: "1.0.1.2"}[written[2]]
    assert content.is_simulated
    assert set(get(content, LabelsElement)) == {"cell_labels", "nucleus_labels"}
    assert set(get(content, ShapesElement)) == {"cell_boundaries", "nucleus_boundaries"}
    assert set(get(content, PointsElement)) == {"transcripts"}
    assert set(get(content, ImageElement)) >= {"morphology_focus", "morphology", "he_image"}
    assert [one.code for one in content.findings] == ["feature-types-mixed"]


def test_the_folder_around_the_outputs_is_recognised_too(written, whole):
    _, reader, content = read(written[0].parent)
    assert content.elements == whole[2].elements
    assert reader.format == "xenium"


def test_cells_are_read_back_with_ids_places_and_counts(written, whole):
    source, _, content = whole
    bundle = written[1]
    element = get(content, TableElement)["table"]
    table = read_table(source, content, element)
    assert list(table.obs_names) == bundle.cell_ids
    assert list(table.obs["cell_id"].astype(str)) == bundle.cell_ids
    np.testing.assert_array_equal(table.obsm["spatial"], bundle.specimen.cells.centre_xy)
    assert (bundle.counts.matrix != table.X).nnz == 0
    assert list(table.var_names) == bundle.counts.names
    assert element.n_obs == len(table)
    assert [column.name for column in element.obs_columns] == list(table.obs.columns)
    low, high = bundle.specimen.cells.centre_xy.min(axis=0), bundle.specimen.cells.centre_xy.max(axis=0)
    np.testing.assert_allclose(element.extent_xy, (*low, *high))


@pytest.mark.parametrize("form", FORMS)
def test_counts_are_the_same_in_each_of_their_forms(written, copied, form):
    for other in FORMS:
        if other != form:
            path = copied / other
            path.unlink() if path.is_file() else shutil.rmtree(path)
    source, _, content = read(copied)
    element = get(content, TableElement)["table"]
    assert element.path == form
    table = read_table(source, content, element)
    assert (written[1].counts.matrix != table.X).nnz == 0
    assert list(table.obs_names) == written[1].cell_ids
    assert list(table.var_names) == written[1].counts.names
    assert element.n_vars == len(written[1].counts.names)


@pytest.mark.parametrize("suffix", [".parquet", ".csv.gz"])
def test_polygons_are_those_of_the_tissue(written, copied, suffix):
    for stem in ("cell_boundaries", "nucleus_boundaries"):
        (copied / f"{stem}{'.csv.gz' if suffix == '.parquet' else '.parquet'}").unlink()
    source, _, content = read(copied)
    outlines = written[1].specimen.outlines
    for name, expected in (("cell_boundaries", outlines.cell_nkxy), ("nucleus_boundaries", outlines.nucleus_nkxy)):
        element = get(content, ShapesElement)[name]
        shapes = read_shapes(source, content, element)
        assert element.path == f"{name}{suffix}"
        assert element.n_shapes == len(shapes) == len(expected)
        assert list(shapes["cell_id"].astype(str)) == written[1].cell_ids
        # the vendor stores single precision
        polygons = shapely.polygons(expected.astype(np.float32))
        assert shapely.equals_exact(shapes.geometry.to_numpy(), polygons, tolerance=1e-4).all()
    cells = read_shapes(source, content, get(content, ShapesElement)["cell_boundaries"])
    assert list(cells.index.astype(str)) == written[1].cell_ids


@pytest.mark.parametrize("suffix", [".parquet", ".csv.gz"])
def test_transcripts_come_in_batches_with_genes_places_and_quality(written, copied, suffix):
    (copied / f"transcripts{'.csv.gz' if suffix == '.parquet' else '.parquet'}").unlink()
    source, _, content = read(copied)
    element = get(content, PointsElement)["transcripts"]
    batches = list(iterate_points(source, content, element))
    expected = written[1].transcripts
    xy = np.concatenate([np.column_stack((batch["x"], batch["y"])) for batch in batches])
    np.testing.assert_allclose(xy, expected.xy, atol=1e-4)
    genes = [gene for batch in batches for gene in batch["feature_name"].to_pylist()]
    assert genes == [PANEL[code] for code in expected.gene_code]
    quality = np.concatenate([batch["qv"].to_numpy() for batch in batches])
    np.testing.assert_allclose(quality, expected.quality, rtol=1e-5)
    outside = -1 if written[2] == 1 else "UNASSIGNED"
    ids = [int(one) if written[2] == 1 else one for one in written[1].cell_ids]
    cells = [cell for batch in batches for cell in batch["cell_id"].to_pylist()]
    assert cells == [outside if number == 0 else ids[number - 1] for number in expected.cell_id]
    assert element.n_points == (20_000 if suffix == ".parquet" else None)
    assert set(batches[0].schema.names) == {*element.axes, *(column.name for column in element.columns)}


def test_transcripts_are_described_from_metadata_alone(whole):
    element = get(whole[2], PointsElement)["transcripts"]
    # by pyarrow, from the statistics of all row groups
    metadata = pq.read_metadata(whole[0].path / "transcripts.parquet")
    x = metadata.schema.to_arrow_schema().names.index("x_location")
    lows = [metadata.row_group(i).column(x).statistics.min for i in range(metadata.num_row_groups)]
    assert element.extent_xy[0] == min(lows)
    assert element.n_points == metadata.num_rows


def test_label_images_hold_the_cells_and_the_table_says_which(written, whole):
    source, _, content = whole
    specimen = written[1].specimen
    for name, expected in (("cell_labels", specimen.labels_yx), ("nucleus_labels", specimen.nuclei_yx)):
        element = get(content, LabelsElement)[name]
        np.testing.assert_array_equal(read_pixels(source, content, element)[0, 0], expected)
    table = read_table(source, content, get(content, TableElement)["table"])
    np.testing.assert_array_equal(table.obs["cell_labels"], np.arange(1, PARAMETERS.n_cells + 1))


def test_the_morphology_is_read_with_all_stains_and_levels(written, whole):
    source, _, content = whole
    specimen = written[1].specimen
    stains = build_fluorescence(specimen, build_texture(specimen))
    focus = get(content, ImageElement)["morphology_focus"]
    expected = stains if written[2] == 3 else stains[:1]
    np.testing.assert_array_equal(read_pixels(source, content, focus)[:, 0], expected)
    assert [channel.name for channel in focus.channels] == list(CHANNELS[: len(expected)])
    for level in range(1, len(focus.levels)):
        sizes = dict(zip((axis.name for axis in focus.axes), focus.levels[level].shape, strict=True))
        assert read_pixels(source, content, focus, level).shape == (len(expected), 1, sizes["y"], sizes["x"])
    stack = get(content, ImageElement)["morphology"]
    assert [axis.name for axis in stack.axes] == ["z", "y", "x"]
    assert stack.levels[0].scale == (3.0, 0.2125, 0.2125)
    assert stack.placements[0].scale_z == 3.0


def test_an_aligned_image_lies_where_its_matrix_says(written, whole):
    source, _, content = whole
    specimen = written[1].specimen
    he = get(content, ImageElement)["he_image"]
    turned = read_pixels(source, content, he)[:, 0]
    original = build_he(specimen, build_texture(specimen))
    a, b, c, d, e, f = he.placements[0].affine_xy
    # the middle of one pixel, through the placement, must be the middle of the pixel of the same colour
    for row, column in ((3, 5), (100, 200), (400, 17)):
        x, y = a * (column + 0.5) + b * (row + 0.5) + c, d * (column + 0.5) + e * (row + 0.5) + f
        at = int(y / 0.2125), int(x / 0.2125)
        np.testing.assert_array_equal(turned[:, row, column], original[:, at[0], at[1]])


def test_an_image_without_a_matrix_lies_in_a_coordinate_system_of_its_own(copied):
    (copied / "simulated_he_imagealignment.csv").unlink()
    _, _, content = read(copied)
    assert [own.coordinate_system for own in get(content, ImageElement)["he_image"].placements] == ["he_image"]
    assert content.coordinate_systems == ("global", "he_image")
    assert "image-not-placed" in {one.code for one in content.findings}


@pytest.mark.parametrize("text", ["", "1,0\n0,1\n", "1,0,0\n0,1,0\n1,0,1\n", "0,0,1\n0,0,1\n0,0,1\n", "a,b,c\n" * 3])
def test_a_matrix_that_is_none_leaves_its_image_out(copied, text):
    path = copied / "simulated_he_imagealignment.csv"
    path.unlink()
    path.write_text(text)
    _, _, content = read(copied)
    assert "he_image" not in get(content, ImageElement)
    assert [one.path for one in content.findings if one.severity == "error"] == ["simulated_he_image.ome.tif#"]


def test_it_becomes_spatialdata_in_micrometres(written, whole):
    source, reader, _ = whole
    loaded = reader.read_object(source)
    assert "morphology" not in loaded.images
    assert loaded.attrs["vitrina"]["simulated"]
    assert len(loaded.points["transcripts"]) == 20_000
    table = loaded.tables["table"]
    assert table.uns["spatialdata_attrs"]["region"] == "cell_boundaries"
    assert set(table.obs["cell_id"]) == set(loaded.shapes["cell_boundaries"].index)
    import spatialdata

    extent = spatialdata.get_extent(loaded["morphology_focus"], coordinate_system="global")
    assert extent["x"] == pytest.approx((0, 170))
    assert extent["y"] == pytest.approx((0, 136))


def test_a_thumbnail_shows_the_tissue(whole):
    source, reader, content = whole
    preview = reader.read_preview(source, content, 128)
    assert preview.is_rgb
    assert preview.pixels_cyx.std() > 1


def test_two_nuclei_under_one_id_are_two_outlines(written, copied):
    """Early files of version 2 have no label_id: rings close one after the other under the id of the cell."""
    ids = written[1].cell_ids

    def merge(table):
        table = table.drop_columns([name for name in ("label_id",) if name in table.column_names])
        second = [ids[0] if str(one) == ids[1] else one for one in table["cell_id"].to_pylist()]
        second = [int(one) for one in second] if written[2] == 1 else second
        return table.set_column(0, "cell_id", [second])

    rewrite(copied / "nucleus_boundaries.parquet", merge)
    source, _, content = read(copied)
    nuclei = read_shapes(source, content, get(content, ShapesElement)["nucleus_boundaries"])
    assert len(nuclei) == PARAMETERS.n_cells
    assert list(nuclei["cell_id"].astype(str)[:3]) == [ids[0], ids[0], ids[2]]
    assert nuclei.geometry.is_valid.all()


def test_rows_without_an_id_are_left_out_and_told(written, copied):
    if written[2] == 1:
        missing, code = None, "cell-ids-empty"
    else:
        missing, code = "", "cell-ids-empty"

    def blank(table):
        cells = table["cell_id"].to_pylist()
        return table.set_column(0, "cell_id", [[missing, *cells[1:]]])

    rewrite(copied / "cells.parquet", blank)
    source, _, content = read(copied)
    told = {one.code: one.message for one in content.findings}
    assert told[code].startswith("1 rows of cells.parquet have no id")
    assert told["cells-without-position"].startswith("1 of 250 cells")
    table = read_table(source, content, get(content, TableElement)["table"])
    assert np.isnan(table.obsm["spatial"]).any(axis=1).tolist() == [True] + [False] * 249
    assert get(content, ShapesElement)["cell_boundaries"].n_shapes == 250


def test_transcripts_without_a_cell_are_outside(written, copied):
    def blank(table):
        number = table.column_names.index("cell_id")
        cells = table["cell_id"].to_pylist()
        return table.set_column(number, "cell_id", [[None, *([""] if written[2] == 3 else [None]), *cells[2:]]])

    rewrite(copied / "transcripts.parquet", blank)
    source, _, content = read(copied)
    batch = next(iterate_points(source, content, get(content, PointsElement)["transcripts"]))
    assert batch["cell_id"].to_pylist()[:2] == ([-1, -1] if written[2] == 1 else ["UNASSIGNED"] * 2)


def test_what_is_missing_is_told_and_the_rest_is_shown(copied):
    for name in ("cell_boundaries.parquet", "cell_boundaries.csv.gz", "cells.zarr.zip", "experiment.xenium"):
        (copied / name).unlink()
    source, _, content = read(copied)
    missing = {one.path for one in content.findings if one.code == "bundle-file-missing"}
    assert missing == {"cell_boundaries.parquet#", "cells.zarr.zip#", "experiment.xenium#"}
    assert get(content, TableElement)["table"].region == ("cell_circles",)
    assert len(read_shapes(source, content, get(content, ShapesElement)["cell_circles"])) == 250
    assert not get(content, LabelsElement)


def test_places_come_from_the_masks_where_the_list_of_cells_is_missing(written, copied):
    for name in ("cells.parquet", "cells.csv.gz"):
        (copied / name).unlink()
    source, _, content = read(copied)
    table = read_table(source, content, get(content, TableElement)["table"])
    np.testing.assert_array_equal(table.obsm["spatial"], written[1].specimen.cells.centre_xy)


def test_a_folder_without_counts_and_cells_is_refused_with_what_is_missing(copied):
    for path in copied.glob("cell*"):
        path.unlink() if path.is_file() else shutil.rmtree(path)
    source = open_source(copied)
    reader = find_reader(source)
    assert reader.format == "xenium"
    with pytest.raises(UnreadableError, match=r"cell_feature_matrix\.h5.*cells\.parquet"):
        reader.read_content(source)


def test_truncated_files_are_left_out_one_by_one(copied):
    shutil.rmtree(copied / "cell_feature_matrix")
    (copied / "cell_feature_matrix.zarr.zip").unlink()
    for name in ("cell_feature_matrix.h5", "transcripts.parquet", "nucleus_boundaries.parquet", "cells.zarr.zip"):
        data = (copied / name).read_bytes()
        (copied / name).unlink()
        (copied / name).write_bytes(data[: len(data) // 2])
    source, _, content = read(copied)
    damaged = {one.path for one in content.findings if one.severity == "error"}
    expected = {"cell_feature_matrix.h5#", "transcripts.parquet#", "nucleus_boundaries.parquet#", "cells.zarr.zip#"}
    assert damaged == expected
    assert set(get(content, ShapesElement)) == {"cell_boundaries"}
    table = get(content, TableElement)["table"]
    assert (table.n_obs, table.n_vars) == (250, 0)
    assert len(read_table(source, content, table)) == 250


def test_counts_of_another_form_are_read_where_the_first_is_damaged(written, copied):
    path = copied / "cell_feature_matrix.h5"
    path.unlink()
    path.write_bytes(b"not HDF5")
    source, _, content = read(copied)
    element = get(content, TableElement)["table"]
    assert element.path == "cell_feature_matrix"
    assert (written[1].counts.matrix != read_table(source, content, element).X).nnz == 0
    assert [one.path for one in content.findings if one.severity == "error"] == ["cell_feature_matrix.h5#"]


def test_tables_with_other_columns_are_left_out(copied):
    for name, columns in (("transcripts.parquet", ["qv"]), ("cell_boundaries.parquet", ["cell_id", "vertex_x"])):
        rewrite(copied / name, lambda table, columns=columns: table.select(columns))
    for name in ("cells.parquet", "cells.csv.gz"):
        (copied / name).unlink()
    with gzip.open(copied / "cells.csv.gz", "wt") as file:
        file.write("name,value\na,1\nb,2\n")
    _, _, content = read(copied)
    codes = {one.path: one.code for one in content.findings if one.severity == "error"}
    assert codes == dict.fromkeys(
        ("transcripts.parquet#", "cell_boundaries.parquet#", "cells.csv.gz#"), "columns-missing"
    )
    assert get(content, TableElement)["table"].n_obs == 250


def test_a_truncated_csv_of_transcripts_fails_with_an_error_of_ours(copied):
    (copied / "transcripts.parquet").unlink()
    path = copied / "transcripts.csv.gz"
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data[: len(data) // 2])
    source, _, content = read(copied)
    points = get(content, PointsElement)
    told = [one for one in content.findings if one.path == "transcripts.csv.gz#"]
    if not points:
        assert [one.severity for one in told] == ["error"]
        return
    with pytest.raises(UnreadableError):
        list(iterate_points(source, content, points["transcripts"]))


def test_links_out_of_the_folder_are_not_followed(copied, tmp_path):
    outside = tmp_path / "secret.parquet"
    (copied / "transcripts.parquet").rename(outside)
    (copied / "transcripts.parquet").symlink_to(outside)
    (copied / "transcripts.csv.gz").unlink()
    focus = copied / "simulated_he_image.ome.tif"
    focus.rename(tmp_path / "he.tif")
    focus.symlink_to(tmp_path / "he.tif")
    _, _, content = read(copied)
    assert not get(content, PointsElement)
    assert "he_image" not in get(content, ImageElement)
    outside = {one.path for one in content.findings if one.code == "link-outside"}
    assert outside == {"transcripts.parquet#", "simulated_he_image.ome.tif#"}
