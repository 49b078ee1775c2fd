from __future__ import annotations

import os
import socket

import pytest

from vitrina.errors import StorageError
from vitrina.storage.hashing import hash_path
from vitrina.storage.walk import walk_source


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "tree"
    (folder / "b").mkdir(parents=True)
    (folder / "b" / "0").write_bytes(b"zero")
    (folder / "a").write_bytes(b"a")
    return folder


def get_code(folder):
    with pytest.raises(StorageError) as caught:
        walk_source(folder)
    assert caught.value.where
    return caught.value.code


def test_a_folder_has_its_files_in_order_and_its_folders(folder):
    (folder / "empty").mkdir()
    tree = walk_source(folder)
    assert [(file.name, file.size_bytes) for file in tree.files] == [("a", 1), ("b/0", 4)]
    assert tree.folders == ("b", "empty")
    assert (tree.is_folder, tree.has_links, tree.size_bytes) == (True, False, 5)


def test_a_file_is_a_tree_of_one_file(folder):
    tree = walk_source(folder / "a")
    assert [(file.name, file.path) for file in tree.files] == [("", str(folder / "a"))]
    assert not tree.is_folder


def test_the_source_itself_may_be_a_link(folder, tmp_path):
    (tmp_path / "alias").symlink_to(folder)
    assert walk_source(tmp_path / "alias").root == folder
    assert hash_path(tmp_path / "alias") == hash_path(folder)


def test_links_inside_are_walked_as_what_they_point_to(folder):
    (folder / "c").symlink_to("b")
    tree = walk_source(folder)
    assert [(file.name, file.path) for file in tree.files][-1] == ("c/0", str(folder / "b" / "0"))
    assert tree.has_links


def test_a_link_out_is_refused_also_when_it_leads_back_in_name_only(folder, tmp_path):
    (tmp_path / "tree2").mkdir()
    (folder / "c").symlink_to("../tree2")
    assert get_code(folder) == "link-leaves-folder"


def test_a_link_to_a_folder_around_it_is_refused(folder):
    (folder / "b" / "up").symlink_to("..")
    assert get_code(folder) == "link-cycle"


def test_two_folders_that_link_to_each_other_are_refused(folder):
    (folder / "c").mkdir()
    (folder / "b" / "c").symlink_to("../c")
    (folder / "c" / "b").symlink_to("../b")
    assert get_code(folder) == "link-cycle"


@pytest.mark.parametrize("target", ["nowhere", "loop"])
def test_a_link_that_leads_nowhere_is_refused(folder, target):
    (folder / "loop").symlink_to(target)
    assert get_code(folder) == "link-broken"


def test_pipes_and_sockets_are_refused(folder, monkeypatch):
    os.mkfifo(folder / "pipe")
    assert get_code(folder) == "special-file"
    (folder / "pipe").unlink()
    monkeypatch.chdir(folder)  # the path of a socket is at most 108 characters
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        assert get_code(folder) == "special-file"


def test_a_device_is_refused(tmp_path):
    (tmp_path / "null").symlink_to("/dev/null")
    assert get_code(tmp_path / "null") == "special-file"


@pytest.mark.parametrize("name", [b"new\nline", b"back\\slash", b"latin1-\xfc"])
def test_a_name_that_no_key_can_hold_is_refused(folder, name):
    (folder / os.fsdecode(name)).touch()
    assert get_code(folder) == "name-malformed"


def test_a_missing_source_is_refused(tmp_path):
    assert get_code(tmp_path / "absent") == "source-unreadable"


def test_hashing_in_place_counts_all_bytes(folder):
    calls = []
    digest = hash_path(folder, progress=lambda done, total: calls.append((done, total)))
    assert (digest.size_bytes, digest.n_files, digest.is_folder) == (5, 2, True)
    assert calls[-1] == (5, 5)
