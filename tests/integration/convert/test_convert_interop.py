"""What other programs find in our results: the pixels of the whole image's levels, and metadata that their models take.

Expected levels are those of ``pyramids.make_levels``; the schemas are those of the specification.
"""

import json
import os
import warnings
from dataclasses import dataclass
from pathlib import Path

import dask
import jsonschema
import ngff_zarr
import numpy as np
import ome_zarr.io
import ome_zarr.reader
import ome_zarr.writer
import ome_zarr_models
import pytest
import referencing
import samples
import tensorstore
import tifffile
import zarr
from pyramids import make_levels, make_pixels
from referencing.jsonschema import DRAFT202012

from vitrina.convert.ome_tiff import OmeTiffOptions
from vitrina.convert.ome_zarr import OmeZarrOptions
from vitrina.convert.options import PyramidOptions
from vitrina.convert.zarr.codecs import Codec
from vitrina.verbs.convert import convert

SIZES = {"t": 2, "c": 3, "z": 4, "y": 150, "x": 130}
SMALL = PyramidOptions(chunk_zyx=(1, 32, 32), min_size_px=64, n_threads=2)
WRITTEN = {
    "0.4": OmeZarrOptions(version="0.4", pyramid=SMALL),
    "0.5": OmeZarrOptions(pyramid=SMALL, shard_zyx=None),
    "0.5-sharded": OmeZarrOptions(pyramid=SMALL, shard_zyx=(1, 2, 2)),
    "0.5-zstd": OmeZarrOptions(pyramid=SMALL, codec=Codec(name="zstd"), shard_zyx=(2, 8, 8), separator="."),
    "0.4-gzip": OmeZarrOptions(version="0.4", pyramid=SMALL, codec=Codec(name="gzip"), separator="."),
}
IMAGES = {
    "yx": "uint8",
    "cyx": "uint16",
    "zyx": "float32",
    "czyx": "int16",
    "tczyx": "uint16",
    "tcyx": "uint32",
    "rgb": "uint8",
}


@dataclass(frozen=True)
class Case:
    root: Path
    axes: str
    levels: list
    version: str


def make_array(axes, dtype, seed=0):
    return make_pixels(tuple(SIZES[axis] if axis in axes else 1 for axis in "tczyx"), dtype, seed)


def write_source(path, name, dtype):
    """An OME-TIFF by tifffile; its axes in our order, and its pixels t, c, z, y, x."""
    axes = "cyx" if name == "rgb" else name
    pixels = make_array(axes, dtype)
    array = pixels.reshape([SIZES[axis] for axis in axes])
    metadata = {"axes": axes.upper(), "PhysicalSizeX": 0.5, "PhysicalSizeXUnit": "µm", "PhysicalSizeY": 0.25}
    if name == "rgb":
        array, metadata["axes"] = np.moveaxis(array, 0, -1), "YXS"
    photometric = "rgb" if name == "rgb" else "minisblack"
    tifffile.imwrite(path, array, ome=True, tile=(64, 48), photometric=photometric, metadata=metadata)
    return axes, pixels


@pytest.fixture(scope="module", params=[(written, image) for written in WRITTEN for image in IMAGES], ids="-".join)
def case(request, tmp_path_factory):
    written, image = request.param
    folder = tmp_path_factory.mktemp(image)
    axes, pixels = write_source(folder / "source.ome.tif", image, IMAGES[image])
    convert(folder / "source.ome.tif", folder / "out.ome.zarr", WRITTEN[written])
    levels = [
        level.reshape([size for axis, size in zip("tczyx", level.shape, strict=True) if axis in axes])
        for level in make_levels(pixels, 3, "mean")
    ]
    return Case(folder / "out.ome.zarr", axes, levels, written[:3])


def check_levels(found, expected):
    assert len(found) == len(expected)
    for one, level in zip(found, expected, strict=True):
        assert np.asarray(one).dtype == level.dtype
        np.testing.assert_array_equal(one, level)


def test_zarr_python(case):
    group = zarr.open_group(case.root, mode="r")
    assert group.metadata.zarr_format == (2 if case.version == "0.4" else 3)
    attrs = group.attrs if case.version == "0.4" else group.attrs["ome"]
    (multiscale,) = attrs["multiscales"]
    check_levels([group[dataset["path"]][...] for dataset in multiscale["datasets"]], case.levels)
    scales = [dataset["coordinateTransformations"][0]["scale"][-2:] for dataset in multiscale["datasets"]]
    assert scales == [[0.25 * 2**n, 0.5 * 2**n] for n in range(3)]
    if case.version == "0.5":
        assert [group[str(n)].metadata.dimension_names for n in range(3)] == [tuple(case.axes)] * 3


def test_tensorstore(case):
    driver = "zarr" if case.version == "0.4" else "zarr3"
    found = []
    for number in range(len(case.levels)):
        store = {"driver": "file", "path": str(case.root / str(number))}
        found.append(tensorstore.open({"driver": driver, "kvstore": store}, open=True).result().read().result())
    check_levels(found, case.levels)


def test_ome_zarr_py(case):
    location = ome_zarr.io.parse_url(case.root, mode="r")
    assert location.fmt.version == case.version
    (node,) = ome_zarr.reader.Reader(location)()
    assert [axis["name"] for axis in node.metadata["axes"]] == list(case.axes)
    with dask.config.set(scheduler="synchronous"):
        check_levels([level.compute() for level in node.data], case.levels)


def test_ngff_zarr(case):
    read = ngff_zarr.from_ngff_zarr(case.root, validate=True)
    assert read.images[0].dims == tuple(case.axes)
    assert read.images[1].scale["y"] == 0.5
    assert read.images[1].translation["y"] == 0.125
    with dask.config.set(scheduler="synchronous"):
        check_levels([image.data.compute() for image in read.images], case.levels)


def test_ome_zarr_models(case):
    opened = ome_zarr_models.open_ome_zarr(zarr.open_group(case.root, mode="r"))
    assert type(opened).__name__ == "Image"
    assert opened.ome_zarr_version == case.version
    attributes = opened.attributes if case.version == "0.4" else opened.ome_attributes
    assert len(attributes.multiscales[0].datasets) == 3
    assert [axis.name for axis in attributes.multiscales[0].axes] == list(case.axes)


def get_schemas(version):
    """The official schemas; skipped where they are absent, but never under CI."""
    folder = samples.SHARED / "conformance" / "schemas" / version
    if not folder.exists():
        message = f"../shared/conformance is not here: {folder} is needed"
        (pytest.fail if samples.SHARED.exists() or os.environ.get("CI") else pytest.skip)(message)
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.schema")}


WRONG = {"image": "multiscales", "label": "image-label", "bf2raw": "bioformats2raw.layout", "ome": "series"}
"""What no schema takes when it is 0."""


def check_schema(version, name, folder):
    schemas = get_schemas(version)
    resources = [(schema["$id"], DRAFT202012.create_resource(schema)) for schema in schemas.values()]
    validator = jsonschema.Draft202012Validator(
        schemas[name], registry=referencing.Registry().with_resources(resources)
    )
    path = folder / (".zattrs" if version == "0.4" else "zarr.json")
    attributes = json.loads(path.read_text(encoding="utf-8"))
    attributes = attributes if version == "0.4" else attributes["attributes"]
    errors = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(attributes)]
    assert errors == []
    wrong = attributes | {WRONG[name]: 0} if version == "0.4" else {"ome": attributes["ome"] | {WRONG[name]: 0}}
    assert not validator.is_valid(wrong), "the schema is one that can refuse"


def test_the_schema_of_the_specification(case):
    check_schema(case.version, "image", case.root)


@pytest.fixture(scope="module", params=["0.4", "0.5"])
def labelled(request, tmp_path_factory):
    """An image with labels, written by ome-zarr-py and converted."""
    folder = tmp_path_factory.mktemp("labels")
    pixels, labels = make_array("cyx", "uint16")[0, :, 0], make_array("yx", "uint32")[0, 0, 0] % 5
    root = zarr.open_group(folder / "source.ome.zarr", mode="w", zarr_format=2)
    fmt = ome_zarr.format.FormatV04()
    with warnings.catch_warnings(), dask.config.set(scheduler="synchronous"):
        warnings.simplefilter("ignore")  # its own deprecations
        ome_zarr.writer.write_image(pixels, root, scale_factors=[], axes="cyx", fmt=fmt)
        ome_zarr.writer.write_labels(labels, root, name="cells", scale_factors=[], axes="yx", fmt=fmt)
    pyramid = PyramidOptions(chunk_zyx=(1, 32, 32), min_size_px=64, label_downsampling="mode")
    options = OmeZarrOptions(version=request.param, pyramid=pyramid)
    convert(folder / "source.ome.zarr", folder / "out.ome.zarr", options, verifies=True)
    levels = make_levels(labels[None, None, None], 3, "mode")
    return Case(folder / "out.ome.zarr", "yx", [level[0, 0, 0] for level in levels], request.param)


def test_labels_are_found_by_ome_zarr_py_and_have_no_new_ids(labelled):
    image, group, labels = ome_zarr.reader.Reader(ome_zarr.io.parse_url(labelled.root, mode="r"))()
    assert len(image.data) == len(labels.data) == 3
    assert group.zarr.root_attrs is not None
    with dask.config.set(scheduler="synchronous"):
        check_levels([level.compute() for level in labels.data], labelled.levels)


def test_labels_are_taken_by_models_and_schemas(labelled):
    if labelled.version == "0.4":  # for 0.5 it fails at every label image without colours, which are optional
        assert type(ome_zarr_models.open_ome_zarr(zarr.open_group(labelled.root, mode="r"))).__name__ == "Image"
        labels = ome_zarr_models.open_ome_zarr(zarr.open_group(labelled.root / "labels", mode="r"))
        assert labels.attributes.labels == ["cells"]
        label = ome_zarr_models.open_ome_zarr(zarr.open_group(labelled.root / "labels" / "cells", mode="r"))
        assert type(label).__name__ == "ImageLabel"
    read = ngff_zarr.from_ngff_zarr(labelled.root / "labels" / "cells", validate=True)
    check_levels([np.asarray(image.data) for image in read.images], labelled.levels)
    check_schema(labelled.version, "image", labelled.root)
    check_schema(labelled.version, "image", labelled.root / "labels" / "cells")
    check_schema(labelled.version, "label", labelled.root / "labels" / "cells")


@pytest.fixture(scope="module")
def two_images(tmp_path_factory):
    folder = tmp_path_factory.mktemp("series")
    pixels = [make_array("cyx", "uint16", seed)[0, :, 0] for seed in range(2)]
    with tifffile.TiffWriter(folder / "source.ome.tif", ome=True) as file:
        for array in pixels:
            file.write(array, tile=(64, 64), photometric="minisblack", metadata={"axes": "CYX"})
    return folder / "source.ome.tif", pixels


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_several_images_are_a_collection_of_bioformats2raw(two_images, tmp_path, version):
    source, pixels = two_images
    root = tmp_path / "out.ome.zarr"
    convert(source, root, OmeZarrOptions(version=version, pyramid=SMALL))
    check_schema(version, "bf2raw", root)
    check_schema(version, "ome", root / "OME")
    nodes = list(ome_zarr.reader.Reader(ome_zarr.io.parse_url(root, mode="r"))())
    with dask.config.set(scheduler="synchronous"):
        found = [node.data[0].compute() for node in nodes if node.data]
    for number, array in enumerate(pixels):
        check_schema(version, "image", root / str(number))
        ome_zarr_models.open_ome_zarr(zarr.open_group(root / str(number), mode="r"))
        read = ngff_zarr.from_ngff_zarr(root / str(number), validate=True)
        np.testing.assert_array_equal(np.asarray(read.images[0].data), array)
    assert all(any(np.array_equal(one, array) for array in pixels) for one in found)


@pytest.mark.parametrize("axes", ["cyx", "czyx"])
def test_spatialdata_reads_the_levels_of_an_image(tmp_path, axes):
    """Its own reader of rasters, which takes an image as any program writes it once it is told the format."""
    import spatialdata as sd

    own_axes, pixels = write_source(tmp_path / "source.ome.tif", axes, "uint16")
    convert(tmp_path / "source.ome.tif", tmp_path / "out.ome.zarr", WRITTEN["0.5-sharded"])
    levels = [level[0].reshape([n for n in level.shape[1:] if n > 1]) for level in make_levels(pixels, 3, "mean")]
    root = tmp_path / "container.zarr"
    image = sd.models.Image2DModel if axes == "cyx" else sd.models.Image3DModel
    with dask.config.set(scheduler="synchronous"):
        sd.SpatialData(images={"ours": image.parse(levels[0], dims=tuple(axes), scale_factors=[2, 2])}).write(root)
        group = zarr.open_group(root / "images" / "ours", mode="r+")
        (multiscale,) = group.attrs["ome"]["multiscales"]
        paths = [dataset["path"] for dataset in multiscale["datasets"]]
        for number, path in enumerate(paths):
            (root / "images" / "ours" / path).rename(tmp_path / f"theirs-{number}")
            (tmp_path / "out.ome.zarr" / str(number)).rename(root / "images" / "ours" / path)
        read = sd.read_zarr(root, selection=("images",))["ours"]
        found = [read[scale]["image"].to_numpy() for scale in read.children]
    assert "".join(own_axes) == axes
    check_levels(found, levels)


@pytest.mark.parametrize("image", IMAGES)
def test_tifffile_reads_every_level_of_an_ome_tiff(tmp_path, image):
    axes, pixels = write_source(tmp_path / "source.ome.tif", image, IMAGES[image])
    convert(tmp_path / "source.ome.tif", tmp_path / "out.ome.tif", OmeTiffOptions(pyramid=SMALL), verifies=True)
    with tifffile.TiffFile(tmp_path / "out.ome.tif") as file:
        assert (file.is_ome, len(file.series)) == (True, 1)
        for level, expected in zip(file.series[0].levels, make_levels(pixels, 3, "mean"), strict=True):
            found = level.asarray()
            if image == "rgb":
                found = np.moveaxis(found, -1, 0)
            order = [axis for axis in level.axes.lower().replace("s", "c") if axis in axes]
            if image != "rgb":
                found = found.transpose([order.index(axis) for axis in axes])
            np.testing.assert_array_equal(found.reshape(expected.shape), expected)
            assert found.dtype == expected.dtype


def test_several_images_and_no_others_are_in_an_ome_tiff(two_images, tmp_path):
    source, pixels = two_images
    convert(source, tmp_path / "out.ome.tif", OmeTiffOptions(pyramid=SMALL))
    with tifffile.TiffFile(tmp_path / "out.ome.tif") as file:
        check_levels([series.asarray() for series in file.series], pixels)
