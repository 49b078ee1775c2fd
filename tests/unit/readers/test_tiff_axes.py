"""Axis letters of tifffile to names; the rules stand in the docstring of name_axes."""

import pytest

from vitrina.readers.tiff_axes import build_axes, name_axes
from vitrina.readers.tiff_metadata import TiffMetadata


@pytest.mark.parametrize(
    ("letters", "shape", "sizes", "names", "n_guesses"),
    [
        ("TZCYX", (3, 5, 2, 8, 8), {}, ("t", "z", "c", "y", "x"), 0),
        ("YXS", (8, 8, 3), {}, ("y", "x", "c"), 0),
        ("CYXS", (2, 8, 8, 3), {}, ("c", "y", "x", "s"), 0),
        ("QYX", (4, 8, 8), {"C": 4, "Z": 1}, ("c", "y", "x"), 0),  # the metadata has one axis of that size
        ("QYX", (4, 8, 8), {}, ("c", "y", "x"), 1),
        ("QYX", (48, 8, 8), {}, ("t", "y", "x"), 1),
        ("IYX", (48, 8, 8), {"Z": 48, "T": 48}, ("t", "y", "x"), 1),  # two axes fit, so it is a guess again
        ("QQYX", (48, 3, 8, 8), {}, ("t", "c", "y", "x"), 2),
        ("QYXS", (3, 8, 8, 3), {}, ("z", "y", "x", "c"), 1),  # channels are taken by the samples
    ],
)
def test_axes_are_named(letters, shape, sizes, names, n_guesses):
    named = name_axes(letters, shape, TiffMetadata(sizes=sizes))
    assert named.names == names
    assert [finding.code for finding in named.findings] == ["axis-guessed"] * n_guesses


def test_units_go_with_their_axes():
    axes = build_axes(("c", "y", "x"), TiffMetadata(pixel_sizes={"X": (0.5, "micrometer"), "T": (1.0, "second")}))
    assert [(axis.type, axis.unit) for axis in axes] == [("channel", None), ("space", None), ("space", "micrometer")]
