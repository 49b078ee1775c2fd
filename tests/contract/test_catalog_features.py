"""What the catalog must do with features on every database."""

from __future__ import annotations

import threading

import pytest

from vitrina.catalog import features as module
from vitrina.errors import ConflictError, InputError, NotFoundError
from vitrina.model.feature import FeatureDraft

TISSUE = FeatureDraft(
    name="tissue",
    dtype="cat[Tissue]",
    description="Where the sample was taken.",
    synonyms=("organ", "body part"),
    is_nullable=False,
    is_coerced=True,
)


def test_a_feature_comes_back_as_it_was_added(catalog):
    feature = catalog.features.add(TISSUE, "ada")
    assert len(feature.uid) == 16
    assert (feature.name, feature.dtype, feature.description) == (
        "tissue",
        "cat[Tissue]",
        "Where the sample was taken.",
    )
    assert feature.synonyms == ("organ", "body part")
    assert (feature.is_nullable, feature.is_coerced, feature.created_by) == (False, True, "ada")
    assert catalog.features.get("tissue") == catalog.features.get(feature.uid) == feature


@pytest.mark.parametrize("default", ["a", 0, 1.5, False, None])
def test_defaults_keep_their_json_type(catalog, default):
    feature = catalog.features.add(FeatureDraft(name="x", dtype="object", default=default), "ada")
    assert catalog.features.get("x").default == default
    assert type(feature.default) is type(default)


def test_a_dtype_is_kept_in_its_canonical_form(catalog):
    draft = FeatureDraft(name="tissue", dtype="cat[bionty.Tissue.ontology_id]")
    assert catalog.features.add(draft, "ada").dtype == "cat[Tissue.ontology_id]"
    assert catalog.features.add(draft, "ada").dtype == "cat[Tissue.ontology_id]"


def test_a_feature_that_is_there_is_given_back_and_nothing_is_written(catalog):
    feature = catalog.features.add(TISSUE, "ada")
    change = catalog.change_number()
    again = catalog.features.add(FeatureDraft(name="tissue", dtype="cat[Tissue]", description="Other words."), "bob")
    assert again == feature
    assert catalog.change_number() == change


@pytest.mark.parametrize(
    ("draft", "difference"),
    [
        (FeatureDraft(name="tissue", dtype="str"), "dtype cat[Tissue] instead of str"),
        (FeatureDraft(name="tissue", dtype="cat[Tissue]", unit="mm"), "unit None instead of mm"),
        (FeatureDraft(name="tissue", dtype="cat[Tissue]", default="lung"), "default None instead of lung"),
    ],
)
def test_a_name_that_stands_for_something_else_is_a_conflict(catalog, draft, difference):
    catalog.features.add(TISSUE, "ada")
    with pytest.raises(ConflictError) as caught:
        catalog.features.add(draft, "ada")
    assert caught.value.code == "feature-exists"
    assert difference in caught.value.message


@pytest.mark.parametrize("draft", [FeatureDraft(name=" ", dtype="str"), FeatureDraft(name="x", dtype="text file")])
def test_a_feature_without_name_or_dtype_is_refused(catalog, draft):
    with pytest.raises(InputError):
        catalog.features.add(draft, "ada")
    assert catalog.features.list_all() == ()


def test_an_unknown_feature_is_told_with_the_nearest_names(catalog):
    catalog.features.add(TISSUE, "ada")
    with pytest.raises(NotFoundError) as caught:
        catalog.features.get("tisue")
    assert caught.value.code == "feature-not-found"
    assert caught.value.hint == "Did you mean tissue?"


def test_those_of_many_names_that_are_there_are_found(catalog, monkeypatch):
    monkeypatch.setattr(module, "MAX_PARAMETERS", 2)
    for name in "abcde":
        catalog.features.add(FeatureDraft(name=name, dtype="float"), "ada")
    assert set(catalog.features.find(["e", "nothing", "a", "c", "a"])) == {"a", "c", "e"}
    assert catalog.features.find([]) == {}


def test_features_are_listed_newest_first_and_searched_in_all_their_texts(catalog):
    catalog.features.add(TISSUE, "ada")
    catalog.features.add(FeatureDraft(name="donor tissue", dtype="str"), "ada")
    catalog.features.add(FeatureDraft(name="age", dtype="int", description="At the time the tissue was taken."), "ada")
    assert [one.name for one in catalog.features.list_all()] == ["age", "donor tissue", "tissue"]
    assert [one.name for one in catalog.features.list_all(limit=1)] == ["age"]
    assert [one.name for one in catalog.features.search("TISSUE")] == ["tissue", "age", "donor tissue"]
    assert [one.name for one in catalog.features.search("organ")] == ["tissue"]
    assert catalog.features.search("100%") == ()


def test_twenty_threads_make_one_feature_of_one_name(catalog):
    uids, errors = [], []

    def work():
        try:
            uids.append(catalog.features.add(TISSUE, "ada").uid)
        except Exception as err:  # noqa: BLE001 (told by the test below)
            errors.append(err)

    threads = [threading.Thread(target=work) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(set(uids)) == 1
