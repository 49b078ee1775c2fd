"""The drop-in against the class of the installed spatialdata, with the arguments of the seeds' example."""

from __future__ import annotations

import numpy as np
import pytest
import spatialdata
from scipy import ndimage
from spatialdata.dataloader.datasets import ImageTilesDataset as Theirs

from vitrina.errors import InputError, NotFoundError, UnsupportedError
from vitrina.ml.torch import ImageTilesDataset
from vitrina.readers.quiet import without_format_warnings

ARGUMENTS = {
    "regions_to_images": {"cells": "he"},
    "regions_to_coordinate_systems": {"cells": "global"},
    "tile_dim_in_units": 24,
}


@pytest.fixture(scope="module", params=["stored", "in-memory"])
def sdata(request, sections):
    with without_format_warnings():
        opened = spatialdata.read_zarr(sections[0])
    if request.param == "in-memory":
        image = opened.images["he"]["scale0"].ds["image"].load()
        opened.images["he"] = spatialdata.models.Image2DModel.parse(
            image.data,
            dims=("c", "y", "x"),
            c_coords=["r", "g", "b"],
            transformations={"global": spatialdata.transformations.Scale([0.5, 0.5], axes=("x", "y"))},
        )
    return opened


def read_pixels(item):
    element = next(iter(item.images.values()))
    return next(iter(element["scale0"].ds.values())).to_numpy() if hasattr(element, "children") else element.to_numpy()


def test_pixels_are_those_of_spatialdata_inside_of_the_image_and_filled_up_at_its_border(sdata):
    theirs, ours = Theirs(sdata, **ARGUMENTS), ImageTilesDataset(sdata, **ARGUMENTS)
    assert len(theirs) == len(ours) == 300
    n_whole = n_border = 0
    for number in range(0, 300, 3):
        expected, found = read_pixels(theirs[number]), read_pixels(ours[number])
        assert found.shape == (3, 48, 48)
        if expected.shape == found.shape:
            np.testing.assert_array_equal(found, expected)
            n_whole += 1
        else:
            top, left = (max(0, -int(start[number])) for start in (ours._y0, ours._x0))
            height, width = expected.shape[1:]
            inside = found[:, top : top + height, left : left + width]
            np.testing.assert_array_equal(inside, expected)
            assert found.sum(dtype=np.int64) == expected.sum(dtype=np.int64)  # zeros all around
            n_border += 1
    assert n_whole > 60
    assert n_border > 0


def test_annotations_come_as_spatialdata_gives_them(sdata):
    for wanted in ("cell_type", ["area_um2", "n_counts"], ["EPCAM", "CD3E"]):
        options = {**ARGUMENTS, "return_annotations": wanted, "table_name": "table"}
        ours = ImageTilesDataset(sdata, **options)
        table = sdata.tables["table"]
        for number in (0, 7, 299):
            tile, values = ours[number]
            assert tile.dims == ("c", "y", "x")
            names = [wanted] if isinstance(wanted, str) else wanted
            if names[0] in table.obs:
                expected = (
                    Theirs(sdata, **options)[number][1] if number == 7 else table.obs[names].iloc[[number]].to_numpy()
                )
            else:  # of sparse tables spatialdata 0.8 fails here
                expected = table[number, names].X.toarray()
            assert values.shape == expected.shape
            assert (values == expected).all()


def test_index_and_coordinates_are_those_of_spatialdata(sdata):
    theirs, ours = (kind(sdata, **ARGUMENTS, table_name="table") for kind in (Theirs, ImageTilesDataset))
    for name in ("instance_id", "cs", "region", "image"):
        assert theirs.dataset_index[name].tolist() == ours.dataset_index[name].tolist()
    columns = ["x", "y", "extent", "minx", "miny", "maxx", "maxy"]
    np.testing.assert_allclose(ours.tiles_coords[columns], theirs.tiles_coords[columns].astype(float))
    assert ours.dataset_table.obs["cell_id"].tolist() == theirs.dataset_table.obs["cell_id"].tolist()


def test_a_transform_changes_each_item_and_the_row_comes_along(sdata):
    ours = ImageTilesDataset(
        sdata, **ARGUMENTS, table_name="table", transform=lambda item: item.tables["table"].obs["cell_id"].item()
    )
    assert ours[5] == 6
    assert ours[-1] == 300
    with pytest.raises(IndexError):
        ours[300]


def test_batches_have_the_pixels_of_the_items(sdata):
    ours = ImageTilesDataset(sdata, **ARGUMENTS, return_annotations="cell_type", table_name="table")
    tiles = ours.tiles()
    for batch in tiles.batches(64):
        for pixels, number, code in zip(batch.pixels, batch.ids, batch.values["cell_type"], strict=True):
            tile, values = ours[int(number)]
            np.testing.assert_array_equal(pixels, tile.to_numpy())
            assert tiles.get_categories("cell_type")[code] == values[0, 0]


def test_without_a_size_tiles_are_as_large_as_their_cells(sdata):
    options = {**ARGUMENTS, "tile_dim_in_units": None, "tile_scale": 2.0}
    ours, theirs = ImageTilesDataset(sdata, **options), Theirs(sdata, **options)
    np.testing.assert_allclose(ours.tiles_coords["extent"], theirs.tiles_coords["extent"].astype(float))
    assert len({ours[number].images["he"].shape for number in range(20)}) > 1
    with pytest.raises(InputError, match="different sizes"):
        ours.tiles()


def test_label_images_are_regions_too(sdata):
    """Of scaled label images spatialdata 0.8 raises an error, so centres are compared with those of scipy."""
    arguments = {"regions_to_images": {"cell_labels": "he"}, "regions_to_coordinate_systems": {"cell_labels": "global"}}
    ours = ImageTilesDataset(sdata, **arguments, tile_dim_in_units=24)
    labels = next(iter(sdata.labels["cell_labels"]["scale0"].ds.values())).to_numpy()
    ids = np.unique(labels)[1:]
    centres_um = (np.array(ndimage.center_of_mass(labels > 0, labels, ids)) + 0.5) * 0.5
    assert ours.dataset_index["instance_id"].tolist() == ids.tolist()
    np.testing.assert_allclose(ours.tiles_coords[["y", "x"]], centres_um)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"rasterize": True}, UnsupportedError),
        ({"regions_to_images": {"cells": "pas"}}, NotFoundError),
        ({"regions_to_images": {"spots": "he"}, "regions_to_coordinate_systems": {"spots": "global"}}, NotFoundError),
        ({"regions_to_images": {"nuclei": "he"}}, InputError),
        ({"regions_to_coordinate_systems": {"cells": "other"}}, NotFoundError),
        ({"return_annotations": "cell_type"}, InputError),
        ({"return_annotations": "mood", "table_name": "table"}, NotFoundError),
        ({"table_name": "tables"}, NotFoundError),
        (
            {
                "regions_to_images": {"nuclei": "he"},
                "regions_to_coordinate_systems": {"nuclei": "global"},
                "table_name": "table",
            },
            InputError,
        ),
    ],
)
def test_what_does_not_fit_is_told(sdata, changes, error):
    with pytest.raises(error):
        ImageTilesDataset(sdata, **{**ARGUMENTS, **changes})
