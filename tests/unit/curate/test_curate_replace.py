"""Values replaced in objects in memory; expected values are written by hand."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

from vitrina.curate.replace import replace_values
from vitrina.errors import UnsupportedError

REPLACEMENTS = {"Lung": "lung", "lung lobe": "lobe of lung"}


@pytest.mark.parametrize("dtype", ["object", "category", "string"])
def test_a_column_keeps_its_dtype_its_index_and_its_gaps(dtype):
    frame = pd.DataFrame({"tissue": ["Lung", None, "heart", "lung lobe"]}, index=list("abcd"), dtype=dtype)
    replace_values(frame, "", "tissue", REPLACEMENTS)
    assert frame["tissue"].isna().tolist() == [False, True, False, False]
    assert frame["tissue"].dropna().tolist() == ["lung", "heart", "lobe of lung"]
    assert frame.index.tolist() == list("abcd")
    assert isinstance(frame["tissue"].dtype, type(pd.Series([], dtype=dtype).dtype))


def test_two_categories_that_become_one_are_joined():
    frame = pd.DataFrame({"tissue": pd.Categorical(["Lung", "lung", "Lung"], categories=["lung", "Lung", "unused"])})
    replace_values(frame, "", "tissue", REPLACEMENTS)
    assert frame["tissue"].tolist() == ["lung", "lung", "lung"]
    assert frame["tissue"].cat.categories.tolist() == ["lung", "unused"]


def test_an_order_of_categories_is_kept():
    frame = pd.DataFrame({"stage": pd.Categorical(["b", "a"], categories=["a", "b"], ordered=True)})
    replace_values(frame, "", "stage", {"a": "A"})
    assert frame["stage"].cat.ordered
    assert frame["stage"].cat.categories.tolist() == ["A", "b"]


def test_items_of_lists_are_replaced():
    frame = pd.DataFrame({"tissue": [["Lung", "heart"], ["lung lobe"]]})
    replace_values(frame, "", "tissue", REPLACEMENTS)
    assert frame["tissue"].tolist() == [["lung", "heart"], ["lobe of lung"]]


def test_names_of_variables_and_the_index_are_replaced():
    var = pd.DataFrame(index=["BRCA2", "x"])
    frame = pd.DataFrame({"n": [1]}, index=["BRCA2"])
    replace_values(AnnData(var=var), "var.T", "columns", {"BRCA2": "ENSG00000139618"})
    replace_values(frame, "", "index", {"BRCA2": "ENSG00000139618"})
    assert var.index.tolist() == ["ENSG00000139618", "x"]
    assert frame.index.tolist() == ["ENSG00000139618"]


def test_a_column_that_is_called_columns_is_a_column():
    frame = pd.DataFrame({"columns": ["Lung"]})
    replace_values(frame, "", "columns", REPLACEMENTS)
    assert frame["columns"].tolist() == ["lung"]


@pytest.mark.parametrize(("value", "expected"), [("Lung", "lung"), (["Lung", "heart"], ["lung", "heart"])])
def test_single_values_are_replaced_where_they_stand(value, expected):
    sdata = SpatialData(attrs={"bio": {"tissue": value, "other": "Lung"}}, tables={})
    replace_values(sdata, "attrs:bio", "tissue", REPLACEMENTS)
    assert sdata.attrs == {"bio": {"tissue": expected, "other": "Lung"}}


def test_a_table_inside_of_a_larger_object_is_changed():
    table = AnnData(obs=pd.DataFrame({"tissue": ["Lung"]}), uns={"organ": {"name": "Lung"}})
    sdata = SpatialData(attrs={}, tables={"table": table})
    mdata = MuData(mod={"rna": table})
    replace_values(sdata, "tables:table:obs", "tissue", {"Lung": "a"})
    replace_values(mdata, "rna:obs", "tissue", {"a": "b"})
    replace_values(sdata, "tables:table:uns:organ", "name", {"Lung": "c"})
    assert table.obs["tissue"].tolist() == ["b"]
    assert table.uns == {"organ": {"name": "c"}}


def test_what_cannot_be_replaced_is_told():
    with pytest.raises(UnsupportedError) as caught:
        replace_values(SpatialData(attrs={}, tables={}), "points:transcripts", "gene", REPLACEMENTS)
    assert caught.value.code == "slot-not-replaceable"


def test_nothing_to_replace_changes_nothing():
    replace_values(SpatialData(attrs={}, tables={}), "points:transcripts", "gene", {})


class AnnData(SimpleNamespace):
    """As much of AnnData as is looked at."""


class MuData(SimpleNamespace):
    """As much of MuData as is looked at."""


class SpatialData(SimpleNamespace):
    """As much of SpatialData as is looked at."""
