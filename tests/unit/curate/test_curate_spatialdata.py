"""SpatialData and images: slots, and the data itself. Each fault is made by hand."""

import re
from pathlib import Path

import anndata
import dask.array
import dask.dataframe
import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely
import xarray
from curate_records import HandVocabulary, build_feature, build_schema, list_codes
from spatialdata import SpatialData
from spatialdata.models import Image2DModel, Labels2DModel, PointsModel, ShapesModel, TableModel
from spatialdata.transformations import Affine, Identity, Scale, set_transformation

from vitrina.curate.check import check_dataset
from vitrina.curate.data.image import check_image
from vitrina.curate.data.label_ids import find_label_ids
from vitrina.curate.data.spatialdata import check_spatialdata
from vitrina.curate.image_fields import build_image_fields
from vitrina.curate.parts import find_parts, list_slots
from vitrina.model.dtype import parse_dtype
from vitrina.model.dtype_value import check_value

UM = {"global": Identity(), "um": Scale([0.5, 0.5], axes=("x", "y"))}


def build_labels():
    pixels = np.zeros((8, 10), dtype="uint16")
    pixels[1:3, 1:3], pixels[4:6, 4:8], pixels[7, 9] = 1, 2, 5
    return Labels2DModel.parse(dask.array.from_array(pixels, chunks=(4, 5)), dims=("y", "x"), transformations=UM)


def build_annotating(region="cells", ids=(1, 2, 5), key="cells"):
    obs = pd.DataFrame(
        {"region": pd.Categorical([key] * len(ids)), "id": list(ids)}, index=[f"c{i}" for i in range(len(ids))]
    )
    table = anndata.AnnData(np.ones((len(ids), 2), dtype="float32"), obs=obs)
    return TableModel.parse(table, region=region, region_key="region", instance_key="id")


def build_dataset(**elements):
    drawn = {
        "images": {
            "he": Image2DModel.parse(
                np.zeros((3, 8, 10), dtype="uint8"),
                dims=("c", "y", "x"),
                c_coords=["r", "g", "b"],
                scale_factors=[2],
                transformations=UM,
            )
        },
        "labels": {"cells": build_labels()},
        "points": {
            "molecules": PointsModel.parse(pd.DataFrame({"x": [1.0, 2.0], "y": [1.0, 2.0], "gene": ["TP53", "NOPE"]}))
        },
        "shapes": {"spots": ShapesModel.parse(np.array([[1.0, 1.0], [2.0, 2.0]]), geometry=0, radius=1.0)},
        "tables": {"table": build_annotating()},
    }
    return SpatialData(**(drawn | elements), attrs={"bio": {"tissue": "lung"}})


def list_errors(dataset):
    return [(one.code, one.path) for one in check_spatialdata(dataset) if one.severity != "info"]


def test_a_sound_dataset_has_no_errors_and_tells_its_coordinate_systems():
    [finding] = check_spatialdata(build_dataset())
    assert finding.code == "coordinate-systems"
    assert finding.message.startswith("'global' has ")
    assert "'um' has 'images/he', 'labels/cells'" in finding.message


def test_every_slot_that_is_listed_is_found():
    dataset = build_dataset()
    for slot in list_slots(dataset):
        assert find_parts(dataset, slot), slot
    assert [str(part.slot) for part in find_parts(dataset, "images:*")] == ["images:he"]
    assert find_parts(dataset, "images:nope") == find_parts(dataset, "nope:x") == []


def test_an_image_has_its_axes_channels_and_pixel_sizes_as_fields():
    # he is 3 x 8 x 10 pixels; the coordinate system um has half a unit per pixel
    fields = build_image_fields(build_dataset().images["he"])
    assert fields == {
        "axes": "cyx",
        "dtype": "uint8",
        "n_levels": 2,
        "n_channels": 3,
        "shape_c": 3,
        "shape_y": 8,
        "shape_x": 10,
        "channels": ["r", "g", "b"],
        "coordinate_systems": ["global", "um"],
        "pixel_size_x": 0.5,
        "pixel_size_y": 0.5,
        "pixel_size": 0.5,
    }


def test_pixel_sizes_are_told_in_micrometers_where_the_unit_is_known():
    image = xarray.DataArray(
        np.zeros((2, 3, 4)),
        dims=("z", "y", "x"),
        attrs={"scale": {"z": 2000.0, "y": 250.0, "x": 250.0}, "units": {"x": "nanometer"}, "stain": "DAPI"},
    )
    fields = build_image_fields(image)
    assert (fields["pixel_size_um"], fields["pixel_size_z_um"], fields["unit"]) == (0.25, 2.0, "nanometer")
    assert fields["stain"] == "DAPI"


def test_the_page_of_image_fields_has_each_of_them_with_its_dtype():
    page = (Path(__file__).resolve().parents[3] / "docs/reference/image-fields.md").read_text()
    rows = re.findall(r"^\| (`.+`(?:, \.\.\.)?) \| `([a-z\[\]]+)` \|", page, re.MULTILINE)
    told = {name: dtype for names, dtype in rows for name in re.findall(r"`(\w+)`", names)}
    image = build_dataset().images["he"]["scale0"]["image"].assign_attrs(unit="micrometer")
    fields = build_image_fields(image)
    shared = {name for name in fields if not re.search(r"_[cxyz](_um)?$", name)}
    assert shared <= set(told) <= set(fields)
    for name, dtype in told.items():
        assert check_value(parse_dtype(dtype), fields[name]) == [], name


def test_slots_of_elements_are_checked_under_their_own_paths():
    schema = build_schema(
        slots={
            "attrs:bio": build_schema(build_feature("tissue", "cat[Tissue]")),
            "images:*": build_schema(build_feature("axes", "str"), build_feature("pixel_size_um", "float")),
            "points:molecules": build_schema(build_feature("gene", "cat[Gene.symbol]")),
            "shapes:spots": build_schema(build_feature("radius", "int")),
            "coordinate_systems": build_schema(build_feature("um", "list[str]"), build_feature("lab", "list[str]")),
            "tables:table:obs": build_schema(build_feature("id", "int")),
            "labels:nope": build_schema(build_feature("axes", "str")),
        }
    )
    checked = check_dataset(build_dataset(), schema, HandVocabulary())
    assert sorted((one.code, one.path) for one in checked.findings if one.severity == "error") == [
        ("column-missing", "coordinate_systems#/lab"),
        ("column-missing", "images/he#/pixel_size_um"),
        ("dtype-differs", "shapes/spots#/radius"),
        ("slot-missing", "labels/nope#"),
        ("term-unknown", "points/molecules#/gene"),
    ]
    assert checked.non_validated == {"points:molecules": {"gene": ("NOPE",)}}
    values = {(one.slot, one.name): one.value for one in checked.features}
    assert values["images:he", "axes"] == "cyx"
    assert values["coordinate_systems", "um"] == ["images/he", "labels/cells"]


def test_variables_dropped_in_place_are_told():
    # LaminDB's documented example of curation does this, and saves what nobody can read
    dataset = build_dataset()
    table = dataset.tables["table"]
    table.var.drop(index=table.var_names[0], inplace=True)  # noqa: PD002 - what the test is about
    assert list_errors(dataset) == [("var-length-differs", "tables/table/var#")]


def test_an_element_that_is_not_there_is_told_with_the_nearest():
    dataset = build_dataset()
    dataset.tables["table"] = build_annotating(region="cell", key="cell")
    found = [one for one in check_spatialdata(dataset) if one.severity == "error"]
    assert [(one.code, one.fix) for one in found] == [("region-element-missing", "Did you mean 'cells'?")]


def test_ids_that_the_labels_do_not_have_are_counted_and_named():
    dataset = build_dataset(tables={"table": build_annotating(ids=(1, 2, 3, 7))})
    found = {one.code: one.message for one in check_spatialdata(dataset)}
    assert found["instance-missing"].startswith("2 of 4 rows of tables/table have ids that labels/cells does not have")
    assert found["instance-missing"].endswith("'3', '7'.")
    assert found["instance-not-annotated"].startswith("1 of 3 instances")


def test_shapes_are_annotated_by_their_index():
    spots = build_annotating(region="spots", key="spots", ids=(0, 1))
    assert list_errors(build_dataset(tables={"table": spots})) == []
    wrong = build_annotating(region="spots", key="spots", ids=(0, 4))
    assert list_errors(build_dataset(tables={"table": wrong})) == [("instance-missing", "tables/table/obs#/id")]


def test_ids_of_another_type_are_told_as_such():
    table = build_annotating(region="spots", key="spots", ids=(0, 1))
    table.obs["id"] = ["0", "1"]
    dataset = build_dataset(tables={"table": table})
    assert list_errors(dataset) == [("instance-dtype-differs", "tables/table/obs#/id")]


def test_ids_that_repeat_are_told():
    dataset = build_dataset()
    dataset.tables["table"].obs["id"] = [1, 2, 2]
    assert ("instance-repeated", "tables/table/obs#/id") in list_errors(dataset)


def test_regions_that_do_not_fit_their_column_are_told():
    dataset = build_dataset()
    dataset.tables["table"].obs["region"] = pd.Categorical(["cells", "cells", "other"])
    assert list_errors(dataset) == [("region-differs", "tables/table/obs#/region")]


def test_keys_that_name_no_column_are_told():
    dataset = build_dataset()
    dataset.tables["table"].uns["spatialdata_attrs"]["instance_key"] = "ids"
    [found] = [one for one in check_spatialdata(dataset) if one.severity == "error"]
    assert (found.code, found.fix) == ("region-missing", "Did you mean 'id'?")


def test_images_have_no_instances_to_annotate():
    dataset = build_dataset()
    dataset.tables["table"] = build_annotating(region="he", key="he")
    assert [code for code, _ in list_errors(dataset)] == ["region-not-annotatable"]


@pytest.mark.parametrize("matrix", [[[1, 0, 0], [2, 0, 0], [0, 0, 1]], [[np.nan, 0, 0], [0, 1, 0], [0, 0, 1]]])
def test_transformations_that_cannot_be_inverted_are_told(matrix):
    dataset = build_dataset()
    flat = Affine(np.array(matrix, dtype=float), input_axes=("x", "y"), output_axes=("x", "y"))
    set_transformation(dataset.labels["cells"], flat, "um")
    assert list_errors(dataset) == [("transformation-not-invertible", "labels/cells#/transform/um")]


def test_small_pixels_are_no_singular_transformation():
    dataset = build_dataset()
    set_transformation(dataset.labels["cells"], Scale([1e-9, 1e-9], axes=("x", "y")), "metre")
    assert list_errors(dataset) == []


def test_an_element_without_coordinate_system_is_told():
    dataset = build_dataset()
    dataset.points["molecules"].attrs["transform"] = {}
    assert ("coordinate-system-missing", "points/molecules#") in list_errors(dataset)


def test_points_that_are_not_finite_are_counted():
    frame = pd.DataFrame({"x": [1.0, np.nan, np.inf], "y": [1.0, 2.0, 3.0]})
    dataset = build_dataset(points={"molecules": PointsModel.parse(dask.dataframe.from_pandas(frame, npartitions=2))})
    [finding] = [one for one in check_spatialdata(dataset) if one.severity == "error"]
    assert finding.message.startswith("2 of 3 points of points/molecules")


def test_shapes_that_are_empty_or_cross_themselves_or_have_no_radius_are_told():
    bow = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    square = shapely.box(0, 0, 1, 1)
    polygons = geopandas.GeoDataFrame(geometry=[square, bow, shapely.Polygon()])
    circles = geopandas.GeoDataFrame({"radius": [1.0, -1.0]}, geometry=[shapely.Point(0, 0), shapely.Point(1, 1)])
    for frame in (polygons, circles):
        frame.attrs["transform"] = {"global": Identity()}
    dataset = build_dataset()
    dataset.shapes.data["cells_outlines"] = polygons  # below the checks of the library, as a file may have them
    dataset.shapes.data["dots"] = circles
    assert sorted(list_errors(dataset)) == [
        ("geometry-invalid", "shapes/cells_outlines#/geometry"),
        ("geometry-self-crossing", "shapes/cells_outlines#/geometry"),
        ("radius-invalid", "shapes/dots#/radius"),
    ]


def test_label_ids_are_those_of_numpy_chunk_by_chunk():
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 50, (60, 70)).astype("uint32")
    lazy = xarray.DataArray(dask.array.from_array(pixels, chunks=(16, 32)), dims=("y", "x"))
    expected = np.setdiff1d(np.unique(pixels), [0])
    assert find_label_ids(lazy).tolist() == expected.tolist()
    assert find_label_ids(xarray.DataArray(pixels, dims=("y", "x"))).tolist() == expected.tolist()


def test_label_images_that_are_too_large_are_said_not_to_be_read(monkeypatch):
    monkeypatch.setattr("vitrina.curate.data.label_ids.MAX_PIXELS", 10)
    assert list_errors(build_dataset()) == [("labels-not-scanned", "labels/cells#")]


def build_image(shape=(2, 8, 8), dims=("c", "y", "x"), dtype="uint16", channels=("DAPI", "CD3")):
    coords = {"c": list(channels)} if "c" in dims and channels else {}
    return xarray.DataArray(np.zeros(shape, dtype=dtype), dims=dims, coords=coords)


@pytest.mark.parametrize(
    ("image", "code"),
    [
        (build_image(), None),
        (build_image(dims=("c", "x", "y")), "image-dims-invalid"),
        (build_image(dims=("c", "rows", "columns")), "image-dims-invalid"),
        (build_image(dtype="float64"), "image-dtype-unusual"),
        (build_image(shape=(2, 0, 8)), "image-empty"),
        (build_image(channels=("DAPI", "DAPI")), "channels-repeated"),
        (build_image(channels=(0, 1)), "channels-unnamed"),
        (build_image(channels=(0, 1), dtype="uint8"), None),
    ],
)
def test_images_are_checked_by_their_dimensions_pixels_and_channels(image, code):
    assert [one.code for one in check_image(image, "images/a")] == ([code] if code else [])


def test_an_image_of_its_own_has_the_order_of_its_format():
    assert check_image(build_image((8, 8, 3), ("y", "x", "c"), "uint8", ()), "") == []


def test_label_images_have_whole_numbers():
    assert list_codes(check_image(build_image((8, 8), ("y", "x"), "float32"), "labels/a", is_labels=True)) == [
        "labels-not-integer"
    ]


@pytest.mark.parametrize(("size", "is_valid"), [(0.5, True), (0.0, False), (-1.0, False), (float("nan"), False)])
def test_pixel_sizes_are_above_zero(size, is_valid):
    image = build_image().assign_attrs(scale={"x": size, "y": 0.5})
    assert (list_codes(check_image(image, "")) == []) is is_valid


def test_resolution_levels_become_smaller():
    def build_tree(*shapes):
        levels = {
            f"scale{i}": xarray.Dataset({"image": build_image((1, *shape), channels=("a",))}) for i, shape in shapes
        }
        return xarray.DataTree.from_dict(levels)

    assert check_image(build_tree((0, (8, 8)), (1, (4, 4)), (2, (4, 2))), "images/a") == []
    assert list_codes(check_image(build_tree((0, (8, 8)), (1, (8, 8))), "images/a")) == ["levels-not-descending"]
    assert list_codes(check_image(build_tree((0, (8, 8)), (1, (4, 9))), "images/a")) == ["levels-not-descending"]
