"""Transformations of SpatialData; expected results are by hand."""

import pytest

from vitrina.checks.formats.elements.placement import check_placements

TO_GLOBAL = {"output": {"name": "global"}}


def list_codes(transforms, axes=("x", "y")):
    return [one.code for one in check_placements(transforms, axes, "shapes/cells", "/coordinateTransformations")]


@pytest.mark.parametrize(
    "transform",
    [
        {"type": "identity"},
        {"type": "scale", "scale": [2, 0.5]},
        {"type": "scale", "scale": [1e-9, 1e9]},
        {"type": "translation", "translation": [0, 0]},
        {"type": "affine", "affine": [[0, 1, 5], [1, 0, 5]]},
        {"type": "affine", "affine": [[0, 1, 5], [1, 0, 5], [0, 0, 1]]},
        {"type": "mapAxis", "mapAxis": {"x": "y", "y": "x"}},
        {"type": "sequence", "transformations": [{"type": "scale", "scale": [2, 2]}, {"type": "identity"}]},
    ],
)
def test_what_can_be_inverted_is_sound(transform):
    assert list_codes([{**transform, **TO_GLOBAL}]) == []


@pytest.mark.parametrize(
    "transform",
    [
        {"type": "scale", "scale": [0, 1]},
        {"type": "affine", "affine": [[1, 2, 0], [2, 4, 0]]},
        {"type": "mapAxis", "mapAxis": {"x": "y"}},
    ],
)
def test_what_loses_a_dimension_is_told(transform):
    assert list_codes([{**transform, **TO_GLOBAL}]) == ["transformation-not-invertible"]


@pytest.mark.parametrize(
    "transform",
    [{}, {"type": "scale"},
     {"type": "scale", "scale": [1]}, {"type": "affine", "affine": [[1, 2]]}, {"type": ["scale"]},
     {"type": "scale", "scale": [float("nan"), 1]}, {"type": "sequence", "transformations": 3}],
)  # fmt: skip
def test_what_is_malformed_is_told(transform):
    assert list_codes([{**transform, **TO_GLOBAL}]) == ["transformation-malformed"]


@pytest.mark.parametrize("transforms", [None, [], {}, "global", 3])
def test_an_element_must_lie_somewhere(transforms):
    assert list_codes(transforms) == ["coordinate-system-missing"]


def test_an_axis_beside_a_map_of_two_passes_through():
    transform = {"type": "mapAxis", "mapAxis": {"x": "y", "y": "x"}, **TO_GLOBAL}
    assert list_codes([transform], ("c", "y", "x")) == []
