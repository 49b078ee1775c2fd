import pytest
from viewer_records import list_codes, list_severities, make_image, make_labels

from vitrina.checks.viewer.ngff import (
    check_collections,
    check_omero,
    check_rgb_model,
    check_transforms,
    check_version,
)

WINDOW = {"start": 0, "end": 1, "min": 0, "max": 1}
CHANNEL = {"label": "DAPI", "color": "FFFFFF", "window": WINDOW}
GOOD = {"channels": [CHANNEL, CHANNEL], "rdefs": {"model": "greyscale"}}
IMAGE = make_image("cyx", (2, 64, 64))
RGB = make_image("cyx", (3, 64, 64), n_channels=3, dtype="uint8", is_rgb=True)


def test_complete_display_settings_are_right():
    assert list(check_omero({"omero": GOOD}, IMAGE)) == []
    assert list(check_omero({"ome": {"omero": GOOD}}, IMAGE)) == []


@pytest.mark.parametrize("attrs", [{}, {"omero": None}, {"omero": []}, {"ome": {}}])
def test_display_settings_that_are_missing_are_healed(attrs):
    (finding,) = check_omero(attrs, IMAGE)
    assert (finding.code, finding.severity) == ("ngff-omero-missing", "info")
    assert finding.message.endswith("Vitrina shows it all the same, through its gateway.")
    assert finding.path.startswith("#/ome")


@pytest.mark.parametrize(
    "channels",
    [None, [], [CHANNEL], [CHANNEL, {"label": "x", "color": "FFFFFF"}], [CHANNEL, {"window": WINDOW}], [CHANNEL, 7]],
)
def test_channels_that_are_incomplete_are_healed(channels):
    found = list_severities(check_omero({"omero": {**GOOD, "channels": channels}}, IMAGE))
    assert found == [("ngff-omero-channels", "info")]


def test_rendering_settings_that_are_missing_are_healed():
    assert list_codes(check_omero({"omero": {"channels": [CHANNEL, CHANNEL]}}, IMAGE)) == ["ngff-omero-rdefs"]


@pytest.mark.parametrize(
    ("image", "model", "is_told"),
    [
        (RGB, "color", False),
        (RGB, "greyscale", True),
        (RGB, None, False),
        (IMAGE, "greyscale", False),
        (IMAGE, "color", True),
    ],
)
def test_the_model_must_be_that_of_the_pixels(image, model, is_told):
    attrs = {"omero": {"channels": [], "rdefs": {"model": model} if model else {}}}
    assert list_codes(check_rgb_model(attrs, image)) == (["ngff-rgb-model"] if is_told else [])


@pytest.mark.parametrize("version", ["0.1", "0.2", "0.3", "0.4", "0.5", "0.5.2"])
def test_versions_that_the_viewer_reads(version):
    assert list(check_version({"multiscales": [{"version": version}]})) == []


@pytest.mark.parametrize("version", ["0.6", "0.6.dev1", "0.7"])
def test_versions_that_it_does_not_read(version):
    assert list_codes(check_version({"multiscales": [{"version": version}]})) == ["ngff-version-unsupported-by-viewer"]


def test_an_image_without_a_version_is_read_as_one_that_it_knows():
    assert list(check_version({"multiscales": [{}]})) == []


def test_plates_wells_and_label_images_are_told():
    code = "ngff-labels-hcs-unsupported"
    assert list_codes(check_collections({"plate": {}}, ())) == [code]
    assert list_codes(check_collections({"ome": {"well": {}}}, ())) == [code]
    assert list_codes(check_collections({"multiscales": [{}]}, (make_labels(),))) == [code]
    assert list(check_collections({"multiscales": [{}]}, ())) == []


@pytest.mark.parametrize(
    ("transform", "is_told"),
    [
        ({"type": "scale", "scale": [1, 1, 1]}, False),
        ({"type": "scale", "scale": [1, 1]}, True),
        ({"type": "translation", "translation": [1, 1, 1, 1]}, True),
        ({"type": "identity"}, False),
        ("scale", False),
    ],
)
def test_a_transform_has_one_number_per_dimension(transform, is_told):
    attrs = {"multiscales": [{"datasets": [{"path": "0", "coordinateTransformations": [transform]}]}]}
    found = list_severities(check_transforms(attrs, 3))
    assert found == ([("transform-length", "error")] if is_told else [])
    whole = {"ome": {"multiscales": [{"coordinateTransformations": [transform], "datasets": []}]}}
    assert len(list(check_transforms(whole, 3))) == is_told
