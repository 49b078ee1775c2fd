"""Versions of datasets through the verbs: they share bytes, stay as they were, and can be told apart."""

from __future__ import annotations

import os
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import spatialdata
import zarr
from spatialdata.datasets import blobs

import vitrina as vt
from vitrina.api.connection import connect
from vitrina.errors import ConflictError, DataError
from vitrina.verbs.init import init


@pytest.fixture
def instance(tmp_path):
    instance = init(tmp_path / "lab").instance
    connect(tmp_path / "lab")
    return instance


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "tree"
    for name, data in {"a": b"aaaa", "b/0": b"zero", "b/1": b"one"}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def build_adata(**obs):
    return ad.AnnData(
        np.eye(4, 3, dtype=np.float32),
        obs=pd.DataFrame(obs, index=[f"c{i}" for i in range(4)]),
        var=pd.DataFrame(index=["g0", "g1", "g2"]),
    )


def list_inodes(instance, artifact):
    path = instance.get_path(artifact)
    files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
    return {file.stat().st_ino for file in files}


def assert_all_as_saved(instance):
    assert instance.verify().findings == ()


class TestSharing:
    def test_a_new_version_shares_what_did_not_change(self, instance, folder):
        first = instance.add(folder, key="t").artifact
        (folder / "b" / "1").write_bytes(b"ONE")
        second = instance.add(folder, key="t")
        assert (second.sharing.n_files, second.sharing.size_bytes) == (2, 8)
        assert len(list_inodes(instance, first) & list_inodes(instance, second.artifact)) == 2
        assert (instance.get_path(first) / "b" / "1").read_bytes() == b"one"
        assert second.findings == ()

    def test_the_same_bytes_under_another_key_are_another_artifact_with_the_same_bytes(self, instance, folder):
        first = instance.add(folder, key="t").artifact
        other = instance.add(folder, key="copy")
        assert other.is_new
        assert other.artifact.uid[:16] != first.uid[:16]
        assert list_inodes(instance, first) == list_inodes(instance, other.artifact)

    def test_a_single_file_shares_its_bytes_too(self, instance, folder):
        first = instance.add(folder / "a", key="x").artifact
        other = instance.add(folder / "a", key="y")
        assert list_inodes(instance, first) == list_inodes(instance, other.artifact)
        assert (other.sharing.n_files, other.sharing.size_bytes) == (1, 4)
        assert (folder / "a").stat().st_nlink == 1

    def test_going_back_to_an_older_version_shares_with_that_one(self, instance, folder):
        first = instance.add(folder, key="t").artifact
        (folder / "a").write_bytes(b"other")
        instance.add(folder, key="t")
        (folder / "a").write_bytes(b"aaaa")
        third = instance.add(folder, key="t")
        assert third.is_new
        assert list_inodes(instance, first) == list_inodes(instance, third.artifact)

    def test_the_same_again_is_not_even_staged(self, instance, folder, monkeypatch):
        first = instance.add(folder, key="t").artifact

        def refuse(*_args, **_options):
            raise AssertionError("nothing needs to be staged")

        monkeypatch.setattr(instance.store, "stage", refuse)
        again = instance.add(folder, key="t")
        assert (again.artifact, again.is_new) == (first, False)

    def test_an_object_shares_with_its_version_before(self, instance):
        first = instance.add_object(build_adata(), key="a.zarr").artifact
        second = instance.add_object(build_adata(score=np.arange(4.0)), key="a.zarr")
        assert second.artifact.version == "0002"
        assert second.sharing.n_files > second.artifact.n_files / 2
        assert "score" not in instance.load(first).obs
        assert "score" in instance.load(second.artifact).obs

    def test_what_was_registered_in_place_is_never_shared(self, instance, folder):
        instance.add(folder, key="t", in_place=True)
        stored = instance.add(folder, key="t2")
        assert stored.sharing.n_files == 0
        assert {path.stat().st_nlink for path in folder.rglob("*") if path.is_file()} == {1}

    def test_bytes_that_had_to_be_copied_are_told_of(self, instance, folder, monkeypatch):
        def refuse(*_args, **_options):
            raise OSError(31, "Too many links")

        instance.add(folder, key="t")
        monkeypatch.setattr("vitrina.storage.sharing.clone_file", lambda *_: False)
        monkeypatch.setattr(os, "link", refuse)
        (finding,) = instance.add(folder, key="copy").findings
        assert (finding.code, finding.severity) == ("bytes-not-shared", "info")
        assert finding.message.startswith("3 files are the same as before and had to be copied")


class TestProtection:
    """Whoever runs this as root may write to read-only files, so nothing that is given away may be a stored file."""

    def test_writing_through_a_loaded_spatialdata_reaches_no_version(self, instance, tmp_path):
        first = vt.Artifact(blobs(), key="b.zarr").save()
        changed = first.load()
        changed["table"].obs["score"] = 1.0
        vt.Artifact(changed, key="b.zarr").save()
        for artifact in vt.Artifact.filter(key="b.zarr").with_versions():
            for sdata in (artifact.load(), artifact.open()):
                assert sdata.path is None
                sdata["table"].obs["written"] = 2.0
                sdata["table"].X[:] = 0
                sdata["blobs_circles"]["radius"] = 0.0
                with pytest.raises(ValueError, match="not to be backed"):
                    sdata.write_element("table", overwrite=True)
                with pytest.raises(ValueError, match="not backed"):
                    sdata.delete_element_from_disk("blobs_circles")
            loaded = artifact.load()
            loaded["blobs_image"].data[:] = 0
            loaded.write(tmp_path / f"own-{artifact.version}.zarr")
            loaded["copy"] = loaded["table"].copy()
            loaded.write_element("copy")
            loaded.delete_element_from_disk("blobs_circles")
        assert_all_as_saved(instance)

    @pytest.mark.parametrize("key", ["a.h5ad", "a.zarr"])
    def test_writing_through_a_loaded_anndata_reaches_no_version(self, instance, tmp_path, key):
        vt.Artifact(build_adata(), key=key).save()
        vt.Artifact(build_adata(score=np.arange(4.0)), key=key).save()
        for artifact in vt.Artifact.filter(key=key).with_versions():
            adata = artifact.load()
            assert not adata.isbacked
            adata.X[:] = 9
            adata.obs["written"] = 1
            adata.write_h5ad(tmp_path / f"{artifact.version}.h5ad")
            adata.write_zarr(tmp_path / f"{artifact.version}.zarr")
            lazy = artifact.open()
            lazy.obs["written"] = np.arange(4)
            if key.endswith(".h5ad"):
                with pytest.raises((OSError, ValueError)):
                    lazy.X[0, 0] = 9
                lazy.file.close()
        assert_all_as_saved(instance)

    def test_a_stored_zarr_group_opens_read_only(self, instance, tmp_path):
        path = tmp_path / "image.zarr"
        group = zarr.open_group(path, mode="w", zarr_format=2)
        group.create_array("0", data=np.ones((1, 8, 8), dtype="uint8"))
        axes = [{"name": "c", "type": "channel"}, {"name": "y", "type": "space"}, {"name": "x", "type": "space"}]
        scale = [{"type": "scale", "scale": [1.0, 1.0, 1.0]}]
        multiscale = {"version": "0.4", "axes": axes, "datasets": [{"path": "0", "coordinateTransformations": scale}]}
        group.attrs["multiscales"] = [multiscale]
        artifact = vt.Artifact(path, key="image.zarr").save()
        assert artifact.format == "ome-zarr"
        opened = artifact.open()
        with pytest.raises(ValueError, match="read-only"):
            opened["0"][:] = 0
        with pytest.raises(ValueError, match="read-only"):
            opened.attrs["x"] = 1
        loaded = artifact.load()
        loaded[:] = 0
        assert_all_as_saved(instance)

    def test_writing_to_a_checkout_reaches_no_version(self, instance, tmp_path):
        first = vt.Artifact(blobs(), key="b.zarr").save()
        changed = first.load()
        changed["table"].obs["score"] = 1.0
        second = vt.Artifact(changed, key="b.zarr").save()
        for artifact in (first, second):
            path = artifact.checkout(tmp_path / f"work-{artifact.version}")
            sdata = spatialdata.read_zarr(path)
            sdata["copy"] = sdata["table"].copy()
            sdata.write_element("copy")
            sdata.delete_element_from_disk("blobs_circles")
            array = zarr.open_group(path, mode="a")["images/blobs_image"]
            for name in array:
                array[name][:] = 0
            for file in Path(path).rglob("*"):
                if file.is_file():
                    with file.open("r+b") as stream:
                        stream.write(b"\0")
        assert_all_as_saved(instance)

    def test_stored_files_are_read_only(self, instance, folder):
        instance.add(folder, key="t")
        instance.add(folder, key="copy")
        root = instance.settings.root / "data"
        modes = {path.stat().st_mode & 0o777 for path in root.glob("[!.]*/**/*") if path.is_file()}
        assert modes == {0o444}


class TestCheckout:
    def test_a_file_and_a_folder_come_under_their_own_names(self, instance, folder, tmp_path):
        tree = instance.add(folder, key="some/key").artifact
        file = instance.add(folder / "a", key="other").artifact
        assert instance.checkout(tree, tmp_path / "work") == tmp_path / "work" / "tree"
        assert instance.checkout(file, tmp_path / "work").read_bytes() == b"aaaa"
        with pytest.raises(ConflictError) as caught:
            instance.checkout(file, tmp_path / "work")
        assert caught.value.code == "path-taken"

    def test_damaged_bytes_are_not_handed_out(self, instance, folder, tmp_path):
        artifact = instance.add(folder, key="t").artifact
        path = instance.get_path(artifact) / "a"
        path.chmod(0o644)
        path.write_bytes(b"AAAA")
        with pytest.raises(DataError, match="not what was saved") as caught:
            instance.checkout(artifact, tmp_path / "work")
        assert caught.value.code == "bytes-changed"
        assert list((tmp_path / "work").iterdir()) == []

    def test_what_lies_in_place_is_copied_too(self, instance, folder, tmp_path):
        artifact = instance.add(folder, key="t", in_place=True).artifact
        path = instance.checkout(artifact, tmp_path / "work")
        (path / "a").write_bytes(b"other")
        assert (folder / "a").read_bytes() == b"aaaa"


class TestVerify:
    def test_everything_that_is_not_as_saved_is_named(self, instance, folder):
        good = instance.add(folder / "a", key="good").artifact
        artifact = instance.add(folder, key="t").artifact
        path = instance.get_path(artifact)
        (path / "b" / "0").unlink()
        (path / "b" / "0").write_bytes(b"much longer")
        (path / "b" / "1").unlink()
        (path / "extra").touch()
        verified = instance.verify()
        assert (verified.n_artifacts, verified.size_bytes) == (2, 4 + 11)
        assert [(one.code, one.path) for one in verified.findings] == [
            ("bytes-changed", "tree/b/0#"),
            ("bytes-missing", "tree/b/1#"),
            ("bytes-extra", "tree/extra#"),
        ]
        assert {one.severity for one in verified.findings} == {"error"}
        assert "4 bytes then, 11 now" in verified.findings[0].message
        assert instance.verify(good).findings == ()

    def test_bytes_that_are_gone_altogether(self, instance, folder):
        artifact = instance.add(folder, key="t").artifact
        file = instance.add(folder / "a", key="f").artifact
        for one in (artifact, file):
            instance.get_path(one).rename(instance.settings.root / one.uid)
        assert [(one.code, one.path) for one in instance.verify().findings] == [
            ("bytes-missing", "tree#"),
            ("bytes-missing", "a#"),
        ]

    def test_a_changed_file_in_place_and_a_folder_without_a_manifest_are_found_too(self, instance, folder):
        instance.add(folder, key="t", in_place=True)
        (folder / "a").write_bytes(b"AAAA")
        (finding,) = instance.verify().findings
        assert (finding.code, finding.path) == ("bytes-changed", "tree#")

    def test_a_forged_manifest_is_not_believed(self, instance, folder):
        artifact = instance.add(folder, key="t").artifact
        path = instance.get_path(artifact) / "a"
        path.unlink()
        path.write_bytes(b"AAAA")
        manifest = next(path for path in (instance.settings.root / "data/.manifests").rglob("*") if path.is_file())
        manifest.write_text("")
        (finding,) = instance.verify().findings
        assert (finding.code, finding.path) == ("bytes-changed", "tree#")

    def test_what_is_in_the_trash_is_read_too(self, instance, folder):
        artifact = instance.add(folder, key="t").artifact
        instance.delete("t")
        assert instance.verify().n_artifacts == 1
        (instance.get_path(artifact) / "b" / "1").unlink()
        assert [one.code for one in instance.verify().findings] == ["bytes-missing"]


class TestDiff:
    @pytest.mark.usefixtures("instance")
    def test_of_two_versions_it_names_files_and_contents(self):
        first = vt.Artifact(build_adata(old=np.arange(4)), key="a.zarr").save()
        second = vt.Artifact(build_adata(new=list("abab")), key="a.zarr").save()
        difference = first.diff(second)
        assert (difference.old_uid, difference.new_uid) == (first.uid, second.uid)
        assert {(one.kind, one.path) for one in difference.contents} == {
            ("removed", "elements/table/obs_columns/old"),
            ("added", "elements/table/obs_columns/new"),
        }
        assert all("/old/" in one.path for one in difference.files if one.kind == "removed")
        assert all("/new/" in one.path for one in difference.files if one.kind == "added")
        assert difference.n_unchanged > 0
        assert first.diff("a.zarr") == difference

    def test_of_the_same_bytes_there_is_none(self, instance, folder):
        first = instance.add(folder, key="t").artifact
        other = instance.add(folder, key="copy").artifact
        difference = instance.diff(first, other)
        assert difference.is_empty
        assert difference.n_unchanged == 3

    def test_it_reads_no_bytes(self, instance, folder):
        first = instance.add(folder, key="t").artifact
        (folder / "new").write_bytes(b"new")
        second = instance.add(folder, key="t").artifact
        for artifact in (first, second):
            instance.get_path(artifact).rename(instance.settings.root / artifact.uid)
        (change,) = instance.diff(first, second).files
        assert (change.path, change.kind, change.old_size_bytes, change.new_size_bytes) == ("new", "added", None, 3)

    def test_of_a_folder_in_place_the_bytes_are_read(self, instance, folder):
        first = instance.add(folder, key="t").artifact
        (folder / "a").write_bytes(b"longer")
        second = instance.add(folder, key="t", in_place=True).artifact
        (change,) = instance.diff(first, second).files
        assert (change.path, change.kind, change.old_size_bytes, change.new_size_bytes) == ("a", "changed", 4, 6)
