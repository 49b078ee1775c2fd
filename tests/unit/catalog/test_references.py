"""Expected: the grammar in the module's docstring."""

from __future__ import annotations

import pytest

from vitrina.catalog.references import Lookup, plan_lookups

FAMILY = "AbCdEfGhIjKlMnOp"


def plan(ref):
    return [(lookup.by, lookup.value, lookup.version) for lookup in plan_lookups(ref)]


@pytest.mark.parametrize(
    ("ref", "expected"),
    [
        ("lung.zarr", []),
        ("lung.zarr@0002", [("key", "lung.zarr", "0002")]),
        (FAMILY, [("family", FAMILY, None)]),
        (f"{FAMILY}@00z1", [("key", FAMILY, "00z1"), ("family", FAMILY, "00z1")]),
        (f"{FAMILY}0001", [("uid", f"{FAMILY}0001", None)]),
        ("AbCd", [("prefix", "AbCd", None)]),
        (f"{FAMILY}000", [("prefix", f"{FAMILY}000", None)]),
        ("AbC", []),
        (f"{FAMILY}00011", []),
        ("Ab-d", []),
        ("éééé", []),
        ("a@b@0001", [("key", "a@b", "0001")]),
        ("a@00001", []),
        ("@0001", []),
        ("", []),
    ],
)
def test_a_reference_is_first_a_key_and_then_what_its_form_allows(ref, expected):
    assert plan(ref) == [("key", ref, None), *expected]


def test_a_plan_is_made_of_plain_values():
    assert plan_lookups("x") == (Lookup(by="key", value="x"),)
