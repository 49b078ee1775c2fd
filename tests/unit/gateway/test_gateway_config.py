"""Automatic views as Vitessce JSON. Second implementation: the configuration classes of vitessce-python."""

import json
from dataclasses import replace

import contents as make
import pytest

from vitrina.errors import UnsupportedError
from vitrina.gateway.check_view import check_view
from vitrina.gateway.vitessce import build_config
from vitrina.gateway.vitessce.extent import estimate_spacing, pad_extent
from vitrina.gateway.vitessce.image import compute_outline_width
from vitrina.model.content import Content
from vitrina.model.finding import Finding

DATA, ZARR = "http://host/data/uid/sample", "http://host/zarr/uid"

FULL = make.make_spatialdata(
    make.make_image(path="images/he", name="he"),
    make.make_image(path="images/if", name="if"),
    make.make_shapes(),
    make.make_points(),
    make.make_table(region=("cells",), region_key="region", instance_key="cell_id"),
)
ANNDATA = Content(format="anndata", container="hdf5", elements=(make.make_table(path=""),))
IMAGE = Content(format="ome-zarr", container="zarr2", elements=(make.make_image(), make.make_labels()))


def build(content):
    return build_config(make.make_artifact(content), data_url=DATA, zarr_url=ZARR)


def get_files(config):
    return config["datasets"][0]["files"]


def get_option(config, name):
    return next(file["options"][name] for file in get_files(config) if name in file.get("options", {}))


def get_layers(config, kind):
    """The values of the layers of a kind, scopes resolved as Vitessce resolves them."""
    space = config["coordinationSpace"]
    by = space["metaCoordinationScopesBy"][kind][kind]
    return [
        {name: space[name][scopes[scope]] for name, scopes in by.items() if isinstance(scopes.get(scope), str)}
        for scope in space["metaCoordinationScopes"][kind][kind]
    ]


@pytest.mark.parametrize("content", [FULL, ANNDATA, IMAGE], ids=["spatialdata", "anndata", "ome-zarr"])
def test_vitessce_python_reads_and_writes_the_same_configuration(content):
    from vitessce import VitessceConfig

    config = build(content)
    assert VitessceConfig.from_dict(json.loads(json.dumps(config))).to_dict() == config


@pytest.mark.parametrize("content", [FULL, ANNDATA, IMAGE], ids=["spatialdata", "anndata", "ome-zarr"])
def test_every_scope_that_is_named_is_defined(content):
    config = build(content)
    space = config["coordinationSpace"]
    for view in config["layout"]:
        for name, scopes in view["coordinationScopes"].items():
            assert all(scope in space[name] for scope in ([scopes] if isinstance(scopes, str) else scopes))
    for by in space.get("metaCoordinationScopesBy", {}).values():
        for values in by.values():
            for name, scopes in values.items():
                for named in scopes.values():
                    assert all(scope in space[name] for scope in ([named] if isinstance(named, str) else named))


@pytest.mark.parametrize("content", [FULL, ANNDATA, IMAGE], ids=["spatialdata", "anndata", "ome-zarr"])
def test_panels_fill_the_grid_without_overlap(content):
    cells = [
        (x, y)
        for view in build(content)["layout"]
        for x in range(view["x"], view["x"] + view["w"])
        for y in range(view["y"], view["y"] + view["h"])
    ]
    assert sorted(cells) == [(x, y) for x in range(12) for y in range(12)]


def test_shapes_are_paired_by_their_own_ids_and_labels_by_the_table():
    assert "tablePath" not in get_option(build(FULL), "obsSegmentations")
    labels = make.make_spatialdata(make.make_labels(), make.make_table(region=("nuclei",)))
    assert get_option(build(labels), "obsSegmentations")["tablePath"] == "tables/table"


def test_all_images_stand_in_one_scope_and_only_the_first_is_visible():
    layers = get_layers(build(FULL), "imageLayer")
    assert [layer["spatialLayerVisible"] for layer in layers] == [True, False]
    assert [layer["fileUid"] for layer in layers] == ["image-0", "image-1"]


def test_transcripts_of_a_few_genes_are_shown_next_to_cell_sets():
    config = build(FULL)
    (layer,) = get_layers(config, "pointLayer")
    assert layer["spatialLayerVisible"] is True
    assert layer["featureSelection"] == ["CD3E", "MS4A1"]
    assert config["coordinationSpace"]["featureSelection"]["A"] is None  # else genes would colour the cells


def test_a_colour_image_comes_first_and_cells_are_outlined_on_it():
    stain = make.make_image(path="images/if", name="if")
    he = make.make_image(path="images/he", name="he", is_rgb=True, n_channels=3, dtype="uint8")
    config = build(make.make_spatialdata(stain, he, make.make_shapes(), make.make_table(region=("cells",))))
    assert [file["options"]["image"]["path"] for file in get_files(config)[1:]] == ["images/he", "images/if"]
    (cells,) = config["coordinationSpace"]["spatialSegmentationFilled"].values()
    assert cells is False


def test_circles_become_spots_and_polygons_segmentations():
    table = make.make_table(region=("cells",))
    circles = build(make.make_spatialdata(make.make_shapes(geometry="circle"), table))
    assert get_option(circles, "obsSpots")["path"] == "shapes/cells"
    # by hand: 100 circles on 200 x 100 units stand sqrt(200) apart; the radius is 0.4 of it
    assert get_layers(circles, "spotLayer")[0]["spatialSpotRadius"] == pytest.approx(0.4 * 200**0.5)


def test_the_camera_shows_all_that_is_drawn():
    space = build(make.make_spatialdata(make.make_shapes(), make.make_points(), make.make_table(region=("cells",))))[
        "coordinationSpace"
    ]
    # by hand: shapes reach from 0 to 200, points from -10 to 190; 600 pixels for 210 units, less a margin of 0.1 levels
    assert space["spatialTargetX"]["A"] == pytest.approx(95.0)
    assert 2 ** (space["spatialZoom"]["A"] + 0.1) == pytest.approx(600 / 210)


def test_the_camera_shows_spots_to_their_rims_also_where_all_lie_in_one_place():
    table = make.make_table(region=("cells",))
    space = build(make.make_spatialdata(make.make_shapes(geometry="circle"), table))["coordinationSpace"]
    # by hand: middles reach over 200 units, the radius is 0.4 of a spacing of sqrt(200)
    assert 2 ** (space["spatialZoom"]["A"] + 0.1) == pytest.approx(600 / (200 + 0.8 * 200**0.5))
    image = make.make_image("cyx", (2, 100, 200), path="images/he", name="he")
    on_image = build(make.make_spatialdata(image, make.make_shapes(geometry="circle"), table))["coordinationSpace"]
    assert 2 ** (on_image["spatialZoom"]["A"] + 0.1) == pytest.approx(600 / 200)
    assert pad_extent((3.0, 4.0, 3.0, 4.0), 0.1) == (2.5, 3.5, 3.5, 4.5)
    assert estimate_spacing((3.0, 4.0, 3.0, 4.0), 15) == 1.0


def test_labels_are_outlined_two_pixels_wide_on_the_screen():
    labels = make.make_labels()
    image = make.make_image(path="images/he", name="he", is_rgb=True, n_channels=3, dtype="uint8")
    config = build(make.make_spatialdata(image, labels, make.make_table(region=("nuclei",))))
    (width,) = config["coordinationSpace"]["spatialSegmentationStrokeWidth"].values()
    # by hand: the viewer takes 150 / 2048 of a tile; of 2000 pixels 960 are seen at first
    assert width * 150 / 2048 * 512 == pytest.approx(2 * 2000 / 960)
    stored = replace(labels, levels=(replace(labels.levels[0], shape=(300, 400), chunk_shape=(256, 200)),))
    assert compute_outline_width(stored, "zarr2") * 150 / 2048 * 200 == pytest.approx(2)
    assert compute_outline_width(stored, "tiff") * 150 / 2048 * 512 == pytest.approx(2)


def test_a_stack_that_begins_elsewhere_along_z_is_brought_before_the_camera():
    stack = make.make_image("czyx", (2, 5, 40, 50))
    assert "options" not in get_files(build(Content(format="ome-zarr", container="zarr2", elements=(stack,))))[0]
    moved = replace(stack, levels=(replace(stack.levels[0], translation=(0.0, 32.0, 7.0, 8.0)),))
    (file,) = get_files(build(Content(format="ome-zarr", container="zarr2", elements=(moved,))))
    (transform,) = file["options"]["coordinateTransformations"]
    assert transform == {"type": "translation", "translation": [0.0, -32.0, 0.0, 0.0]}


def test_an_image_is_placed_by_its_pixel_size():
    content = Content(format="ome-zarr", container="zarr2", elements=(make.make_image(scale=0.5, unit="micrometer"),))
    space = build(content)["coordinationSpace"]
    assert (space["spatialTargetX"]["A"], space["spatialTargetY"]["A"]) == (500.0, 250.0)


def test_elements_outside_the_coordinate_system_are_left_out():
    aligned = (make.Placement(coordinate_system="aligned"),)
    content = make.make_spatialdata(
        make.make_image(path="images/he", name="he", placements=aligned), make.make_image(path="images/if", name="if")
    )
    assert [file["options"]["image"]["path"] for file in get_files(build(content))] == ["images/if"]
    assert [finding.code for finding in check_view(content)] == ["view-elements-left-out"]


def test_colour_images_need_no_channels():
    channels = tuple(make.Channel(name=name) for name in ("Red", "Green", "Blue"))
    image = make.make_image("cyx", (3, 900, 900), dtype="uint8", n_channels=3, channels=channels, is_rgb=True)
    config = build(Content(format="ome-tiff", container="tiff", elements=(image,)))
    assert get_layers(config, "imageLayer")[0]["photometricInterpretation"] == "RGB"
    assert "imageChannel" not in config["coordinationSpace"]


def test_channels_take_names_colours_and_windows_from_the_content():
    channels = (make.Channel(name="DAPI", color_rgb=(0, 0, 255), window=(100.0, 900.0)), make.Channel(name="CD3"))
    config = build(Content(format="ome-zarr", container="zarr2", elements=(make.make_image(channels=channels),)))
    space = config["coordinationSpace"]
    assert space["spatialChannelColor"]["A"] == [0, 0, 255]
    assert space["spatialChannelWindow"] == {"A": [100.0, 900.0], "B": [0.0, 65535.0]}


def test_stored_zarr_is_read_directly_and_everything_else_through_the_gateway():
    stored = Content(format="anndata", container="zarr3", elements=ANNDATA.elements)
    zipped = make.make_spatialdata(*FULL.elements, is_zipped=True)
    assert {file["url"] for file in get_files(build(stored))} == {DATA}
    assert {file["url"] for file in get_files(build(FULL))} == {DATA}
    assert {file["url"] for file in get_files(build(ANNDATA))} == {ZARR}
    assert {file["url"] for file in get_files(build(zipped))} == {ZARR}
    assert [file["url"] for file in get_files(build(IMAGE))] == [ZARR, f"{ZARR}/labels/nuclei"]


def test_images_of_one_large_scale_come_through_the_gateway_which_makes_coarser_levels():
    he = make.make_image(path="images/he", name="he")
    sizes = tuple(5000 if axis.name in "yx" else size for axis, size in zip(he.axes, he.levels[0].shape, strict=True))
    flat = replace(he, levels=(replace(he.levels[0], shape=sizes),))
    assert {file["url"] for file in get_files(build(make.make_spatialdata(flat)))} == {ZARR}
    halved = tuple(size // 4 if size == 5000 else size for size in sizes)
    pyramid = replace(flat, levels=(*flat.levels, replace(he.levels[0], path="images/he/1", shape=halved)))
    assert {file["url"] for file in get_files(build(make.make_spatialdata(pyramid)))} == {DATA}


def test_guessed_gene_columns_need_the_gateway_to_name_them():
    guessed = Finding(code="feature-key-guessed", severity="info", path="points/transcripts", message="guessed")
    content = make.make_spatialdata(*FULL.elements, findings=(guessed,))
    assert {file["url"] for file in get_files(build(content))} == {ZARR}


def test_positions_in_columns_are_drawn_as_spots():
    table = make.make_table(path="", position_columns=("X", "Y"), extent_xy=(0.0, 0.0, 10.0, 10.0))
    config = build(Content(format="anndata", container="hdf5", elements=(table,)))
    assert get_option(config, "obsSpots") == {"path": "obsm/spatial"}
    assert config["layout"][0]["component"] == "spatialBeta"


def test_a_large_matrix_gets_no_heatmap():
    table = make.make_table(path="", n_obs=100_000, n_vars=20_000)
    components = {view["component"] for view in build(Content(format="anndata", elements=(table,)))["layout"]}
    assert "heatmap" not in components
    assert "heatmap" in {view["component"] for view in build(ANNDATA)["layout"]}


def test_too_many_shapes_and_points_without_genes_are_left_out_and_said():
    content = make.make_spatialdata(
        make.make_image(path="images/he"),
        make.make_shapes(n_shapes=500_001),
        make.make_points(name="beads", feature_key=None),
        make.make_table(region=("cells",)),
    )
    assert {finding.code for finding in check_view(content)} == {"view-too-many-shapes", "view-points-without-feature"}
    assert {"imageLayer"} == set(build(content)["coordinationSpace"]["metaCoordinationScopes"])


def test_points_that_are_too_many_come_as_a_sample_through_the_gateway_and_it_is_said():
    content = make.make_spatialdata(
        make.make_points(n_points=200_001), make.make_shapes(), make.make_table(region=("cells",))
    )
    assert [file["url"] for file in get_files(build(content))] == [DATA, ZARR]
    assert "view-points-sampled" in {finding.code for finding in check_view(content)}


def test_a_table_of_several_regions_does_not_colour_them():
    content = make.make_spatialdata(make.make_shapes(), make.make_table(region=("cells", "more")))
    assert "view-table-unlinked" in {finding.code for finding in check_view(content)}
    channel = build(content)["coordinationSpace"]["obsColorEncoding"]
    assert "spatialChannelColor" in channel.values()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (Content(format="file"), "view-format-unsupported"),
        (Content(format="ome-zarr", container="zarr2"), "view-no-image-or-table"),
        (
            Content(
                format="anndata",
                container="hdf5",
                elements=(make.make_table(path="", matrix=None, obs_columns=(), embeddings=()),),
            ),
            "view-no-image-or-table",
        ),
    ],
)
def test_what_cannot_be_shown_is_said_in_words_and_refused(content, code):
    errors = [finding for finding in check_view(content) if finding.severity == "error"]
    assert [finding.code for finding in errors] == [code]
    assert errors[0].fix
    with pytest.raises(UnsupportedError) as caught:
        build(content)
    assert caught.value.code == "view-unavailable"


def test_a_flat_tiff_above_the_limit_is_refused_with_a_reason():
    huge = make.make_image("yx", (20_000, 20_000), n_channels=1)
    content = Content(format="tiff", container="tiff", elements=(huge,))
    assert [(finding.code, finding.severity) for finding in check_view(content)] == [("view-image-too-large", "error")]
