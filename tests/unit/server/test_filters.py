from __future__ import annotations

import pytest

from vitrina.errors import InputError
from vitrina.server.query import parse_filters


def test_options_are_no_filters():
    options = ("q", "limit", "cursor", "order", "include", "exact", "facets")
    assert parse_filters([(name, "x") for name in options]) == {}


def test_a_repeated_field_means_any_of_the_values():
    found = parse_filters([("format", "anndata"), ("format", "ome-zarr"), ("size_bytes__gt", "10")])
    assert found == {"format__in": ["anndata", "ome-zarr"], "size_bytes__gt": "10"}


def test_in_takes_one_value_or_several():
    assert parse_filters([("format__in", "anndata")]) == {"format__in": ["anndata"]}


def test_a_repeated_comparison_is_refused():
    with pytest.raises(InputError):
        parse_filters([("size_bytes__gt", "1"), ("size_bytes__gt", "2")])
