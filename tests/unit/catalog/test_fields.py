from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from vitrina.catalog.fields import FieldCondition, Order, parse_condition, parse_order
from vitrina.errors import InputError
from vitrina.model.expression import build_expression


def parse_conditions(where):
    return tuple(parse_condition(part.name, part.lookup, part.value) for part in build_expression(where).parts)


def get_error(where):
    with pytest.raises(InputError) as caught:
        parse_conditions(where)
    return caught.value


def test_a_plain_field_must_be_equal():
    assert parse_conditions({"format": "anndata"}) == (
        FieldCondition(field="format", lookup="exact", values=("anndata",)),
    )


def test_both_names_of_the_size_mean_the_same():
    assert parse_conditions({"size_bytes__gt": 1}) == parse_conditions({"size__gt": "1"})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-01-31T12:00:00Z", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31T12:00:00+02:00", datetime(2026, 1, 31, 10, tzinfo=UTC)),
        (datetime(2026, 1, 31), datetime(2026, 1, 31, tzinfo=UTC)),  # noqa: DTZ001 (a moment without a zone is the point)
        (datetime(2026, 1, 31, tzinfo=timezone(timedelta(hours=1))), datetime(2026, 1, 30, 23, tzinfo=UTC)),
    ],
)
def test_a_date_is_utc_unless_it_says_otherwise(value, expected):
    assert parse_conditions({"created_at__gte": value})[0].values == (expected,)


@pytest.mark.parametrize(
    ("name", "nearest"), [("formt", "format"), ("sise", "size"), ("n_obs", "n_observations"), ("created", "created_at")]
)
def test_an_unknown_field_names_the_nearest(name, nearest):
    error = get_error({f"{name}__gt": 1})
    assert error.code == "unknown-field"
    assert nearest in error.hint


def test_a_field_like_no_other_lists_all():
    assert "n_observations" in get_error({"zzz": 1}).hint


@pytest.mark.parametrize("name", ["size__contains", "is_latest__gt", "created_at__startswith"])
def test_an_unknown_lookup_lists_those_that_the_field_takes(name):
    error = get_error({name: 1})
    assert error.code == "unknown-lookup"
    assert "__in" in error.hint


@pytest.mark.parametrize(
    "where",
    [
        {"size": "many"},
        {"size": 1.5},
        {"size": True},
        {"size": 2**63},
        {"size__in": 5},
        {"size__in": ["x"]},
        {"key__in": "abc"},
        {"key": 5},
        {"key__contains": None},
        {"size__gt": None},
        {"is_latest": "maybe"},
        {"created_at": "yesterday"},
        {"created_at": 5},
        {"key__isnull": "perhaps"},
    ],
)
def test_a_value_that_the_field_cannot_have_is_refused(where):
    assert get_error(where).code == "value-malformed"


def test_an_order_is_a_field_with_a_direction():
    assert parse_order("-size_bytes") == Order(field="size", is_descending=True)
    assert parse_order("key") == Order(field="key", is_descending=False)
    with pytest.raises(InputError):
        parse_order("--key")
    with pytest.raises(InputError):
        parse_order("")
