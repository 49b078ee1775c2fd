"""What the gateway serves, read by zarrita and drawn by Viv in headless Chromium.

Expected values are read from the stored bytes by tifffile, czifile, Pillow, h5py and zarr-python; drawn colours follow
from them by Viv's own arithmetic: https://github.com/hms-dbmi/viv, ``color-palette-module`` and ``channel-intensity``.
"""

from __future__ import annotations

import zipfile
from functools import partial

import h5py
import numpy as np
import pixels
import pytest
import samples
import tifffile
import zarr
from browser_clients import SIZE_PX, open_client, read_arrays
from PIL import Image

from vitrina.verbs.init import init

pytestmark = pytest.mark.browser

GOLGI = "tiff-golgi-labels-table/image.tif"
CHART = "ome-tiff-pyramid/2048x2048_ome6_tiled.ome.tif"
FIELDS = "tiff-bbbc022-3ch/IXMtest_A02_s9.tif"
DRAWN = (GOLGI, CHART, FIELDS)

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def read_tiff(axes, served_axes, path):
    """All levels of the first image of a TIFF, with the axes in the order in which they are served."""
    with tifffile.TiffFile(path) as file:
        levels = [level.asarray() for level in file.series[0].levels]
    return {str(number): level.transpose(*map(axes.index, served_axes)) for number, level in enumerate(levels)}


def read_int64_tiff(path):
    """The viewer has no texture for 64 bits, so they are served with 32."""
    return {"0": tifffile.imread(path).astype(np.int32)}


def read_czi(path):
    czifile = pytest.importorskip("czifile")
    with czifile.CziFile(path) as file:
        return {"0": file.scenes[0].asarray().squeeze()}


def read_planes(path):
    planes = [[tifffile.imread(path / f"ch{c}/ch{c}{z:04}.tif") for z in (12, 13, 14)] for c in (0, 1)]
    return {"0": np.array(planes)}


def read_picture(path):
    return {"0": np.moveaxis(np.asarray(Image.open(path).convert("RGB")), -1, 0)}


def read_zarr(path):
    """All arrays of a stored tree that hold numbers or text, by their paths."""
    store, top = path, ""
    if path.suffix == ".zip":
        store = zarr.storage.ZipStore(path, mode="r")
        with zipfile.ZipFile(path) as archive:  # the tree may lie in a folder of its own
            top = min((name for name in archive.namelist() if name.endswith(".zgroup")), key=len)[: -len("/.zgroup")]
    root = zarr.open_group(store, path=top, mode="r")
    return {name: node[...] for name, node in root.members(max_depth=None) if isinstance(node, zarr.Array)}


def read_h5ad(path):
    """A file of 2018: frames are compound datasets, categories lie in ``uns``."""
    with h5py.File(path) as file:
        return {
            "X": file["X"][:],
            "obs/_index": np.array([name.decode() for name in file["obs"]["index"]]),
            "obs/n_genes": file["obs"]["n_genes"],
            "obs/bulk_labels/codes": file["obs"]["bulk_labels"],
            "obs/bulk_labels/categories": np.array([name.decode() for name in file["uns/bulk_labels_categories"]]),
            "obsm/X_umap": file["obsm"]["X_umap"].astype(np.float32),
        }


def read_loom(path):
    """Genes by cell; the viewer knows no integers of 64 bits."""
    with h5py.File(path) as file:
        return {"X": file["matrix"][:].T.astype(np.float64)}


def read_10x(path):
    """Counts by cell: of each the genes, and where in the list it ends."""
    with h5py.File(path) as file:
        matrix = file["matrix"]
        cells = np.repeat(np.arange(len(matrix["barcodes"])), np.diff(matrix["indptr"][:]).astype(int))
        dense = np.zeros((len(matrix["barcodes"]), len(matrix["features/id"])), np.float32)
        dense[cells, matrix["indices"][:].astype(int)] = matrix["data"][:]
    return {"X": dense}


def read_h5mu(path):
    with h5py.File(path) as file:
        return {f"mod/{name}/X": read_dense(file["mod"][name]["X"]) for name in file["mod"]}


def read_dense(node):
    if isinstance(node, h5py.Dataset):
        return node[:].astype(np.float32)
    rows = np.repeat(np.arange(len(node["indptr"]) - 1), np.diff(node["indptr"][:]))
    dense = np.zeros(node.attrs["shape"], np.float32)
    dense[rows, node["indices"][:]] = node["data"][:]
    return dense


def read_csv(path):
    """Positions; the markers are tested where tables are read."""
    cells = np.genfromtxt(path, delimiter=",", names=True)
    return {"obsm/spatial": np.stack([cells["X_centroid"], cells["Y_centroid"]], axis=1).astype(np.float32)}


SAMPLES = {
    "ome-tiff-pyramid/2048x2048_ome6_tiled.ome.tif": partial(read_tiff, "cyx", "cyx"),
    "tiff-mitosis-5d/xyzct-mitosis.tif": partial(read_tiff, "tzcyx", "tczyx"),
    "tiff-hela-3ch/hela-cells.tif": partial(read_tiff, "yxc", "cyx"),
    "svs-cmu1-he/CMU-1-Small-Region.svs": partial(read_tiff, "yxc", "cyx"),
    "ome-tiff-oddities/spraggins.mxif.ome.tif": read_int64_tiff,
    "czi-mosaic/mosaic_test.czi": read_czi,
    "lightsheet-brain-planes": read_planes,
    "visium-mouse-brain-tiny/outs/spatial/tissue_lowres_image.png": read_picture,
    "ome-zarr-v04-mri/mri-stack.ome.zarr": read_zarr,
    "ome-zarr-v04-2dt-labels/segmentation.ome.zarr.zip": read_zarr,
    "ome-zarr-v06-draft/scale.zarr": read_zarr,
    "ome-zarr-conformance/valid/image-03.zarr": read_zarr,
    "sdata-merfish-ileum/merfish_mouse_ileum_cropped.sdata.zarr.zip": read_zarr,
    "h5ad-pbmc68k/10x_pbmc68k_reduced.h5ad": read_h5ad,
    "h5mu-hubmap/objects.h5mu": read_h5mu,
    "osmfish-cortex-loom/osmFISH_SScortex_mouse_all_cells.loom": read_loom,
    "vendor-micro/Xenium_small/cell_feature_matrix.h5": read_10x,
    "mcmicro-exemplar001-csv/exemplar-001--unmicst_cell.csv": read_csv,
}

MAX_BYTES = 4 * 2**20
"""Of an array that is larger a window is compared, which lies across the borders of chunks."""


def choose_window(array):
    if array.nbytes <= MAX_BYTES:
        return None
    return (*(slice(0, min(size, 3)) for size in array.shape[:-2]), *(slice(400, 1100) for _ in array.shape[-2:]))


@pytest.fixture(scope="module")
def hub(tmp_path_factory, start_hub):
    """A hub with the samples, and an image of its own that lies in shards of Zarr 3; uids by name."""
    root = tmp_path_factory.mktemp("clients")
    instance = init(root / "museum").instance
    uids = {
        name: instance.add(samples.get(name), key=name, in_place=True).artifact.uid
        for name in dict.fromkeys((*SAMPLES, *DRAWN))
    }
    write_sharded(root / "sharded.ome.zarr", tifffile.imread(samples.get(GOLGI)))
    uids["sharded"] = instance.add(root / "sharded.ome.zarr").artifact.uid
    return start_hub(root / "museum").url, uids


@pytest.mark.filterwarnings("ignore:Object at .* is not recognized")  # Parquet files between the arrays of SpatialData
@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("zarr_format", [2, 3])
def test_zarrita_reads_the_values_that_are_stored(hub, watched, name, zarr_format):
    url, uids = hub
    unread = "U" if zarr_format == 3 else ""  # zarrita knows text of a fixed length in Zarr 2 only
    expected = {
        path: array
        for path, array in SAMPLES[name](samples.get(name)).items()
        if array.size and array.dtype.kind not in unread
    }
    parts = [(path, choose_window(array)) for path, array in expected.items()]
    open_client(watched.page, url, "read-zarr")
    plane = "zarr" if zarr_format == 2 else "zarr3"
    attrs, arrays = read_arrays(watched.page, f"{url}/{plane}/{uids[name]}", zarr_format, parts)
    for (path, window), array in zip(parts, arrays, strict=True):
        stored = expected[path] if window is None else expected[path][window]
        assert array.dtype == stored.dtype or stored.dtype.kind in "OTU", path
        assert np.array_equal(array, stored, equal_nan=array.dtype.kind == "f"), path
    if "X" not in expected:
        assert find_version(attrs) in (None, "0.4" if zarr_format == 2 else "0.5")
    assert watched.find_foreign_requests(url) == []


def find_version(attrs):
    """Of NGFF, as its two versions say it; None where the root is no image."""
    ome = attrs.get("ome", attrs)
    return ome.get("version") if "ome" in attrs else next((m["version"] for m in ome.get("multiscales", ())), None)


def write_sharded(path, plane):
    """OME-Zarr 0.5 with two levels in shards of four chunks."""
    group = zarr.open_group(path, mode="w", zarr_format=3)
    for number, level in enumerate((plane, shrink(plane))):
        options = {"chunks": (256, 256), "shards": (512, 512), "dimension_names": ["y", "x"]}
        group.create_array(str(number), data=level, **options)
    axes = [{"name": name, "type": "space", "unit": "micrometer"} for name in "yx"]
    datasets = [
        {"path": str(number), "coordinateTransformations": [{"type": "scale", "scale": [2.0**number] * 2}]}
        for number in (0, 1)
    ]
    group.attrs["ome"] = {"version": "0.5", "multiscales": [{"axes": axes, "datasets": datasets}]}


def shrink(plane):
    """Means of four, rounded half up; sides are even."""
    height, width = plane.shape[-2:]
    blocks = plane.reshape(*plane.shape[:-2], height // 2, 2, width // 2, 2).astype(np.int64)
    return ((blocks.sum(axis=(-3, -1)) + 2) // 4).astype(plane.dtype)


def paint(channels_cyx, channels, corner):
    """What Viv draws of a level, one pixel per pixel, with the corner at the upper left."""
    width, height = SIZE_PX
    x, y = corner
    total = np.zeros((height, width, 3))
    for channel in channels:
        low, high = channel["limits"]
        plane = channels_cyx[channel["c"], y : y + height, x : x + width].astype(float)
        share = np.clip((plane - low) / (high - low), 0, 1)
        total[: share.shape[0], : share.shape[1]] += share[..., None] * np.array(channel["color"])
    return np.minimum(total, 255)


def choose_channels(channels_cyx, colors):
    limits = [np.percentile(plane, [1, 99.5]).tolist() for plane in channels_cyx]
    return [{"c": c, "color": list(color), "limits": limits[c]} for c, color in enumerate(colors)]


def read_level(name, number):
    """A level as tifffile reads it, or as it follows from the first where the file has no more."""
    with tifffile.TiffFile(samples.get(GOLGI if name == "sharded" else name)) as file:
        stored = [level.asarray() for level in file.series[0].levels]
    level = stored[number] if number < len(stored) else shrink(stored[0])
    return level if level.ndim == 3 else level[None]


@pytest.mark.parametrize(
    ("name", "address", "view"),
    [
        pytest.param(FIELDS, "zarr/{}", (0, (BLUE, GREEN, RED)), id="a flat TIFF of one level in Zarr 2"),
        pytest.param(GOLGI, "zarr/{}", (0, (WHITE,)), id="a flat TIFF in Zarr 2"),
        pytest.param(GOLGI, "zarr3/{}", (-1, (GREEN,)), id="a level of a flat TIFF that is made, in Zarr 3"),
        pytest.param("sharded", "zarr3/{}", (0, (WHITE,)), id="shards, chunk by chunk"),
        pytest.param("sharded", "data/{}/sharded.ome.zarr", (-1, (RED,)), id="shards as they lie"),
        pytest.param(CHART, "zarr/{}", (-1, (RED, GREEN, BLUE)), id="a level of an OME-TIFF in Zarr 2"),
        pytest.param(CHART, "data/{}/2048x2048_ome6_tiled.ome.tif", (0, (RED, GREEN, BLUE)), id="an OME-TIFF"),
    ],
)
def test_viv_draws_each_pixel_in_its_colour(hub, watched, name, address, view):
    (url, uids), (zoom, colors) = hub, view
    stored, level = read_level(name, 0), read_level(name, -zoom)
    channels = choose_channels(level, colors)
    x, y = (0, 0) if level.shape[-1] < 2 * SIZE_PX[0] else (300, 250)
    middle = [(x + SIZE_PX[0] / 2) / 2**zoom, (y + SIZE_PX[1] / 2) / 2**zoom, 0]
    open_client(watched.page, url, "draw-image")
    opened = watched.page.evaluate(
        "(args) => window.drawImage(...args)",
        [f"{url}/{address.format(uids[name])}", channels, {"target": middle, "zoom": zoom}],
    )
    assert opened["dtype"] == stored.dtype.name.capitalize()
    assert opened["shapes"][0][-2:] == list(stored.shape[-2:])
    expected = paint(level, channels, (x, y))
    assert pixels.measure_change(np.zeros_like(expected), expected) > 0.2  # it is no blank picture
    picture = watched.page.locator("#picture")

    def measure():
        return (np.abs(pixels.take(picture) - expected).max(axis=2) <= 3).mean()

    try:
        pixels.wait_until(lambda: measure() > 0.999, f"Viv draws {name}")
    except AssertionError:
        pytest.fail(f"{measure():.3f} of the pixels are as expected; the page says {watched.errors[:3]}")
    assert watched.find_foreign_requests(url) == []
