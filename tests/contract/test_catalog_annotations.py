"""What the catalog must do with labels and feature values on every database."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from sqlalchemy import event, select

from vitrina.catalog.tables import ChangeRow, ValueRow
from vitrina.errors import InputError, NotFoundError
from vitrina.model.annotation import Annotations, AnnotationsDraft, FeatureValue, Label, LabelDraft, ValueDraft
from vitrina.model.artifact import ArtifactDraft
from vitrina.model.content import Column, Content, TableElement
from vitrina.model.feature import FeatureDraft
from vitrina.model.schema import SchemaDraft
from vitrina.model.term import TermDraft

TABLE = TableElement(name="cells", path="", n_obs=1, obs_columns=(Column(name="donor_age", dtype="int64"),))


def add_artifact(catalog, key, annotations=None):
    uid = catalog.reserve_uid(key)
    draft = ArtifactDraft(
        uid=uid,
        key=key,
        description="A description",
        kind="dataset",
        hash="ab" * 32,
        size_bytes=1000,
        n_files=1,
        storage_url="file:///data",
        storage_key=f"{uid}/{key}",
        is_folder=False,
        created_by="ada",
        content=Content(format="anndata", elements=(TABLE,)),
    )
    return catalog.add_artifact(draft, annotations).uid


def add_term(catalog, registry, name, **changes):
    return catalog.terms.add([TermDraft(registry=registry, name=name, **changes)], created_by="ada")[0]


def add_feature(catalog, name, dtype, **changes):
    return catalog.features.add(FeatureDraft(name=name, dtype=dtype, **changes), "ada")


def list_touched(catalog):
    """Uids of rows by the change that touched them last."""
    with catalog.database.read() as connection:
        return connection.execute(select(ChangeRow.change, ChangeRow.artifact_id)).all()


def count_hits(catalog, text):
    return catalog.find_artifacts(text).total


@contextmanager
def count_statements(catalog):
    statements = []

    def note(_connection, _cursor, statement, *_):
        if not statement.startswith(("BEGIN", "SET")):
            statements.append(statement)

    event.listen(catalog.database.engine, "before_cursor_execute", note)
    yield statements
    event.remove(catalog.database.engine, "before_cursor_execute", note)


@pytest.fixture
def lung(catalog):
    return add_term(catalog, "Tissue", "lung", ontology_id="UBERON:0002048", synonyms=("pulmo",))


@pytest.fixture
def tissue(catalog):
    return add_feature(catalog, "sampled_organ", "cat[Tissue]", synonyms=("biopsy site",))


class TestLabels:
    def test_labels_come_back_by_registry_and_name(self, catalog, lung, tissue):
        batch = add_term(catalog, "ULabel", "batch 1")
        brain = add_term(catalog, "Tissue", "brain")
        uid = add_artifact(catalog, "a")
        drafts = [LabelDraft(term_uid=term.uid) for term in (batch, lung, brain)]
        catalog.annotations.add_labels(uid, [*drafts, LabelDraft(term_uid=lung.uid, feature_uid=tissue.uid)])
        assert catalog.annotations.read([uid])[uid].labels == (
            Label(registry="Tissue", uid=brain.uid, name="brain"),
            Label(registry="Tissue", uid=lung.uid, name="lung", ontology_id="UBERON:0002048"),
            Label(registry="Tissue", uid=lung.uid, name="lung", ontology_id="UBERON:0002048", feature="sampled_organ"),
            Label(registry="ULabel", uid=batch.uid, name="batch 1"),
        )

    def test_an_artifact_is_labelled_when_it_is_added(self, catalog, lung, tissue):
        annotations = AnnotationsDraft(labels=(LabelDraft(term_uid=lung.uid, feature_uid=tissue.uid),))
        uid = add_artifact(catalog, "a", annotations)
        assert [label.feature for label in catalog.annotations.read([uid])[uid].labels] == ["sampled_organ"]
        for text in ("lung", "pulmo", "uberon 0002048", "sampled organ", "biopsy site", "donor age", "description"):
            assert count_hits(catalog, text) == 1
        assert list_touched(catalog) == []  # it was not there before

    def test_an_artifact_with_an_impossible_label_is_not_added(self, catalog):
        with pytest.raises(NotFoundError) as caught:
            add_artifact(catalog, "a", AnnotationsDraft(labels=(LabelDraft(term_uid="x" * 16),)))
        assert caught.value.code == "term-missing"
        assert catalog.count_artifacts() == 0

    def test_a_label_that_is_there_is_no_second_one(self, catalog, lung):
        uid = add_artifact(catalog, "a")
        for _ in range(2):
            catalog.annotations.add_labels(uid, [LabelDraft(term_uid=lung.uid)] * 2)
        assert len(catalog.annotations.read([uid])[uid].labels) == 1

    def test_labels_are_searched_as_soon_as_they_are_there_and_no_longer(self, catalog, lung, tissue):
        uid = add_artifact(catalog, "a")
        label = LabelDraft(term_uid=lung.uid, feature_uid=tissue.uid)
        assert count_hits(catalog, "pulmo") == 0
        catalog.annotations.add_labels(uid, [label])
        assert count_hits(catalog, "pulmo") == count_hits(catalog, "biopsy") == count_hits(catalog, "donor age") == 1
        assert catalog.annotations.remove_labels(uid, [label]) == 1
        assert count_hits(catalog, "pulmo") == count_hits(catalog, "biopsy") == 0
        assert count_hits(catalog, "donor age description") == 1

    def test_only_the_label_that_was_named_is_removed(self, catalog, lung, tissue):
        uid = add_artifact(catalog, "a")
        plain, with_feature = LabelDraft(term_uid=lung.uid), LabelDraft(term_uid=lung.uid, feature_uid=tissue.uid)
        catalog.annotations.add_labels(uid, [plain, with_feature])
        assert catalog.annotations.remove_labels(uid, [plain]) == 1
        assert catalog.annotations.remove_labels(uid, [plain]) == 0
        assert [label.feature for label in catalog.annotations.read([uid])[uid].labels] == ["sampled_organ"]

    def test_each_change_is_recorded_for_what_is_derived(self, catalog, lung):
        first, second = add_artifact(catalog, "a"), add_artifact(catalog, "b")
        label = LabelDraft(term_uid=lung.uid)
        catalog.annotations.add({uid: AnnotationsDraft(labels=(label,)) for uid in (first, second)})
        change = catalog.change_number()
        assert [row.change for row in list_touched(catalog)] == [change, change]
        catalog.annotations.remove_labels(second, [label])
        assert [row.change for row in list_touched(catalog)] == [change, change, change + 1]

    @pytest.mark.parametrize(
        ("what", "code"), [("artifact", "artifact-missing"), ("term", "term-missing"), ("feature", "feature-not-found")]
    )
    def test_what_is_not_there_is_refused(self, catalog, lung, what, code):
        uid = add_artifact(catalog, "a")
        label = LabelDraft(
            term_uid="0" * 16 if what == "term" else lung.uid, feature_uid="0" * 16 if what == "feature" else None
        )
        for change in (catalog.annotations.add_labels, catalog.annotations.remove_labels):
            with pytest.raises(NotFoundError) as caught:
                change("0" * 20 if what == "artifact" else uid, [label])
            assert caught.value.code == code


class TestValues:
    @pytest.mark.parametrize(
        ("dtype", "value", "number", "text"),
        [
            ("int", 42, 42.0, None),
            ("float", 1.5, 1.5, None),
            ("num", -3, -3.0, None),
            ("bool", True, 1.0, None),
            ("str", "Grüße", None, "Grüße"),
            ("url", "https://example.org/a", None, "https://example.org/a"),
            # 2026-01-31 is day 20,484 since 1970 (56 years, 14 leap days, 30 days of January): 20484 * 86400 s
            ("date", "2026-01-31", 1_769_817_600.0, None),
            ("datetime", "2026-01-31T01:00:00+01:00", 1_769_817_600.0, None),
            ("dict", {"a": [1, None, "x"]}, None, None),
            ("list[int]", [1, 2], None, None),
        ],
    )
    def test_a_value_comes_back_and_can_be_compared(self, catalog, dtype, value, number, text):
        feature = add_feature(catalog, "x", dtype, unit="micrometer")
        uid = add_artifact(catalog, "a")
        catalog.annotations.set_values(uid, [ValueDraft(feature_uid=feature.uid, value=value)])
        expected = FeatureValue(feature="x", dtype=dtype, value=value, unit="micrometer")
        assert catalog.annotations.read([uid])[uid].values == (expected,)
        with catalog.database.read() as connection:
            row = connection.execute(select(ValueRow.number, ValueRow.text)).one()
        assert tuple(row) == (number, text)

    def test_moments_are_given_as_such_too(self, catalog):
        feature = add_feature(catalog, "x", "datetime")
        uid = add_artifact(catalog, "a")
        catalog.annotations.set_values(
            uid, [ValueDraft(feature_uid=feature.uid, value=datetime(2026, 1, 31, tzinfo=UTC))]
        )
        assert catalog.annotations.read([uid])[uid].values[0].value == "2026-01-31T00:00:00+00:00"

    def test_a_new_value_replaces_the_old_one(self, catalog):
        age, weight = add_feature(catalog, "age", "int"), add_feature(catalog, "weight", "float")
        uid = add_artifact(catalog, "a")
        first = [ValueDraft(feature_uid=age.uid, value=1), ValueDraft(feature_uid=weight.uid, value=2.0)]
        catalog.annotations.set_values(uid, first)
        catalog.annotations.set_values(uid, [ValueDraft(feature_uid=age.uid, value=3)])
        values = {value.feature: value.value for value in catalog.annotations.read([uid])[uid].values}
        assert values == {"age": 3, "weight": 2.0}
        assert catalog.annotations.remove_values(uid, [age.uid]) == 1
        assert catalog.annotations.remove_values(uid, [age.uid]) == 0
        assert [value.feature for value in catalog.annotations.read([uid])[uid].values] == ["weight"]

    def test_names_of_features_are_searched(self, catalog):
        feature = add_feature(catalog, "magnification", "int", synonyms=("zoom",))
        uid = add_artifact(catalog, "a")
        catalog.annotations.set_values(uid, [ValueDraft(feature_uid=feature.uid, value=40)])
        assert count_hits(catalog, "magnif") == count_hits(catalog, "zoom") == 1
        catalog.annotations.remove_values(uid, [feature.uid])
        assert count_hits(catalog, "magnif") == 0

    def test_a_value_of_another_dtype_is_refused_and_nothing_is_written(self, catalog, lung):
        feature = add_feature(catalog, "age", "int")
        uid = add_artifact(catalog, "a")
        draft = AnnotationsDraft(
            labels=(LabelDraft(term_uid=lung.uid),), values=(ValueDraft(feature_uid=feature.uid, value="old"),)
        )
        with pytest.raises(InputError) as caught:
            catalog.annotations.add({uid: draft})
        assert caught.value.code == "value-mismatch"
        assert catalog.annotations.read([uid])[uid] == Annotations()


class TestReading:
    def test_a_page_takes_as_many_statements_as_one_artifact(self, catalog, lung):
        age = add_feature(catalog, "age", "int")
        draft = AnnotationsDraft(
            labels=(LabelDraft(term_uid=lung.uid),), values=(ValueDraft(feature_uid=age.uid, value=1),)
        )
        uids = [add_artifact(catalog, f"k{number}", draft) for number in range(20)]

        def count(wanted):
            with count_statements(catalog) as statements:
                found = catalog.annotations.read(wanted)
            assert list(found) == wanted or set(found) == set(wanted)
            assert all(len(one.labels) == len(one.values) == 1 for one in found.values())
            return len(statements)

        assert count(uids[:1]) == count(uids) == 4

    def test_annotating_many_takes_as_many_statements_as_one(self, catalog, lung):
        age = add_feature(catalog, "age", "int")
        uids = [add_artifact(catalog, f"k{number}") for number in range(30)]
        draft = AnnotationsDraft(
            labels=(LabelDraft(term_uid=lung.uid),), values=(ValueDraft(feature_uid=age.uid, value=1),)
        )

        def count(wanted):
            with count_statements(catalog) as statements:
                catalog.annotations.add(dict.fromkeys(wanted, draft))
            return len(statements)

        assert count(uids[:1]) == count(uids[1:]) <= 20

    def test_what_is_not_there_is_left_out(self, catalog):
        uid = add_artifact(catalog, "a")
        assert catalog.annotations.read([uid, "0" * 20]) == {uid: Annotations()}
        assert catalog.annotations.read([]) == {}

    def test_the_schema_of_an_artifact_and_of_its_slots_come_back(self, catalog):
        age = add_feature(catalog, "age", "int")
        obs = catalog.schemas.add(SchemaDraft(feature_uids=(age.uid,)), "ada")
        whole = catalog.schemas.add(SchemaDraft(otype="AnnData", slots={"obs": obs.uid}), "ada")
        uid = add_artifact(catalog, "a", AnnotationsDraft(schema_uid=whole.uid, slots=(("obs", obs.uid),)))
        found = catalog.annotations.read([uid])[uid]
        assert (found.schema_uid, found.slots) == (whole.uid, (("obs", obs.uid),))
        catalog.annotations.add({uid: AnnotationsDraft(slots=(("obs", whole.uid), ("var", obs.uid)))})
        found = catalog.annotations.read([uid])[uid]
        assert (found.schema_uid, found.slots) == (whole.uid, (("obs", whole.uid), ("var", obs.uid)))
        with pytest.raises(NotFoundError) as caught:
            catalog.annotations.add({uid: AnnotationsDraft(schema_uid="0" * 16)})
        assert caught.value.code == "schema-not-found"
