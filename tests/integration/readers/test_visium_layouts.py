"""The layouts of Space Ranger 1 to 4, and damaged ones, made from a real sample."""

import gzip
import shutil

import numpy as np
import pandas as pd
import pytest
import samples
import scipy.io
from PIL import Image

from vitrina.errors import UnreadableError
from vitrina.model.content import ImageElement, ShapesElement, TableElement
from vitrina.readers.elements import open_pixels, read_shapes, read_table
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source

COLUMNS = ["barcode", "in_tissue", "array_row", "array_col", "pxl_row_in_fullres", "pxl_col_in_fullres"]
LIST = "spatial/tissue_positions_list.csv"


@pytest.fixture
def outs(tmp_path):
    folder = tmp_path / "outs"
    shutil.copytree(samples.get("visium-mouse-brain-tiny/outs"), folder)
    return folder


def read(path):
    source = open_source(path)
    reader = find_reader(source)
    return source, reader, reader.read_content(source)


def get(content, kind):
    return {element.name: element for element in content.elements if isinstance(element, kind)}


def read_only_table(path):
    source, _, content = read(path)
    return read_table(source, content, get(content, TableElement)["table"])


@pytest.mark.parametrize("name", ["tissue_positions.csv", "tissue_positions.parquet"])
def test_positions_of_every_version_give_the_same_spots(outs, name):
    expected = read_only_table(outs)
    frame = pd.read_csv(outs / LIST, header=None, names=COLUMNS)
    (outs / LIST).unlink()
    if name.endswith(".csv"):
        frame.to_csv(outs / "spatial" / name, index=False)
    else:
        frame.to_parquet(outs / "spatial" / name)
    table = read_only_table(outs)
    assert table.obs.equals(expected.obs)
    np.testing.assert_array_equal(table.obsm["spatial"], expected.obsm["spatial"])


def test_a_header_in_the_file_that_should_have_none_is_not_a_spot(outs):
    expected = read_only_table(outs)
    frame = pd.read_csv(outs / LIST, header=None, names=COLUMNS)
    frame.to_csv(outs / LIST, index=False)
    assert read_only_table(outs).obs.equals(expected.obs)


def test_counts_in_a_folder_of_text_files_are_the_same(outs):
    expected = read_only_table(outs)
    (outs / "filtered_feature_bc_matrix.h5").unlink()
    folder = outs / "filtered_feature_bc_matrix"
    folder.mkdir()
    with gzip.open(folder / "matrix.mtx.gz", "wb") as file:
        scipy.io.mmwrite(file, expected.X.T.tocoo())
    with gzip.open(folder / "barcodes.tsv.gz", "wt") as file:
        file.writelines(f"{barcode}\n" for barcode in expected.obs_names)
    with gzip.open(folder / "features.tsv.gz", "wt") as file:
        rows = zip(expected.var["gene_ids"], expected.var_names, expected.var["feature_types"], strict=True)
        file.writelines("\t".join(row) + "\n" for row in rows)
    table = read_only_table(outs)
    assert (table.X != expected.X).nnz == 0
    assert list(table.var_names) == list(expected.var_names)
    assert list(table.var["gene_ids"]) == list(expected.var["gene_ids"])


def test_files_with_the_name_of_the_dataset_before_theirs_are_found(outs):
    expected = read_only_table(outs)
    for path in [outs / "filtered_feature_bc_matrix.h5", *(outs / "spatial").iterdir()]:
        path.rename(path.with_name(f"V1_Mouse_{path.name}"))
    source, reader, content = read(outs)
    assert reader.format == "visium"
    assert set(get(content, ImageElement)) == {"hires_image", "lowres_image"}
    assert read_table(source, content, get(content, TableElement)["table"]).obs.equals(expected.obs)


def test_a_full_resolution_image_beside_the_outputs_is_placed_with_the_spots(outs):
    import tifffile

    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 255, (300, 200, 3), dtype=np.uint8)
    tifffile.imwrite(outs / "tissue_image.tif", pixels, photometric="rgb", tile=(128, 128))
    source, _, content = read(outs)
    full, spots = get(content, ImageElement)["full_image"], get(content, ShapesElement)["spots"]
    assert full.placements == spots.placements
    opened = open_pixels(source, content, full)
    assert opened.shape_tczyx == (1, 3, 1, 300, 200)
    opened.close()


def test_spots_are_shown_without_counts(outs):
    (outs / "filtered_feature_bc_matrix.h5").unlink()
    source, _, content = read(outs)
    assert not get(content, TableElement)
    spots = read_shapes(source, content, get(content, ShapesElement)["spots"])
    listed = pd.read_csv(outs / LIST, header=None, names=COLUMNS)
    assert len(spots) == (listed["in_tissue"] == 1).sum()
    assert "filtered_feature_bc_matrix.h5#" in {one.path for one in content.findings}


def test_missing_scale_factors_and_pictures_are_told(outs):
    (outs / "spatial/scalefactors_json.json").unlink()
    (outs / "spatial/tissue_lowres_image.png").unlink()
    source, _, content = read(outs)
    missing = {one.path for one in content.findings if one.code == "bundle-file-missing"}
    assert missing == {"spatial/scalefactors_json.json#", "spatial/tissue_lowres_image.png#"}
    placements = get(content, ImageElement)["hires_image"].placements
    assert [placement.coordinate_system for placement in placements] == ["hires_image"]
    assert content.coordinate_systems == ("global", "hires_image")
    spots = read_shapes(source, content, get(content, ShapesElement)["spots"])
    # 65 µm, the size that the vendor gives for spot_diameter_fullres
    scale = get(content, ShapesElement)["spots"].placements[0].affine_xy[0]
    np.testing.assert_allclose(spots["radius"] * 2 * scale, 65)


def test_without_positions_it_is_refused_with_the_names_of_the_files(outs):
    (outs / LIST).unlink()
    with pytest.raises(UnreadableError, match=r"tissue_positions\.csv.*tissue_positions\.parquet"):
        read(outs)


@pytest.mark.parametrize("size", [0, 8, 1000, 100_000])
def test_truncated_counts_are_an_error_of_ours(outs, size):
    path = outs / "filtered_feature_bc_matrix.h5"
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(UnreadableError):
        read(outs)


@pytest.mark.parametrize(
    "text", ["", "a,b\n1,2\n", "AAAC-1,1,0,0,x,y\n", "barcode,in_tissue\nAAAC-1,1\n", "\x00\x01\x02\n"]
)
def test_positions_with_other_columns_are_an_error_of_ours(outs, text):
    (outs / LIST).write_text(text)
    with pytest.raises(UnreadableError):
        read(outs)


def test_positions_of_another_sample_are_an_error_that_says_so(outs):
    frame = pd.read_csv(outs / LIST, header=None, names=COLUMNS)
    frame["barcode"] = [f"other-{number}" for number in range(len(frame))]
    frame.to_csv(outs / LIST, index=False, header=False)
    with pytest.raises(UnreadableError, match="different samples"):
        read(outs)


def test_scale_factors_that_are_no_json_are_an_error_of_ours(outs):
    for text in ("{", "[1, 2]", '{"spot_diameter_fullres": '):
        (outs / "spatial/scalefactors_json.json").write_text(text)
        with pytest.raises(UnreadableError, match="JSON"):
            read(outs)


def test_a_damaged_picture_is_left_out_and_told(outs):
    path = outs / "spatial/tissue_hires_image.png"
    path.write_bytes(path.read_bytes()[:2000])
    _, _, content = read(outs)
    assert set(get(content, ImageElement)) == {"lowres_image"}
    assert [one.path for one in content.findings if one.severity == "error"] == ["spatial/tissue_hires_image.png#"]


def test_pictures_of_one_channel_keep_their_grey(outs):
    path = outs / "spatial/tissue_lowres_image.png"
    grey = np.arange(600 * 599, dtype=np.uint32).reshape(599, 600) % 251
    Image.fromarray(grey.astype(np.uint8)).save(path)
    source, _, content = read(outs)
    element = get(content, ImageElement)["lowres_image"]
    pixels = open_pixels(source, content, element)
    out = np.empty((1, 1, 599, 600), np.uint8)
    pixels.read_into((0, 0, 0, 0, 0), out)
    pixels.close()
    np.testing.assert_array_equal(out[0, 0], grey)
    assert not element.is_rgb


def test_links_out_of_the_folder_are_not_followed(outs, tmp_path):
    picture = outs / "spatial/tissue_hires_image.png"
    picture.rename(tmp_path / "secret.png")
    picture.symlink_to(tmp_path / "secret.png")
    _, _, content = read(outs)
    assert set(get(content, ImageElement)) == {"lowres_image"}
    codes = {(one.code, one.path) for one in content.findings}
    assert ("link-outside", "spatial/tissue_hires_image.png#") in codes


def test_a_folder_with_a_link_for_its_counts_is_told_as_without_counts(outs, tmp_path):
    counts = outs / "filtered_feature_bc_matrix.h5"
    counts.rename(tmp_path / "secret.h5")
    counts.symlink_to(tmp_path / "secret.h5")
    _, _, content = read(outs)
    assert not get(content, TableElement)
    assert "link-outside" in {one.code for one in content.findings}
