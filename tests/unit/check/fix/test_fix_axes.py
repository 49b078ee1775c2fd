"""Axes: what follows from their names, spellings of units; expected values are those of the specification's lists."""

import pytest

from vitrina.checks.fix.axes import find_unit, repair_axes
from vitrina.checks.fix.draft import Draft


def repair(axes, dimension_names=None):
    multiscale = {} if axes is None else {"axes": axes}
    draft = Draft("", {"multiscales": [multiscale]})
    repair_axes(draft, dimension_names)
    return draft.multiscales[0].get("axes"), draft


@pytest.mark.parametrize(
    ("text", "type_", "expected"),
    [
        ("um", "space", "micrometer"),
        ("µm", "space", "micrometer"),  # micro sign
        ("μm", "space", "micrometer"),  # Greek mu
        ("micron", "space", "micrometer"),
        ("Microns", "space", "micrometer"),
        ("micrometres", "space", "micrometer"),
        ("nm", "space", "nanometer"),
        ("Å", "space", "angstrom"),
        ("s", "time", "second"),
        ("Seconds", "time", "second"),
        ("min", "time", "minute"),
        ("min", "space", None),
        ("pixel", "space", None),
        ("furlong", "space", None),
    ],
)
def test_a_unit_is_spelled_as_the_specification_does(text, type_, expected):
    assert find_unit(text, type_) == expected


def test_a_unit_that_is_right_or_absent_stays():
    axes = [{"name": "y", "type": "space", "unit": "micrometer"}, {"name": "x", "type": "space"}]
    repaired, draft = repair(axes)
    assert repaired == axes
    assert draft.repairs == []


@pytest.mark.parametrize("unit", ["pixel", "", "a.u.", 3])
def test_what_is_no_unit_is_dropped(unit):
    repaired, draft = repair([{"name": "x", "type": "space", "unit": unit}])
    assert repaired == [{"name": "x", "type": "space"}]
    assert [code for one in draft.repairs for code in one.codes] == [
        "axis-unit-unknown" if isinstance(unit, str) else "axis-unit-invalid"
    ]


def test_a_unit_that_nobody_knows_stays_and_says_why():
    repaired, draft = repair([{"name": "x", "type": "space", "unit": "furlong"}])
    assert repaired[0]["unit"] == "furlong"
    assert "furlong" in draft.reasons["axis-unit-unknown"]


def test_types_follow_from_conventional_names_alone():
    repaired, draft = repair([{"name": "t"}, {"name": "c", "type": None}, {"name": "q"}, {"name": "x"}])
    assert [axis.get("type") for axis in repaired] == ["time", "channel", None, "space"]
    assert len(draft.repairs) == 3
    assert "'q'" in draft.reasons["axis-type-unknown"]


def test_names_become_axes():
    repaired, _ = repair(["c", "y", "x"])
    assert repaired == [
        {"name": "c", "type": "channel"},
        {"name": "y", "type": "space"},
        {"name": "x", "type": "space"},
    ]


def test_absent_axes_come_from_the_arrays_and_are_never_guessed():
    repaired, _ = repair(None, ["z", "y", "x"])
    assert [axis["name"] for axis in repaired] == ["z", "y", "x"]
    for names in (None, ["dim_0", "y", "x"]):
        absent, draft = repair(None, names)
        assert absent is None
        assert draft.repairs == []
        assert "axes-missing" in draft.reasons


def test_the_attributes_given_stay_as_they_are():
    attrs = {"multiscales": [{"axes": [{"name": "x"}]}]}
    repair_axes(Draft("", attrs), None)
    assert attrs == {"multiscales": [{"axes": [{"name": "x"}]}]}
