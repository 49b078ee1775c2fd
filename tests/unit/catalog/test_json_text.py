from __future__ import annotations

import json

import pytest

from vitrina.catalog.json_text import build_json_text


@pytest.mark.parametrize("value", [None, True, 1, 1.5, "ü", "\\u0000", "a\nb", [1, [2]], {"a": {"ü": None}}, 2**70])
def test_a_value_comes_back(value):
    assert json.loads(build_json_text(value)) == value


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        (float("nan"), None),
        ({"window": [0.0, float("inf")]}, {"window": [0.0, None]}),
        ("a\0b", "a\ufffdb"),
        ({"a\0": ["\0", "\\u0000"]}, {"a\ufffd": ["\ufffd", "\\u0000"]}),
        ((float("-inf"), "\0"), [None, "\ufffd"]),
    ],
)
def test_what_no_database_takes_is_replaced(value, stored):
    assert json.loads(build_json_text(value)) == stored
