"""Arrays of a running program become images; expected values are the arrays, levels those of ``pyramids``."""

import importlib
import threading

import dask.array
import h5py
import numpy as np
import pytest
import xarray
import zarr
from pyramids import make_levels

import vitrina as vt
from vitrina.convert.ome_zarr import OmeZarrOptions
from vitrina.convert.options import PyramidOptions
from vitrina.errors import InputError, UnsupportedError
from vitrina.readers.source import open_source

STACK = np.random.default_rng(0).integers(0, 60_000, (2, 3, 150, 130)).astype(np.uint16)
SIZES = {"z": 2.0, "y": 0.5, "x": 0.5}
OPTIONS = OmeZarrOptions(pyramid=PyramidOptions(chunk_zyx=(1, 32, 32), min_size_px=64, n_threads=2))


def read_element(path):
    from vitrina.readers.ome_zarr import OmeZarrReader

    (element,) = OmeZarrReader().read_content(open_source(path)).elements
    return element


@pytest.mark.parametrize("kind", ["numpy", "dask", "zarr", "h5py", "xarray", "xarray of dask"])
def test_arrays_of_any_kind_become_the_same_image(tmp_path, kind):
    target = tmp_path / "out.ome.zarr"
    with h5py.File(tmp_path / "a.h5", "w") as file:
        arrays = {
            "numpy": STACK,
            "dask": dask.array.from_array(STACK, chunks=(1, 1, 70, 60)),
            "zarr": zarr.array(STACK, chunks=(1, 1, 64, 64)),
            "h5py": file.create_dataset("data", data=STACK),
            "xarray": xarray.DataArray(STACK, dims=list("czyx")),
            "xarray of dask": xarray.DataArray(dask.array.from_array(STACK, chunks=(2, 1, 64, 64)), dims=list("czyx")),
        }
        done = vt.convert(
            arrays[kind], target, options=OPTIONS, axes="czyx", pixel_size_um=SIZES, channels=["a", "b"], verify=True
        )
    assert (done.images[0].axes, done.is_resumed) == ("czyx", False)
    group = zarr.open_group(target, mode="r")
    for number, level in enumerate(make_levels(STACK[np.newaxis], 3, "mean")):
        assert np.array_equal(group[str(number)][...], level[0])
    assert [channel.name for channel in read_element(target).channels] == ["a", "b"]
    assert vt.check(target).findings == ()


def test_sizes_and_axes_are_kept(tmp_path):
    vt.convert(
        STACK[0], tmp_path / "a.ome.zarr", axes="zyx", pixel_size_um={"z": 2, "y": 0.5, "x": 0.25}, options=OPTIONS
    )
    element = read_element(tmp_path / "a.ome.zarr")
    assert element.levels[0].scale == (2.0, 0.5, 0.25)
    assert {axis.unit for axis in element.axes} == {"micrometer"}


def test_an_array_of_xarray_says_axes_sizes_and_channels_itself(tmp_path):
    array = xarray.DataArray(
        STACK,
        dims=("channel", "depth", "row", "col"),
        coords={"channel": ["DAPI", "GFP"], "row": ("row", 3 + 0.5 * np.arange(150), {"units": "um"})},
        name="cells",
    )
    vt.convert(array, tmp_path / "a.ome.zarr", options=OPTIONS)
    element = read_element(tmp_path / "a.ome.zarr")
    assert (element.name, "".join(axis.name for axis in element.axes)) == ("cells", "czyx")
    assert [channel.name for channel in element.channels] == ["DAPI", "GFP"]
    assert (element.levels[0].scale, element.levels[0].translation) == ((1, 1, 0.5, 1), (0, 0, 3, 0))


def test_labels_stay_labels(tmp_path):
    ids = np.kron(np.arange(1, 26, dtype=np.uint16).reshape(5, 5), np.ones((20, 20), np.uint16))
    vt.convert(ids, tmp_path / "a.ome.zarr", is_labels=True, options=OPTIONS)
    element = read_element(tmp_path / "a.ome.zarr")
    assert element.kind == "labels"


def test_dask_is_computed_window_by_window_and_no_pixel_twice(tmp_path):
    lock, computed = threading.Lock(), []

    def make(block_info=None):
        with lock:
            computed.append(tuple(block_info[None]["chunk-location"]))
        return np.full(block_info[None]["chunk-shape"], 7, np.uint16)

    array = dask.array.map_blocks(
        make, chunks=((1,) * 40, (256, 256), (256, 256)), dtype=np.uint16, meta=np.empty(0, np.uint16)
    )
    chosen = OmeZarrOptions(pyramid=PyramidOptions(chunk_zyx=(1, 128, 128), n_threads=2), window="dtype")
    vt.convert(array, tmp_path / "a.ome.zarr", axes="zyx", options=chosen)
    assert (zarr.open_array(tmp_path / "a.ome.zarr" / "0", mode="r")[...] == 7).all()
    described = [
        place for place in computed if place[0] == 20
    ]  # the middle plane is looked at before, for its contrast
    others = [place for place in computed if place[0] != 20]
    assert len(set(described)) == 4
    assert sorted(others) == sorted(set(others))
    assert len(set(others)) == 39 * 4


@pytest.mark.parametrize(
    ("array", "said", "reason"),
    [
        (STACK, {"axes": "zyx"}, "do not fit"),
        (STACK, {"axes": "ccyx"}, "do not fit"),
        (STACK, {"axes": "czyq"}, "do not fit"),
        (STACK, {"axes": "tczx"}, "do not fit"),
        (STACK, {"pixel_size_um": -1}, "makes no sense"),
        (STACK, {"pixel_size_um": {"t": 1}}, "makes no sense"),
        (STACK, {"axes": "czyx", "channels": ["one"]}, "1 channels are named"),
        (STACK, {"pattern": "{z}.tif"}, "for files"),
        ([1, 2], {}, "is no array"),
        ("a.tif", {"axes": "yx"}, "for arrays"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_written(tmp_path, array, said, reason):
    with pytest.raises(InputError, match=reason):
        vt.convert(array, tmp_path / "a.ome.zarr", **said)
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_pixel_is_refused(tmp_path):
    with pytest.raises(UnsupportedError, match="complex"):
        vt.convert(np.zeros((9, 9), complex), tmp_path / "a.ome.zarr")
    with pytest.raises(UnsupportedError, match="has 6 dimensions"):
        vt.convert(np.zeros((9, 9, 9, 9, 9, 9)), tmp_path / "a.ome.zarr")


def test_the_function_is_there_whatever_was_imported_before(tmp_path):
    importlib.import_module("vitrina.convert.ome_zarr")
    assert callable(vt.convert)
    planned = vt.convert(STACK, tmp_path / "a.ome.tif", axes="czyx", dry_run=True)
    assert (planned.format, list(tmp_path.iterdir())) == ("ome-tiff", [])
