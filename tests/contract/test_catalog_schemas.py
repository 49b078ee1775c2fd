"""What the catalog must do with schemas on every database."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import event

from vitrina.errors import ConflictError, InputError, NotFoundError
from vitrina.model.feature import FeatureDraft
from vitrina.model.schema import SchemaDraft


@pytest.fixture
def features(catalog):
    return [catalog.features.add(FeatureDraft(name=name, dtype="str"), "ada") for name in ("a", "b", "c")]


@pytest.fixture
def draft(features):
    first, second, _ = (feature.uid for feature in features)
    return SchemaDraft(name="obs", feature_uids=(first, second), optional_uids=frozenset({second}))


def test_a_schema_comes_back_as_it_was_added(catalog, features, draft):
    draft = replace(
        draft, index_uid=features[2].uid, description="Cells.", otype="DataFrame", is_maximal=True, is_coerced=True
    )
    schema = catalog.schemas.add(draft, "ada")
    assert [(member.feature, member.is_optional) for member in schema.members] == [
        (features[0], False),
        (features[1], True),
    ]
    assert schema.index == features[2]
    assert (schema.name, schema.description, schema.otype) == ("obs", "Cells.", "DataFrame")
    assert (schema.is_minimal, schema.is_maximal, schema.is_ordered, schema.is_flexible, schema.is_coerced) == (
        True,
        True,
        False,
        False,
        True,
    )
    assert catalog.schemas.get("obs") == catalog.schemas.get(schema.uid) == schema
    assert catalog.schemas.find([schema.uid, "nobody"]) == {schema.uid: schema}


def test_slots_hold_whole_schemas_at_any_depth(catalog, draft):
    obs = catalog.schemas.add(draft, "ada")
    var = catalog.schemas.add(SchemaDraft(itype="bionty.Gene.ensembl_gene_id", dtype="float"), "ada")
    rna = catalog.schemas.add(SchemaDraft(otype="AnnData", slots={"obs": obs.uid, "var.T": var.uid}), "ada")
    whole = catalog.schemas.add(SchemaDraft(name="m", otype="MuData", slots={"rna": rna.uid, "obs": obs.uid}), "ada")
    assert whole.slots["rna"].slots["var.T"].itype == "Gene.ensembl_gene_id"
    assert whole.slots["rna"].slots["obs"] == whole.slots["obs"] == obs


def test_loading_takes_the_same_statements_at_any_depth(catalog, draft):
    def count(ref):
        statements = []

        def note(_connection, _cursor, statement, *_):
            if not statement.startswith("BEGIN"):
                statements.append(statement)

        event.listen(catalog.database.engine, "before_cursor_execute", note)
        catalog.schemas.get(ref)
        event.remove(catalog.database.engine, "before_cursor_execute", note)
        return len(statements)

    inner = catalog.schemas.add(draft, "ada")
    for depth in range(5):
        inner = catalog.schemas.add(SchemaDraft(name=f"depth {depth}", slots={"a": inner.uid, "b": inner.uid}), "ada")
    assert count("obs") == count("depth 4") == 5  # whose it is; then schemas, slots, members, features


class TestEqualDemands:
    @pytest.mark.parametrize(
        "changes", [{}, {"name": None}, {"description": "Other words."}, {"name": "another name"}], ids=str
    )
    def test_they_are_one_schema(self, catalog, draft, changes):
        schema = catalog.schemas.add(draft, "ada")
        change = catalog.change_number()
        assert catalog.schemas.add(replace(draft, **changes), "bob") == schema
        assert catalog.change_number() == change
        assert len(catalog.schemas.list_all()) == 1

    def test_the_order_of_features_counts_only_when_the_schema_says_so(self, catalog, draft):
        turned = replace(draft, feature_uids=draft.feature_uids[::-1])
        assert catalog.schemas.add(draft, "ada") == catalog.schemas.add(turned, "ada")
        ordered = catalog.schemas.add(replace(draft, name="ordered", is_ordered=True), "ada")
        other = catalog.schemas.add(replace(turned, name="turned", is_ordered=True), "ada")
        assert ordered.hash != other.hash

    def test_a_schema_without_a_name_takes_one_when_it_is_given(self, catalog, draft):
        nameless = catalog.schemas.add(replace(draft, name=None), "ada")
        named = catalog.schemas.add(draft, "ada")
        assert (nameless.name, named.name, named.uid) == (None, "obs", nameless.uid)

    @pytest.mark.parametrize(
        "changes",
        [
            {"optional_uids": frozenset()},
            {"is_minimal": False},
            {"is_maximal": True},
            {"is_flexible": True},
            {"is_coerced": True},
            {"otype": "DataFrame"},
            {"itype": "Gene.symbol"},
            {"dtype": "float"},
        ],
        ids=str,
    )
    def test_each_demand_makes_another_schema(self, catalog, draft, changes):
        schema = catalog.schemas.add(draft, "ada")
        assert catalog.schemas.add(replace(draft, name="other", **changes), "ada").hash != schema.hash


class TestRefusals:
    @pytest.mark.parametrize(
        ("changes", "difference"),
        [
            ({"is_maximal": True}, "maximal is False instead of True"),
            ({"optional_uids": frozenset()}, "optional differs for b"),
            ({"itype": "Gene.symbol"}, "itype is None instead of Gene.symbol"),
        ],
    )
    def test_a_name_that_stands_for_other_demands_is_a_conflict(self, catalog, draft, changes, difference):
        catalog.schemas.add(draft, "ada")
        with pytest.raises(ConflictError) as caught:
            catalog.schemas.add(replace(draft, **changes), "ada")
        assert caught.value.code == "schema-exists"
        assert difference in caught.value.message

    def test_a_conflict_names_the_features(self, catalog, features, draft):
        catalog.schemas.add(draft, "ada")
        with pytest.raises(ConflictError) as caught:
            catalog.schemas.add(replace(draft, feature_uids=(features[0].uid, features[2].uid)), "ada")
        assert "it has no feature c; it has the feature b" in caught.value.message

    def test_what_it_refers_to_must_be_there(self, catalog, draft):
        for changes in ({"feature_uids": ("nobody",)}, {"index_uid": "nobody"}, {"slots": {"obs": "nobody"}}):
            with pytest.raises(NotFoundError):
                catalog.schemas.add(replace(draft, **changes), "ada")
        assert catalog.schemas.list_all() == ()

    def test_a_feature_may_be_named_once(self, catalog, draft):
        with pytest.raises(InputError) as caught:
            catalog.schemas.add(replace(draft, feature_uids=draft.feature_uids * 2), "ada")
        assert caught.value.code == "feature-repeated"

    def test_an_unknown_schema_is_told_with_the_nearest_names(self, catalog, draft):
        catalog.schemas.add(draft, "ada")
        with pytest.raises(NotFoundError) as caught:
            catalog.schemas.get("obss")
        assert caught.value.hint == "Did you mean obs?"
