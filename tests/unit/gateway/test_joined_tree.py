"""Trees beside each other under one root. By hand: each key belongs to the longest path that it begins with."""

import asyncio
import json
from threading import Event, Thread

import pytest
from serving import Tree

from vitrina.gateway.joined_tree import JoinedTree


def get(tree, key):
    return asyncio.run(tree.get(key))


def join(opened, zarr_format=2):
    def open_part(path):
        opened.append(path)
        return Tree({"X/0.0": path.encode(), "a/.zgroup": b"own", ".zmetadata": b"images only"})

    parts = {path: lambda path=path: open_part(path) for path in ("", "tables/one", "tables/two")}
    return JoinedTree(etag="e", parts=parts, groups=("", "tables"), zarr_format=zarr_format)


def test_keys_go_to_the_tree_that_they_lie_in_and_no_other_is_opened():
    opened = []
    tree = join(opened)
    assert get(tree, "tables/two/X/0.0") == b"tables/two"
    assert get(tree, "tables/two/X/1.0") is None
    assert opened == ["tables/two"]
    assert get(tree, "X/0.0") == b""
    assert get(tree, "tables/three/X/0.0") is None
    assert opened == ["tables/two", ""]


@pytest.mark.parametrize(("zarr_format", "key"), [(2, ".zgroup"), (3, "zarr.json")])
def test_groups_between_the_trees_are_told_without_opening_any(zarr_format, key):
    opened = []
    tree = join(opened, zarr_format)
    assert json.loads(get(tree, key))["zarr_format"] == zarr_format
    assert json.loads(get(tree, f"tables/{key}"))["zarr_format"] == zarr_format
    assert get(tree, ".zmetadata") is None  # of one of the trees: it would hide the others
    assert opened == []


def test_a_tree_is_opened_once_for_all_that_wait():
    opened, may_open = [], Event()

    def open_part():
        opened.append("")
        may_open.wait(10)
        return Tree({"x": b"1"})

    tree = JoinedTree(etag="e", parts={"": open_part})
    values = []
    threads = [Thread(target=lambda: values.append(get(tree, "x"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    may_open.set()
    for thread in threads:
        thread.join()
    assert values == [b"1"] * 4
    assert opened == [""]


def test_formats_have_etags_of_their_own():
    assert join([], 2).etag != join([], 3).etag
