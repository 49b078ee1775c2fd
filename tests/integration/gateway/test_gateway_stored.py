"""Stored Zarr trees passed through, from folders and zip files."""

import asyncio
import json
import os
import zipfile

import numpy as np
import pytest
import samples
import zarr

from vitrina.errors import UnreadableError, UnsupportedError
from vitrina.gateway import stored_bytes
from vitrina.gateway.open import open_tree
from vitrina.model.content import Content
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source


def open_sample(path, **options):
    source = open_source(path)
    return open_tree(source, find_reader(source).read_content(source), etag="e", **options)


def get(tree, key):
    return asyncio.run(tree.get(key))


def test_an_image_without_display_settings_gets_them_and_keeps_its_chunks():
    path = samples.get("ome-zarr-v04-mri/mri-stack.ome.zarr")
    tree = open_sample(path)
    attrs = json.loads(get(tree, ".zattrs"))
    assert attrs["omero"]["channels"][0]["window"]["start"] == 0.0
    assert all("unit" not in axis for axis in attrs["multiscales"][0]["axes"])  # it says "pixel"
    assert [dataset["path"] for dataset in attrs["multiscales"][0]["datasets"]] == ["s0"]  # s1 has half of the planes
    assert get(tree, "s0/0/0/0") == (path / "s0/0/0/0").read_bytes()


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("ome-zarr-v04-2dt-labels/image.ome.zarr.zip", "s0/0/0/0"),
        ("sdata-merfish-ileum/merfish_mouse_ileum_cropped.sdata.zarr.zip", "shapes/cells_baysor/shapes.parquet"),
    ],
)
def test_a_zip_file_is_served_below_its_inner_folder(name, key):
    path = samples.get(name)
    with zipfile.ZipFile(path) as archive:
        stored = next(archive.read(member) for member in archive.namelist() if member.endswith(f"/{key}"))
    assert get(open_sample(path), key) == stored


def test_guessed_gene_columns_are_named():
    tree = open_sample(samples.get("sdata-merfish-ileum/merfish_mouse_ileum_cropped.sdata.zarr.zip"))
    assert json.loads(get(tree, "points/molecules/.zattrs"))["spatialdata_attrs"]["feature_key"] == "gene"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "secret").write_bytes(b"secret")
    root = tmp_path / "a.zarr"
    (root / "sub").mkdir(parents=True)
    (root / ".zgroup").write_bytes(b'{"zarr_format": 2}')
    (root / "sub/value").write_bytes(b"value")
    return root


def open_folder(root):
    return open_tree(open_source(root), Content(format="spatialdata", container="zarr2"), etag="e")


def test_values_are_served_and_folders_are_not(folder):
    tree = open_folder(folder)
    assert get(tree, "sub/value") == b"value"
    assert get(tree, "sub") is None
    assert get(tree, "nothing") is None


@pytest.mark.parametrize(
    "key", ["", "/", "../secret", "sub/../../secret", "./sub/value", "sub//value", "/etc/passwd", "sub\\value", "a\0b"]
)
def test_keys_that_leave_the_tree_are_absent(folder, key):
    assert get(open_folder(folder), key) is None


def test_links_that_leave_the_tree_are_absent_and_links_inside_it_are_followed(folder):
    (folder / "out").symlink_to(folder.parent / "secret")
    (folder / "up").symlink_to("..")
    (folder / "in").symlink_to("sub")
    tree = open_folder(folder)
    assert get(tree, "out") is None
    assert get(tree, "up/secret") is None
    assert get(tree, "in/value") == b"value"


def test_a_named_pipe_does_not_stop_the_server(folder):
    os.mkfifo(folder / "pipe")
    assert get(open_folder(folder), "pipe") is None


def test_values_beyond_the_memory_limit_are_refused(folder, monkeypatch):
    monkeypatch.setattr(stored_bytes, "MAX_VALUE_BYTES", 4)
    with pytest.raises(UnsupportedError) as caught:
        get(open_folder(folder), "sub/value")
    assert caught.value.code == "value-too-large"


def test_a_damaged_member_of_a_zip_file_is_unreadable(tmp_path):
    path = tmp_path / "a.zarr.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.zarr/.zgroup", b'{"zarr_format": 2}')
        archive.writestr("a.zarr/value", b"value-of-some-length")
    path.write_bytes(path.read_bytes().replace(b"value-of", b"vandalof"))
    content = Content(format="spatialdata", container="zarr2", is_zipped=True, root="a.zarr")
    tree = open_tree(open_source(path), content, etag="e")
    with pytest.raises(UnreadableError):
        get(tree, "value")


def test_zarr_3_in_its_own_format_has_complete_metadata(tmp_path):
    document = {
        "zarr_format": 3,
        "node_type": "group",
        "consolidated_metadata": {"kind": "inline", "metadata": {}},
        "attributes": {
            "ome": {
                "version": "0.5",
                "multiscales": [
                    {
                        "axes": [{"name": "y", "type": "space"}, {"name": "x", "type": "space"}],
                        "datasets": [
                            {"path": "0", "coordinateTransformations": [{"type": "scale", "scale": [1.0, 1.0]}]}
                        ],
                    }
                ],
            }
        },
    }
    group = zarr.open_group(tmp_path / "a.zarr", mode="w", zarr_format=3)
    group.create_array("0", data=np.arange(64, dtype=np.uint8).reshape(8, 8))
    (tmp_path / "a.zarr/zarr.json").write_text(json.dumps(document))
    served = json.loads(get(open_sample(tmp_path / "a.zarr", zarr_format=3), "zarr.json"))
    assert served["attributes"]["ome"]["omero"]["channels"][0]["label"]
    assert set(served["consolidated_metadata"]["metadata"]) == {"0"}  # written anew; what is stored names no node


def test_a_format_without_a_gateway_is_refused(tmp_path):
    (tmp_path / "a.txt").write_text("text")
    with pytest.raises(UnsupportedError) as caught:
        open_tree(open_source(tmp_path / "a.txt"), Content(format="file"), etag="e")
    assert caught.value.code == "gateway-format-unsupported"
