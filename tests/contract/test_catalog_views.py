"""What the catalog must do with saved views on every database."""

from __future__ import annotations

import pytest

from vitrina.errors import InputError, NotFoundError
from vitrina.model.artifact import ArtifactDraft
from vitrina.model.collection import CollectionDraft
from vitrina.model.content import Content
from vitrina.model.view import ViewDraft

CONFIG = {"version": "1.0.18", "name": "ü", "datasets": [{"files": [{"url": "vitrina://x/zarr"}]}], "n": [1, 2.5, None]}


@pytest.fixture
def artifact_uid(catalog):
    uid = catalog.reserve_uid("lung.zarr")
    draft = ArtifactDraft(
        uid=uid,
        key="lung.zarr",
        description=None,
        kind="dataset",
        hash="ab" * 32,
        size_bytes=1000,
        n_files=1,
        storage_url="file:///data",
        storage_key=f"{uid}/lung.zarr",
        is_folder=True,
        created_by="ada",
        content=Content(format="spatialdata"),
    )
    return catalog.add_artifact(draft).uid


def add(catalog, subject_uid, name="lung"):
    return catalog.views.add(ViewDraft(name=name, subject_uid=subject_uid, config=CONFIG, created_by="ada"))


def test_a_view_comes_back_as_it_was_added(catalog, artifact_uid):
    view = add(catalog, artifact_uid)
    assert (view.name, view.subject_uid, view.config, view.created_by) == ("lung", artifact_uid, CONFIG, "ada")
    assert len(view.uid) == 16
    assert catalog.views.get(view.uid) == view


def test_a_collection_has_views_too(catalog, artifact_uid):
    draft = CollectionDraft(key="cohort", artifact_uids=(artifact_uid,), created_by="ada")
    collection = catalog.collections.add(draft)
    assert add(catalog, collection.uid).subject_uid == collection.uid


def test_a_view_of_nothing_is_refused(catalog):
    with pytest.raises(NotFoundError) as raised:
        add(catalog, "Z" * 20)
    assert raised.value.code == "view-subject-missing"
    assert catalog.views.find().total == 0


def test_an_unknown_view_is_not_found(catalog):
    with pytest.raises(NotFoundError) as raised:
        catalog.views.get("Z" * 16)
    assert raised.value.code == "view-missing"


def test_views_of_a_subject_are_listed_newest_first(catalog, artifact_uid):
    other = catalog.collections.add(CollectionDraft(key="c", artifact_uids=(artifact_uid,), created_by="ada")).uid
    for number in range(5):
        add(catalog, artifact_uid, str(number))
    add(catalog, other, "other")
    first = catalog.views.find(subject_uid=artifact_uid, limit=3)
    second = catalog.views.find(subject_uid=artifact_uid, limit=3, cursor=first.next_cursor)
    assert [view.name for view in first.items + second.items] == ["4", "3", "2", "1", "0"]
    assert (first.total, second.total, second.next_cursor) == (5, 5, None)
    assert catalog.views.find().total == 6


def test_a_cursor_of_something_else_is_refused(catalog):
    with pytest.raises(InputError):
        catalog.views.find(cursor="bm9uc2Vuc2U")
