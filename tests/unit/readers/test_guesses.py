"""Guesses from pixels and names: labels, colour images, positions, groups."""

import numpy as np
import pytest

from vitrina.model.content import Axis, Column, Embedding
from vitrina.ngff.omero import OmeroChannel
from vitrina.readers.label_guess import guess_labels, is_flat
from vitrina.readers.plane import PlaneReader
from vitrina.readers.positions import (
    find_group_column,
    find_plottable_embedding,
    find_position_columns,
    find_spatial_embedding,
)
from vitrina.readers.rgb_guess import guess_is_rgb

NOISE = np.random.default_rng(0).integers(0, 5000, (200, 200)).astype(np.int32)
REGIONS = np.kron(np.arange(100, dtype=np.int32).reshape(10, 10), np.ones((20, 20), np.int32))


def build_plane(pixels):
    return PlaneReader(array=pixels, shape=pixels.shape, axes=(Axis(name="y"), Axis(name="x")))


def test_flat_regions_of_wide_integers_are_labels():
    finding = guess_labels(build_plane(REGIONS), "int32", "")
    assert finding is not None
    assert finding.severity == "info"


@pytest.mark.parametrize(("pixels", "dtype"), [(NOISE, "int32"), (REGIONS, "uint16"), (REGIONS * 0, "int32")])
def test_noise_narrow_integers_and_nothing_are_no_labels(pixels, dtype):
    assert guess_labels(build_plane(pixels), dtype, "") is None


def test_background_does_not_count_as_flat():
    sparse = NOISE * (np.random.default_rng(1).random(NOISE.shape) > 0.95)
    assert not is_flat(sparse)


BRIGHT = np.full((3, 50), 230, np.uint8)
DARK = np.full((3, 50), 20, np.uint8)
NAMED = [OmeroChannel(label=name) for name in "rgb"]
PURE = [OmeroChannel(color_rgb=color) for color in ((255, 0, 0), (0, 255, 0), (0, 0, 255))]


@pytest.mark.parametrize(
    ("dtype", "n_channels", "declared", "sample", "expected"),
    [
        ("uint8", 3, NAMED, DARK, (True, False)),
        ("uint8", 3, [], BRIGHT, (True, True)),
        ("uint8", 3, PURE, BRIGHT, (True, True)),
        ("uint8", 3, [OmeroChannel(label=str(i)) for i in range(3)], BRIGHT, (True, True)),
        ("uint8", 3, [], DARK, (False, False)),
        ("uint8", 3, [OmeroChannel(label=name) for name in ("DAPI", "GFP", "RFP")], BRIGHT, (False, False)),
        ("uint8", 4, NAMED, BRIGHT, (False, False)),
        ("uint16", 3, NAMED, BRIGHT, (False, False)),
        ("uint8", 3, [], None, (False, False)),
    ],
)
def test_three_channels_are_a_colour_image_by_name_or_by_a_bright_background(
    dtype, n_channels, declared, sample, expected
):
    assert guess_is_rgb(dtype, n_channels, declared, sample) == expected


def number(name):
    return Column(name=name, dtype="float64")


@pytest.mark.parametrize(
    ("names", "pair"),
    [
        (["X_position", "Y_position", "Area"], ("X_position", "Y_position")),
        (["Centroid.X", "Centroid.Y"], ("Centroid.X", "Centroid.Y")),
        (["CenterX_local_px", "CenterY_local_px", "CenterX_global_px", "CenterY_global_px"],
         ("CenterX_global_px", "CenterY_global_px")),
        (["pxl_row_in_fullres", "pxl_col_in_fullres"], ("pxl_col_in_fullres", "pxl_row_in_fullres")),
        (["x", "y", "x_centroid", "y_centroid"], ("x_centroid", "y_centroid")),
        (["x"], None),
        (["x", "z"], None),
        ([], None),
    ],
)  # fmt: skip
def test_positions_are_found_by_the_names_that_vendors_use(names, pair):
    assert find_position_columns([number(name) for name in names]) == pair


def test_text_is_no_position():
    assert find_position_columns([Column(name="X", dtype="string"), Column(name="Y", dtype="string")]) is None


def test_embeddings_are_chosen_by_how_much_they_tell():
    embeddings = [Embedding(name=name, n_dims=2) for name in ("X_pca", "X_umap", "other")]
    assert find_plottable_embedding(embeddings) == "X_umap"
    assert find_plottable_embedding(embeddings[2:]) == "other"
    assert find_plottable_embedding([Embedding(name="X_umap", n_dims=1)]) is None
    assert find_spatial_embedding(embeddings) is None
    assert find_spatial_embedding([Embedding(name="Spatial", n_dims=3)]) == "Spatial"


def category(name, n_categories):
    return Column(name=name, dtype="category", n_categories=n_categories)


@pytest.mark.parametrize(
    ("columns", "chosen"),
    [
        ([category("batch", 3), category("Cell Type", 12)], "Cell Type"),
        ([category("louvain", 9), category("bulk_labels", 10)], "bulk_labels"),
        ([category("batch", 3), category("donor", 4)], "batch"),
        ([category("cell_type", 1), category("barcode", 5000)], None),
        ([number("leiden")], None),
    ],
)
def test_the_most_telling_column_groups(columns, chosen):
    assert find_group_column(columns) == chosen
