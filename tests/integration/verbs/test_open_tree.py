"""Trees of artifacts: kept open, and opened anew where the bytes are others; pixels are those that were written."""

import os
from dataclasses import replace

import numpy as np
import pytest
import tifffile
from numcodecs import Blosc

from vitrina.gateway.tree import resolve
from vitrina.verbs import view
from vitrina.verbs.init import init
from vitrina.verbs.instance import Instance


@pytest.fixture
def instance(tmp_path):
    return init(tmp_path / "hub").instance


@pytest.fixture
def path(tmp_path):
    write(tmp_path / "a.tif", 7)
    return tmp_path / "a.tif"


def write(path, value):
    tifffile.imwrite(path, np.full((1100, 1100), value, np.uint16))


def read_pixel(tree, key="1/0/0"):
    return np.frombuffer(Blosc().decode(resolve(tree.find(key))), np.uint16)[0]


def test_a_tree_is_opened_once_and_found_from_then_on(instance, path):
    artifact = instance.add(path).artifact
    assert instance.find_tree(artifact) is None
    tree = instance.open_tree(artifact)
    assert instance.open_tree(artifact) is instance.find_tree(artifact) is tree
    assert instance.find_tree(artifact, 3) is None
    view.forget_trees(instance, artifact.uid)
    assert instance.find_tree(artifact) is None


def test_a_file_in_place_that_was_written_again_is_another_tree_with_other_chunks(instance, path):
    artifact = instance.add(path, in_place=True).artifact
    before = instance.open_tree(artifact)
    assert read_pixel(before) == 7
    write(path, 9)
    os.utime(path, (1, 1))
    assert instance.find_tree(artifact) is None
    after = instance.open_tree(artifact)
    assert after.etag != before.etag
    assert read_pixel(after) == 9, "the chunk that was kept of the file before is not served"


def test_the_trees_used_last_stay_open(instance, path, monkeypatch):
    monkeypatch.setattr(view, "MAX_OPEN_TREES", 2)
    artifacts = [instance.add(path, key=f"{name}.tif").artifact for name in "abc"]
    for number in (0, 1, 0, 2):
        instance.open_tree(artifacts[number])
    assert [instance.find_tree(artifact) is not None for artifact in artifacts] == [True, False, True]


def test_made_chunks_are_kept_in_the_cache_of_the_instance_unless_it_says_0(instance, path):
    artifact = instance.add(path).artifact
    read_pixel(instance.open_tree(artifact))
    chunks = instance.settings.cache / "chunks"
    assert len([file for file in chunks.rglob("*") if file.is_file()]) == 1
    without = Instance(replace(instance.settings, chunk_cache_bytes=0), instance.catalog, instance.store)
    assert without.chunk_cache is None
    assert read_pixel(without.open_tree(artifact)) == 7


def test_what_the_first_look_needs_can_be_imported_ahead():
    view.import_ahead()
