"""Queries by terms, features and values, in SQL and with the facet index, which must give the same answers.

Expected answers are counted by hand from the small world of ``world``.
"""

from __future__ import annotations

import multiprocessing
import shutil
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from test_catalogs import build_draft

from vitrina.catalog import database as database_module
from vitrina.catalog.open import open_catalog
from vitrina.errors import InputError
from vitrina.model.annotation import AnnotationsDraft, LabelDraft, ValueDraft
from vitrina.model.expression import And, Compare, Not, Or
from vitrina.model.feature import FeatureDraft
from vitrina.model.term import TermDraft

LUNG = TermDraft(registry="Tissue", name="lung", ontology_id="UBERON:0002048", synonyms=("pulmo",))
LEFT_LUNG = TermDraft(
    registry="Tissue", name="left lung", ontology_id="UBERON:0002168", ancestor_ids=("UBERON:0002048", "UBERON:0001062")
)
RIGHT_LUNG = TermDraft(
    registry="Tissue",
    name="right lung",
    ontology_id="UBERON:0002167",
    ancestor_ids=("UBERON:0002048", "UBERON:0001062"),
)
BRAIN = TermDraft(registry="Tissue", name="brain", ontology_id="UBERON:0000955", ancestor_ids=("UBERON:0001062",))
XENIUM = TermDraft(
    registry="ExperimentalFactor",
    name="10x Xenium",
    ontology_id="EFO:0022615",
    synonyms=("Xenium Spatial Gene Expression",),
)
DONOR_1 = TermDraft(registry="ULabel", name="D1")
DONOR_2 = TermDraft(registry="ULabel", name="D2")
ANATOMY = TermDraft(registry="Tissue", name="anatomical entity", ontology_id="UBERON:0001062")


class Reference:
    """The part of the reference ontologies that these tests need, some of it never registered."""

    def find_terms(self, registry, values, *, field="name"):
        known = {getattr(term, field): term for term in (LUNG, ANATOMY)}
        return {value: (known[value],) for value in values if value in known and registry == "Tissue"}

    def suggest(self, _registry, value, **_options):
        return ["kidney"] if value == "kidny" else []


def add(catalog, key, *, labels=(), values=(), **changes):
    draft = replace(build_draft(catalog.reserve_uid(key), key), **changes)
    artifact = catalog.add_artifact(draft)
    annotations = AnnotationsDraft(labels=tuple(labels), values=tuple(values))
    if labels or values:
        catalog.annotations.add({artifact.uid: annotations})
    return artifact


def register(catalog, *drafts):
    return [LabelDraft(term_uid=term.uid) for term in catalog.terms.add(drafts, created_by="ada")]


def fill(catalog):
    left, right, brain, xenium = register(catalog, LEFT_LUNG, RIGHT_LUNG, BRAIN, XENIUM)
    one, two = register(catalog, DONOR_1, DONOR_2)
    donor = catalog.features.add(FeatureDraft(name="donor", dtype="cat[ULabel]"), created_by="ada")
    dose = catalog.features.add(FeatureDraft(name="dose", dtype="float", unit="mg"), created_by="ada")
    batch = catalog.features.add(FeatureDraft(name="batch", dtype="str"), created_by="ada")
    day = catalog.features.add(FeatureDraft(name="day", dtype="date"), created_by="ada")
    tissue = catalog.features.add(FeatureDraft(name="tissue", dtype="cat[Tissue]"), created_by="ada")
    of_donor_1 = replace(one, feature_uid=donor.uid)
    of_donor_2 = replace(two, feature_uid=donor.uid)
    add(
        catalog,
        "left",
        labels=[left, xenium, of_donor_1],
        values=[ValueDraft(feature_uid=dose.uid, value=1.5), ValueDraft(feature_uid=day.uid, value="2026-01-31")],
        kind="model",
    )
    add(
        catalog,
        "right",
        labels=[replace(right, feature_uid=tissue.uid), of_donor_2],
        values=[ValueDraft(feature_uid=dose.uid, value=3), ValueDraft(feature_uid=batch.uid, value="b-7")],
    )
    add(catalog, "both", labels=[left, right, xenium, one])
    add(catalog, "brain", labels=[brain])
    add(catalog, "plain", size_bytes=5)


@pytest.fixture(scope="module")
def filled_sqlite(sqlite_template, tmp_path_factory):
    path = tmp_path_factory.mktemp("world") / "filled.sqlite"
    shutil.copy(sqlite_template, path)
    with open_catalog(f"sqlite:///{path}") as catalog:
        fill(catalog)
    return path


@pytest.fixture(scope="module")
def filled_postgresql(cluster, postgresql_template):
    with open_catalog(cluster.create_database("filled", postgresql_template)) as catalog:
        fill(catalog)
    return "filled"


@pytest.fixture
def sqlite_url(filled_sqlite, tmp_path):
    shutil.copy(filled_sqlite, tmp_path / "catalog.sqlite")
    return f"sqlite:///{tmp_path / 'catalog.sqlite'}"


@pytest.fixture
def postgresql_url(cluster, filled_postgresql):
    with cluster.lend_database(filled_postgresql) as url:
        yield url


@pytest.fixture(params=["sql", "index"])
def world(url, request):
    with open_catalog(url, vocabulary=Reference(), keeps_index=request.param == "index") as catalog:
        yield catalog


def find(catalog, where=None, text="", **options):
    return {artifact.key for artifact in catalog.find_artifacts(text, where=where, **options).items}


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"tissue": "left lung"}, {"left", "both"}),
        ({"tissue": "LEFT Lung"}, {"left", "both"}),
        ({"tissue": "UBERON:0002168"}, {"left", "both"}),
        ({"tissue": "lung"}, {"left", "right", "both"}),  # never registered: the reference knows it
        ({"tissue": "UBERON:0002048"}, {"left", "right", "both"}),
        ({"tissue": "anatomical entity"}, {"left", "right", "both", "brain"}),
        ({"tissues": "brain"}, {"brain"}),
        ({"tissue__in": ["brain", "right lung"]}, {"right", "both", "brain"}),
        ({"tissue__in": []}, set()),
        ({"assay": "Xenium Spatial Gene Expression"}, {"left", "both"}),
        ({"experimental_factors": "EFO:0022615"}, {"left", "both"}),
        ({"tissue": "lung", "assay": "10x Xenium"}, {"left", "both"}),
        ({"tissue__contains": "lung"}, {"left", "right", "both"}),
        ({"tissue__contains": "LUNG"}, set()),
        ({"tissue__icontains": "LUNG"}, {"left", "right", "both"}),
        ({"tissue__startswith": "left"}, {"left", "both"}),
        ({"tissues__name": "left lung"}, {"left", "both"}),
        ({"tissues__name__in": ["left lung", "brain"]}, {"left", "both", "brain"}),
        ({"tissues__ontology_id__startswith": "UBERON:000216"}, {"left", "right", "both"}),
        ({"tissue__isnull": True}, {"plain"}),
        ({"tissue__isnull": False}, {"left", "right", "both", "brain"}),
        ({"tissue": None}, {"plain"}),
        ({"donor": "D1"}, {"left"}),  # as a value of the feature
        ({"ulabel": "D1"}, {"left", "both"}),  # with or without one
        ({"donor__in": ["D1", "D2"]}, {"left", "right"}),
        ({"donor__isnull": True}, {"both", "brain", "plain"}),
        ({"dose": 1.5}, {"left"}),
        ({"dose__gt": "1.5"}, {"right"}),
        ({"dose__in": [1.5, 3]}, {"left", "right"}),
        ({"dose__isnull": True}, {"both", "brain", "plain"}),
        ({"batch__startswith": "b-"}, {"right"}),
        ({"day__gte": "2026-01-31"}, {"left"}),
        ({"day__lt": "2026-01-31"}, set()),
        ({"size__lt": 100, "tissue__isnull": True}, {"plain"}),
        ({"kind": "model", "tissue": "lung"}, {"left"}),
        ({"created_by__handle__startswith": "ad"}, {"left", "right", "both", "brain", "plain"}),
    ],
)
def test_a_condition_finds_what_fulfils_it(world, where, expected):
    assert find(world, where) == expected
    assert world.count_artifacts(where=where) == len(expected)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"tissue": "left lung"}, {"left", "both"}),
        ({"tissue": "lung"}, set()),
        ({"tissue": "LEFT lung"}, set()),
        ({"assay": "Xenium Spatial Gene Expression"}, set()),
        ({"assay": "10x Xenium"}, {"left", "both"}),
    ],
)
def test_an_exact_query_takes_terms_literally(world, where, expected):
    assert find(world, where, is_exact=True) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (And(), {"left", "right", "both", "brain", "plain"}),
        (Or(), set()),
        (Compare(name="tissue", value="lung") & ~Compare(name="assay", value="10x Xenium"), {"right"}),
        (Compare(name="dose", lookup="gt", value=2) | Compare(name="tissue", value="brain"), {"right", "brain"}),
        (~Compare(name="dose", lookup="gt", value=2), {"left", "both", "brain", "plain"}),
        (Not(part=Compare(name="n_observations", lookup="gt", value=2)), {"left", "right", "both", "brain", "plain"}),
        (~(Compare(name="donor", value="D1") | Compare(name="size", value=5)), {"right", "both", "brain"}),
    ],
)
def test_expressions_combine_conditions(world, expression, expected):
    assert find(world, expression) == expected


def test_labels_and_words_hold_together(world):
    assert find(world, {"assay": "10x Xenium"}, text="bo") == {"both"}


def test_a_label_is_found_by_its_words(world):
    assert find(world, text="xenium expression") == {"left", "both"}  # a synonym


def test_an_unknown_term_gives_nothing_and_names_the_nearest(world):
    page = world.find_artifacts(where={"tissue": "kidny"})
    assert page.total == 0
    (hint,) = page.hints
    assert hint.code == "value-unknown"
    assert "kidny" in hint.message
    assert "'kidney'" in hint.fix


def test_a_misspelt_registered_term_is_named(world):
    (hint,) = world.find_artifacts(where={"tissue": "brian"}).hints
    assert "'brain'" in hint.fix


@pytest.mark.parametrize(
    ("where", "code", "nearest"),
    [
        ({"tisue": "lung"}, "unknown-field", "tissue"),
        ({"donr": "D1"}, "unknown-field", "donor"),
        ({"tissue__gt": "lung"}, "unknown-lookup", "tissue__in"),
        ({"tissue__regex": "lung"}, "unknown-lookup", "tissue__in"),
        ({"key__regex": "lung"}, "unknown-lookup", "key__in"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(world, where, code, nearest):
    with pytest.raises(InputError) as caught:
        world.find_artifacts(where=where)
    assert caught.value.code == code
    assert nearest in caught.value.hint


def test_a_value_of_another_type_is_refused(world):
    with pytest.raises(InputError):
        world.find_artifacts(where={"dose__gt": "much"})
    with pytest.raises(InputError):
        world.find_artifacts(where={"tissue": 5})


def test_pages_by_the_order_of_adding_have_every_hit_once(world):
    keys, cursor = [], None
    while True:
        page = world.find_artifacts(where={"tissue": "anatomical entity"}, limit=1, cursor=cursor)
        keys += [artifact.key for artifact in page.items]
        assert page.total == 4
        cursor = page.next_cursor
        if cursor is None:
            break
    assert keys == ["brain", "both", "right", "left"]


@pytest.mark.parametrize("order", ["key", "-key", "-created_at", "n_observations", "created_by"])
def test_hits_come_in_any_order(world, order):
    page = world.find_artifacts(where={"tissue": "lung"}, order=order, limit=2)
    rest = world.find_artifacts(where={"tissue": "lung"}, order=order, limit=2, cursor=page.next_cursor)
    keys = [artifact.key for artifact in (*page.items, *rest.items)]
    assert sorted(keys) == ["both", "left", "right"]
    if order.endswith("key"):
        assert keys == sorted(keys, reverse=order.startswith("-"))


def count(page, facet):
    return {value.label: value.count for value in page.facets.get(facet, ())}


def test_facets_count_all_hits_with_those_below(world):
    page = world.find_artifacts(facets="all", limit=1)
    assert count(page, "tissue") == {"left lung": 2, "right lung": 2, "brain": 1}
    assert count(page, "assay") == {"10x Xenium": 2}
    assert count(page, "donor") == {"D1": 1, "D2": 1}
    assert count(page, "ulabel") == {"D1": 2, "D2": 1}
    assert count(page, "kind") == {"dataset": 4, "model": 1}
    assert [value.count for value in page.facets["tissue"]] == [2, 2, 1]
    assert page.facets["tissue"][2].id == "UBERON:0000955"


def test_an_artifact_with_two_labels_below_one_term_counts_once(world):
    (lung,) = register(world, LUNG)
    add(world, "whole", labels=[lung])
    page = world.find_artifacts(facets=["tissue"])
    assert count(page, "tissue") == {"lung": 4, "left lung": 2, "right lung": 2, "brain": 1}
    narrowed = world.find_artifacts(where={"assay": "10x Xenium"}, facets=["tissue"])
    assert count(narrowed, "tissue") == {"lung": 2, "left lung": 2, "right lung": 1}


def test_every_count_is_what_its_filter_finds(world):
    register(world, LUNG)
    page = world.find_artifacts(facets="all")
    for facet, values in page.facets.items():
        for value in values:
            assert world.find_artifacts(where={facet: value.id}).total == value.count, (facet, value)


def test_only_the_facets_asked_for_are_counted_and_only_the_most_frequent_values(world):
    page = world.find_artifacts(facets=["tissue", "nonsense"], n_facet_values=1)
    assert set(page.facets) == {"tissue"}
    assert len(page.facets["tissue"]) == 1


def test_a_feature_takes_the_name_of_a_facet_from_a_registry_of_other_terms(world):
    feature = world.features.add(FeatureDraft(name="assay", dtype="cat[ULabel]"), created_by="ada")
    (label,) = register(world, TermDraft(registry="ULabel", name="home-made"))
    add(world, "odd", labels=[replace(label, feature_uid=feature.uid)])
    page = world.find_artifacts(facets="all")
    assert count(page, "assay") == {"home-made": 1}
    assert count(page, "experimental_factors") == {"10x Xenium": 2}
    assert find(world, {"assay": "home-made"}) == {"odd"}


def test_a_new_version_and_the_trash_leave_no_trace_in_counts(world):
    add(world, "left")  # the new version has no labels
    page = world.find_artifacts(facets="all")
    assert count(page, "tissue") == {"left lung": 1, "right lung": 2, "brain": 1}
    assert page.total == 5
    assert world.find_artifacts(which="all", facets=["tissue"]).total == 6


def test_a_label_that_is_taken_away_is_not_counted(world):
    before = world.find_artifacts(facets=["tissue"])
    assert count(before, "tissue")["brain"] == 1
    artifact = world.get_artifact("brain")
    (label,) = world.annotations.read([artifact.uid])[artifact.uid].labels
    world.annotations.remove_labels(artifact.uid, [LabelDraft(term_uid=label.uid)])
    assert "brain" not in count(world.find_artifacts(facets=["tissue"]), "tissue")
    assert find(world, {"tissue": "brain"}) == set()


def write_in_another_process(url, number):
    with open_catalog(url) as catalog:
        label = register(catalog, BRAIN)
        add(catalog, f"elsewhere-{number}", labels=label)
        artifact = catalog.get_artifact("plain")
        catalog.annotations.add({artifact.uid: AnnotationsDraft(labels=tuple(label))})


def test_what_another_process_writes_between_two_queries_is_seen(world, url):
    assert count(world.find_artifacts(facets=["tissue"]), "tissue")["brain"] == 1
    process = multiprocessing.get_context("spawn").Process(target=write_in_another_process, args=(url, 1))
    process.start()
    process.join()
    assert process.exitcode == 0
    page = world.find_artifacts(where={"tissue": "brain"}, facets=["tissue"])
    assert {artifact.key for artifact in page.items} == {"brain", "elsewhere-1", "plain"}
    assert count(page, "tissue") == {"brain": 3}


def test_an_index_that_is_behind_what_is_remembered_starts_afresh(world, url, monkeypatch):
    world.find_artifacts(facets="all")
    monkeypatch.setattr(database_module, "MAX_TOUCHED", 0)
    monkeypatch.setattr(database_module, "_CHECK_EVERY", 1)
    with open_catalog(url) as other:
        label = register(other, BRAIN)
        for key in ("left", "right"):
            other.annotations.add({other.get_artifact(key).uid: AnnotationsDraft(labels=tuple(label))})
    assert find(world, {"tissue": "brain"}, facets="all") == {"left", "right", "brain"}


def test_an_index_that_is_up_to_date_asks_little(url):
    with open_catalog(url, keeps_index=True) as catalog:
        statements = []

        def note(*args):
            statements.append(args[2])

        catalog.find_artifacts(where={"tissue": "left lung"})
        event.listen(catalog.database.engine, "before_cursor_execute", note)
        catalog.find_artifacts(where={"tissue": "left lung"})
        event.remove(catalog.database.engine, "before_cursor_execute", note)
        # state, features, names, uids, terms below, page
        assert len([text for text in statements if text.startswith("SELECT")]) <= 6


KEYS = st.sampled_from(["left", "right", "both", "brain", "plain", "new-1", "new-2"])
TERMS = st.sampled_from([LUNG, LEFT_LUNG, RIGHT_LUNG, BRAIN, ANATOMY, XENIUM, DONOR_1])


@given(steps=st.lists(st.tuples(st.sampled_from(["add", "label", "unlabel", "count"]), KEYS, TERMS), max_size=12))
@example(steps=[("label", "left", LUNG), ("count", "left", LUNG), ("unlabel", "left", LUNG)])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_index_that_follows_equals_one_that_starts_afresh(filled_sqlite, tmp_path_factory, steps):
    path = tmp_path_factory.mktemp("follow") / "catalog.sqlite"
    shutil.copy(filled_sqlite, path)
    url = f"sqlite:///{path}"
    with open_catalog(url, keeps_index=True) as following:
        following.find_artifacts(facets="all")
        for action, key, term in steps:
            apply(following, action, key, term)
        with open_catalog(url, keeps_index=True) as fresh:
            for which in ("latest", "all"):
                ours, theirs = (one.find_artifacts(facets="all", which=which) for one in (following, fresh))
                assert {name: set(values) for name, values in ours.facets.items()} == {
                    name: set(values) for name, values in theirs.facets.items()
                }
                assert ours.items == theirs.items


def apply(catalog, action, key, term):
    if action == "count":
        catalog.find_artifacts(facets="all")
        return
    label = register(catalog, term)
    known = catalog.find_artifacts(where={"key": key}).items
    if action == "add" or not known:
        add(catalog, key, labels=label)
    elif action == "label":
        catalog.annotations.add({known[0].uid: AnnotationsDraft(labels=tuple(label))})
    else:
        labels = catalog.annotations.read([known[0].uid])[known[0].uid].labels
        if term.name in {one.name for one in labels if one.feature is None}:
            catalog.annotations.remove_labels(known[0].uid, label)
