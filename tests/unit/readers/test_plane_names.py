"""What names of files say: numbers, templates, guesses. Expected values are by hand."""

import pytest

from vitrina.errors import InputError
from vitrina.readers.planes.guess import guess_planes
from vitrina.readers.planes.numbers import plan_numbers
from vitrina.readers.planes.pattern import check_cost, compile_pattern
from vitrina.readers.planes.stack import PlaneName, list_missing, place_planes, plan_stack
from vitrina.readers.plates.metaseries import parse_metaseries
from vitrina.readers.plates.wells import name_row, parse_well, sort_wells


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([5], [5]),
        ([0, 1, 2], [0, 1, 2]),
        ([12, 14], [12, 14]),
        ([12, 13, 16], [12, 13, 14, 15, 16]),
        ([100, 110, 130], [100, 110, 120, 130]),
        ([1, 7, 1000], [1, 7, 1000]),
    ],
)
def test_numbers_have_places_and_gaps_stay_empty(found, expected):
    places = plan_numbers(found)
    assert list(places.numbers) == expected
    assert [places.find(number) for number in expected] == list(range(len(expected)))


def test_a_number_that_metadata_promise_makes_no_bomb():
    assert len(plan_numbers([1, 2], n_expected=10_000_000)) == 2


def test_a_template_says_what_stands_where():
    found = compile_pattern("{well}_{field}_{channel}_{z}.tif").match("day 1/B07_3_GFP_long_012.tif")
    assert (found.well, found.field, found.plane.channel, found.plane.z) == (("B", "7"), 3, "GFP_long", 12)


@pytest.mark.parametrize("path", ["B07_3_GFP_012.tiff", "xyB07_3_GFP_012.tif", "B07_GFP_012.tif", "B07_3_G/FP_1.tif"])
def test_what_does_not_fit_a_template_is_left_out(path):
    assert compile_pattern("{well}_{field}_{channel}_{z}.tif").match(path) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{well}_{depth}.tif", "{depth} is unknown"),
        ("*.tif", "it names nothing"),
        ("(?P<well>[A-Z", "it is no regular expression"),
        ("(?P<plate>a)", "it names plate"),
        ("{row}_{z}.tif", "row and column stand together"),
        ("{z}_{z}.tif", "it is no regular expression"),
        ("**{channel}**.tif", "more than three parts"),
        ("{z}" * 400, "characters"),
    ],
)
def test_a_pattern_that_makes_no_sense_is_refused(text, reason):
    with pytest.raises(InputError, match="cannot be used") as raised:
        compile_pattern(text)
    assert reason in raised.value.message


@pytest.mark.parametrize(
    "regex",
    [
        r"(?P<z>(\d+)+)x",
        r"(?P<z>\d)(a*)*b",
        r"(a|aa)*(?P<z>\d)",
        r"(?P<z>\d)(.*)(.*)(.*)(.*)(.*)(.*)!",
        r"(?P<z>\d)\1",
        r"(?P<z>\d)(?=(a+)+b)",
    ],
)
def test_a_regex_that_could_take_for_ever_is_refused(regex):
    with pytest.raises(InputError, match="cannot be used"):
        check_cost(compile_pattern(regex), ["a" * 60 + "1"])


def test_an_ordinary_regex_is_taken():
    pattern = compile_pattern(r"(?P<well>[A-P]\d\d)_s(?P<field>\d+)_z(?P<z>\d+)_t(?P<t>\d+)\.tif")
    check_cost(pattern, ["folder/B07_s12_z3_t4.tif"] * 3)
    assert pattern.match("folder/B07_s12_z3_t4.tif").plane.t == 4


def test_folders_are_channels_and_their_name_before_a_number_is_none_of_it():
    paths = [f"ch{c}/ch{c}{z:04}.tif" for c in (0, 1) for z in (12, 13, 14)]
    guessed = guess_planes(paths)
    assert [(name.channel, name.z) for name in guessed.names[2:4]] == [("ch0", 14), ("ch1", 12)]
    assert not guessed.is_sure


def test_letters_say_what_numbers_are():
    paths = [f"run_t{t:02}_z{z:03}_ch{c}.tif" for t in range(2) for z in range(3) for c in range(2)]
    guessed = guess_planes(paths)
    assert guessed.is_sure
    assert guessed.names[-1] == PlaneName(path=paths[-1], t=1, channel="1", z=2)


@pytest.mark.parametrize(
    "paths",
    [
        ["a.tif"],
        ["nuclei.tif", "cells.tif"],
        ["a_1_1.tif", "a_1_2.tif", "a_2_1.tif"],
        ["a1.tif", "b/a2.tif"],
        ["x/y/a1.tif", "x/y/a2.tif"],
        ["a1.tif", "a01.tif"],
        [f"c{i}/z{i}.tif" for i in range(5)],
        ["c0/ch1.tif", "c1/ch2.tif"],
    ],
)
def test_names_that_are_not_clear_are_not_guessed(paths):
    assert guess_planes(paths) is None


def test_missing_planes_are_told_in_words():
    names = [PlaneName(path=f"{c}{z}", channel=c, z=z) for c, z in [("a", 3), ("a", 5), ("b", 4)]]
    axes = plan_stack(names)
    placed, doubled = place_planes([*names, PlaneName(path="twice", channel="b", z=4)], axes)
    assert placed == {(0, 0, 0): "a3", (0, 0, 2): "a5", (0, 1, 1): "b4"}
    assert doubled == ["twice"]
    assert list_missing(placed, axes) == ["channel a, z 4", "channel b, z 3", "channel b, z 5"]


def test_wells_are_named_as_plates_name_them():
    assert [parse_well(name) for name in ("a1", "P24", "AF-48", "7B", "A00")] == [
        ("A", "1"), ("P", "24"), ("AF", "48"), None, None,
    ]  # fmt: skip
    assert [name_row(number) for number in (1, 16, 26, 27, 32, 52, 53)] == ["A", "P", "Z", "AA", "AF", "AZ", "BA"]
    assert sort_wells([("AA", "1"), ("B", "10"), ("B", "2")]) == (("B", "AA"), ("1", "2", "10"))


def test_sizes_in_other_units_than_micrometers_are_not_taken():
    text = '<MetaData><prop id="spatial-calibration-state" type="bool" value="on"/>{}</MetaData>'
    sizes = "".join(f'<prop id="spatial-calibration-{axis}" type="float" value="0.5"/>' for axis in "xy")
    um, px = (f'<prop id="spatial-calibration-units" type="string" value="{unit}"/>' for unit in ("um", "pixel"))
    assert parse_metaseries(text.format(sizes + um)).pixel_size_yx_um == (0.5, 0.5)
    assert parse_metaseries(text.format(sizes + px)).pixel_size_yx_um == (None, None)
    assert parse_metaseries(text.format(sizes.replace("0.5", "inf") + um)).pixel_size_yx_um == (None, None)
