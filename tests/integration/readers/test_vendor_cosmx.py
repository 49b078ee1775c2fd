"""CosMx. Values of the samples are those that pandas, Pillow and tifffile read from the same files; simulated bundles
must give back the specimen that they were written from.
"""

import shutil

import numpy as np
import pandas as pd
import pytest
import samples
import tifffile
import vendor_bundles as bundles
from PIL import Image

from vitrina.errors import UnreadableError
from vitrina.readers.source import open_source
from vitrina.readers.vendor.cosmx.reader import CosmxReader
from vitrina.simulate.bundles.cosmx import Fields, split_cells, write_cosmx
from vitrina.simulate.bundles.imaged import build_imaged_section

READER = CosmxReader()
LUNG = "cosmx-lung12-mini"
FOV_PX = 160


@pytest.fixture(scope="module", params=["public", "atomx"])
def written(request, tmp_path_factory):
    """A slide of 3 x 2 fields of view in both layouts, the section, and which cell and molecule is in which field."""
    path = tmp_path_factory.mktemp("cosmx") / "slide"
    write_cosmx(bundles.PARAMETERS, path, release=request.param, fov_px=FOV_PX)
    section = build_imaged_section(bundles.PARAMETERS)
    fields = Fields(side_px=FOV_PX, n_columns=3, n_rows=2, release=request.param)
    return path, section, split_cells(section, fields)


@pytest.fixture(scope="module")
def whole_slide(tmp_path_factory):
    path = tmp_path_factory.mktemp("cosmx") / "slide"
    write_cosmx(bundles.PARAMETERS, path, fov_px=FOV_PX)
    return path


@pytest.fixture
def slide(whole_slide, tmp_path):
    """A simulated slide that may be changed."""
    shutil.copytree(whole_slide, tmp_path / "slide")
    return tmp_path / "slide"


def test_fields_of_view_become_one_image_and_one_label_image():
    _, content, elements = bundles.read(READER, samples.get(LUNG))
    assert (content.format, list(elements)) == ("cosmx", ["composite", "cell_labels", "transcripts"])
    # by hand: fields of view at x 494.4 and 5966.7; the parts kept begin at local x 4800 and 0 and are 672 wide
    assert elements["cell_labels"].levels[0].shape == (648, 1345)
    assert elements["composite"].levels[0].shape == (3, 648, 1345)
    assert elements["composite"].is_rgb
    assert elements["transcripts"].n_points == 25825  # SOURCE.md
    assert ("labels-float", "Lung12/CellLabels") in bundles.list_codes(content)
    assert ("bundle-file-missing", "Lung12/*_exprMat_file.csv") in bundles.list_codes(content)


def test_real_transcripts_lie_on_the_labels_of_their_cells():
    source, _, elements = bundles.read(READER, samples.get(LUNG))
    points = bundles.read_points(READER, source, elements["transcripts"])
    labels = bundles.read_pixels(READER, source, elements["cell_labels"])
    xy = bundles.place(elements["transcripts"], points[["x", "y"]])
    rows, columns = bundles.find_pixels(elements["cell_labels"], xy)
    inside = (rows >= 0) & (rows < labels.shape[0]) & (columns >= 0) & (columns < labels.shape[1])
    assert inside.mean() > 0.99
    # 0.99 is also what the files themselves give, field by field: rows count down from local y 3648
    assert (labels[rows[inside], columns[inside]] == points["instance_id"][inside]).mean() > 0.985
    assert set(points["instance_id"][points["cell_ID"] == 0]) == {0}


def test_pixels_are_those_of_the_files_and_ids_those_of_the_whole_slide():
    source, _, elements = bundles.read(READER, samples.get(LUNG))
    labels = bundles.read_pixels(READER, source, elements["cell_labels"])
    composite = bundles.read_pixels(READER, source, elements["composite"])
    folder = samples.get(LUNG) / "Lung12"
    for fov, left in ((2, 0), (3, 673)):  # by hand: 5966.67 - (494.44 + 4800) = 672.2, and the first begins at 5294.4
        own = tifffile.imread(folder / "CellLabels" / f"CellLabels_F{fov:03d}.tif").astype(int)
        part = slice(left, left + 672)
        np.testing.assert_array_equal(labels[:, part], np.where(own > 0, own + fov * 100_000, 0))
        picture = np.asarray(Image.open(folder / "CellComposite" / f"CellComposite_F{fov:03d}.jpg"))
        np.testing.assert_array_equal(composite[:, :, part], np.moveaxis(picture, -1, 0))
    assert labels.dtype == np.uint32


def test_a_guessed_pixel_size_is_told():
    _, content, elements = bundles.read(READER, samples.get(LUNG))
    (told,) = [finding for finding in content.findings if finding.code == "pixel-size-guessed"]
    assert "0.18 um" in told.message
    assert elements["transcripts"].placements[0].affine_xy == (0.18, 0.0, 0.0, 0.0, -0.18, 0.0)


def test_a_table_alone_is_read_with_its_positions():
    path = samples.get("vendor-micro/CosMx_small")
    source, content, elements = bundles.read(READER, path)
    table = READER.read_table(source, elements["table"])
    counts = pd.read_csv(path / "lung_p9s1_exprMat_file.csv")
    cells = pd.read_csv(path / "lung_p9s1_metadata_file.csv")
    assert list(table.obs_names) == [f"10_{i}" for i in range(1, 10)]
    assert list(table.obs["instance_id"]) == [1_000_000 + i for i in range(1, 10)]
    np.testing.assert_array_equal(table.X.toarray(), counts.iloc[:, 2:])
    np.testing.assert_array_equal(
        table.obsm["spatial"], cells[["CenterX_global_px", "CenterY_global_px"]].to_numpy() * (1, -1)
    )
    assert ("pixel-size-unknown", "") in bundles.list_codes(content)


def test_a_simulated_slide_reads_back_as_the_specimen(written):
    path, section, cells = written
    source, content, elements = bundles.read(READER, path)
    assert content.is_simulated
    table = READER.read_table(source, elements["table"])
    names = [f"{fov}_{number}" for fov, number in zip(cells.fov, cells.number, strict=True)]
    assert sorted(table.obs_names) == sorted(names)
    counts = np.zeros((150, 50))
    kept = cells.molecule_cell > 0
    np.add.at(counts, (section.transcripts.cell_id[kept] - 1, section.transcripts.gene_code[kept]), 1)
    ordered = table[names]
    np.testing.assert_array_equal(ordered.X.toarray(), counts)
    assert (elements["table"].n_obs, elements["table"].n_vars) == table.shape
    assert elements["table"].region == ("cell_labels",)
    assert list(ordered.obs["instance_id"]) == list(cells.fov * 100_000 + cells.number)


def test_simulated_labels_image_and_outlines_lie_upon_each_other(written):
    path, section, cells = written
    source, _, elements = bundles.read(READER, path)
    specimen = section.specimen
    labels = bundles.read_pixels(READER, source, elements["cell_labels"])[:300, :400]
    fov_of = np.repeat(np.repeat(np.array([[1, 2, 3], [4, 5, 6]]), FOV_PX, 0), FOV_PX, 1)[:300, :400]
    ids = np.concatenate([[0], cells.fov * 100_000 + cells.number])
    own = np.where(np.concatenate([[0], cells.fov])[specimen.labels_yx] == fov_of, ids[specimen.labels_yx], 0)
    np.testing.assert_array_equal(labels, own)
    table = READER.read_table(source, elements["table"])
    rows, columns = bundles.find_pixels(elements["cell_labels"], table.obsm["spatial"])
    centre_xy = specimen.cells.centre_xy / 0.5
    order = table.obs_names.get_indexer([f"{f}_{n}" for f, n in zip(cells.fov, cells.number, strict=True)])
    np.testing.assert_array_equal(rows[order], np.floor(centre_xy[:, 1] + 1e-9))
    np.testing.assert_array_equal(columns[order], np.floor(centre_xy[:, 0] + 1e-9))
    shapes = READER.read_shapes(source, elements["cells"])
    assert list(shapes.index) == sorted(ids[1:])
    ring = np.asarray(shapes.geometry.loc[ids[18]].exterior.coords)[:-1]
    placed = bundles.place(elements["cells"], ring)
    image = elements["composite"].placements[0].affine_xy
    in_pixels = (placed - (image[2], image[5])) / image[0]
    np.testing.assert_allclose(in_pixels, specimen.outlines.cell_nkxy[17] / 0.5, atol=1e-6)


def test_simulated_molecules_lie_where_they_are(written):
    path, section, cells = written
    source, content, elements = bundles.read(READER, path)
    points = bundles.read_points(READER, source, elements["transcripts"])
    xy = bundles.place(elements["transcripts"], points[["x", "y"]])
    image = elements["composite"].placements[0].affine_xy
    in_pixels = (xy - (image[2], image[5])) / image[0]
    order = np.lexsort((cells.molecule_cell, cells.molecule_fov))
    np.testing.assert_allclose(in_pixels, section.transcripts.xy.astype(float)[order] / 0.5, atol=1e-6)
    is_stated = path.joinpath("Simulated_fov_positions_file.csv.gz").exists()
    assert elements["composite"].placements[0].affine_xy[0] == (0.5 if is_stated else 1.0)
    assert ("labels-misplaced" in {finding.code for finding in content.findings}) is False


def test_positions_of_fields_of_view_are_measured_where_no_file_says_them(slide):
    _, _, before = bundles.read(READER, slide)
    (slide / "Simulated_fov_positions_file.csv").unlink()
    _, content, after = bundles.read(READER, slide)
    assert after["composite"].placements == before["composite"].placements
    assert ("bundle-file-missing", "*_fov_positions_file.csv") in bundles.list_codes(content)


def test_fields_of_view_without_any_position_stand_side_by_side(slide):
    for name in ("fov_positions_file", "metadata_file", "tx_file"):
        (slide / f"Simulated_{name}.csv").unlink()
    _, content, elements = bundles.read(READER, slide)
    assert elements["composite"].levels[0].shape == (3, FOV_PX, 6 * FOV_PX)
    assert ("fov-positions-missing", "") in bundles.list_codes(content)


def test_a_window_over_four_fields_of_view_is_part_of_the_whole(slide):
    source, _, elements = bundles.read(READER, slide)
    whole = bundles.read_pixels(READER, source, elements["composite"])
    out = np.empty((3, 1, 40, 60), np.uint8)
    READER.open_pixels(source, elements["composite"], 0).read_into((0, 0, 0, 140, 130), out)
    np.testing.assert_array_equal(out[:, 0], whole[:, 140:180, 130:190])


def test_transparency_and_grey_and_floating_point_are_healed_and_told(slide):
    composites, labels = slide / "CellComposite", slide / "CellLabels"
    whole = np.asarray(Image.open(composites / "CellComposite_F001.jpg"))
    for fov in (1, 2):
        (composites / f"CellComposite_F{fov:03d}.jpg").unlink()
    Image.fromarray(np.dstack([whole, np.full((FOV_PX, FOV_PX), 9, np.uint8)])).save(
        composites / "CellComposite_F001.png"
    )
    Image.fromarray(whole[..., 0]).save(composites / "CellComposite_F002.png")
    ids = tifffile.imread(labels / "CellLabels_F001.tif").astype(int)
    as_floats = np.where(ids == 0, np.nan, ids).astype(np.float32)
    tifffile.imwrite(labels / "CellLabels_F001.tif", as_floats)
    source, content, elements = bundles.read(READER, slide)
    composite = bundles.read_pixels(READER, source, elements["composite"])
    np.testing.assert_array_equal(composite[:, :FOV_PX, :FOV_PX], np.moveaxis(whole, -1, 0))
    np.testing.assert_array_equal(composite[:, :FOV_PX, FOV_PX : 2 * FOV_PX], np.stack([whole[..., 0]] * 3))
    own = bundles.read_pixels(READER, source, elements["cell_labels"])[:FOV_PX, :FOV_PX]
    np.testing.assert_array_equal(own, np.where(ids > 0, ids + 100_000, 0))
    assert {("alpha-dropped", "CellComposite"), ("labels-float", "CellLabels")} <= bundles.list_codes(content)


@pytest.mark.parametrize("values", [1.5, -3.0, 200_000.0, np.inf])
def test_labels_that_are_no_ids_are_refused(values, slide):
    tifffile.imwrite(slide / "CellLabels" / "CellLabels_F001.tif", np.full((FOV_PX, FOV_PX), values, np.float32))
    source, _, elements = bundles.read(READER, slide)
    with pytest.raises(UnreadableError) as caught:
        bundles.read_pixels(READER, source, elements["cell_labels"])
    assert caught.value.code == "labels-invalid"
    assert "CellLabels_F001.tif" in caught.value.message


def test_a_damaged_picture_leaves_its_field_of_view_black(slide):
    path = slide / "CellComposite" / "CellComposite_F002.jpg"
    path.write_bytes(b"\xff\xd8\xff\xe0 and nothing more")
    source, content, elements = bundles.read(READER, slide)
    assert ("picture-damaged", "CellComposite/CellComposite_F002.jpg") in bundles.list_codes(content)
    composite = bundles.read_pixels(READER, source, elements["composite"])
    assert not composite[:, :FOV_PX, FOV_PX : 2 * FOV_PX].any()
    assert composite[:, :FOV_PX, :FOV_PX].any()


def test_a_truncated_picture_is_told_when_it_is_read(slide):
    path = slide / "CellComposite" / "CellComposite_F002.jpg"
    path.write_bytes(path.read_bytes()[:900])
    source, _, elements = bundles.read(READER, slide)
    with pytest.raises(UnreadableError) as caught:
        bundles.read_pixels(READER, source, elements["composite"])
    assert caught.value.code == "picture-damaged"


@pytest.mark.parametrize("place", ["1e15", "nan", "inf", "-1e300"])
def test_absurd_positions_do_not_make_a_huge_image(place, slide):
    file = slide / "Simulated_fov_positions_file.csv"
    lines = file.read_text().splitlines()
    lines[-1] = f"6,{place},0"
    file.write_text("\n".join(lines) + "\n")
    _, content, elements = bundles.read(READER, slide)
    codes = {code for code, _ in bundles.list_codes(content)}
    is_finite = place not in {"nan", "inf"}
    assert ("composite" in elements) is not is_finite
    assert ("fov-positions-absurd" in codes) is is_finite


def test_other_names_of_columns_are_known(slide):
    for name, old, new in (
        ("fov_positions_file", "fov,x_global_px,y_global_px", "FOV,x_global_px,y_global_px"),
        ("tx_file", "fov,cell_ID", "Fov,CellId"),
        ("metadata_file", "fov,cell_ID", "FOV,cell_ID"),
    ):
        file = slide / f"Simulated_{name}.csv"
        text = file.read_text()
        assert text.startswith(old)
        file.write_text(new + text[len(old) :])
    source, _, elements = bundles.read(READER, slide)
    assert elements["transcripts"].n_points == 5000
    assert READER.read_table(source, elements["table"]).obsm["spatial"].shape == (150, 2)


def test_tables_with_other_columns_are_told_and_the_rest_is_read(slide):
    (slide / "Simulated_tx_file.csv").write_text("a,b,c\n1,2,3\n")
    (slide / "Simulated_exprMat_file.csv").write_text("gene,cell_1\nA,2\n")
    (slide / "Simulated-polygons.csv").write_text("fov,cellID,x_global_px,y_global_px\n1,1,0,0\n1,1,1,1\n")
    _, content, elements = bundles.read(READER, slide)
    assert {
        ("columns-missing", "Simulated_tx_file.csv"),
        ("columns-missing", "Simulated_exprMat_file.csv"),
        ("shapes-empty", "Simulated-polygons.csv"),
    } <= bundles.list_codes(content)
    assert set(elements) == {"composite", "overlay", "cell_labels", "compartment_labels"}


def test_labels_that_fit_neither_way_are_told(slide):
    for path in (slide / "CellLabels").iterdir():
        tifffile.imwrite(path, np.full((FOV_PX, FOV_PX), 7, np.uint16))
    _, content, _ = bundles.read(READER, slide)
    assert "labels-misplaced" in {code for code, _ in bundles.list_codes(content)}


def test_a_header_that_is_missing_is_taken_from_the_documentation(slide):
    _, _, before = bundles.read(READER, slide)
    file = slide / "Simulated_fov_positions_file.csv"
    file.write_text("".join(file.read_text().splitlines(keepends=True)[1:]))
    _, content, elements = bundles.read(READER, slide)
    assert elements["composite"] == before["composite"]
    assert ("header-missing", "Simulated_fov_positions_file.csv") in bundles.list_codes(content)


@pytest.mark.parametrize("header", ["fov,x_global_px,other", "fov,x_global_px,y_global_mm", "fov,other,another"])
def test_positions_of_which_one_coordinate_is_missing_are_told(slide, header):
    file = slide / "Simulated_fov_positions_file.csv"
    rows = [line.split(",")[:3] for line in file.read_text().splitlines()[1:]]
    file.write_text("\n".join([header, *(",".join(row) for row in rows), ""]))
    _, content, _ = bundles.read(READER, slide)
    assert ("columns-missing", "Simulated_fov_positions_file.csv") in bundles.list_codes(content)


def test_pictures_of_raw_exports_are_found(slide):
    for kind in ("CellComposite", "CellLabels", "CellOverlay", "CompartmentLabels"):
        for path in (slide / kind).iterdir():
            place = slide / "CellStatsDir" / f"FOV{path.stem[-3:]}"
            place.mkdir(parents=True, exist_ok=True)
            shutil.move(path, place / path.name)
        (slide / kind).rmdir()
    _, _, elements = bundles.read(READER, slide)
    assert {"composite", "overlay", "cell_labels", "compartment_labels"} <= set(elements)


def test_two_slides_in_one_folder_are_one_dataset(tmp_path):
    for name in ("S1", "S2"):
        write_cosmx(bundles.PARAMETERS, tmp_path / "run" / name, fov_px=FOV_PX, slide=name)
    source, _, elements = bundles.read(READER, tmp_path / "run")
    assert {"S1_composite", "S1_table", "S2_cell_labels", "S2_cells", "S2_transcripts"} <= set(elements)
    assert elements["S2_table"].region == ("S2_cell_labels",)
    assert READER.read_table(source, elements["S2_table"]).obs["region"].cat.categories.tolist() == ["S2_cell_labels"]


def test_a_link_out_of_the_folder_is_not_followed(slide, tmp_path):
    secret = tmp_path / "elsewhere.jpg"
    path = slide / "CellComposite" / "CellComposite_F001.jpg"
    path.rename(secret)
    path.symlink_to(secret)
    _, content, _ = bundles.read(READER, slide)
    assert ("link-outside", "CellComposite/CellComposite_F001.jpg") in bundles.list_codes(content)


def test_an_element_that_is_gone_is_told(slide):
    source, _, elements = bundles.read(READER, slide)
    (slide / "Simulated-polygons.csv").unlink()
    with pytest.raises(UnreadableError) as caught:
        READER.read_shapes(source, elements["cells"])
    assert caught.value.code == "bundle-changed"


def test_a_folder_of_other_pictures_is_not_of_this_vendor(tmp_path):
    (tmp_path / "CellComposite").mkdir()
    Image.new("RGB", (4, 4)).save(tmp_path / "CellComposite" / "CellComposite_F001.jpg")
    assert not READER.detect(open_source(tmp_path))


def test_spatialdata_itself_finds_the_label_of_each_molecule(written):
    from spatialdata.transformations import get_transformation

    path, _, _ = written
    dataset = READER.read_object(open_source(path))
    axes = ("x", "y")
    of_points = get_transformation(dataset["transcripts"], "global").to_affine_matrix(axes, axes)
    of_labels = get_transformation(dataset["cell_labels"], "global").to_affine_matrix(axes, axes)
    points = dataset["transcripts"].compute()
    placed = of_points @ np.stack([points["x"], points["y"], np.ones(len(points))])
    columns, rows = np.floor((np.linalg.inv(of_labels) @ placed)[:2] + 1e-9).astype(int)
    found = dataset["cell_labels"].to_numpy()[rows, columns]
    assert (found == points["instance_id"]).mean() > 0.95, "outlines cut pixels at their edges only"
    attrs = dataset["table"].uns["spatialdata_attrs"]
    assert attrs == {"region": "cell_labels", "region_key": "region", "instance_key": "instance_id"}
    assert set(dataset["table"].obs["instance_id"]) >= set(np.unique(dataset["cell_labels"].to_numpy())) - {0}
