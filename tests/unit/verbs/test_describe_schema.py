"""A schema as text, read by eye."""

from __future__ import annotations

from datetime import UTC, datetime

from vitrina.model.feature import Feature
from vitrina.model.schema import Member, Schema
from vitrina.verbs.describe_schema import describe_schema

NOW = datetime(2026, 1, 31, tzinfo=UTC)


def build_feature(name, dtype, **changes):
    defaults = {"unit": None, "description": None, "synonyms": (), "is_nullable": True, "default": None}
    fields = {**defaults, "is_coerced": False, **changes}
    return Feature(uid="f" * 16, name=name, dtype=dtype, created_at=NOW, created_by="ada", **fields)


def build_schema(**changes):
    defaults = {"name": None, "description": None, "members": (), "index": None, "itype": None, "dtype": None}
    flags = {"is_minimal": True, "is_maximal": False, "is_ordered": False, "is_flexible": False, "is_coerced": False}
    fields = {**defaults, "otype": None, "slots": {}, **flags, **changes}
    return Schema(uid="s" * 16, hash="0" * 64, created_at=NOW, created_by="ada", **fields)


def test_everything_that_is_demanded_is_told():
    obs = build_schema(
        name="cells",
        members=(
            Member(feature=build_feature("tissue", "cat[Tissue]", is_nullable=False)),
            Member(feature=build_feature("age", "int", unit="year", default=0, is_coerced=True), is_optional=True),
        ),
        index=build_feature("barcode", "str"),
        is_maximal=True,
        is_ordered=True,
    )
    genes = build_schema(itype="Gene.symbol", dtype="float")
    whole = build_schema(
        name="whole", description="All of it.", otype="AnnData", slots={"obs": obs, "var.T": genes}, is_flexible=True
    )
    assert describe_schema(whole).splitlines() == [
        "Schema whole  [AnnData, further columns checked by their names]",
        "    All of it.",
        "    obs  (cells)  [no further columns, in this order]",
        "        index: barcode  str",
        "        tissue  cat[Tissue], never missing",
        "        age     int, in year, default 0, coerced, optional",
        "    var.T",
        "        names are Gene.symbol, values float",
    ]


def test_a_schema_without_a_name_goes_by_its_uid():
    assert describe_schema(build_schema(is_minimal=False)) == f"Schema {'s' * 16}  [not all features needed]"
