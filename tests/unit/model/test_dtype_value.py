"""Values by hand: what JSON keeps of them is what a reader of the standard would write."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from vitrina.errors import InputError
from vitrina.model.dtype import parse_dtype
from vitrina.model.dtype_value import check_value, convert_value


@pytest.mark.parametrize(
    ("dtype", "value", "kept"),
    [
        ("str", "a", "a"),
        ("str", np.str_("a"), "a"),
        ("int", 3, 3),
        ("int", np.int32(3), 3),
        ("float", 3, 3.0),
        ("float", np.float32(0.5), 0.5),
        ("num", 3, 3),
        ("num", 3.5, 3.5),
        ("bool", True, True),
        ("bool", np.array(0, dtype=bool)[()], False),
        ("date", date(2026, 1, 31), "2026-01-31"),
        ("date", "2026-01-31", "2026-01-31"),
        ("datetime", datetime(2026, 1, 31, 12, tzinfo=UTC), "2026-01-31T12:00:00+00:00"),
        ("datetime", np.datetime64("2026-01-31T12:00"), "2026-01-31T12:00:00"),
        ("url", "https://example.org/a", "https://example.org/a"),
        ("path", Path("/data/a"), "/data/a"),
        ("dict", {"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}),
        ("object", [1, "a", 2.5], [1, "a", 2.5]),
        ("list[int]", [1, np.int64(2)], [1, 2]),
        ("cat[Tissue]", "lung", "lung"),
        ("list[cat[ULabel]]", ["a", "b"], ["a", "b"]),
    ],
)
def test_values_of_a_dtype_are_kept_as_json(dtype, value, kept):
    found = convert_value(parse_dtype(dtype), value)
    assert found == kept
    assert type(found) is type(kept)


@pytest.mark.parametrize(
    ("dtype", "value"),
    [
        ("str", 3),
        ("int", 3.0),
        ("int", True),
        ("int", "3"),
        ("float", "0.5"),
        ("float", float("nan")),
        ("float", True),
        ("num", "3"),
        ("bool", 1),
        ("bool", "true"),
        ("date", "31.01.2026"),
        ("date", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("datetime", "yesterday"),
        ("datetime", 3),
        ("url", "example.org"),
        ("path", 3),
        ("dict", [1]),
        ("object", {1, 2}),
        ("list[int]", 1),
        ("list[int]", [1, "a"]),
        ("cat[Tissue]", 3),
        ("cat[Tissue]", None),
    ],
)
def test_values_of_another_type_are_refused(dtype, value):
    with pytest.raises(InputError) as caught:
        convert_value(parse_dtype(dtype), value)
    assert caught.value.code == "value-mismatch"
    assert dtype in caught.value.message
    assert [finding.code for finding in check_value(parse_dtype(dtype), value, path="obs#/a")] == ["value-mismatch"]


@pytest.mark.parametrize(
    ("dtype", "value", "kept"),
    [
        ("str", 3, "3"),
        ("int", "3", 3),
        ("int", 3.0, 3),
        ("float", "0.5", 0.5),
        ("num", "3", 3),
        ("num", "3.5", 3.5),
        ("bool", "Yes", True),
        ("bool", "0", False),
        ("date", datetime(2026, 1, 31, 12, tzinfo=UTC), "2026-01-31"),
        ("datetime", date(2026, 1, 31), "2026-01-31T00:00:00+00:00"),
        ("dict", '{"a": 1}', {"a": 1}),
        ("list[int]", "1, 2", [1, 2]),
        ("list[str]", "a", ["a"]),
    ],
)
def test_text_of_sheets_and_command_lines_is_converted_on_request(dtype, value, kept):
    found = convert_value(parse_dtype(dtype), value, coerce=True)
    assert found == kept
    assert type(found) is type(kept)


@pytest.mark.parametrize(("dtype", "value"), [("int", "3.5"), ("int", "many"), ("bool", "maybe"), ("dict", "{")])
def test_text_that_means_nothing_is_refused_all_the_same(dtype, value):
    with pytest.raises(InputError):
        convert_value(parse_dtype(dtype), value, coerce=True)


def test_a_value_of_its_dtype_has_no_findings():
    assert check_value(parse_dtype("float"), 1.5) == []
