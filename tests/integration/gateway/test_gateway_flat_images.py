"""Stored images without coarser levels, held against zarr-python (stored pixels), hand arithmetic and spatialdata."""

import asyncio
import json

import numpy as np
import pytest
import spatialdata
import zarr
from spatialdata.models import Image2DModel, Labels2DModel
from spatialdata.transformations import Scale
from zarr.core.buffer import default_buffer_prototype
from zarr.storage import MemoryStore

from vitrina.gateway.leveled_tree import LeveledTree
from vitrina.gateway.open import open_tree
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source

HEIGHT, WIDTH = 2100, 2500


def open_served(path, zarr_format):
    source = open_source(path)
    return open_tree(source, find_reader(source).read_content(source), etag="e", zarr_format=zarr_format)


def read_json(tree, key):
    return json.loads(asyncio.run(tree.get(key)))


def read_array(tree, path, zarr_format):
    """All of an array through zarr-python, chunk by chunk."""
    names = ("zarr.json",) if zarr_format == 3 else (".zarray", ".zattrs")
    values = {f"{path}/{name}": asyncio.run(tree.get(f"{path}/{name}")) for name in names}
    document = json.loads(values[f"{path}/{names[0]}"])
    shape = document["shape"]
    chunks = document["chunk_grid"]["configuration"]["chunk_shape"] if zarr_format == 3 else document["chunks"]
    prefix = f"{path}/c/" if zarr_format == 3 else f"{path}/"
    for index in np.ndindex(*(-(-size // chunk) for size, chunk in zip(shape, chunks, strict=True))):
        key = prefix + "/".join(map(str, index))
        values[key] = asyncio.run(tree.get(key))
    buffer = default_buffer_prototype().buffer
    store = MemoryStore({key: buffer.from_bytes(value) for key, value in values.items() if value is not None})
    return zarr.open_array(store, path=path, mode="r", zarr_format=zarr_format)


def halve(planes):
    """Area means of two by two pixels, rounded half up, where sides are even."""
    height, width = planes.shape[-2:]
    blocks = planes.reshape(*planes.shape[:-2], height // 2, 2, width // 2, 2).astype(np.int64)
    return (blocks.sum(axis=(-3, -1)) + 2) // 4


@pytest.fixture(scope="module")
def ome_zarr(tmp_path_factory):
    """An image of one level, with a label image inside, chunked as no viewer likes it."""
    path = tmp_path_factory.mktemp("flat") / "flat.ome.zarr"
    rng = np.random.default_rng(0)
    root = zarr.open_group(path, mode="w", zarr_format=2)
    pixels = rng.integers(0, 60000, (2, HEIGHT, WIDTH)).astype(np.uint16)
    keys = {"name": "v2", "separator": "/"}
    root.create_array("scale0", data=pixels, chunks=(2, 700, 333), chunk_key_encoding=keys)
    axes = [
        {"name": "c", "type": "channel"},
        {"name": "y", "type": "space", "unit": "micrometer"},
        {"name": "x", "type": "space", "unit": "micrometer"},
    ]
    scale = {"type": "scale", "scale": [1.0, 0.5, 0.5]}
    dataset = {"path": "scale0", "coordinateTransformations": [scale]}
    image = {"version": "0.4", "name": "tissue", "axes": axes, "datasets": [dataset]}
    root.attrs["multiscales"] = [image]
    labels = root.create_group("labels")
    labels.attrs["labels"] = ["cells"]
    cells = labels.create_group("cells")
    cells.create_array("0", data=np.arange(400, dtype=np.int32).reshape(20, 20), chunk_key_encoding=keys)
    small = {**dataset, "path": "0", "coordinateTransformations": [{"type": "scale", "scale": [50.0, 50.0]}]}
    cells.attrs["multiscales"] = [{"version": "0.4", "axes": axes[1:], "datasets": [small]}]
    cells.attrs["image-label"] = {"version": "0.4"}
    return path, pixels


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_a_flat_image_in_zarr_gets_levels_and_keeps_what_is_said_of_it(ome_zarr, zarr_format):
    path, pixels = ome_zarr
    tree = open_served(path, zarr_format)
    attrs = read_json(tree, "zarr.json")["attributes"]["ome"] if zarr_format == 3 else read_json(tree, ".zattrs")
    image = attrs["multiscales"][0]
    assert image["name"] == "tissue"
    assert [axis["unit"] for axis in image["axes"][1:]] == ["micrometer", "micrometer"]
    assert [channel["label"] for channel in attrs["omero"]["channels"]] == ["Channel 0", "Channel 1"]
    scales = [dataset["coordinateTransformations"][0]["scale"] for dataset in image["datasets"]]
    assert scales == [[1.0, 0.5, 0.5], [1.0, 1.0, 1.0], [1.0, 2.0, 2.0]]
    levels = [read_array(tree, dataset["path"], zarr_format) for dataset in image["datasets"]]
    assert {level.chunks for level in levels} == {(1, 512, 512)}
    np.testing.assert_array_equal(levels[0][...], pixels)
    np.testing.assert_array_equal(levels[1][...], halve(pixels))
    np.testing.assert_array_equal(levels[2][:, :524, :624], halve(levels[1][...][:, :1048, :1248]))


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_the_copy_of_all_metadata_knows_the_made_levels(ome_zarr, zarr_format):
    path, _ = ome_zarr
    tree = open_served(path, zarr_format)
    if zarr_format == 3:
        root = read_json(tree, "zarr.json")
        nodes, image = root["consolidated_metadata"]["metadata"], root["attributes"]["ome"]
    else:
        nodes = read_json(tree, ".zmetadata")["metadata"]
        image = nodes[".zattrs"]
    for dataset in image["multiscales"][0]["datasets"]:
        assert dataset["path"] + ("" if zarr_format == 3 else "/.zarray") in nodes
    assert len(image["multiscales"][0]["datasets"]) == 3


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_what_lies_inside_a_flat_image_is_passed_on(ome_zarr, zarr_format):
    path, _ = ome_zarr
    tree = open_served(path, zarr_format)
    np.testing.assert_array_equal(
        read_array(tree, "labels/cells/0", zarr_format)[...], np.arange(400, dtype=np.int32).reshape(20, 20)
    )
    assert asyncio.run(tree.get("scale0/9.9.9")) is None
    assert asyncio.run(tree.get("labels/cells/7/0")) is None


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_single_scale_images_and_labels_of_spatialdata_become_multiscale(tmp_path, zarr_format):
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, 255, (3, HEIGHT, WIDTH)).astype(np.uint8)
    ids = rng.integers(0, 900, (HEIGHT, WIDTH)).astype(np.int32)
    moved = {"global": Scale([2.0, 2.0], axes=("x", "y"))}
    sdata = spatialdata.SpatialData(
        images={
            "he": Image2DModel.parse(pixels, dims=("c", "y", "x"), transformations=moved),
            "small": Image2DModel.parse(pixels[:, :64, :64], dims=("c", "y", "x")),
        },
        labels={"cells": Labels2DModel.parse(ids, dims=("y", "x"))},
    )
    sdata.write(tmp_path / "a.zarr")
    tree = open_served(tmp_path / "a.zarr", zarr_format)

    def read_attrs(path):
        if zarr_format == 2:
            return read_json(tree, f"{path}/.zattrs")
        attrs = read_json(tree, f"{path}/zarr.json")["attributes"]
        return {**attrs, **attrs["ome"]}

    attrs = read_attrs("images/he")
    stored = zarr.open_group(tmp_path / "a.zarr" / "images" / "he", mode="r").attrs.asdict()
    image = attrs["multiscales"][0]
    assert attrs["spatialdata_attrs"] == {"version": "0.3" if zarr_format == 3 else "0.2"}  # as of the format served
    assert image["coordinateTransformations"] == stored["ome"]["multiscales"][0]["coordinateTransformations"]
    levels = [read_array(tree, f"images/he/{dataset['path']}", zarr_format) for dataset in image["datasets"]]
    assert [level.shape for level in levels] == [(3, 2100, 2500), (3, 1050, 1250), (3, 525, 625)]
    np.testing.assert_array_equal(levels[0][...], pixels)
    np.testing.assert_array_equal(levels[1][...], halve(pixels))
    assert len(read_attrs("images/small")["multiscales"][0]["datasets"]) == 1
    names = [dataset["path"] for dataset in read_attrs("labels/cells")["multiscales"][0]["datasets"]]
    coarser = read_array(tree, f"labels/cells/{names[1]}", zarr_format)[...]
    assert np.isin(coarser, ids).all()  # ids are never blended


def test_a_pyramid_is_passed_on_as_it_is(tmp_path):
    pixels = np.zeros((1, 2100, 2100), np.uint8)
    image = Image2DModel.parse(pixels, dims=("c", "y", "x"), scale_factors=[2])
    spatialdata.SpatialData(images={"he": image}).write(tmp_path / "a.zarr")
    assert not isinstance(open_served(tmp_path / "a.zarr", 3), LeveledTree)


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_numbers_without_a_texture_are_served_as_others_at_all_levels(tmp_path, zarr_format):
    root = zarr.open_group(tmp_path / "wide.ome.zarr", mode="w", zarr_format=2)
    wide = np.array([[-5, 2**40], [7, 8]], np.int64).repeat(20, axis=0).repeat(20, axis=1)
    root.create_array("0", data=wide)
    root.create_array("1", data=np.full((20, 20), 1.75))  # levels of two types, as a conformance sample has them
    scales = [{"coordinateTransformations": [{"type": "scale", "scale": [2.0**n] * 2}], "path": str(n)} for n in (0, 1)]
    axes = [{"name": name, "type": "space"} for name in "yx"]
    root.attrs["multiscales"] = [{"version": "0.4", "axes": axes, "datasets": scales}]
    tree = open_served(tmp_path / "wide.ome.zarr", zarr_format)
    finest, coarser = (read_array(tree, path, zarr_format)[...] for path in "01")
    assert (finest.dtype, coarser.dtype) == (np.int32, np.int32)
    assert np.array_equal(finest, np.minimum(wide, 2**31 - 1))  # by hand: what is too large becomes the largest
    assert coarser[0, 0] == 1
