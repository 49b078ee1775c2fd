"""Rules on columns. The expected answers follow from the rules by hand."""

import pandas as pd
import pytest
from curate_records import ANCESTORS, build_feature, build_schema

from vitrina.curate.builtin.load import BUILTINS, build_builtin, find_builtin, read_builtin
from vitrina.curate.check import check_dataset
from vitrina.curate.parts import build_frame, build_record
from vitrina.curate.rules import ColumnRule, Condition, ValueForm, build_forms, check_rule, get_prefix
from vitrina.curate.slots import parse_slot
from vitrina.model.dtype import parse_dtype


def find_ancestors(term_id):
    return frozenset(ANCESTORS.get(term_id, ()))


def apply(rule, values, *, others=None, uns=None, known=()):
    frame = pd.DataFrame({"x": pd.Categorical(values)} | (others or {}))
    parts = {"obs": build_frame(parse_slot("obs"), frame), "uns": build_record(parse_slot("uns"), uns or {})}
    form = build_forms([rule], frozenset({"ZFA"}))["obs"]["x"]
    findings = check_rule(rule, form, parts, frozenset(known) if known else None, find_ancestors)
    return [(finding.code, finding.message.split("'")[1]) for finding in findings]


def test_words_are_all_that_may_be_there():
    rule = ColumnRule(slot="obs", column="x", words=frozenset({"cell", "nucleus"}))
    assert apply(rule, ["cell", "nucleus", "cells", None]) == [("value-not-allowed", "cells")]


def test_terms_must_be_below_the_ones_that_are_asked_for():
    rule = ColumnRule(slot="obs", column="x", below=frozenset({"UBERON:0002048"}))
    known = ("UBERON:0002168", "UBERON:0002048", "UBERON:0002107")
    assert sorted(apply(rule, known, known=known)) == [
        ("term-not-allowed", "UBERON:0002048"),  # the term itself is not below itself
        ("term-not-allowed", "UBERON:0002107"),
    ]


def test_terms_that_nothing_knows_are_left_to_the_check_of_terms():
    rule = ColumnRule(slot="obs", column="x", below=frozenset({"UBERON:0002048"}))
    assert apply(rule, ["UBERON:9"], known=("UBERON:0002168",)) == []


def test_forbidden_terms_are_stronger_than_allowed_ones():
    rule = ColumnRule(
        slot="obs",
        column="x",
        below=frozenset({"UBERON:0001062"}),
        not_below=frozenset({"UBERON:0002048"}),
        not_terms=frozenset({"UBERON:0002048"}),
    )
    known = ("UBERON:0002168", "UBERON:0002048")
    assert len(apply(rule, known, known=known)) == 2


def test_a_rule_with_forbidden_values_only_allows_all_others():
    rule = ColumnRule(slot="obs", column="x", not_terms=frozenset({"na"}))
    assert apply(rule, ["donor 1", "na"]) == [("value-not-allowed", "na")]


def test_several_terms_ascend_and_are_each_there_once():
    rule = ColumnRule(slot="obs", column="x", prefixes=frozenset({"UBERON"}), separator=" || ", several_of="UBERON")
    known = ("UBERON:1", "UBERON:2", "CL:1")
    assert apply(rule, ["UBERON:1 || UBERON:2"], known=known) == []
    assert apply(rule, ["UBERON:2 || UBERON:1"], known=known) == [("terms-out-of-order", "UBERON:2 || UBERON:1")]
    assert apply(rule, ["UBERON:1 || UBERON:1"], known=known) == [("terms-out-of-order", "UBERON:1 || UBERON:1")]
    assert apply(rule, ["CL:1 || UBERON:1"], known=known) == [("term-not-allowed", "CL:1 || UBERON:1")]


@pytest.mark.parametrize(
    ("negated", "expected"), [(False, [("value-not-allowed", "cell")]), (True, [("value-not-allowed", "na")])]
)
def test_a_rule_is_for_the_rows_where_its_conditions_hold(negated, expected):
    when = Condition(slot="obs", column="kind", is_in=frozenset({"line"}), negated=negated)
    words = frozenset({"cell"} if negated else {"na"})
    rule = ColumnRule(slot="obs", column="x", words=words, when=(when,))
    others = {"kind": ["line", "line", "tissue", "tissue"]}
    assert apply(rule, ["na", "cell", "cell", "na"], others=others) == expected


def test_a_condition_on_a_single_value_holds_for_all_rows_or_none():
    when = Condition(slot="uns", column="organism", at_or_below=frozenset({"UBERON:0002048"}))
    rule = ColumnRule(slot="obs", column="x", words=frozenset({"a"}), when=(when,))
    assert apply(rule, ["b"], uns={"organism": "UBERON:0002168"}) == [("value-not-allowed", "b")]
    assert apply(rule, ["b"], uns={"organism": "UBERON:0002107"}) == []
    assert apply(rule, ["b"]) == []  # nobody can tell without the value


def test_ids_of_ontologies_that_are_not_at_hand_are_checked_by_form():
    form = ValueForm(words=frozenset({"unknown"}), separator=None, foreign=frozenset({"ZFA"}))
    texts, [finding] = form.split(["unknown", "ZFA:0001", "CL:1", "ZFA: 1"], "obs#/x")
    assert texts == ["CL:1", "ZFA: 1"]
    assert finding.code == "term-not-checked"


@pytest.mark.parametrize(("term_id", "prefix"), [("CL:0000236", "CL"), ("CVCL_0030", "CVCL"), ("unknown", "")])
def test_the_prefix_of_a_term_is_its_ontology(term_id, prefix):
    assert get_prefix(term_id) == prefix


@pytest.mark.parametrize("name", BUILTINS)
def test_built_in_schemas_use_the_features_that_they_define(name):
    builtin = read_builtin(name)
    used = {*builtin.own.features, *(one for slot in builtin.slots.values() for one in slot.features)}
    assert used == set(builtin.features)
    for draft in builtin.features.values():
        assert str(parse_dtype(draft.dtype)) == draft.dtype
        assert draft.description
    for rule in builtin.rules:
        slot = builtin.slots[rule.slot] if rule.slot else builtin.own
        assert rule.column in slot.features


def test_built_in_schemas_agree_on_the_features_that_they_share():
    drafts: dict = {}
    for name in BUILTINS:
        for feature, draft in read_builtin(name).features.items():
            assert drafts.setdefault(feature, draft) == draft


def test_there_is_no_other_built_in_schema():
    assert find_builtin("nothing") is None


def test_a_built_in_without_slots_has_its_rules_wherever_it_is_used():
    features = [build_feature("immersion", "str")]
    own = build_schema(*features, name="quarep")
    for slot, schema in (("", own), ("attrs:scope", build_schema(slots={"attrs:scope": own}))):
        dataset = {"immersion": "oli"}
        if slot:
            frame = pd.DataFrame({"a": [1]})
            frame.attrs["scope"] = dataset
            dataset = frame
        from curate_records import HandVocabulary

        [finding] = check_dataset(dataset, schema, HandVocabulary()).findings
        assert (finding.code, finding.fix) == ("value-not-allowed", "Did you mean 'oil'?")
        assert finding.path == ("attrs/scope#/immersion" if slot else "#/immersion")


def test_a_built_in_is_read_from_its_table():
    builtin = build_builtin(
        {
            "name": "a",
            "description": "b",
            "source": "c",
            "features": [{"name": "x", "dtype": "str"}, {"name": "y", "dtype": "int", "is_optional": True}],
        }
    )
    assert (builtin.own.features, builtin.own.optional) == (("x", "y"), frozenset({"y"}))
    assert builtin.features["y"].dtype == "int"
