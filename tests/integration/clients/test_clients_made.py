"""Kinds of images that no sample is: HDF5, shards, labels inside an image. Values are those that were written."""

import h5py
import ngio
import numpy as np
import pytest
import xarray
import zarr
from image_clients import CLIENTS
from ome_zarr.io import parse_url
from ome_zarr.reader import Reader

FORMATS = pytest.mark.parametrize("zarr_format", [2, 3])
PIXELS = np.random.default_rng(4).integers(0, 60_000, (2, 600, 520)).astype("uint16")
IDS = np.random.default_rng(5).integers(0, 90, (600, 520)).astype("int32")
VOLUME = np.random.default_rng(6).integers(0, 60_000, (7, 300, 300)).astype("uint16")
WINDOW = (slice(0, 2), slice(500, 530), slice(490, 520))


def write_level(group, pixels, axes, version, **layout):
    """An image of one level; its metadata as the specification has it, but for colours."""
    array = group.create_array("s0", data=pixels, dimension_names=list(axes) if version == "0.5" else None, **layout)
    types = {"c": "channel", "y": "space", "x": "space"}
    transform = {"type": "scale", "scale": [{"c": 1.0}.get(axis, 0.25) for axis in axes]}
    multiscale = {
        "axes": [
            {"name": axis, "type": types[axis]} | ({} if axis == "c" else {"unit": "micrometer"}) for axis in axes
        ],
        "datasets": [{"path": array.basename, "coordinateTransformations": [transform]}],
    }
    return multiscale if version == "0.5" else {"version": "0.4", **multiscale}


def set_ome(group, version, **blocks):
    group.attrs.update({"ome": {"version": version, **blocks}} if version == "0.5" else blocks)


@pytest.fixture(scope="module", params=["0.4", "0.5"])
def image(request, tmp_path_factory):
    """An image with labels; in 0.5 its chunks lie in shards."""
    version = request.param
    layout = {"chunks": (1, 128, 128)} | ({"shards": (1, 512, 512)} if version == "0.5" else {})
    path = tmp_path_factory.mktemp("made") / f"image-{version}.ome.zarr"
    root = zarr.open_group(path, mode="w", zarr_format=2 if version == "0.4" else 3)
    set_ome(root, version, multiscales=[write_level(root, PIXELS, "cyx", version, **layout)])
    labels = root.create_group("labels")
    set_ome(labels, version, labels=["cells"])
    cells = labels.create_group("cells")
    label_version = {} if version == "0.5" else {"version": "0.4"}
    set_ome(
        cells,
        version,
        multiscales=[write_level(cells, IDS, "yx", version, chunks=(128, 128))],
        **{"image-label": {**label_version, "source": {"image": "../../"}}},
    )
    return path


@FORMATS
@pytest.mark.parametrize("client", CLIENTS)
def test_an_image_with_labels_is_read(hub, image, client, zarr_format):
    seen = CLIENTS[client](hub.build_zarr_url(hub.add(image), zarr_format))
    np.testing.assert_array_equal(seen.levels[0].read(WINDOW), PIXELS[WINDOW])
    assert seen.axes in (None, "cyx")
    assert seen.scales in (None, [[1.0, 0.25, 0.25]])


@FORMATS
def test_xarray_finds_the_axes_of_an_image(hub, image, volume, zarr_format):
    for path, name, values in ((image, "s0", PIXELS), (volume, "0", VOLUME)):
        artifact = hub.add(path)
        url = hub.build_zarr_url(artifact, zarr_format, artifact.content.elements[0].path)
        if path is image and zarr_format == 2 and artifact.content.container == "zarr2":
            continue  # what is stored in the same format passes through, and says nothing of dimensions
        array = xarray.open_zarr(url, mask_and_scale=False)[name]
        assert array.dims == (("c", "y", "x") if path is image else ("z", "y", "x"))
        np.testing.assert_array_equal(array[-1, :50, :50].compute(scheduler="synchronous"), values[-1, :50, :50])


@FORMATS
def test_labels_are_found_at_their_image(hub, image, zarr_format):
    url = hub.build_zarr_url(hub.add(image), zarr_format)
    container = ngio.open_ome_zarr_container(url, mode="r")
    assert container.list_labels() == ["cells"]
    np.testing.assert_array_equal(container.get_label("cells").get_as_numpy(), IDS)
    nodes = {node.zarr.basename(): node for node in Reader(parse_url(url))()}
    np.testing.assert_array_equal(nodes["cells"].data[0].compute(scheduler="synchronous"), IDS)


def test_no_client_has_to_read_the_index_of_a_shard(hub, image):
    group = zarr.open_group(hub.build_zarr_url(hub.add(image), 3), mode="r")
    assert [group["s0"].shards, group["s0"].chunks] == [None, (1, 128, 128)]


@pytest.fixture(scope="module")
def volume(tmp_path_factory):
    """A volume as Fiji's HDF5 plugin writes it, in a group."""
    path = tmp_path_factory.mktemp("made") / "volume.h5"
    with h5py.File(path, "w") as file:
        dataset = file.create_dataset("raw/stack", data=VOLUME, chunks=(1, 64, 64), compression="gzip")
        dataset.attrs["element_size_um"] = [2.0, 0.5, 0.25]
    return path


@FORMATS
@pytest.mark.parametrize("client", CLIENTS)
def test_a_dataset_of_hdf5_is_an_image(hub, volume, client, zarr_format):
    artifact = hub.add(volume)
    (element,) = artifact.content.elements
    seen = CLIENTS[client](hub.build_zarr_url(artifact, zarr_format, element.path))
    window = (slice(2, 6), slice(100, 130), slice(270, 300))
    np.testing.assert_array_equal(seen.levels[0].read(window), VOLUME[window])
    assert seen.axes in (None, "zyx")
    assert seen.scales in (None, [[2.0, 0.5, 0.25]])
