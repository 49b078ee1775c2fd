"""Groups that are served tell what lies below them, in the words of each node's own documents."""

import asyncio
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import zarr

from vitrina.errors import UnsupportedError
from vitrina.gateway.hierarchy import Hierarchy, VirtualArray
from vitrina.gateway.open import open_tree
from vitrina.model.content import Content
from vitrina.readers.source import open_source

NODES = ["a", "a/x", "a/b", "a/b/y", "c"]
ARRAYS = ["a/x", "a/b/y", "c"]


def write(store, zarr_format):
    root = zarr.open_group(store, mode="w", zarr_format=zarr_format)
    for path in NODES:
        node = root.create_array(path, data=np.arange(6), chunks=(2,)) if path in ARRAYS else root.create_group(path)
        node.attrs["of"] = path
    return root


def open_as(path, stored, served):
    content = Content(format="anndata", container=f"zarr{stored}", is_zipped=path.suffix == ".zip")
    return open_tree(open_source(path), content, etag="e", zarr_format=served)


def get(tree, key):
    return asyncio.run(tree.get(key))


def read_copy(tree, served, path=""):
    """What a group says of the nodes below it, by their paths."""
    prefix = f"{path}/" if path else ""
    if served == 3:
        document = json.loads(get(tree, f"{prefix}zarr.json"))
        return document["consolidated_metadata"]["metadata"]
    nodes = {}
    for key, document in json.loads(get(tree, f"{prefix}.zmetadata"))["metadata"].items():
        node, _, name = key.rpartition("/")
        nodes.setdefault(node, {})[name] = document
    nodes.pop("")
    return nodes


def read_own(tree, served, path):
    if served == 3:
        document = json.loads(get(tree, f"{path}/zarr.json"))
        document.pop("consolidated_metadata", None)
        return document
    values = {name: get(tree, f"{path}/{name}") for name in (".zgroup", ".zarray", ".zattrs")}
    return {name: json.loads(value) for name, value in values.items() if value is not None}


@pytest.mark.parametrize("served", [2, 3])
@pytest.mark.parametrize("stored", [2, 3])
@pytest.mark.parametrize("is_zipped", [False, True])
def test_all_nodes_are_told_in_the_words_of_their_own_documents(tmp_path, stored, served, is_zipped):
    path = tmp_path / "a.zarr"
    write(path, stored)
    if is_zipped:
        path = Path(shutil.make_archive(path, "zip", path))
    tree = open_as(path, stored, served)
    copy = read_copy(tree, served)
    assert set(copy) == set(NODES)
    assert copy == {node: read_own(tree, served, node) for node in NODES}
    assert set(read_copy(tree, served, "a")) == {"x", "b", "b/y"}


@pytest.mark.parametrize("zarr_format", [2, 3])
@pytest.mark.filterwarnings("ignore:Consolidated metadata")  # it is no part of format 3 yet
def test_a_stored_copy_is_not_believed(tmp_path, zarr_format):
    root = write(tmp_path / "a.zarr", zarr_format)
    zarr.consolidate_metadata(tmp_path / "a.zarr", zarr_format=zarr_format)
    root.create_group("new")
    shutil.rmtree(tmp_path / "a.zarr/a/b")
    for served in (2, 3):
        assert set(read_copy(open_as(tmp_path / "a.zarr", zarr_format, served), served)) == {"a", "a/x", "c", "new"}


def test_a_node_that_cannot_be_told_is_left_out_and_says_why_when_it_is_asked_for(tmp_path):
    root = write(tmp_path / "a.zarr", 2)
    root.create_array("a/b/times", data=np.array(["2026-01-01"], dtype="M8[s]"))
    tree = open_as(tmp_path / "a.zarr", 2, 3)
    assert set(read_copy(tree, 3)) == set(NODES)
    with pytest.raises(UnsupportedError, match="times"):
        get(tree, "a/b/times/zarr.json")
    assert read_copy(open_as(tmp_path / "a.zarr", 2, 2), 2)["a/b/times"][".zarray"]["dtype"] == "<M8[s]"


def test_a_damaged_node_is_left_out_and_the_others_are_told(tmp_path):
    write(tmp_path / "a.zarr", 2)
    (tmp_path / "a.zarr/a/x/.zarray").write_text("{")
    for served in (2, 3):
        assert set(read_copy(open_as(tmp_path / "a.zarr", 2, served), served)) == set(NODES) - {"a/x"}


@pytest.mark.parametrize("key", [".zmetadata", "zarr.json"])
def test_where_no_group_is_there_is_no_copy(tmp_path, key):
    write(tmp_path / "a.zarr", 2)
    tree = open_as(tmp_path / "a.zarr", 2, 2 if key == ".zmetadata" else 3)
    for path in ("nowhere", "a/nowhere", "../a.zarr", "a/../a", "a/x/0"):
        assert get(tree, f"{path}/{key}") is None
    if key == ".zmetadata":
        assert get(tree, f"a/x/{key}") is None
    assert len(tree._kept._parts) == 0, "a client that asks for anything must not fill the memory"


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_a_tree_in_memory_has_all_groups_and_tells_its_nodes(zarr_format):
    array = VirtualArray(shape=(4,), chunk_shape=(2,), dtype="uint8", read=lambda _: None, dimension_names=("x",))
    tree = Hierarchy(
        etag="e", groups={"a/b": {"of": "b"}}, arrays={"a/b/x": array, "c/y": array}, zarr_format=zarr_format
    )
    copy = read_copy(tree, zarr_format)
    assert set(copy) == {"a", "a/b", "a/b/x", "c", "c/y"}
    assert copy == {node: read_own(tree, zarr_format, node) for node in copy}
    assert set(read_copy(tree, zarr_format, "a")) == {"b", "b/x"}
    if zarr_format == 3:
        assert copy["c/y"]["dimension_names"] == ["x"]
    else:
        assert copy["c/y"][".zattrs"] == {"_ARRAY_DIMENSIONS": ["x"]}  # as xarray wants it
        assert get(tree, "a/b/x/.zmetadata") is None
        assert get(tree, "nowhere/.zmetadata") is None


def test_the_dimensions_of_an_image_are_its_axes_where_format_3_says_so(tmp_path):
    root = zarr.open_group(tmp_path / "a.zarr", mode="w", zarr_format=2)
    axes = [{"name": name, "type": "space"} for name in "yx"]
    root.create_group(
        "image", attributes={"multiscales": [{"axes": axes, "datasets": [{"path": "s/0"}, {"path": "1"}]}]}
    )
    root.create_array("image/s/0", data=np.zeros((4, 4)))
    root.create_array("image/1", data=np.zeros(4))
    root.create_array("other", data=np.zeros((4, 4)))
    tree = open_as(tmp_path / "a.zarr", 2, 3)
    assert json.loads(get(tree, "image/s/0/zarr.json"))["dimension_names"] == ["y", "x"]
    for path in ("image/1", "other"):
        assert "dimension_names" not in json.loads(get(tree, f"{path}/zarr.json"))
