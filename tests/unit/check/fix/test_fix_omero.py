"""Display settings: what is there stays, the rest comes from what a reader measured and from OME-XML."""

import pytest

from vitrina.checks.fix.draft import Draft
from vitrina.checks.fix.omero import repair_omero
from vitrina.model.content import Axis, Channel, ImageElement, Level
from vitrina.readers.ome_xml import OmeChannel, OmeImage

LEVEL = Level(path="0", shape=(2, 8, 8), chunk_shape=None, scale=(1, 1, 1), translation=(0, 0, 0))
IMAGE = ImageElement(
    name="a",
    path="",
    axes=tuple(Axis(name=name) for name in "cyx"),
    dtype="uint16",
    levels=(LEVEL,),
    channels=(Channel(name="Channel 0", window=(10, 90)), Channel(name="CD3", window=(5, 50))),
)
FULL = {"active": True, "label": "CD3", "color": "00FF00", "window": {"start": 1, "end": 2, "min": 0, "max": 9}}
RDEFS = {"model": "greyscale", "defaultZ": 0, "defaultT": 0}


def repair(omero, *, ome_image=None, purpose="specification", image=IMAGE, is_color_guessed=False):
    draft = Draft("", {} if omero is None else {"omero": omero})
    repair_omero(draft, image, ome_image, purpose=purpose, is_color_guessed=is_color_guessed)
    return draft.attrs.get("omero"), [code for one in draft.repairs for code in one.codes], draft


def test_windows_and_names_are_those_that_the_reader_found():
    omero, codes, _ = repair(None)
    assert codes == ["ngff-omero-missing"]
    assert [one["label"] for one in omero["channels"]] == ["Channel 0", "CD3"]
    assert [(one["window"]["start"], one["window"]["end"]) for one in omero["channels"]] == [(10, 90), (5, 50)]
    assert all(len(one["color"]) == 6 for one in omero["channels"])
    assert omero["rdefs"] == RDEFS
    assert repair(omero)[1] == []


def test_names_of_ome_xml_fill_gaps_alone():
    channels = tuple(OmeChannel(name=name, color_rgb=(255, 0, 0), n_samples=1) for name in ("DAPI", "other"))
    described = OmeImage(name=None, sizes={}, pixel_sizes={}, unknown_units=(), channels=channels)
    omero, _, _ = repair(None, ome_image=described)
    assert [one["label"] for one in omero["channels"]] == ["DAPI", "CD3"]
    assert {one["color"] for one in omero["channels"]} == {"FF0000"}


def test_what_is_usable_stays():
    omero = {"channels": [FULL, {**FULL, "extra": 1}], "rdefs": {**RDEFS, "model": "color"}, "name": "x"}
    found, codes, _ = repair(omero)
    assert found == omero
    assert codes == []


@pytest.mark.parametrize(
    ("change", "code", "expected"),
    [
        ({"color": "#ff0000"}, "omero-color-invalid", {"color": "FF0000"}),
        ({"color": "red"}, "omero-color-invalid", {"color": "406CFF"}),
        ({"label": 7}, "omero-channel-field-invalid", {"label": "7"}),
        ({"label": None}, "ngff-omero-channels", {"label": "Channel 0"}),
        ({"active": "yes"}, "omero-channel-field-invalid", {"active": True}),
        ({"window": None}, "omero-window-missing", {"window": {"start": 10, "end": 90, "min": 0, "max": 65535}}),
        (
            {"window": {"start": 20, "end": 30}},
            "omero-window-incomplete",
            {"window": {"start": 20, "end": 30, "min": 0, "max": 65535}},
        ),
        (
            {"window": {"start": 20, "end": "x", "min": 0, "max": 99}},
            "omero-window-invalid",
            {"window": {"start": 20, "end": 90, "min": 0, "max": 99}},
        ),
        (
            {"window": {"start": 200, "min": 0, "max": 300}},  # it would end before it starts
            "omero-window-incomplete",
            {"window": {"start": 10, "end": 90, "min": 0, "max": 300}},
        ),
    ],
)
def test_a_field_is_completed(change, code, expected):
    channel = {key: value for key, value in {**FULL, **change}.items() if value is not None}
    omero, codes, _ = repair({"channels": [channel, FULL], "rdefs": RDEFS})
    assert codes == [code]
    assert omero["channels"] == [{**FULL, **expected}, FULL]


def test_channels_that_are_left_out_are_added_and_surplus_ones_stay():
    omero, codes, _ = repair({"channels": [FULL], "rdefs": RDEFS})
    assert codes == ["omero-channel-count", "ngff-omero-channels"]
    assert [one["label"] for one in omero["channels"]] == ["CD3", "CD3"]
    surplus = {"channels": [FULL] * 3, "rdefs": RDEFS}
    found, codes, draft = repair(surplus)
    assert (found, codes) == (surplus, [])
    assert "omero-channel-count" in draft.reasons


def test_the_model_is_changed_for_the_viewer_alone():
    omero = {"channels": [FULL, FULL], "rdefs": {**RDEFS, "model": "color"}}
    assert repair(omero)[1] == []
    assert repair(omero, purpose="viewer")[0]["rdefs"]["model"] == "greyscale"


def test_a_colour_image_that_nothing_but_its_pixels_tell_is_left():
    omero, codes, draft = repair(None, is_color_guessed=True)
    assert (omero, codes) == (None, [])
    assert "ngff-omero-missing" in draft.reasons
