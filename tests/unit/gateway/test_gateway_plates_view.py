"""The view of a plate shows its mosaic."""

from contents import make_image

from vitrina.gateway.check_view import check_view
from vitrina.gateway.vitessce import plan_view
from vitrina.gateway.vitessce.plan import Urls
from vitrina.model.content import Content, LabelsElement
from vitrina.model.finding import Finding

URLS = Urls(data="http://host/data/u/a.zarr", zarr="http://host/zarr/u")
FIRST_ONLY = Finding(code="plate-first-field", severity="info", path="#/plate", message="This is a plate.")


def make_plate(element, fmt="ome-zarr"):
    return Content(format=fmt, container="zarr2", elements=(element,), findings=(FIRST_ONLY,))


def test_a_plate_is_shown_as_its_mosaic_with_the_channels_of_the_first_field():
    for fmt in ("ome-zarr", "imagexpress"):
        plan = plan_view(make_plate(make_image("czyx", (2, 5, 90, 80), path="A/1/0"), fmt), URLS)
        (file,), (layer,) = plan.files, plan.layers
        assert (file.file_type, file.url) == ("image.ome-zarr", "http://host/zarr/u/mosaic")
        assert len(layer.channels) == 2
        assert layer.values["fileUid"] == file.coordination_values["fileUid"]
        assert (plan.extent_xy, plan.target_z) == (None, 2)  # the viewer sees how large it is


def test_the_camera_shows_all_of_a_mosaic_that_is_known():
    plan = plan_view(make_plate(make_image("cyx", (2, 900, 1600), path="mosaic", scale=0.5)), URLS)
    assert plan.extent_xy == (0.0, 0.0, 800.0, 450.0)
    assert plan.files[0].url == "http://host/zarr/u/mosaic"


def test_a_flat_field_of_any_size_is_no_reason_to_refuse_a_plate():
    assert check_view(make_plate(make_image("yx", (20_000, 20_000), n_channels=1, path="A/1/0"), "operetta")) == []


def test_a_plate_of_label_images_is_shown_as_labels():
    image = make_image("yx", (90, 80), path="A/1/0")
    labels = LabelsElement(name="a", path="A/1/0", axes=image.axes, dtype="uint16", levels=image.levels)
    (file,) = plan_view(make_plate(labels), URLS).files
    assert file.file_type == "obsSegmentations.ome-zarr"


def test_a_plate_without_an_image_is_not_shown():
    content = Content(format="ome-zarr", container="zarr2", findings=(FIRST_ONLY,))
    assert [finding.code for finding in check_view(content)] == ["view-no-image-or-table"]
