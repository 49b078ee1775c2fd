"""What groups say of the nodes below them, as zarr-python understands it: it is the second implementation."""

import json

import numpy as np
import pytest
import zarr
from zarr.core.buffer import default_buffer_prototype
from zarr.storage import MemoryStore

from vitrina.gateway.zarr.consolidated import MAX_NODES, collect, consolidate

NAMES = {2: (".zgroup", ".zarray", ".zattrs"), 3: ("zarr.json",)}
TREE = ["", "a", "a/x", "a/b", "a/b/y", "c", "c.d", "c.d/z"]
ARRAYS = {"a/x", "a/b/y", "c.d/z"}


def make_store(zarr_format):
    store = MemoryStore()
    root = zarr.open_group(store, mode="w", zarr_format=zarr_format, attributes={"of": "root"})
    for path in TREE[1:]:
        node = root.create_array(path, data=np.arange(3)) if path in ARRAYS else root.create_group(path)
        node.attrs["of"] = path
    return store


def describe(store, zarr_format, path):
    found = {name: store._store_dict.get(f"{path}/{name}".lstrip("/")) for name in NAMES[zarr_format]}
    return {name: json.loads(value.to_bytes()) for name, value in found.items() if value is not None} or None


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_zarr_python_finds_the_same_nodes_without_listing(zarr_format):
    store = make_store(zarr_format)
    document = consolidate({path: describe(store, zarr_format, path) for path in TREE}, zarr_format)
    key = ".zmetadata" if zarr_format == 2 else "zarr.json"
    only = {name: store._store_dict[name] for name in NAMES[zarr_format] if name in store._store_dict}
    only[key] = default_buffer_prototype().buffer.from_bytes(json.dumps(document).encode())
    found = zarr.open_consolidated(MemoryStore(only), mode="r", zarr_format=zarr_format)
    expected = zarr.open_group(store, mode="r", zarr_format=zarr_format, use_consolidated=False)
    members = dict(found.members(max_depth=None))
    assert set(members) == set(TREE) - {""}
    for path, node in members.items():
        assert isinstance(node, zarr.Array) == (path in ARRAYS)
        assert dict(node.attrs) == {"of": path}
        if path in ARRAYS:
            assert node.metadata == expected[path].metadata
    assert dict(found.attrs) == {"of": "root"}


@pytest.mark.parametrize("zarr_format", [2, 3])
@pytest.mark.filterwarnings("ignore:Consolidated metadata")  # it is no part of format 3 yet
def test_it_says_what_zarr_python_would_write(zarr_format):
    store = make_store(zarr_format)
    document = consolidate({path: describe(store, zarr_format, path) for path in TREE}, zarr_format)
    zarr.consolidate_metadata(store, zarr_format=zarr_format)
    written = json.loads(store._store_dict[".zmetadata" if zarr_format == 2 else "zarr.json"].to_bytes())
    copy = written["metadata"] if zarr_format == 2 else written["consolidated_metadata"]["metadata"]
    ours = document["metadata"] if zarr_format == 2 else document["consolidated_metadata"]["metadata"]
    for entry in copy.values():
        entry.pop("consolidated_metadata", None)  # of groups inside, which zarr-python leaves empty
    assert {key: entry for key, entry in ours.items() if key not in {".zgroup", ".zattrs"}} == {
        key: entry for key, entry in copy.items() if key not in {".zgroup", ".zattrs"}
    }


def test_a_copy_inside_is_left_out():
    group = {"zarr.json": {"zarr_format": 3, "node_type": "group", "consolidated_metadata": {"metadata": {}}}}
    document = consolidate({"": group, "a": group}, 3)
    assert document["consolidated_metadata"]["metadata"] == {"a": {"zarr_format": 3, "node_type": "group"}}


GROUP, ARRAY = {".zgroup": {}}, {".zarray": {}}


def test_what_lies_below_an_array_and_what_is_no_node_is_not_looked_at():
    folders = {"": ["a", "no", "x"], "a": ["y"]}
    nodes = {"": GROUP, "a": GROUP, "a/y": ARRAY, "x": ARRAY}
    listed = []
    found = collect(nodes.get, lambda path: listed.append(path) or folders[path])
    assert found == nodes
    assert listed == ["", "a"]


def test_an_array_and_nothing_have_no_nodes_below_them():
    assert collect({"": ARRAY}.get, lambda _: pytest.fail("listed")) is None
    assert collect({}.get, lambda _: pytest.fail("listed")) is None


def test_a_group_with_too_many_nodes_says_nothing_and_is_not_walked_to_its_end():
    asked = []

    def tell(path):
        asked.append(path)
        return GROUP

    assert collect(tell, lambda path: [str(n) for n in range(100)] if path.count("/") < 3 else []) is None
    assert len(asked) <= MAX_NODES
    assert len(collect(tell, lambda path: [] if path else [str(n) for n in range(MAX_NODES - 1)])) == MAX_NODES
