"""Where tables are in a tree, and the views of them; expected values by hand from the contents made here."""

import json

import contents as make
import pytest
from vitessce import VitessceConfig

from vitrina.gateway.tables.places import place_tables
from vitrina.gateway.vitessce import build_config, plan_view
from vitrina.gateway.vitessce.plan import Urls
from vitrina.model.content import Column, Content, Embedding, Placement
from vitrina.readers.cell_table import describe_cells

DATA, ZARR = "http://host/data/uid/sample", "http://host/zarr/uid"
SPATIAL = (Embedding(name="spatial", n_dims=2),)


def plan(content):
    return plan_view(content, Urls(data=DATA, zarr=ZARR))


def make_bundle(*elements, **values):
    return Content(format="visium", coordinate_systems=("global",), elements=elements, **values)


def place(*affine):
    return (Placement(coordinate_system="global", affine_xy=affine),)


def make_spots(name="table", **values):
    return make.make_table(name, "counts.h5", embeddings=SPATIAL, extent_xy=(0.0, 0.0, 200.0, 100.0), **values)


def get_codes(found):
    return [finding.code for finding in found.findings]


@pytest.mark.parametrize("data_format", ["anndata", "loom", "10x-h5", "table"])
def test_one_table_is_the_root(data_format):
    content = Content(format=data_format, container="hdf5", elements=(make.make_table(path=""),))
    assert list(place_tables(content)) == [""]
    assert [file.url for file in plan(content).files] == [ZARR]


def test_several_tables_and_those_beside_images_have_paths_that_are_keys():
    two = Content(format="10x-h5", elements=(make.make_table("a/b", "x"), make.make_table("a_b", "y")))
    assert list(place_tables(two)) == ["tables/a_b-1", "tables/a_b"]
    assert list(place_tables(make_bundle(make.make_image(path="he"), make_spots()))) == ["tables/table"]


@pytest.mark.parametrize(("container", "base"), [("hdf5", ZARR), ("zarr3", DATA)])
def test_of_mudata_the_modality_that_shows_most_is_drawn(container, base):
    whole = make.make_table("mudata", "", matrix=None, n_vars=0, embeddings=(), obs_columns=())
    elements = (whole, make.make_table("rna", "mod/rna"), make.make_table("atac", "mod/atac", embeddings=()))
    found = plan(Content(format="mudata", container=container, elements=elements))
    assert [file.url for file in found.files] == [f"{base}/mod/rna"]
    assert get_codes(found) == ["view-elements-left-out"]


def test_measurements_of_a_plain_table_are_its_genes():
    columns = [("CellID", "int64"), ("X_centroid", "float64"), ("Y_centroid", "float64"), ("CD3", "float64")]
    plain = make.make_table(
        path="",
        matrix=None,
        n_vars=0,
        var_names=(),
        embeddings=(),
        obs_columns=tuple(Column(name=name, dtype=dtype) for name, dtype in columns),
        position_columns=("X_centroid", "Y_centroid"),
        extent_xy=(0.0, 0.0, 9.0, 9.0),
    )
    cells = describe_cells(plain)
    assert (cells.n_vars, cells.var_names) == (1, ("CD3",))
    assert [column.name for column in cells.obs_columns] == ["CellID", "X_centroid", "Y_centroid"]
    (file,) = plan(Content(format="table", container="csv", elements=(plain,))).files
    assert file.options == {"obsFeatureMatrix": {"path": "X"}, "obsSpots": {"path": "obsm/spatial"}}


def test_a_table_of_molecules_is_refused_with_a_reason():
    columns = tuple(Column(name=n, dtype=d) for n, d in (("gene", "string"), ("x", "float64"), ("y", "float64")))
    plain = make.make_table(path="", matrix=None, embeddings=(), obs_columns=columns, position_columns=("x", "y"))
    found = plan(Content(format="table", container="csv", elements=(plain,)))
    assert [(one.code, one.severity) for one in found.findings] == [("view-table-of-molecules", "error")]


def test_names_that_have_a_meaning_in_addresses_are_encoded():
    table = make.make_table(path="", obs_columns=(make.make_category("cell type #1/2", "a", "b"),), embeddings=())
    (file,) = plan(Content(format="anndata", container="hdf5", elements=(table,))).files
    assert file.options["obsSets"] == [{"name": "cell type #1/2", "path": "obs/cell type %231_2"}]


def test_spots_lie_on_the_image_that_is_placed_in_micrometres():
    """Spots in pixels of the full image of 0.5 um; of the picture, a tenth as wide, a pixel is 5 um."""
    picture = make.make_image(
        "yxc", (50, 60, 3), path="spatial/hires.png", scale=5.0, placements=place(5, 0, 0, 0, 5, 0)
    )
    shapes = make.make_shapes("spots", geometry="circle", placements=place(0.5, 0, 0, 0, 0.5, 0))
    found = plan(make_bundle(picture, shapes, make_spots(region=("spots",))))
    image, cells = found.files
    assert image.url == f"{ZARR}/spatial/hires.png"
    assert image.options is None
    assert cells.url == f"{ZARR}/tables/table"
    assert cells.options["obsSpots"] == {"path": "obsm/spatial_global"}
    assert found.extent_xy == (0.0, 0.0, 300.0, 250.0)  # 60 x 50 pixels of 5 um
    assert [layer.kind for layer in found.layers] == ["imageLayer", "spotLayer"]
    assert get_codes(found) == ["view-vectors-unserved"]


def test_positions_in_micrometres_need_no_change_of_the_image():
    """The extent of the positions is that of the outlines after they are placed: 0.5 um a pixel."""
    image = make.make_image(path="he", scale=0.5, placements=place(0.5, 0, 0, 0, 0.5, 0))
    shapes = make.make_shapes(placements=place(0.5, 0, 0, 0, 0.5, 0))
    table = make.make_table(path="c", embeddings=SPATIAL, extent_xy=(0.0, 0.0, 100.0, 50.0), region=("cells",))
    found = plan(make_bundle(image, shapes, table))
    assert found.files[0].options is None
    assert found.extent_xy == (0.0, 0.0, 1000.0, 500.0)


def test_images_that_are_turned_or_elsewhere_are_left_out_and_named():
    turned = make.make_image(name="turned", path="a", placements=place(0, 1, 0, -1, 0, 0))
    elsewhere = make.make_image(name="elsewhere", path="b", placements=(Placement(coordinate_system="other"),))
    found = plan(make_bundle(turned, elsewhere, make.make_image(name="fits", path="c"), make_spots()))
    assert [file.url for file in found.files] == [f"{ZARR}/c", f"{ZARR}/tables/table"]
    assert "turned, elsewhere" in found.findings[0].message


def test_an_image_too_large_to_be_shrunk_does_not_hide_the_spots():
    huge = make.make_image("yx", (20_000, 20_000), n_channels=1, path="he")
    found = plan(make_bundle(huge, make_spots()))
    assert [file.url for file in found.files] == [f"{ZARR}/tables/table"]
    assert [(one.code, one.severity) for one in found.findings][:1] == [("view-image-too-large", "warning")]


def test_a_table_without_positions_is_shown_beside_the_images():
    table = make.make_table(path="counts.h5", embeddings=())
    found = plan(make_bundle(make.make_image(path="he"), make.make_labels(path="masks"), table))
    assert [layer.kind for layer in found.layers] == ["imageLayer", "segmentationLayer"]
    assert found.sets
    assert [file.url for file in found.files][-1] == f"{ZARR}/tables/table"


def test_of_several_regions_one_with_an_image_is_shown():
    elsewhere = (Placement(coordinate_system="other"),)
    shapes = (
        make.make_shapes("cells", placements=place(1, 0, 0, 0, 1, 0)),
        make.make_shapes("more", placements=elsewhere),
    )
    tables = make_spots(region=("cells",)), make_spots(name="larger", n_obs=200, region=("more",))
    found = plan(make_bundle(make.make_image(path="he"), *shapes, *tables))
    assert [file.url for file in found.files] == [f"{ZARR}/he", f"{ZARR}/tables/table"]


def test_vitessce_python_reads_and_writes_the_view_of_spots_on_an_image():
    picture = make.make_image(
        "yxc", (50, 60, 3), path="spatial/hires.png", scale=5.0, placements=place(5, 0, 0, 0, 5, 0)
    )
    shapes = make.make_shapes("spots", geometry="circle", placements=place(0.5, 0, 0, 0, 0.5, 0))
    artifact = make.make_artifact(make_bundle(picture, shapes, make_spots(region=("spots",))))
    config = build_config(artifact, data_url=DATA, zarr_url=ZARR)
    assert VitessceConfig.from_dict(json.loads(json.dumps(config))).to_dict() == config


def test_an_image_that_begins_elsewhere_than_it_says_is_moved():
    """By hand: its own metadata have pixels of 0.5 um from 0 on; it begins at (10, -4) um and has pixels of 1 um."""
    image = make.make_image(path="mosaic", scale=0.5, placements=place(1, 0, 10, 0, 1, -4))
    scale, shift = plan(make_bundle(image, make_spots())).files[0].options["coordinateTransformations"]
    assert scale == {"type": "scale", "scale": [1.0, 2.0, 2.0]}  # c, y, x
    assert shift == {"type": "translation", "translation": [0.0, -4.0, 10.0]}


def test_paths_of_images_that_are_no_addresses_are_encoded_and_those_of_folders_end_without_a_slash():
    images = make.make_image(name="focus", path="morphology focus/"), make.make_image(path="a.zip#masks/0")
    found = plan(make_bundle(*images, make_spots()))
    assert [file.url for file in found.files[:2]] == [f"{ZARR}/morphology%20focus", f"{ZARR}/a.zip%23masks/0"]
