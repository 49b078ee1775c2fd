from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitrina.catalog.cursors import Cursor, build_cursor, parse_cursor
from vitrina.catalog.fields import RELEVANCE, Order
from vitrina.errors import InputError

BY_KEY = Order(field="key", is_descending=False)
NEWEST = Order(field="created_at", is_descending=True)


@pytest.mark.parametrize(
    ("order", "value"),
    [
        (BY_KEY, "ü/'\"\\"),
        (NEWEST, datetime(2026, 1, 31, 12, 0, 0, 123456, tzinfo=UTC)),
        (Order(field="size", is_descending=True), 2**62),
        (Order(field="n_observations", is_descending=False), None),
        (Order(field="is_latest", is_descending=False), True),
    ],
)
def test_a_cursor_comes_back_from_its_text(order, value):
    text = build_cursor(order, value, 7)
    assert parse_cursor(text, order) == Cursor(value=value, row_id=7)
    assert text.replace("-", "").replace("_", "").isalnum()


def test_a_ranked_cursor_is_a_number_of_hits():
    order = Order(field=RELEVANCE, is_descending=True)
    assert parse_cursor(build_cursor(order, 50, 0), order) == Cursor(value=50, row_id=0)


def encode(text):
    return base64.urlsafe_b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "é",
        "####",
        encode("5"),
        encode("[]"),
        encode('["key","a"]'),
        encode('["key",5,1]'),
        encode('["key","a",-1]'),
        encode('["key","a",true]'),
        encode('["-key","a",1]'),
        encode('["key","a",1,2]'),
        encode("[" * 100_000),
    ],
)
def test_anything_else_is_malformed(text):
    with pytest.raises(InputError) as caught:
        parse_cursor(text, BY_KEY)
    assert caught.value.code == "cursor-malformed"


@given(st.text(max_size=40) | st.binary(max_size=40).map(lambda data: base64.urlsafe_b64encode(data).decode()))
def test_no_text_breaks_the_parser(text):
    for order in (BY_KEY, NEWEST):
        with pytest.raises(InputError):
            parse_cursor(text, order)
