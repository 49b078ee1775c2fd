"""What overrides make of a content. Expected values are worked out by hand."""

from __future__ import annotations

import pytest

from vitrina.errors import InputError
from vitrina.model.apply_overrides import apply_overrides, find_element, keep_fitting
from vitrina.model.content import (
    Axis,
    Channel,
    Content,
    ImageElement,
    LabelsElement,
    Level,
    Placement,
    ShapesElement,
    TableElement,
)
from vitrina.model.finding import Finding
from vitrina.model.jsonable import build_json_text, parse_json_text
from vitrina.model.overrides import ElementOverrides, Overrides


def build_image(names="cyx", shape=(3, 64, 32), dtype="uint16", *, path=""):
    levels = tuple(
        Level(
            path=str(i),
            shape=tuple(size >> i if name in "yx" else size for name, size in zip(names, shape, strict=True)),
            chunk_shape=None,
            scale=tuple(float(1 << i) if name in "yx" else 1.0 for name in names),
            translation=tuple(((1 << i) - 1) / 2 if name in "yx" else 0.0 for name in names),
        )
        for i in range(2)
    )
    sizes = dict(zip(names, shape, strict=True))
    return ImageElement(
        name=path or "image",
        path=path,
        axes=tuple(Axis(name=name, type="space" if name in "zyx" else None) for name in names),
        dtype=dtype,
        levels=levels,
        channels=tuple(Channel(name=f"Channel {i}") for i in range(sizes.get("c", 1))),
    )


def apply(element, *, format_="tiff", findings=(), **said):
    content = Content(format=format_, elements=(element,), findings=findings)
    return apply_overrides(content, Overrides(elements=(ElementOverrides(path=element.path, **said),)))


def test_nothing_said_changes_nothing():
    content = Content(format="tiff", elements=(build_image(),))
    assert apply_overrides(content, Overrides()) is content


def test_a_pixel_size_scales_all_levels_and_keeps_their_ratio():
    image = apply(build_image(), pixel_size=(0.5, 0.25)).elements[0]
    assert [level.scale for level in image.levels] == [(1.0, 0.5, 0.25), (1.0, 1.0, 0.5)]
    assert [level.translation for level in image.levels] == [(0.0, 0.0, 0.0), (0.0, 0.25, 0.125)]
    assert [axis.unit for axis in image.axes] == [None, "micrometer", "micrometer"]


def test_a_pixel_size_of_a_stack_may_leave_the_depth_as_it_is():
    stack = build_image("zyx", (5, 64, 32))
    assert apply(stack, pixel_size=(0.5, 0.5), unit="nm").elements[0].levels[0].scale == (1.0, 0.5, 0.5)
    assert apply(stack, pixel_size=(2.0, 0.5, 0.5)).elements[0].levels[0].scale == (2.0, 0.5, 0.5)


def test_a_unit_alone_is_of_all_axes_in_space():
    image = apply(build_image("tzyx", (2, 3, 8, 8)), unit="µm").elements[0]
    assert [axis.unit for axis in image.axes] == [None, "micrometer", "micrometer", "micrometer"]


def test_channels_get_names_colours_and_windows_and_those_not_named_keep_their_own():
    image = apply(
        build_image(),
        channel_names=("DAPI", None, "CD3"),
        channel_colors=((0, 0, 255), None, (255, 0, 0)),
        channel_windows=(None, (10, 500), None),
    ).elements[0]
    assert [channel.name for channel in image.channels] == ["DAPI", "Channel 1", "CD3"]
    assert [channel.color_rgb for channel in image.channels] == [(0, 0, 255), None, (255, 0, 0)]
    assert [channel.window for channel in image.channels] == [None, (10.0, 500.0), None]


def test_an_axis_that_is_time_makes_one_channel_of_three():
    image = apply(build_image(), axes=("T", "Y", "X"), channel_names=("GFP",)).elements[0]
    assert [(axis.name, axis.type) for axis in image.axes] == [("t", "time"), ("y", "space"), ("x", "space")]
    assert [channel.name for channel in image.channels] == ["GFP"]


def test_three_channels_become_a_colour_image_and_one_becomes_channels_again():
    colored = apply(build_image(dtype="uint8"), is_rgb=True).elements[0]
    assert colored.is_rgb
    assert [channel.name for channel in colored.channels] == ["Red", "Green", "Blue"]
    assert not apply(colored, is_rgb=False).elements[0].is_rgb


def test_an_image_of_integers_becomes_labels_and_labels_an_image():
    labels = apply(build_image("yx", (8, 8)), is_labels=True).elements[0]
    assert isinstance(labels, LabelsElement)
    image = apply(labels, is_labels=False, channel_names=("DAPI",)).elements[0]
    assert isinstance(image, ImageElement)
    assert [channel.name for channel in image.channels] == ["DAPI"]


def test_an_affine_replaces_the_placement_in_its_coordinate_system_alone():
    shapes = ShapesElement(
        name="cells",
        path="shapes/cells",
        n_shapes=3,
        geometry="polygon",
        placements=(Placement(coordinate_system="global"), Placement(coordinate_system="microns")),
    )
    affine = (2.0, 0.0, 5.0, 0.0, 2.0, 6.0)
    content = apply(shapes, format_="spatialdata", affine_xy=affine)
    (microns, global_) = content.elements[0].placements
    assert (microns.coordinate_system, global_.coordinate_system, global_.affine_xy) == ("microns", "global", affine)
    assert content.coordinate_systems == ("global",)
    assert content.overridden == ("shapes/cells",)


def test_a_finding_that_is_answered_is_not_told_any_more():
    guessed = Finding(code="axis-guessed", severity="warning", path="#", message="?")
    other = Finding(code="series-left-out", severity="info", path="#", message="?")
    content = apply(build_image(), findings=(guessed, other), axes=("t", "y", "x"))
    assert content.findings == (other,)


@pytest.mark.parametrize(
    ("element", "said", "message"),
    [
        (build_image(shape=(4, 8, 8)), {"channel_names": ("a", "b", "c")}, "3 names were given for 4 channels"),
        (build_image(), {"channel_colors": ((0, 0, 256), None, None)}, "from 0 to 255"),
        (build_image(), {"channel_windows": ((5, 5), None, None)}, "from a lower to a higher"),
        (build_image(), {"channel_names": (" ", None, None)}, "not empty"),
        (build_image(), {"axes": ("c", "y")}, "does not fit|do not name"),
        (build_image(), {"axes": ("q", "y", "x")}, "3 different letters of TCZYX"),
        (build_image(), {"axes": ("y", "y", "x")}, "3 different letters of TCZYX"),
        (build_image(shape=(4, 8, 8)), {"is_rgb": True}, "a colour image has 3 channels, and it has 4"),
        (build_image(), {"is_labels": True}, "it has 3 of uint16"),
        (build_image("yx", (8, 8), dtype="float32"), {"is_labels": True}, "1 of float32"),
        (build_image(), {"pixel_size": (1.0,)}, "two sizes, of y and x"),
        (build_image(), {"pixel_size": (1.0, 0.0)}, "above 0"),
        (build_image(), {"pixel_size": (1.0, float("nan"))}, "above 0"),
        (build_image(), {"unit": "parsec"}, "no unit of length"),
        (build_image(), {"affine_xy": (1.0, 1.0, 0.0, 1.0, 1.0, 0.0)}, "an inverse"),
        (build_image(), {"coordinate_system": "microns"}, "without an affine"),
    ],
)
def test_what_does_not_fit_is_refused_and_says_what_would(element, said, message):
    with pytest.raises(InputError, match=message) as raised:
        apply(element, **said)
    assert raised.value.code == "override-unfit"


@pytest.mark.parametrize("said", [{"axes": ("c", "y", "x")}, {"is_labels": True}])
def test_spatialdata_keeps_its_axes_and_kinds(said):
    with pytest.raises(InputError, match="SpatialData"):
        apply(build_image(shape=(1, 8, 8), path="images/he"), format_="spatialdata", **said)


def test_shapes_have_no_pixels():
    shapes = ShapesElement(name="cells", path="shapes/cells", n_shapes=3, geometry="polygon")
    with pytest.raises(InputError, match="only a placement"):
        apply(shapes, format_="spatialdata", pixel_size=(1.0, 1.0))


def test_an_unknown_element_is_refused_with_those_that_there_are():
    content = Content(format="ome-zarr", elements=(build_image(path="0"), build_image(path="1")))
    with pytest.raises(InputError) as raised:
        apply_overrides(content, Overrides(elements=(ElementOverrides(path="7", is_rgb=True),)))
    assert (raised.value.code, raised.value.hint) == ("override-element-unknown", "It has 0, 1.")


def test_an_element_is_meant_by_its_path_its_name_or_by_being_alone():
    table = TableElement(name="table", path="tables/table", n_obs=1)
    alone = Content(format="spatialdata", elements=(build_image(path="images/he"), table))
    assert find_element(alone, None) == find_element(alone, "images/he") == alone.elements[0]
    with pytest.raises(InputError, match="'table'"):
        find_element(alone, "table")
    several = Content(format="ome-zarr", elements=(build_image(path="0"), build_image(path="1")))
    with pytest.raises(InputError, match="2 elements"):
        find_element(several, None)


def test_what_fits_a_later_version_is_kept_and_the_rest_is_not():
    said = Overrides(
        elements=(
            ElementOverrides(path="0", channel_names=("a", "b", "c")),
            ElementOverrides(path="1", pixel_size=(0.5, 0.5)),
            ElementOverrides(path="2", pixel_size=(0.5, 0.5)),
        )
    )
    later = Content(format="ome-zarr", elements=(build_image(path="0", shape=(4, 8, 8)), build_image(path="1")))
    assert [element.path for element in keep_fitting(later, said).elements] == ["1"]


def test_overrides_merge_by_element_and_their_digest_tells_them_apart():
    said = Overrides().merge(ElementOverrides(path="0", is_rgb=True))
    more = said.merge(ElementOverrides(path="0", pixel_size=(1.0, 1.0))).merge(ElementOverrides(path="1", unit="nm"))
    assert more.get("0") == ElementOverrides(path="0", is_rgb=True, pixel_size=(1.0, 1.0))
    assert more.without("1").elements == (more.get("0"),)
    assert len({Overrides().digest, said.digest, more.digest}) == 3
    assert not Overrides().digest


def test_overrides_come_back_from_json_as_they_were():
    said = Overrides(
        elements=(ElementOverrides(path="0", channel_colors=((1, 2, 3), None), channel_windows=((0.5, 2.0), None)),)
    )
    assert parse_json_text(Overrides, build_json_text(said)) == said
