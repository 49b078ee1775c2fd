"""Display settings: they only advise, so that nothing in them can fail."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitrina.ngff.omero import OmeroWindow, build_color, parse_color, parse_omero

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(
            st.sampled_from(["channels", "rdefs", "window", "color", "label", "start", "end", "active", "model"]),
            children,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_no_display_settings_are_an_error(value):
    parse_omero(value)


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_colours_survive_the_way_to_text_and_back(color):
    assert parse_color(build_color(color)) == color


@pytest.mark.parametrize(
    ("text", "color"),
    [
        ("FF8000", (255, 128, 0)),
        ("#ff8000", (255, 128, 0)),
        ("FF8000CC", (255, 128, 0)),
        ("red", None),
        ("FF80", None),
        (16711680, None),
        (None, None),
    ],
)
def test_colours_are_six_hexadecimal_digits(text, color):
    assert parse_color(text) == color


def test_a_window_without_a_range_spans_its_own():
    omero = parse_omero({"channels": [{"window": {"start": 1, "end": 5}}]})
    assert omero.channels[0].window == OmeroWindow(start=1.0, end=5.0, min=1.0, max=5.0)


@pytest.mark.parametrize("window", [{"start": 5, "end": 5}, {"start": 9, "end": 1}, {"start": "1", "end": 2}, [1, 2]])
def test_a_window_that_shows_nothing_is_left_out(window):
    assert parse_omero({"channels": [{"window": window}]}).channels[0].window is None
