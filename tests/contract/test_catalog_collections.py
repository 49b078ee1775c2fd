"""Frozen sets of artifacts, on every database."""

from __future__ import annotations

import pytest
from test_catalogs import add

from vitrina.catalog.collections import build_hash
from vitrina.errors import ConflictError, InputError, NotFoundError
from vitrina.model.collection import CollectionDraft


@pytest.fixture
def uids(catalog):
    return [add(catalog, key).uid for key in "abc"]


def collect(catalog, uids, key="cohort", **changes):
    return catalog.collections.add(CollectionDraft(key=key, artifact_uids=tuple(uids), created_by="ada", **changes))


def test_a_collection_comes_back_as_it_was_added(catalog, uids):
    added = collect(catalog, reversed(uids), description="All of them")
    assert catalog.collections.get(added.uid) == added
    assert (added.key, added.description, added.version, added.is_latest) == ("cohort", "All of them", "0001", True)
    assert added.artifact_uids == tuple(reversed(uids))
    assert added.created_by == "ada"
    assert [artifact.key for artifact in catalog.collections.list_artifacts(added)] == ["c", "b", "a"]


def test_the_hash_is_that_of_the_sorted_uids_one_per_line():
    # printf 'A...0001\nB...0001\n' | b3sum, with sixteen As and Bs
    expected = "363e85c20599bee81fdd90722f961fb84f57fd6dff768309f030514616657cce"
    assert build_hash(["B" * 16 + "0001", "A" * 16 + "0001"]) == expected


def test_the_same_set_under_the_same_key_is_the_same_collection(catalog, uids):
    first = collect(catalog, uids)
    assert collect(catalog, reversed(uids)).uid == first.uid
    second = collect(catalog, uids[:2])
    assert collect(catalog, [*uids, uids[0]]).uid == first.uid
    assert [one.version for one in catalog.collections.list_versions("cohort")] == ["0002", "0001"]
    assert second.is_latest


def test_another_set_under_the_key_is_the_next_version_and_the_old_one_stays(catalog, uids):
    first, second = collect(catalog, uids[:1]), collect(catalog, uids)
    assert (second.uid[:16], second.version) == (first.uid[:16], "0002")
    assert [one.is_latest for one in catalog.collections.list_versions("cohort")] == [True, False]
    assert catalog.collections.get("cohort") == second
    assert catalog.collections.get("cohort@0001").artifact_uids == tuple(uids[:1])
    assert catalog.collections.get(first.uid[:6]) == second
    assert catalog.collections.get(first.uid[:16]) == second


def test_the_same_set_under_another_key_is_another_collection(catalog, uids):
    first, other = collect(catalog, uids), collect(catalog, uids, key="other")
    assert first.hash == other.hash
    assert first.uid[:16] != other.uid[:16]
    assert [one.key for one in catalog.collections.list_all()] == ["other", "cohort"]


def test_all_versions_are_listed_when_asked_for(catalog, uids):
    collect(catalog, uids[:1])
    collect(catalog, uids)
    assert len(catalog.collections.list_all()) == 1
    assert [len(one.artifact_uids) for one in catalog.collections.list_all(latest_only=False)] == [3, 1]


def test_without_artifacts_with_unknown_ones_or_from_the_trash_it_is_refused(catalog, uids):
    with pytest.raises(InputError) as empty:
        collect(catalog, [])
    assert empty.value.code == "collection-empty"
    with pytest.raises(NotFoundError) as missing:
        collect(catalog, [*uids, "x" * 20])
    assert missing.value.code == "artifact-missing"
    catalog.trash.put(uids[0])
    with pytest.raises(ConflictError) as trashed:
        collect(catalog, uids)
    assert trashed.value.code == "artifact-in-trash"
    assert catalog.collections.list_all() == ()


@pytest.mark.parametrize("key", ["", "../x", "a//b"])
def test_a_malformed_key_is_refused(catalog, uids, key):
    with pytest.raises(InputError):
        collect(catalog, uids, key=key)


def test_a_removed_version_makes_the_one_before_the_latest(catalog, uids):
    first, second = collect(catalog, uids[:1]), collect(catalog, uids)
    assert catalog.collections.remove(second.uid) == second
    assert catalog.collections.get("cohort").uid == first.uid
    catalog.collections.remove(first.uid)
    with pytest.raises(NotFoundError):
        catalog.collections.get("cohort")
    assert catalog.count_artifacts() == 3
