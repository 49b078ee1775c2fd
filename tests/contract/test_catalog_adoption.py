"""Records that were made elsewhere keep their uids, moments and authors, on every database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from vitrina.errors import ConflictError, InputError, NotFoundError
from vitrina.model.artifact import ArtifactDraft
from vitrina.model.collection import Collection
from vitrina.model.content import Content
from vitrina.model.run import Run, Transform

FAMILY = "QJIEPniRe24YZD51"
MOMENT = datetime(2025, 3, 1, 9, 30, tzinfo=UTC)


def build_draft(version="0000", *, family=FAMILY, key="a.h5ad"):
    return ArtifactDraft(
        uid=family + version,
        key=key,
        description=None,
        kind="dataset",
        hash="0" * 64,
        size_bytes=1,
        n_files=1,
        storage_url="file:///data",
        storage_key=f"{family}{version}.h5ad",
        is_folder=False,
        created_by="ada",
        content=Content(format="anndata"),
    )


TRANSFORM = Transform(
    uid="Gj7JpfcZHZBZ00000000",
    key="clean.py",
    kind="script",
    description=None,
    hash=None,
    reference=None,
    git_commit=None,
    is_latest=False,
    created_at=MOMENT,
    created_by="ada",
)
RUN = Run(
    uid="Cd4dcrvsmO7A3F89",
    transform=TRANSFORM,
    parameters={"threshold": 0.5},
    git_commit=None,
    parent_uid=None,
    status="completed",
    error=None,
    started_at=MOMENT,
    finished_at=MOMENT,
    created_by="ada",
)


def test_a_family_keeps_its_uid_and_the_next_version_follows_its_newest(catalog):
    assert catalog.adoption.adopt_family(FAMILY, ["a.h5ad"], "0002") == "a.h5ad"
    assert catalog.reserve_uid("a.h5ad") == f"{FAMILY}0003"


def test_a_family_that_is_there_keeps_its_key_and_its_numbers_never_go_back(catalog):
    catalog.adoption.adopt_family(FAMILY, ["a.h5ad"], "0002")
    assert catalog.adoption.adopt_family(FAMILY, ["b.h5ad"], "0001") == "a.h5ad"
    assert catalog.adoption.adopt_family(FAMILY, ["b.h5ad"], "0005") == "a.h5ad"
    assert catalog.reserve_uid("a.h5ad") == f"{FAMILY}0006"


def test_the_first_free_key_is_taken_and_without_one_there_is_a_conflict(catalog):
    catalog.reserve_uid("a.h5ad")
    assert catalog.adoption.find_family_key(FAMILY, ["a.h5ad", "a~QJIE.h5ad"]) == "a~QJIE.h5ad"
    assert catalog.adoption.find_family_key(FAMILY, ["a.h5ad"]) is None
    with pytest.raises(ConflictError, match=r"a\.h5ad"):
        catalog.adoption.adopt_family(FAMILY, ["a.h5ad"], "0000")
    assert catalog.adoption.adopt_family(FAMILY, ["a.h5ad", "a~QJIE.h5ad"], "0000") == "a~QJIE.h5ad"


def test_an_artifact_keeps_its_moment_and_author_and_the_newest_version_is_the_latest(catalog):
    catalog.adoption.adopt_family(FAMILY, ["a.h5ad"], "0001")
    catalog.adoption.add_artifact(build_draft("0001"), created_at=MOMENT)
    catalog.adoption.add_artifact(build_draft("0000"), created_at=MOMENT)
    latest = catalog.get_artifact("a.h5ad")
    assert (latest.version, latest.created_at, latest.created_by) == ("0001", MOMENT, "ada")
    assert [one.is_latest for one in catalog.list_versions(FAMILY)] == [False, True]
    assert catalog.get_artifact("a.h5ad@0000").uid == f"{FAMILY}0000"


def test_one_that_was_in_the_trash_stays_there_and_the_version_before_is_the_latest(catalog):
    catalog.adoption.adopt_family(FAMILY, ["a.h5ad"], "0001")
    catalog.adoption.add_artifact(build_draft("0000"), created_at=MOMENT)
    trashed = catalog.adoption.add_artifact(build_draft("0001"), created_at=MOMENT, trashed_at=MOMENT)
    assert (trashed.is_latest, trashed.trashed_at) == (False, MOMENT)
    assert catalog.get_artifact("a.h5ad").version == "0000"
    assert [one.uid for one in catalog.find_artifacts(which="trash").items] == [trashed.uid]
    assert catalog.find_artifacts().total == 1


def test_an_artifact_of_a_family_that_was_not_adopted_is_refused(catalog):
    with pytest.raises(InputError):
        catalog.adoption.add_artifact(build_draft(), created_at=MOMENT)
    catalog.adoption.adopt_family(FAMILY, ["a.h5ad"], "0000")
    with pytest.raises(InputError):
        catalog.adoption.add_artifact(build_draft("0001"), created_at=MOMENT)
    catalog.adoption.add_artifact(build_draft(), created_at=MOMENT)
    with pytest.raises(ConflictError):
        catalog.adoption.add_artifact(build_draft(), created_at=MOMENT)


def test_a_run_keeps_its_uid_moments_and_texts_and_is_there_once(catalog):
    for _ in range(2):
        catalog.adoption.add_transform(TRANSFORM, "print(1)")
        catalog.adoption.add_run(RUN, environment="numpy==2.2.0", log="done")
    run = catalog.runs.get(RUN.uid)
    assert (run.started_at, run.finished_at, run.status, run.created_by) == (MOMENT, MOMENT, "completed", "ada")
    assert run.transform.uid == TRANSFORM.uid
    assert run.transform.is_latest
    assert catalog.runs.read_source(TRANSFORM.uid) == "print(1)"
    assert catalog.runs.read_environment(RUN.uid) == "numpy==2.2.0"
    assert catalog.runs.read_log(RUN.uid) == "done"
    assert catalog.runs.find().total == 1


def test_a_newer_version_of_code_is_the_latest_in_whatever_order_they_come(catalog):
    newer = replace(TRANSFORM, uid="Gj7JpfcZHZBZ00000001")
    catalog.adoption.add_transform(newer, "print(2)")
    catalog.adoption.add_transform(TRANSFORM, "print(1)")
    assert catalog.runs.get_transform("clean.py").uid == newer.uid


def test_a_run_without_its_transform_or_parent_is_refused(catalog):
    with pytest.raises(NotFoundError, match="transform"):
        catalog.adoption.add_run(RUN)
    catalog.adoption.add_transform(TRANSFORM, None)
    with pytest.raises(NotFoundError, match="run"):
        catalog.adoption.add_run(replace(RUN, parent_uid="ZZZZZZZZZZZZZZZZ"))


def test_a_collection_is_taken_over_once_and_only_whole(catalog):
    catalog.adoption.adopt_family(FAMILY, ["a.h5ad"], "0000")
    artifact = catalog.adoption.add_artifact(build_draft(), created_at=MOMENT)
    collection = Collection(
        uid="QCEI2TuoAZJMUMpr0000",
        key="cohort",
        description=None,
        hash="1" * 64,
        artifact_uids=(artifact.uid,),
        is_latest=False,
        created_at=MOMENT,
        created_by="ada",
    )
    with pytest.raises(NotFoundError):
        catalog.adoption.add_collection(replace(collection, artifact_uids=("x" * 20,)))
    assert not catalog.adoption.find_known("collection", [collection.uid])
    for _ in range(2):
        catalog.adoption.add_collection(collection)
    assert catalog.adoption.find_known("collection", [collection.uid]) == {collection.uid}


def test_a_user_gets_a_name_where_there_was_none(catalog):
    assert not catalog.adoption.has_user("ada")
    catalog.adoption.add_user("ada", None)
    catalog.adoption.add_user("ada", "Ada Lovelace")
    catalog.adoption.add_user("ada", "Somebody Else")
    assert catalog.get_or_add_user("ada").name == "Ada Lovelace"
