"""Deleting, restoring and collecting garbage through the verbs, with the bytes."""

from __future__ import annotations

import os
import time
from datetime import timedelta

import pytest

from vitrina.errors import ConflictError, NotFoundError
from vitrina.storage.run import run
from vitrina.verbs.init import init


@pytest.fixture
def instance(tmp_path):
    return init(tmp_path / "lab").instance


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "tree"
    folder.mkdir()
    (folder / "a").write_bytes(b"aaaa")
    (folder / "b").write_bytes(b"bb")
    return folder


@pytest.fixture
def data(instance):
    return instance.settings.root / "data"


def list_stored(data):
    return sorted(path.name for path in data.iterdir() if not path.name.startswith(".")) if data.exists() else []


def leave_orphan(instance, folder, *, days):
    """What a process leaves that is killed between storing bytes and cataloguing them."""
    uid = instance.catalog.reserve_uid("orphan")
    run(instance.store.commit(run(instance.store.stage(folder)), f"{uid}/tree"))
    moment = time.time() - days * 86400
    os.utime(instance.settings.root / "data" / uid, (moment, moment))
    return uid


class TestDelete:
    def test_into_the_trash_and_back_the_bytes_stay(self, instance, folder, data):
        artifact = instance.add(folder, key="t").artifact
        deleted = instance.delete("t")
        assert (deleted.artifact.uid, deleted.is_permanent, deleted.freed_bytes) == (artifact.uid, False, 0)
        assert instance.find().total == 0
        assert list_stored(data) == [artifact.uid]
        assert instance.restore("t") == artifact
        assert instance.find().total == 1

    def test_for_good_the_bytes_go(self, instance, folder, data):
        artifact = instance.add(folder, key="t").artifact
        instance.read_thumbnail(artifact)
        thumbnail = instance.settings.cache / "thumbnails" / f"{artifact.uid}.webp"
        assert thumbnail.exists()
        deleted = instance.delete("t", permanent=True)
        assert (deleted.is_permanent, deleted.freed_bytes) == (True, 6)
        assert list_stored(data) == []
        assert not thumbnail.exists()
        with pytest.raises(NotFoundError):
            instance.restore("t")

    def test_for_good_also_from_the_trash(self, instance, folder, data):
        instance.add(folder, key="t")
        instance.delete("t")
        assert instance.delete("t", permanent=True).freed_bytes == 6
        assert list_stored(data) == []

    def test_a_version_that_others_share_frees_only_its_own_bytes(self, instance, folder):
        first = instance.add(folder, key="t").artifact
        (folder / "c").write_bytes(b"c")
        second = instance.add(folder, key="t").artifact
        assert instance.delete(second.uid, permanent=True).freed_bytes == 1
        assert (instance.get_path(first) / "a").read_bytes() == b"aaaa"
        assert instance.show("t").uid == first.uid
        assert instance.verify().findings == ()

    def test_bytes_in_place_are_never_touched(self, instance, folder):
        instance.add(folder, key="t", in_place=True)
        assert instance.delete("t", permanent=True).freed_bytes == 0
        assert (folder / "a").read_bytes() == b"aaaa"

    def test_what_a_collection_holds_stays_with_its_bytes(self, instance, folder, data):
        artifact = instance.add(folder, key="t").artifact
        instance.add_collection([artifact.uid], key="cohort")
        with pytest.raises(ConflictError, match="cohort@0001"):
            instance.delete("t", permanent=True)
        assert list_stored(data) == [artifact.uid]

    def test_what_is_not_there_is_not_found(self, instance):
        for permanent in (False, True):
            with pytest.raises(NotFoundError):
                instance.delete("absent", permanent=permanent)


class TestGc:
    def test_with_nothing_to_do_it_does_nothing(self, instance, folder):
        instance.add(folder, key="t")
        instance.delete("t")
        done = instance.gc()
        assert (done.garbage, done.freed_bytes, done.findings) == ((), 0, ())
        assert instance.restore("t").key == "t"

    def test_bytes_of_no_artifact_go_after_a_day(self, instance, folder, data):
        old = leave_orphan(instance, folder, days=1.1)
        new = leave_orphan(instance, folder, days=0.9)
        kept = instance.add(folder, key="t").artifact.uid
        dry = instance.gc(dry_run=True)
        assert ([one.kind for one in dry.garbage], dry.freed_bytes, dry.is_dry_run) == (["bytes"], 6, True)
        assert list_stored(data) == sorted([old, new, kept])
        done = instance.gc()
        assert (done.garbage, done.freed_bytes) == (dry.garbage, dry.freed_bytes)
        assert list_stored(data) == sorted([new, kept])

    def test_what_this_catalog_did_not_put_there_stays(self, instance, folder, data):
        instance.add(folder, key="t")
        foreign = init(instance.settings.root.parent / "other", storage_url=data.as_uri()).instance
        theirs = foreign.add(folder, key="theirs").artifact
        (data / "notes").mkdir()
        (data / ("Z" * 20)).mkdir()
        for path in data.iterdir():
            os.utime(path, (0, 0))
        assert instance.gc(grace=timedelta(0)).garbage == ()
        assert (foreign.get_path(theirs) / "a").exists()
        assert (data / "notes").exists()

    def test_the_trash_is_emptied_of_what_is_old_enough(self, instance, folder, data):
        uid = instance.add(folder, key="t").artifact.uid
        instance.delete("t")
        assert instance.gc(older_than=timedelta(days=30)).garbage == ()
        dry = instance.gc(older_than=timedelta(0), dry_run=True)
        assert ([one.name for one in dry.garbage if one.kind == "artifact"], dry.freed_bytes) == (["t@0001"], 6)
        assert list_stored(data) == [uid]
        assert instance.gc(older_than=timedelta(0)).freed_bytes == 6
        assert list_stored(data) == []

    def test_a_dry_run_counts_bytes_that_go_with_their_last_name(self, instance, folder):
        instance.add(folder, key="t")
        instance.add(folder, key="copy")
        instance.delete("copy")
        assert instance.gc(older_than=timedelta(0), dry_run=True).freed_bytes == 0
        instance.delete("t")
        assert instance.gc(older_than=timedelta(0), dry_run=True).freed_bytes == 6
        assert instance.gc(older_than=timedelta(0)).freed_bytes == 6

    def test_what_a_collection_holds_stays_and_is_told_of(self, instance, folder):
        uid = instance.add(folder, key="t").artifact.uid
        instance.add_collection([uid], key="cohort")
        instance.delete("t")
        done = instance.gc(older_than=timedelta(0))
        assert [one.code for one in done.findings] == ["artifact-collected"]
        assert instance.restore("t").uid == uid

    def test_caches_of_what_is_gone_go(self, instance, folder):
        artifact = instance.add(folder, key="t").artifact
        instance.read_thumbnail(artifact)
        thumbnails = instance.settings.cache / "thumbnails"
        (thumbnails / f"{'Z' * 20}.webp").touch()
        old, new = instance.settings.cache / "write-old", instance.settings.cache / "write-new"
        for path in (old, new):
            path.mkdir()
        os.utime(old, (0, 0))
        assert {one.kind for one in instance.gc().garbage} == {"cache"}
        assert [path.stem for path in thumbnails.iterdir()] == [artifact.uid]
        assert (old.exists(), new.exists()) == (False, True)
