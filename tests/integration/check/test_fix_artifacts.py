"""Artifacts: a new version with lineage, the one before untouched; what is registered is never changed in place."""

import numpy as np
import pytest
import zarr
from fixable import edit, hash_tree, list_codes, make_pixels, write_store

from vitrina.errors import ConflictError
from vitrina.verbs.connect import connect
from vitrina.verbs.init import init


@pytest.fixture
def instance(tmp_path):
    init(tmp_path / "lab")
    return connect(tmp_path / "lab")


@pytest.fixture
def store(tmp_path):
    path = write_store(tmp_path / "it.zarr", 3, make_pixels())
    edit(path, 3, lambda block: block["multiscales"][0]["axes"][1].update(unit="um"))
    return path


def test_a_repaired_artifact_is_a_new_version_with_lineage(instance, store):
    old = instance.add(store, key="a/it.zarr").artifact
    before = hash_tree(instance.get_path(old))
    planned = instance.fix_artifact(old, is_dry_run=True)
    assert (planned.artifact, len(instance.list_versions(old))) == (None, 1)
    done = instance.fix_artifact(old)
    assert done.fixed.repairs == planned.fixed.repairs
    new = done.artifact
    assert (new.key, new.version, new.uid[:16]) == (old.key, "0002", old.uid[:16])
    assert hash_tree(instance.get_path(old)) == before
    assert list_codes(instance.get_path(new)) == set()
    np.testing.assert_array_equal(zarr.open_array(instance.get_path(new) / "0", mode="r")[...], make_pixels())
    (run,) = instance.find_runs().items
    assert (run.transform.key, run.status) == ("vitrina fix", "completed")
    assert list(instance.settings.cache.glob("fix-*")) == []
    assert instance.fix_artifact(new).artifact is None


def test_what_is_registered_is_not_changed_in_place(instance, store, tmp_path):
    stored = instance.add(store).artifact
    registered = instance.add(store, key="other/name.zarr", in_place=True).artifact
    assert instance.get_path(registered) == store
    for path in (instance.get_path(stored), store):
        with pytest.raises(ConflictError) as caught:
            instance.refuse_registered(path)
        assert caught.value.code == "path-registered"
    copy = write_store(tmp_path / "copy.zarr", 3, make_pixels(seed=1))
    instance.refuse_registered(copy)


def test_a_failed_repair_leaves_no_version_and_says_so(instance, store, monkeypatch):
    from vitrina.verbs import fix

    old = instance.add(store).artifact

    def fail(*_):
        raise OSError("the disk is full")

    monkeypatch.setattr(fix, "write_fixes", fail)
    with pytest.raises(OSError, match="full"):
        instance.fix_artifact(old)
    assert len(instance.list_versions(old)) == 1
    (run,) = instance.find_runs().items
    assert run.status == "errored"
    assert list(instance.settings.cache.glob("fix-*")) == []
