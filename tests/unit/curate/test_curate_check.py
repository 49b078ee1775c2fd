"""Data frames and mappings against schemas. Expected findings follow from the schema by hand."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from curate_records import HandVocabulary, build_feature, build_schema, list_codes

from vitrina.curate.check import check_dataset
from vitrina.curate.factors import factorize, list_distinct

TISSUE = build_feature("tissue", "cat[Tissue]")


def check(dataset, schema, vocabulary=None, **options):
    return check_dataset(dataset, schema, vocabulary or HandVocabulary(), **options)


@pytest.mark.parametrize("dtype", ["object", "str", "category"])
def test_terms_are_found_whatever_holds_the_texts(dtype):
    frame = pd.DataFrame({"tissue": pd.Series(["lung", "liver", "lung"], dtype=dtype)})
    checked = check(frame, build_schema(TISSUE))
    assert checked.findings == ()
    assert sorted(term.name for term in checked.terms["", "tissue"]) == ["liver", "lung"]


def test_each_value_that_is_no_term_is_told_with_its_rows_and_what_was_meant():
    frame = pd.DataFrame({"tissue": ["lugn", "lung", "LIVER", "pulmo", "pulmo", "UBERON:0002048"]})
    checked = check(frame, build_schema(TISSUE))
    told = {finding.code: (finding.message, finding.fix) for finding in checked.findings}
    assert told["term-unknown"] == ("'lugn' (1 row) is not a known Tissue.", "Did you mean 'lung'?")
    assert told["term-synonym"][0] == "'pulmo' (2 rows) is a synonym of 'lung', which Tissue asks for."
    assert told["term-case"][1] == "Write 'liver'; standardize does it for the whole column."
    assert told["term-identifier"][1].startswith("Write 'lung'")
    assert {finding.path for finding in checked.findings} == {"#/tissue"}
    assert sorted(checked.non_validated[""]["tissue"]) == ["LIVER", "UBERON:0002048", "lugn", "pulmo"]
    assert not checked.is_valid


def test_a_name_where_an_id_is_asked_for_is_told_with_the_id():
    schema = build_schema(build_feature("tissue", "cat[Tissue.ontology_id]"))
    checked = check(pd.DataFrame({"tissue": ["lung"]}), schema)
    assert list_codes(checked.findings) == ["term-name"]
    assert "UBERON:0002048" in checked.findings[0].fix


def test_an_id_of_another_ontology_is_told_with_the_right_prefix():
    schema = build_schema(build_feature("tissue", "cat[Tissue.ontology_id]"))
    [finding] = check(pd.DataFrame({"tissue": ["CL:0000236"]}), schema).findings
    assert finding.fix == "Tissue.ontology_id takes ids that begin with 'UBERON'; this one begins with 'CL'."


def test_a_term_of_any_of_several_registries_is_valid():
    schema = build_schema(build_feature("site", "cat[Tissue|CellType]"))
    checked = check(pd.DataFrame({"site": ["lung", "B cell"]}), schema)
    assert checked.findings == ()
    assert {term.registry for term in checked.terms["", "site"]} == {"Tissue", "CellType"}


def test_values_beyond_the_first_twenty_are_counted():
    frame = pd.DataFrame({"tissue": [f"x{i}" for i in range(30)]})
    findings = check(frame, build_schema(TISSUE)).findings
    assert len(findings) == 20
    assert findings[-1].message.endswith("10 more values are wrong in the same way.")


def test_a_registry_is_asked_once_for_the_distinct_values_of_a_column():
    vocabulary = HandVocabulary()
    check(pd.DataFrame({"tissue": ["lung", "liver"] * 1000}), build_schema(TISSUE), vocabulary)
    [(registry, values)] = vocabulary.asked
    assert (registry, sorted(values)) == ("Tissue", ["liver", "lung"])


def test_numbers_where_terms_are_asked_for_are_told_unless_coerced():
    frame = pd.DataFrame({"tissue": [1, 2]})
    assert list_codes(check(frame, build_schema(TISSUE)).findings) == ["dtype-differs"]
    coerced = build_schema(build_feature("tissue", "cat[Tissue]", is_coerced=True))
    assert list_codes(check(frame, coerced).findings) == ["term-unknown", "term-unknown"]


def test_lists_of_terms_are_looked_into():
    schema = build_schema(build_feature("tissues", "list[cat[Tissue]]"))
    frame = pd.DataFrame({"tissues": [["lung", "liver"], ["lugn"], None]})
    checked = check(frame, schema)
    assert [finding.message for finding in checked.findings] == ["'lugn' is not a known Tissue."]


@pytest.mark.parametrize(
    ("dtype", "values"),
    [
        ("int", np.array([1, 2], dtype="uint8")),
        ("int", pd.array([1, None], dtype="Int64")),
        ("int", pd.Series([1, 2], dtype=object)),
        ("float", [1.5, np.nan]),
        ("num", [1, 2]),
        ("num", [1.5, 2]),
        ("bool", [True, False]),
        ("bool", pd.Series([True, False], dtype=object)),
        ("str", ["a", None]),
        ("str", pd.Categorical(["a", "b"])),
        ("datetime", pd.to_datetime(["2024-01-01", "2024-01-02"])),
        ("datetime", ["2024-01-01T10:00:00", "2024-01-02"]),
        ("date", [dt.date(2024, 1, 1), dt.date(2024, 1, 2)]),
        ("date", ["2024-01-01", "2024-01-02"]),
        ("url", ["https://a.org/x", "s3://b/y"]),
        ("object", [{}, 1]),
        ("list[str]", [["a"], ["b", "c"]]),
    ],
)
def test_values_of_the_dtype_are_taken(dtype, values):
    frame = pd.DataFrame({"x": values})
    assert check(frame, build_schema(build_feature("x", dtype))).findings == ()


@pytest.mark.parametrize(
    ("dtype", "values", "code"),
    [
        ("int", [1.5, 2.0], "dtype-differs"),
        ("int", ["1", "2"], "dtype-differs"),
        ("float", [1, 2], "dtype-differs"),
        ("num", [True, False], "dtype-differs"),
        ("bool", ["True", "False"], "dtype-differs"),
        ("str", [1, 2], "dtype-differs"),
        ("str", pd.Series(["a", 1], dtype=object), "value-mismatch"),
        ("date", ["2024-01-01", "yesterday"], "value-mismatch"),
        ("url", ["a.org", "https://a.org"], "value-mismatch"),
        ("list[int]", [[1], ["a"]], "value-mismatch"),
    ],
)
def test_values_of_another_dtype_are_told(dtype, values, code):
    frame = pd.DataFrame({"x": values})
    assert list_codes(check(frame, build_schema(build_feature("x", dtype))).findings) == [code]


def test_coerced_features_take_texts_that_mean_the_same():
    schema = build_schema(build_feature("n", "int", is_coerced=True))
    assert check(pd.DataFrame({"n": ["1", "2"]}), schema).findings == ()
    [finding] = check(pd.DataFrame({"n": ["1", "two"]}), schema).findings
    assert finding.message == "'two' (str) is not of dtype int."


@pytest.mark.parametrize("dtype", ["cat[Tissue]", "str", "float"])
def test_missing_values_are_told_where_none_may_be(dtype):
    values = ["lung", None, None] if dtype != "float" else [1.5, np.nan, np.nan]
    frame = pd.DataFrame({"x": values})
    assert check(frame, build_schema(build_feature("x", dtype))).findings == ()
    [finding] = check(frame, build_schema(build_feature("x", dtype, is_nullable=False))).findings
    assert (finding.code, finding.message[:20]) == ("value-missing", "2 of 3 values of 'x'")
    with_default = build_feature("x", dtype, is_nullable=False, default="lung")
    assert check(frame, build_schema(with_default)).findings == ()


def test_a_missing_column_is_told_with_the_nearest_name():
    findings = check(pd.DataFrame({"tisue": ["lung"]}), build_schema(TISSUE)).findings
    assert [(one.code, one.path, one.fix) for one in findings] == [
        ("column-missing", "#/tissue", "Did you mean 'tisue'?")
    ]


def test_optional_columns_and_those_of_no_minimal_set_may_be_absent():
    frame = pd.DataFrame({"x": [1]})
    assert check(frame, build_schema(TISSUE, optional=("tissue",))).findings == ()
    assert check(frame, build_schema(TISSUE, is_minimal=False)).findings == ()


def test_a_column_under_a_synonym_or_in_another_case_is_told():
    feature = build_feature("tissue", "cat[Tissue]", synonyms=("organ",))
    for name in ("organ", "Tissue"):
        [finding] = check(pd.DataFrame({name: ["lung"]}), build_schema(feature)).findings
        assert (finding.code, finding.fix) == ("column-synonym", "Rename it to 'tissue'.")


def test_a_maximal_set_keeps_other_columns_out():
    frame = pd.DataFrame({"tissue": ["lung"], "tissues": [1]})
    [finding] = check(frame, build_schema(TISSUE, is_maximal=True)).findings
    assert (finding.code, finding.path) == ("column-unexpected", "#/tissues")


def test_an_ordered_set_asks_for_its_order_among_other_columns():
    schema = build_schema(build_feature("a", "int"), build_feature("b", "int"), is_ordered=True)
    assert check(pd.DataFrame({"a": [1], "x": [1], "b": [1]}), schema).findings == ()
    assert list_codes(check(pd.DataFrame({"b": [1], "a": [1]}), schema).findings) == ["columns-out-of-order"]


def test_a_flexible_set_checks_columns_that_are_features_anyhow():
    vocabulary = HandVocabulary([TISSUE])
    frame = pd.DataFrame({"tissue": ["lugn"], "else": [1]})
    checked = check(frame, build_schema(is_flexible=True), vocabulary)
    assert list_codes(checked.findings) == ["term-unknown"]
    assert [one.name for one in checked.features] == ["tissue"]


def test_the_index_is_checked_where_a_feature_says_what_it_is():
    schema = build_schema(index=build_feature("sample", "cat[ULabel]"), is_flexible=True)
    frame = pd.DataFrame({"x": [1, 2]}, index=["donor 1", "donor 2"])
    [finding] = check(frame, schema).findings
    assert (finding.code, finding.path) == ("term-unknown", "#/index")


def test_of_columns_with_one_name_the_first_is_checked():
    frame = pd.DataFrame([["lung", "lugn"]], columns=["tissue", "tissue"])
    assert list_codes(check(frame, build_schema(TISSUE)).findings) == ["columns-repeated"]


def test_single_values_are_checked_and_kept_as_json():
    schema = build_schema(
        TISSUE, build_feature("dose", "float", unit="milligram"), build_feature("when", "date"), is_maximal=True
    )
    checked = check({"tissue": "lung", "dose": np.float64(1.5), "when": dt.date(2024, 1, 1)}, schema)
    assert checked.findings == ()
    assert {one.name: one.value for one in checked.features} == {"tissue": "lung", "dose": 1.5, "when": "2024-01-01"}
    wrong = check({"tissue": "lung", "dose": "much", "when": None}, schema)
    assert [(one.code, one.path) for one in wrong.findings] == [("value-mismatch", "#/dose")]


def test_values_given_along_are_checked_in_their_own_slot():
    schema = build_schema(slots={"__external__": build_schema(TISSUE)})
    checked = check(pd.DataFrame({"x": [1]}), schema, features={"tissue": "lugn"})
    assert [one.path for one in checked.findings] == ["__external__#/tissue"]
    assert list_codes(check(pd.DataFrame({"x": [1]}), schema).findings) == ["column-missing"]


def test_another_class_of_object_is_told():
    schema = build_schema(TISSUE, otype="AnnData")
    assert list_codes(check(pd.DataFrame({"tissue": ["lung"]}), schema).findings) == ["object-type-differs"]


def test_errors_come_first():
    frame = pd.DataFrame({"tissue": ["lugn"]})
    severities = [one.severity for one in check(frame, build_schema(TISSUE)).findings]
    assert severities == sorted(severities)


@pytest.mark.parametrize("dtype", ["object", "str", "category"])
def test_factors_are_those_of_pandas(dtype):
    column = pd.Series(["b", None, "a", "b", "a", "a"], dtype=dtype)
    factors = factorize(column)
    counts = dict(zip(factors.uniques, factors.counts.tolist(), strict=True))
    assert counts == column.value_counts().to_dict() == {"a": 3, "b": 2}
    assert factors.n_missing == 1
    assert [factors.uniques[code] for code in factors.codes if code >= 0] == column.dropna().tolist()
    distinct = list_distinct(column)
    assert (sorted(distinct.uniques), distinct.has_missing) == (["a", "b"], True)


def test_unused_categories_are_not_among_the_distinct_values():
    assert list_distinct(pd.Series(pd.Categorical(["a"], categories=["a", "b"]))).uniques == ["a"]


ODD_COLUMNS = {
    "lists": [["lung"], ["liver", None], []],
    "dicts": [{"a": 1}, {}, None],
    "mixed": ["lung", 1, 2.5],
    "nothing": [None, None, np.nan],
    "sets": [{"a"}, frozenset(), ()],
    "bytes": [b"lung", b"", None],
    "arrays": [np.array([1, 2]), np.array([]), np.array(3)],
    "intervals": pd.interval_range(0, 3),
    "complex": [1j, 2, np.nan],
    "times": pd.to_timedelta([1, 2, None], unit="s"),
    "moments": np.array(["2024-01-01", "NaT", "2024-01-02"], dtype="datetime64[ns]"),
    "nullable": pd.array([1, None, 3], dtype="Int64"),
    "empty categories": pd.Categorical([None, None, None], categories=[]),
    "categories of numbers": pd.Categorical([1, 2, 1]),
    "infinite": [np.inf, -np.inf, np.nan],
}
DTYPES = ("cat[Tissue]", "list[cat[Tissue]]", "str", "int", "float", "num", "bool", "date", "datetime", "url", "path")


@pytest.mark.parametrize("coerce", [False, True])
@pytest.mark.parametrize("dtype", [*DTYPES, "dict", "object", "list[int]"])
@pytest.mark.parametrize("name", ODD_COLUMNS)
def test_whatever_a_column_holds_is_told_and_never_raised(name, dtype, coerce):
    column = pd.Series(ODD_COLUMNS[name], dtype=object if isinstance(ODD_COLUMNS[name], list) else None)
    schema = build_schema(build_feature("x", dtype, is_coerced=coerce, is_nullable=False), is_coerced=coerce)
    checked = check(pd.DataFrame({"x": column}), schema)
    assert all(one.path == "#/x" for one in checked.findings)
    single = check({"x": ODD_COLUMNS[name][0]}, schema)
    assert all(one.path == "#/x" for one in single.findings)


@pytest.mark.parametrize("dataset", [pd.DataFrame(), pd.DataFrame(index=["a"]), {}, pd.DataFrame({1: [2]})])
def test_datasets_without_anything_are_told(dataset):
    assert list_codes(check(dataset, build_schema(TISSUE)).findings) == ["column-missing"]
