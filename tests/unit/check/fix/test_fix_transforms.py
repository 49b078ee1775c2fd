"""Scales that follow from the sizes of levels; expected values by hand."""

import pytest

from vitrina.checks.fix.draft import Draft
from vitrina.checks.fix.transforms import repair_transforms

SHAPES = {"0": (3, 75, 100), "1": (3, 38, 50), "2": (3, 19, 25)}


def scale(*values):
    return {"type": "scale", "scale": list(values)}


def translation(*values):
    return {"type": "translation", "translation": list(values)}


def repair(*transforms, whole=None, unit=None):
    axes = [{"name": "c"}, {"name": "y", **({"unit": unit} if unit else {})}, {"name": "x"}]
    datasets = [
        {"path": str(i), **({} if one is None else {"coordinateTransformations": one})}
        for i, one in enumerate(transforms)
    ]
    multiscale = {"axes": axes, "datasets": datasets}
    if whole is not None:
        multiscale["coordinateTransformations"] = whole
    draft = Draft("", {"multiscales": [multiscale]})
    repair_transforms(draft, SHAPES)
    return [dataset.get("coordinateTransformations") for dataset in draft.multiscales[0]["datasets"]], draft


def test_coarser_pixels_are_as_large_as_those_that_they_cover():
    found, draft = repair([scale(1, 0.5, 0.25), translation(0, 10, 20)], None, [])
    assert found[1] == [scale(1, 1, 0.5), translation(0, 10.25, 20.125)]
    assert found[2] == [scale(1, 2, 1), translation(0, 10.75, 20.375)]
    assert len(draft.repairs) == 2


def test_where_other_levels_state_no_translation_none_is_added():
    found, _ = repair([scale(1, 1, 1)], [scale(1, 2, 2)], None)
    assert found[2] == [scale(1, 4, 4)]


def test_a_translation_that_is_there_stays():
    found, _ = repair([scale(1, 1, 1)], [translation(0, 0.5, 0.5)], [scale(1, 4, 4)])
    assert found[1] == [scale(1, 2, 2), translation(0, 0.5, 0.5)]


def test_pixels_are_the_measure_where_nothing_has_a_unit():
    found, _ = repair(None, None, None)
    assert found[0] == [scale(1, 1, 1)]
    assert found[2] == [scale(1, 4, 4), translation(0, 1.5, 1.5)]


def test_pixels_are_the_measure_where_the_whole_image_has_a_scale():
    found, _ = repair(None, None, None, whole=[scale(1, 0.5, 0.5)], unit="micrometer")
    assert found[1][0] == scale(1, 2, 2)


@pytest.mark.parametrize(
    "given", [{"transforms": (None, None, None), "unit": "micrometer"}, {"transforms": (None, [scale(1, 2, 2)], None)}]
)
def test_the_size_of_a_pixel_is_never_guessed(given):
    found, draft = repair(*given["transforms"], unit=given.get("unit"))
    assert found == list(given["transforms"])
    assert draft.repairs == []
    assert "transforms-missing" in draft.reasons


@pytest.mark.parametrize(
    ("whole", "expected"),
    [
        ([], None),
        ([translation(0, 1, 2)], [scale(1, 1, 1), translation(0, 1, 2)]),
        ([scale(1, 2, 2)], [scale(1, 2, 2)]),
        ([{"type": "affine"}], [{"type": "affine"}]),
    ],
)
def test_the_whole_image_has_a_scale_or_no_transformations(whole, expected):
    _, draft = repair([scale(1, 1, 1)], [scale(1, 2, 2)], [scale(1, 4, 4)], whole=whole)
    assert draft.multiscales[0].get("coordinateTransformations") == expected
    assert len(draft.repairs) == (whole != expected)


def test_what_is_not_understood_is_left_alone():
    odd = [{"type": "affine", "affine": []}]
    found, draft = repair([scale(1, 1, 1)], odd, [scale(1, 4, 4)])
    assert found[1] == odd
    assert draft.repairs == []
