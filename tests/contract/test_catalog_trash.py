"""Moving artifacts to the trash, bringing them back, and removing them for good, on every database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event
from test_catalogs import add, build_draft, find_keys

from vitrina.errors import ConflictError, NotFoundError
from vitrina.model.annotation import AnnotationsDraft, LabelDraft
from vitrina.model.collection import CollectionDraft
from vitrina.model.run import RunDraft, TransformDraft
from vitrina.model.term import TermDraft
from vitrina.model.view import ViewDraft

LUNG = TermDraft(registry="Tissue", name="lung", ontology_id="UBERON:0002048")


@pytest.fixture(params=["sql", "index"])
def catalog(catalog, request):
    """Answered in SQL, and from the index in memory, which must see every move to and from the trash."""
    catalog.finder.keeps_index = request.param == "index"
    return catalog


def add_labelled(catalog, key, **changes):
    artifact = add(catalog, key, **changes)
    (lung,) = catalog.terms.add([LUNG], created_by="ada")
    catalog.annotations.add({artifact.uid: AnnotationsDraft(labels=(LabelDraft(term_uid=lung.uid),))})
    return artifact


def list_latest(catalog, key):
    found = catalog.find_artifacts(where={"key": key}).items
    return [artifact.version for artifact in found]


class TestTrash:
    def test_what_is_in_the_trash_is_found_only_there(self, catalog):
        artifact = add(catalog, "a")
        assert find_keys(catalog) == ["a"]
        trashed = catalog.trash.put(artifact.uid)
        assert (trashed.is_latest, trashed.trashed_at is not None) == (False, True)
        assert find_keys(catalog) == []
        assert find_keys(catalog, which="all") == []
        assert find_keys(catalog, which="trash") == ["a"]
        assert find_keys(catalog, "a") == []
        assert catalog.get_artifact(artifact.uid) == trashed
        with pytest.raises(NotFoundError):
            catalog.get_artifact("a")

    def test_the_newest_version_left_is_the_latest(self, catalog):
        first, second, third = (add(catalog, "a") for _ in range(3))
        assert list_latest(catalog, "a") == ["0003"]
        catalog.trash.put(third.uid)
        assert list_latest(catalog, "a") == ["0002"]
        catalog.trash.put(first.uid)
        assert list_latest(catalog, "a") == ["0002"]
        catalog.trash.put(second.uid)
        assert list_latest(catalog, "a") == []
        catalog.trash.restore(first.uid)
        assert list_latest(catalog, "a") == ["0001"]
        catalog.trash.restore(third.uid)
        assert list_latest(catalog, "a") == ["0003"]
        assert not catalog.trash.restore(second.uid).is_latest
        assert list_latest(catalog, "a") == ["0003"]

    def test_a_new_version_after_the_trash_is_the_latest_and_has_the_next_number(self, catalog):
        catalog.trash.put(add(catalog, "a").uid)
        assert (add(catalog, "a").version, list_latest(catalog, "a")) == ("0002", ["0002"])

    def test_a_key_means_its_newest_version_in_the_trash_there(self, catalog):
        first, second, third = (add(catalog, "a") for _ in range(3))
        for artifact in (first, second):
            catalog.trash.put(artifact.uid)
        assert catalog.trash.get("a").uid == second.uid
        assert catalog.trash.get("a@0001").uid == first.uid
        assert catalog.trash.get(third.uid[:16]).uid == second.uid
        assert catalog.trash.get("a@0003").uid == third.uid
        for artifact in (first, second):
            catalog.trash.restore(artifact.uid)
        assert catalog.trash.get("a").uid == third.uid
        with pytest.raises(NotFoundError):
            catalog.trash.get("b")

    def test_moved_twice_it_stays_there_since_the_first_time(self, catalog):
        artifact = add(catalog, "a")
        first = catalog.trash.put(artifact.uid)
        assert catalog.trash.put(artifact.uid) == first
        assert catalog.trash.restore(artifact.uid) == artifact
        assert catalog.trash.restore(artifact.uid) == artifact

    def test_the_trash_is_listed_in_the_order_of_moving(self, catalog):
        a, b = add(catalog, "a"), add(catalog, "b")
        later = catalog.trash.put(b.uid).trashed_at + timedelta(microseconds=1)
        catalog.trash.put(a.uid)
        assert [artifact.key for artifact in catalog.trash.list_all()] == ["b", "a"]
        assert [artifact.key for artifact in catalog.trash.list_all(before=later)] == ["b"]
        assert catalog.trash.list_all(before=catalog.trash.list_all()[0].trashed_at) == ()

    def test_labels_stay_with_what_is_in_the_trash(self, catalog):
        artifact = add_labelled(catalog, "a")
        catalog.trash.put(artifact.uid)
        assert catalog.count_artifacts(where={"tissue": "lung"}) == 0
        assert catalog.count_artifacts(where={"tissue": "lung"}, which="trash") == 1
        catalog.trash.restore(artifact.uid)
        assert catalog.count_artifacts(where={"tissue": "lung"}) == 1


class TestRemoving:
    def test_a_key_that_looks_like_a_uid_is_not_what_is_removed(self, catalog):
        artifact = add(catalog, "a")
        lookalike = add(catalog, artifact.uid)
        assert catalog.trash.put(artifact.uid).key == "a"
        assert catalog.trash.remove(artifact.uid).key == "a"
        assert catalog.get_artifact(lookalike.uid) == lookalike

    def test_nothing_is_left_of_it(self, catalog):
        artifact = add_labelled(catalog, "a", description="vanishing")
        view = catalog.views.add(ViewDraft(name="v", subject_uid=artifact.uid, config={}, created_by="ada"))
        transform = catalog.runs.add_transform(TransformDraft(key="t", kind="script", created_by="ada"))
        run = catalog.runs.start(RunDraft(transform_uid=transform.uid, created_by="ada"))
        catalog.runs.add_outputs(run.uid, [artifact.uid])
        assert find_keys(catalog, "vanishing") == ["a"]
        assert catalog.trash.remove(artifact.uid) == artifact
        assert find_keys(catalog, "vanishing") == []
        assert catalog.count_artifacts(where={"tissue": "lung"}) == 0
        assert catalog.count_artifacts() == 0
        for get, uid in ((catalog.get_artifact, artifact.uid), (catalog.views.get, view.uid)):
            with pytest.raises(NotFoundError):
                get(uid)
        assert catalog.runs.get(run.uid).output_uids == ()

    def test_the_version_before_is_the_latest_and_its_number_is_not_given_out_again(self, catalog):
        first, second = add(catalog, "a"), add(catalog, "a")
        catalog.trash.remove(second.uid)
        assert list_latest(catalog, "a") == [first.version]
        assert add(catalog, "a").version == "0003"

    def test_a_collection_keeps_what_it_holds(self, catalog):
        artifact = add(catalog, "a")
        collection = catalog.collections.add(
            CollectionDraft(key="cohort", artifact_uids=(artifact.uid,), created_by="ada")
        )
        catalog.trash.put(artifact.uid)
        with pytest.raises(ConflictError, match="cohort@0001") as caught:
            catalog.trash.remove(artifact.uid)
        assert caught.value.code == "artifact-collected"
        assert catalog.collections.list_artifacts(collection)[0].uid == artifact.uid
        catalog.collections.remove(collection.uid)
        catalog.trash.remove(artifact.uid)
        assert catalog.trash.list_all() == ()


class TestStored:
    def test_every_artifact_is_listed_once_also_from_the_trash(self, catalog, monkeypatch):
        monkeypatch.setattr("vitrina.catalog.trash.BATCH", 2)
        added = [add(catalog, key) for key in "abcde"]
        catalog.trash.put(added[1].uid)
        assert [artifact.key for artifact in catalog.trash.iter_stored()] == list("abcde")
        assert catalog.trash.find_present([*(one.uid for one in added), "x" * 20]) == {one.uid for one in added}

    def test_a_uid_is_unused_when_this_catalog_gave_it_out_and_it_has_no_artifact(self, catalog):
        used, unused = add(catalog, "a").uid, catalog.reserve_uid("a")
        next_one, foreign = f"{used[:16]}0003", "Z" * 16 + "0001"
        removed = add(catalog, "b").uid
        catalog.trash.remove(removed)
        names = [used, unused, next_one, foreign, removed, "lost+found", ".staging"]
        assert catalog.trash.find_unused(names) == {unused, removed}


def test_moving_one_of_a_thousand_versions_takes_a_handful_of_statements(catalog):
    uids = catalog.reserve_uids(["a"] * 1000)
    catalog.add_artifacts([replace(build_draft(uid, "a"), hash=f"{n:064}") for n, uid in enumerate(uids)])
    statements = []
    event.listen(catalog.database.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    catalog.trash.put(uids[-1])
    assert len(statements) <= 15
