"""Affine maps between named axes. The second implementation is NumPy's matrix product in homogeneous coordinates."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitrina.errors import DataError
from vitrina.ngff.affine import (
    MAX_DEPTH,
    Affine,
    build_identity,
    build_scale,
    build_translation,
    compose,
    parse_affine,
)

AXES = ("z", "y", "x")
NUMBERS = st.floats(-100, 100, allow_nan=False)
ROWS = st.lists(st.lists(NUMBERS, min_size=4, max_size=4), min_size=3, max_size=3)


def to_matrix(affine):
    return np.vstack([np.array(affine.rows), [0] * len(affine.inputs) + [1]])


def build(rows):
    return Affine(inputs=AXES, outputs=AXES, rows=tuple(tuple(row) for row in rows))


@given(ROWS, ROWS)
def test_composing_is_the_product_of_the_matrices(first, second):
    composed = compose(build(first), build(second))
    expected = to_matrix(build(second)) @ to_matrix(build(first))
    np.testing.assert_allclose(to_matrix(composed), expected, rtol=1e-9, atol=1e-9)


@given(ROWS)
def test_the_identity_changes_nothing(rows):
    affine = build(rows)
    assert compose(affine, build_identity(AXES)).rows == pytest.approx(np.array(affine.rows))
    assert compose(build_identity(AXES), affine).rows == pytest.approx(np.array(affine.rows))


@given(st.lists(NUMBERS, min_size=3, max_size=3), st.lists(NUMBERS, min_size=3, max_size=3))
def test_a_translation_after_a_scale_is_not_scaled(scale, translation):
    composed = compose(build_scale(AXES, scale), build_translation(AXES, translation))
    assert [row[-1] for row in composed.rows] == pytest.approx(translation)


def test_xy_is_read_by_name_and_not_by_position():
    affine = build_scale(("y", "x"), (2.0, 3.0))
    assert affine.to_xy() == (3.0, 0.0, 0.0, 0.0, 2.0, 0.0)


def test_rows_follow_the_output_axes_that_are_spelled_out():
    # x' = y + 5 and y' = 2x + 7, written with x first in the output and y first in the input
    affine = parse_affine(
        {
            "type": "affine",
            "affine": [[1, 0, 5], [0, 2, 7]],
            "input": {"name": "yx", "axes": [{"name": "y"}, {"name": "x"}]},
            "output": {"name": "global", "axes": [{"name": "x"}, {"name": "y"}]},
        },
        ("y", "x"),
        "",
    )
    assert affine.to_xy() == (0.0, 1.0, 5.0, 2.0, 0.0, 7.0)


def test_a_sequence_runs_from_first_to_last():
    # 3 * 2 = 6, then + 10 = 16, on x; y only scaled by 5
    affine = parse_affine(
        {
            "type": "sequence",
            "transformations": [
                {"type": "scale", "scale": [5, 2]},
                {"type": "scale", "scale": [1, 3]},
                {"type": "translation", "translation": [0, 10]},
            ],
        },
        ("y", "x"),
        "",
    )
    assert affine.to_xy() == (6.0, 0.0, 10.0, 0.0, 5.0, 0.0)


def test_map_axis_names_the_input_of_each_output():
    affine = parse_affine({"type": "mapAxis", "mapAxis": {"x": "y", "y": "x"}}, ("y", "x"), "")
    assert affine.to_xy() == (0.0, 1.0, 0.0, 1.0, 0.0, 0.0)


def test_an_axis_that_the_second_map_does_not_have_passes_through():
    composed = compose(build_scale(("c", "y", "x"), (1.0, 2.0, 3.0)), build_translation(("y", "x"), (10.0, 20.0)))
    assert composed.to_xy() == (3.0, 0.0, 20.0, 0.0, 2.0, 10.0)
    assert composed.get_factor("c", "c") == 1.0


def test_a_dependence_on_z_is_told():
    affine = Affine(inputs=AXES, outputs=AXES, rows=((1.0, 0, 0, 0), (0, 1.0, 0, 0), (0.5, 0, 1.0, 0)))
    assert affine.mixes_into_xy() == ("z",)
    assert build_identity(AXES).mixes_into_xy() == ()


def test_a_homogeneous_matrix_is_accepted():
    affine = parse_affine({"type": "affine", "affine": [[1, 0, 5], [0, 1, 7], [0, 0, 1]]}, ("y", "x"), "")
    assert affine.to_xy() == (1.0, 0.0, 7.0, 0.0, 1.0, 5.0)


@pytest.mark.parametrize(
    "transform",
    [
        {"type": "scale", "scale": [1]},
        {"type": "scale", "scale": [1, "2"]},
        {"type": "scale", "scale": [1, True]},
        {"type": "scale", "scale": [1, float("nan")]},
        {"type": "scale"},
        {"type": "affine", "affine": [[1, 0, 0]]},
        {"type": "affine", "affine": [[1, 0], [0, 1]]},
        {"type": "mapAxis", "mapAxis": {"x": "q"}},
        {"type": "displacements", "path": "field"},
        {},
        "identity",
        None,
    ],
)
def test_a_malformed_transform_is_told_with_its_place(transform):
    with pytest.raises(DataError) as caught:
        parse_affine(transform, ("y", "x"), "/place")
    assert caught.value.code == "ngff-malformed"
    assert caught.value.where.startswith("/place")


def test_endless_nesting_is_refused():
    transform = {"type": "identity"}
    for _ in range(MAX_DEPTH + 2):
        transform = {"type": "sequence", "transformations": [transform]}
    with pytest.raises(DataError):
        parse_affine(transform, ("y", "x"), "")
