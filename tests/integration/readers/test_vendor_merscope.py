"""MERSCOPE. Values of the samples are those that pandas, geopandas and tifffile read from the same files; simulated
bundles must give back the specimen that they were written from.
"""

import gzip
import os
import shutil

import geopandas
import h5py
import numpy as np
import pandas as pd
import pytest
import samples
import shapely
import tifffile
import vendor_bundles as bundles

from vitrina.errors import UnreadableError
from vitrina.readers.source import open_source
from vitrina.readers.vendor.merscope.reader import MerscopeReader
from vitrina.simulate.bundles.imaged import build_imaged_section
from vitrina.simulate.bundles.merscope import FIRST_ENTITY, ORIGIN_UM, write_merscope
from vitrina.simulate.transcripts import count_transcripts

READER = MerscopeReader()
LIVER = "merscope-liver-mini"


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    path = tmp_path_factory.mktemp("merscope") / "run"
    write_merscope(bundles.PARAMETERS, path)
    return path, build_imaged_section(bundles.PARAMETERS)


def test_regions_of_a_folder_are_elements_of_one_dataset():
    _, content, elements = bundles.read(READER, samples.get(LIVER))
    assert (content.format, content.is_simulated) == ("merscope", False)
    assert content.coordinate_systems == ("region_0", "region_1"), "coordinates begin anew in every region"
    assert list(elements) == [
        "region_0_mosaic", "region_0_cells", "region_0_transcripts", "region_0_table", "region_1_cells",
        "region_1_table",
    ]  # fmt: skip
    table = elements["region_1_table"]
    assert (table.n_obs, table.n_vars) == (997, 130)  # SOURCE.md
    assert (table.region, table.region_key, table.instance_key) == (("region_1_cells",), "region", "instance_id")
    assert (elements["region_1_cells"].n_shapes, elements["region_0_cells"].n_shapes) == (997, 94)
    assert elements["region_0_transcripts"].n_points == 5936  # SOURCE.md


def test_what_is_missing_is_told_with_its_consequence():
    _, content, _ = bundles.read(READER, samples.get(LIVER))
    missing = {finding.path: finding.message for finding in content.findings if finding.code == "bundle-file-missing"}
    assert set(missing) == {
        "region_0/cell_metadata.csv#",
        "region_1/images/mosaic_<stain>_z<plane>.tif#",
        "region_1/detected_transcripts.csv#",
    }
    assert missing["region_1/detected_transcripts.csv#"].endswith("there are no transcripts.")
    assert ("column-empty", "region_1/cell_metadata.csv") in bundles.list_codes(content)


def test_counts_and_annotations_are_joined_by_id():
    source, _, elements = bundles.read(READER, samples.get(LIVER))
    table = READER.read_table(source, elements["region_1_table"])
    folder = samples.get(LIVER) / "region_1"
    counts = pd.read_csv(folder / "cell_by_gene.csv", dtype={"cell": str}, index_col="cell")
    cells = pd.read_csv(folder / "cell_metadata.csv", dtype={"EntityID": str}, index_col="EntityID").loc[counts.index]
    assert list(table.obs_names) == list(counts.index)
    assert list(table.var_names) == list(counts.columns)
    np.testing.assert_array_equal(table.X.toarray(), counts.to_numpy())
    np.testing.assert_array_equal(table.obsm["spatial"], cells[["center_x", "center_y"]])
    np.testing.assert_array_equal(table.obs["volume"], cells["volume"])
    assert table.obs["fov"].isna().all()


def test_rows_in_another_order_are_still_joined_by_id():
    path = samples.get("vendor-micro/MERSCOPE_small")
    source, _, elements = bundles.read(READER, path)
    table = READER.read_table(source, elements["table"])
    cells = pd.read_csv(path / "ovarian_p2s2_cell_metadata.csv", dtype={"X": str}, index_col="X")
    assert list(table.obs_names)[-1] == "88869", "the first row of the metadata is the last of the counts"
    np.testing.assert_array_equal(table.obs["volume"], cells["volume"].loc[table.obs_names])


def test_every_cell_has_one_outline_and_no_id_loses_a_digit():
    source, _, elements = bundles.read(READER, samples.get(LIVER))
    shapes = READER.read_shapes(source, elements["region_1_cells"])
    all_planes = geopandas.read_parquet(samples.get(LIVER) / "region_1" / "cell_boundaries.parquet")
    assert list(shapes.index) == list(dict.fromkeys(all_planes["EntityID"].astype(str)))
    middle = all_planes[all_planes["ZIndex"] == 3].set_index(
        all_planes["EntityID"].astype(str)[all_planes["ZIndex"] == 3]
    )
    assert (shapes["z_index"] == 3).sum() == len(middle)
    same = shapes.geometry[shapes["z_index"] == 3]
    valid = middle.geometry.loc[same.index].is_valid
    assert same[valid.to_numpy()].geom_equals(middle.geometry.loc[same.index][valid]).all()


def test_cells_without_a_stated_position_lie_in_the_middle_of_their_outlines():
    source, content, elements = bundles.read(READER, samples.get(LIVER))
    table = READER.read_table(source, elements["region_0_table"])
    shapes = READER.read_shapes(source, elements["region_0_cells"])
    middle = shapes.geometry.centroid.loc[table.obs_names]
    np.testing.assert_allclose(table.obsm["spatial"], np.stack([middle.x, middle.y], axis=1))
    assert ("positions-from-outlines", "region_0/cell_by_gene.csv") in bundles.list_codes(content)


def test_stains_are_channels_and_planes_are_depth():
    source, _, elements = bundles.read(READER, samples.get(LIVER))
    mosaic = elements["region_0_mosaic"]
    assert [axis.name for axis in mosaic.axes] == ["c", "z", "y", "x"]
    assert [channel.name for channel in mosaic.channels] == ["DAPI", "Cellbound2"]
    pixels = bundles.read_pixels(READER, source, mosaic)
    for c, stain in enumerate(("DAPI", "Cellbound2")):
        for z in (0, 1):
            own = tifffile.imread(samples.get(LIVER) / "region_0" / "images" / f"mosaic_{stain}_z{z}.tif")
            np.testing.assert_array_equal(pixels[c, z], own)


def test_the_mosaic_is_placed_by_the_inverse_of_the_stated_matrix():
    _, _, elements = bundles.read(READER, samples.get(LIVER))
    mosaic = elements["region_0_mosaic"]
    matrix = np.loadtxt(samples.get(LIVER) / "region_0" / "images" / "micron_to_mosaic_pixel_transform.csv")
    corners = np.array([[0.0, 0.0], [880.0, 0.0], [0.0, 880.0]])
    back = bundles.place(mosaic, corners) @ matrix[:2, :2].T + matrix[:2, 2]
    np.testing.assert_allclose(back, corners, atol=1e-9)
    assert mosaic.levels[0].scale[-2:] == pytest.approx((1 / matrix[1, 1], 1 / matrix[0, 0]))


def test_transcripts_keep_their_place_gene_and_columns():
    source, _, elements = bundles.read(READER, samples.get(LIVER))
    points = elements["region_0_transcripts"]
    read = bundles.read_points(READER, source, points)
    stored = pd.read_csv(samples.get(LIVER) / "region_0" / "detected_transcripts.csv")
    assert (points.axes, points.feature_key) == (("x", "y"), "gene")
    np.testing.assert_array_equal(read[["x", "y"]], stored[["global_x", "global_y"]])
    assert list(read["gene"]) == list(stored["gene"])
    np.testing.assert_array_equal(read["fov_x_px"], stored["x"])
    assert [column.name for column in points.columns] == list(read.columns[2:])
    low, high = stored[["global_x", "global_y"]].min(), stored[["global_x", "global_y"]].max()
    assert points.extent_xy == (*low, *high)


def test_a_simulated_run_reads_back_as_the_specimen(written):
    path, section = written
    source, content, elements = bundles.read(READER, path)
    assert content.is_simulated
    specimen = section.specimen
    names = [str(FIRST_ENTITY + i) for i in range(1, 151)]
    table = READER.read_table(source, elements["table"])
    counts = count_transcripts(section.transcripts, 150, 50)
    assert list(table.obs_names) == names
    np.testing.assert_array_equal(table.X[:, :50].toarray(), counts)
    assert list(table.var["feature_type"]) == ["gene"] * 50 + ["control"] * 5
    np.testing.assert_allclose(table.obsm["spatial"], specimen.cells.centre_xy + ORIGIN_UM)
    shapes = READER.read_shapes(source, elements["cells"])
    assert list(shapes.index) == names
    for i in (0, 70, 149):
        ring = np.asarray(shapes.geometry.iloc[i].exterior.coords)[:-1]
        np.testing.assert_allclose(ring, specimen.outlines.cell_nkxy[i] + ORIGIN_UM)


def test_simulated_molecules_lie_in_their_cells_and_under_the_image(written):
    path, section = written
    source, _, elements = bundles.read(READER, path)
    points = bundles.read_points(READER, source, elements["transcripts"])
    np.testing.assert_allclose(points[["x", "y"]], section.transcripts.xy.astype(float) + ORIGIN_UM, atol=1e-9)
    inside = section.transcripts.cell_id > 0
    own = np.where(inside, FIRST_ENTITY + section.transcripts.cell_id.astype(np.int64), -1)
    assert list(points["cell_id"]) == [str(one) for one in own]
    rows, columns = bundles.find_pixels(elements["mosaic"], points[["x", "y"]].to_numpy())
    labels = section.specimen.labels_yx[rows, columns]
    assert (labels == section.transcripts.cell_id).mean() > 0.95, "outlines cut pixels at their edges only"


def test_the_middle_plane_of_a_simulated_mosaic_is_the_image(written):
    path, section = written
    source, _, elements = bundles.read(READER, path)
    pixels = bundles.read_pixels(READER, source, elements["mosaic"])
    assert [channel.name for channel in elements["mosaic"].channels] == ["DAPI", "CD45", "PanCK", "aSMA"]
    np.testing.assert_array_equal(pixels[:, 1], section.image_cyx[[0, 2, 1, 3]])


def test_two_regions_of_one_run_are_two_sections(tmp_path):
    write_merscope(bundles.PARAMETERS, tmp_path / "run", regions=("region_0", "region_1"), n_planes=1)
    source, _, elements = bundles.read(READER, tmp_path / "run")
    first, second = (READER.read_table(source, elements[f"region_{i}_table"]) for i in (0, 1))
    assert [axis.name for axis in elements["region_0_mosaic"].axes] == ["c", "y", "x"]
    assert not np.array_equal(first.obsm["spatial"], second.obsm["spatial"])


def write_hdf5(folder, cells):
    """Outlines as instruments wrote them before Parquet: ``featuredata/<cell>/zIndex_<k>/p_<i>/coordinates``."""
    folder.mkdir()
    for fov, content in cells.items():
        with h5py.File(folder / f"feature_data_{fov}.hdf5", "w") as file:
            for cell, planes in content.items():
                for plane, pieces in planes.items():
                    group = file.require_group(f"featuredata/{cell}/zIndex_{plane}")
                    for i, piece in enumerate(pieces):
                        group[f"p_{i}/coordinates"] = np.array([piece], dtype=float)


def test_outlines_of_older_instruments_are_read_from_all_fields_of_view(written, tmp_path):
    square, far = [(0, 0), (2, 0), (2, 2), (0, 2)], [(5, 5), (6, 5), (6, 6), (5, 6)]
    region = tmp_path / "region_0"
    region.mkdir()
    (region / "cell_by_gene.csv").write_text("cell,A\n11,1\n12,2\n")
    write_hdf5(region / "cell_boundaries", {0: {"11": {0: [square], 1: [far]}}, 7: {"12": {1: [square, far]}}})
    source, content, elements = bundles.read(READER, region)
    shapes = READER.read_shapes(source, elements["cells"])
    assert dict(shapes.geometry.area) == {"11": 1.0, "12": 5.0}  # by hand: 1; 2*2 + 1
    assert elements["table"].region == ("cells",)
    assert ("planes-reduced", "cell_boundaries") in bundles.list_codes(content)


def test_hdf5_that_points_to_another_file_is_refused(tmp_path):
    region = tmp_path / "region_0"
    (region / "cell_boundaries").mkdir(parents=True)
    (region / "cell_by_gene.csv").write_text("cell,A\n11,1\n")
    secret = tmp_path / "secret.hdf5"
    write_hdf5(tmp_path / "other", {0: {"11": {0: [[(0, 0), (1, 0), (1, 1)]]}}})
    (tmp_path / "other" / "feature_data_0.hdf5").rename(secret)
    with h5py.File(region / "cell_boundaries" / "feature_data_0.hdf5", "w") as file:
        file["featuredata"] = h5py.ExternalLink(str(secret), "/featuredata")
    _, content, elements = bundles.read(READER, region)
    assert list(elements) == ["table"]
    assert ("hdf5-outside-file", "cell_boundaries") in bundles.list_codes(content)


def test_a_link_out_of_the_folder_is_not_followed(tmp_path):
    path = bundles.copy(LIVER, tmp_path)
    secret = tmp_path / "elsewhere.csv"
    (path / "region_1" / "cell_metadata.csv").rename(secret)
    (path / "region_1" / "cell_metadata.csv").symlink_to(secret)
    source, content, elements = bundles.read(READER, path)
    assert ("link-outside", "region_1/cell_metadata.csv") in bundles.list_codes(content)
    assert "volume" not in READER.read_table(source, elements["region_1_table"]).obs


def test_a_pipe_or_a_loop_of_links_is_no_file(tmp_path):
    path = bundles.copy(LIVER, tmp_path) / "region_0"
    os.mkfifo(path / "cell_metadata.csv")
    (path / "loop").symlink_to("loop")
    _, content, _ = bundles.read(READER, path)
    assert ("bundle-file-missing", "cell_metadata.csv") in bundles.list_codes(content)


@pytest.mark.parametrize(
    ("name", "change", "code", "lost"),
    [
        ("cell_by_gene.csv", lambda data: data[: len(data) // 2], "table-damaged", "table"),
        ("cell_by_gene.csv", lambda _: b"", "file-empty", "table"),
        ("cell_by_gene.csv", lambda _: b"\0\xff" * 100, "table-damaged", "table"),
        ("detected_transcripts.csv", lambda data: data[: len(data) // 2], "table-damaged", "transcripts"),
        (
            "detected_transcripts.csv",
            lambda data: data.replace(b"global_x", b"north"),
            "columns-missing",
            "transcripts",
        ),
        ("cell_boundaries.parquet", lambda data: data[:1000], "table-damaged", "cells"),
        ("cell_boundaries.parquet", lambda data: data[: len(data) // 2], "table-damaged", "cells"),
    ],
)
def test_a_damaged_file_is_told_and_the_rest_is_read(name, change, code, lost, tmp_path):
    path = bundles.copy(LIVER, tmp_path) / "region_0"
    file = path / name
    file.write_bytes(change(file.read_bytes()))
    _, content, elements = bundles.read(READER, path)
    assert (code, name) in bundles.list_codes(content)
    assert lost not in elements
    assert "mosaic" in elements
    if lost == "cells":
        assert elements["table"].region == ()


def test_a_truncated_table_of_cells_is_refused_by_all_that_reads_it(tmp_path):
    path = bundles.copy(LIVER, tmp_path) / "region_1"
    source, _, elements = bundles.read(READER, path)
    file = path / "cell_by_gene.csv"
    file.write_bytes(file.read_bytes()[:100_001])
    with pytest.raises(UnreadableError) as caught:
        READER.read_table(source, elements["table"])
    assert caught.value.code == "table-damaged"
    assert str(file) in caught.value.message


def test_ids_that_are_empty_or_repeated_are_made_unique(tmp_path):
    (tmp_path / "cell_by_gene.csv").write_text("cell,A,B\n7,1,0\n,2,0\n7,3,0\n,4,5\n")
    (tmp_path / "cell_metadata.csv").write_text("EntityID,center_x,center_y\n7,1.5,2.5\n,9,9\n")
    source, content, elements = bundles.read(READER, tmp_path)
    table = READER.read_table(source, elements["table"])
    assert list(table.obs_names) == ["7", "no-id-1", "7-1", "no-id-3"]
    np.testing.assert_array_equal(table.X.toarray()[:, 0], [1, 2, 3, 4])
    np.testing.assert_array_equal(table.obsm["spatial"][0], [1.5, 2.5])
    assert np.isnan(table.obsm["spatial"][1]).all(), "an empty id is nobody's"
    assert {("ids-empty", "cell_by_gene.csv"), ("ids-repeated", "cell_by_gene.csv")} <= bundles.list_codes(content)


def test_text_that_is_not_utf8_is_read_and_told(tmp_path):
    (tmp_path / "cell_by_gene.csv").write_text("cell,A\n7,1\n")
    (tmp_path / "cell_metadata.csv").write_bytes(
        "EntityID,center_x,center_y,tissue\n7,1,2,Milz/Ménière\n".encode("latin-1")
    )
    source, content, elements = bundles.read(READER, tmp_path)
    assert READER.read_table(source, elements["table"]).obs["tissue"].tolist() == ["Milz/Ménière"]
    assert ("text-not-utf8", "cell_metadata.csv") in bundles.list_codes(content)


def test_transcripts_without_a_header_have_the_documented_columns(tmp_path):
    path = bundles.copy(LIVER, tmp_path) / "region_0"
    file = path / "detected_transcripts.csv"
    stored = pd.read_csv(file)
    file.write_text("".join(file.read_text().splitlines(keepends=True)[1:]))
    source, content, elements = bundles.read(READER, path)
    points = bundles.read_points(READER, source, elements["transcripts"])
    np.testing.assert_array_equal(points["x"], stored["global_x"])
    assert list(points["gene"]) == list(stored["gene"])
    assert ("header-missing", "detected_transcripts.csv") in bundles.list_codes(content)


def test_a_missing_a_damaged_and_a_differing_plane_are_black_and_told(tmp_path):
    path = bundles.copy(LIVER, tmp_path) / "region_0"
    images = path / "images"
    (images / "mosaic_DAPI_z1.tif").unlink()
    (images / "mosaic_Cellbound2_z1.tif").write_bytes(b"II*\0\x08\0\0\0")
    source, content, elements = bundles.read(READER, path)
    assert elements["mosaic"].levels[0].shape == (2, 880, 880), "no plane z1 is left"
    tifffile.imwrite(images / "mosaic_DAPI_z1.tif", np.ones((880, 880), np.uint16))
    tifffile.imwrite(images / "mosaic_Cellbound2_z1.tif", np.ones((8, 8), np.uint16))
    source, content, elements = bundles.read(READER, path)
    pixels = bundles.read_pixels(READER, source, elements["mosaic"])
    assert (pixels[0, 1] == 1).all()
    assert (pixels[1, 1] == 0).all()
    assert ("planes-differ", "images/mosaic_Cellbound2_z1.tif") in bundles.list_codes(content)
    (images / "mosaic_Cellbound2_z1.tif").unlink()
    _, content, _ = bundles.read(READER, path)
    assert ("bundle-file-missing", "images/mosaic_Cellbound2_z1.tif") in bundles.list_codes(content)


@pytest.mark.parametrize("text", ["", "a b c\n", "1 0 0\n1 0 0\n0 0 1\n", "nan 0 0\n0 1 0\n0 0 1\n"])
def test_a_matrix_that_places_nothing_is_told(text, tmp_path):
    path = bundles.copy(LIVER, tmp_path) / "region_0"
    (path / "images" / "micron_to_mosaic_pixel_transform.csv").write_text(text)
    _, content, elements = bundles.read(READER, path)
    assert ("transform-damaged", "images/micron_to_mosaic_pixel_transform.csv") in bundles.list_codes(content)
    assert elements["mosaic"].placements[0].affine_xy == (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
    assert {axis.unit for axis in elements["mosaic"].axes} == {None}


def test_a_folder_where_nothing_can_be_read_names_what_is_wrong(tmp_path):
    (tmp_path / "cell_by_gene.csv").write_bytes(b"")
    source = open_source(tmp_path)
    assert READER.detect(source)
    with pytest.raises(UnreadableError) as caught:
        READER.read_content(source)
    assert caught.value.code == "bundle-empty"
    assert "cell_by_gene.csv is empty" in caught.value.message
    assert "detected_transcripts.csv" in caught.value.message


def test_a_large_text_of_transcripts_is_not_read_through(monkeypatch, tmp_path):
    for name in ("BLOCK_BYTES", "SMALL_BYTES"):
        monkeypatch.setattr(f"vitrina.readers.vendor.text.{name}", 100_000)
    path = bundles.copy(LIVER, tmp_path) / "region_0"
    source, content, elements = bundles.read(READER, path)
    points = elements["transcripts"]
    assert (points.n_points, points.extent_xy) == (None, None)
    (told,) = [finding for finding in content.findings if finding.code == "points-not-counted"]
    estimate = int(told.message.split("about ")[1].split(" points")[0].replace(",", ""))
    assert estimate == pytest.approx(5936, rel=0.1)
    batches = list(READER.iterate_points(source, points))
    assert len(batches) > 3
    assert sum(batch.num_rows for batch in batches) == 5936


def test_the_preview_is_the_mosaic_or_the_cells():
    source, content, _ = bundles.read(READER, samples.get(LIVER))
    assert READER.read_preview(source, content, 256).pixels_cyx.shape[0] == 2
    source, content, _ = bundles.read(READER, samples.get(LIVER) / "region_1")
    preview = READER.read_preview(source, content, 256)
    assert (preview.points_xy.shape, preview.is_spatial) == ((997, 2), True)


def test_spatialdata_itself_puts_molecules_under_the_mosaic_and_into_the_outlines(written):
    from spatialdata.transformations import get_transformation

    path, section = written
    dataset = READER.read_object(open_source(path))
    matrix = get_transformation(dataset["mosaic"], "global").to_affine_matrix(("x", "y"), ("x", "y"))
    points = dataset["transcripts"].compute()
    xy = (np.linalg.inv(matrix) @ np.stack([points["x"], points["y"], np.ones(len(points))]))[:2]
    np.testing.assert_allclose(xy.T, section.transcripts.xy.astype(float) / 0.5, atol=1e-6)
    assert dataset["table"].uns["spatialdata_attrs"]["region"] == "cells"
    own = points[points["cell_id"] != "-1"]
    outlines = dataset["cells"].geometry.loc[own["cell_id"]]
    assert shapely.contains_xy(outlines.to_numpy(), own["x"].to_numpy(), own["y"].to_numpy()).all()
    assert dataset.attrs["vitrina"]["simulated"] is True


def test_transcripts_in_parquet_are_preferred_and_counted_by_their_metadata(written, tmp_path):
    path = tmp_path / "region_0"
    shutil.copytree(written[0] / "region_0", path)
    stored = pd.read_csv(path / "detected_transcripts.csv", index_col=0)
    stored["gene"] = stored["gene"].astype("category")
    stored.iloc[::2].to_parquet(path / "detected_transcripts.parquet")
    source, _, elements = bundles.read(READER, path)
    points = bundles.read_points(READER, source, elements["transcripts"])
    assert elements["transcripts"].n_points == len(points) == 2500
    assert list(points["gene"]) == list(stored["gene"].iloc[::2].astype(str))
    np.testing.assert_array_equal(points["x"], stored["global_x"].iloc[::2])
    assert [column.name for column in elements["transcripts"].columns] == list(points.columns[2:])


def test_a_truncated_gzip_is_told(tmp_path):
    path = bundles.copy(LIVER, tmp_path) / "region_0"
    data = gzip.compress((path / "cell_by_gene.csv").read_bytes())
    (path / "cell_by_gene.csv").unlink()
    (path / "cell_by_gene.csv.gz").write_bytes(data[: len(data) // 2])
    _, content, elements = bundles.read(READER, path)
    assert ("table-damaged", "cell_by_gene.csv.gz") in bundles.list_codes(content)
    assert "table" not in elements


def test_of_a_mosaic_too_large_to_be_read_for_it_the_preview_shows_the_cells(written, monkeypatch):
    source, content, _ = bundles.read(READER, written[0])
    monkeypatch.setattr("vitrina.readers.vendor.bundle.MAX_PREVIEW_PIXELS", 300 * 400 * 4 - 1)
    assert READER.read_preview(source, content, 256).points_xy.shape == (150, 2)
