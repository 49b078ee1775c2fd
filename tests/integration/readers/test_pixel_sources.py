"""Pixels of every raster sample, against tifffile and zarr-python reading the same level whole."""

import re

import numpy as np
import pytest
import samples
import tifffile
import zarr

from vitrina.errors import NotFoundError, UnsupportedError
from vitrina.model.content import Content, ImageElement, LabelsElement
from vitrina.readers.elements import open_pixels
from vitrina.readers.pixels.tiff import TiffPixels
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source

FILES = [
    "cosmx-lung12-mini/Lung12/CellLabels/CellLabels_F002.tif",
    "hcs-imagexpress-plate1334/2023-02-21/1334/Projection-Mix_E07_s1_w1E94C24BD-45E4-450A-9919-257C714278F7.tif",
    "lightsheet-brain-planes/ch0/ch00012.tif",
    "merscope-liver-mini/region_0/images/mosaic_DAPI_z0.tif",
    "ome-tiff-oddities/spraggins.mxif.ome.tif",
    "ome-tiff-pyramid/2048x2048_ome6_tiled.ome.tif",
    "ome-tiff-rgba16/output_ome.ome.tiff",
    "svs-cmu1-he/CMU-1-Small-Region.svs",
    "tiff-bbbc022-3ch/IXMtest_A02_s9.tif",
    "tiff-golgi-labels-table/image.tif",
    "tiff-golgi-labels-table/segmentation.tif",
    "tiff-hela-3ch/hela-cells.tif",
    "tiff-migration-2dt/cancer_cell_migration_crop.tif",
    "tiff-migration-2dt/cancer_cell_migration_voronoi_otsu_labeling_crop.tif",
    "tiff-mitosis-5d/xyzct-mitosis.tif",
]
HIERARCHIES = [
    "ome-zarr-conformance/valid/image-01.zarr",
    "ome-zarr-conformance/valid/image-02.zarr",
    "ome-zarr-conformance/valid/image-03.zarr",
    "ome-zarr-conformance/valid/image-04.zarr",
    "ome-zarr-conformance/valid/plate-01.zarr",
    "ome-zarr-conformance/warning/image-01.zarr",
    "ome-zarr-v04-2dt-labels/image.ome.zarr.zip",
    "ome-zarr-v04-2dt-labels/segmentation.ome.zarr.zip",
    "ome-zarr-v04-mri/mri-stack.ome.zarr",
    "ome-zarr-v06-draft/affine.zarr",
    "ome-zarr-v06-draft/anisotropic_rotation.zarr",
    "ome-zarr-v06-draft/scale.zarr",
    "sdata-merfish-ileum/merfish_mouse_ileum_cropped.sdata.zarr.zip",
]


def arrange(array, element):
    """The whole array in the order t, c, z, y, x, as the element names its axes; samples are channels."""
    names = [{"s": "c"}.get(axis.name, axis.name) for axis in element.axes]
    assert set(names) <= set("tczyx")
    order = sorted(range(len(names)), key=lambda i: "tczyx".index(names[i]))
    sizes = [[array.shape[i] for i in order if names[i] == name] for name in "tczyx"]
    return array.transpose(order).reshape([int(np.prod(own)) for own in sizes])


def read_whole(pixels):
    out = np.empty(pixels.shape_tczyx, pixels.dtype)
    n = pixels.n_joint_channels
    for t in range(out.shape[0]):
        for c in range(0, out.shape[1], n):
            pixels.read_into((t, c, 0, 0, 0), out[t, c : c + n])
    return out


def check_windows(pixels, expected):
    """The whole image at once, and in windows of an odd size that cut through chunks, into a corner of an array."""
    np.testing.assert_array_equal(read_whole(pixels), expected)
    n_t, n_c, depth, height, width = expected.shape
    n = pixels.n_joint_channels
    room = np.zeros((n, 3, 200, 180), pixels.dtype)
    for c in range(0, n_c, n):
        for z in range(0, depth, 2):
            for y in range(0, height, 171):
                for x in range(0, width, 153):
                    part = expected[n_t - 1, c : c + n, z : z + 2, y : y + 171, x : x + 153]
                    out = room[:, : part.shape[1], 1 : 1 + part.shape[2], 1 : 1 + part.shape[3]]
                    pixels.read_into((n_t - 1, c, z, y, x), out)
                    np.testing.assert_array_equal(out, part)


def describe(name):
    source = open_source(samples.get(name))
    content = find_reader(source).read_content(source)
    rasters = [element for element in content.elements if isinstance(element, ImageElement | LabelsElement)]
    assert rasters
    return source, content, [(element, i) for element in rasters for i in range(len(element.levels))]


@pytest.mark.parametrize("name", FILES)
def test_a_tiff_sample_is_read_as_tifffile_reads_it(name):
    source, content, levels = describe(name)
    for element, level in levels:
        with tifffile.TiffFile(source.path, _multifile=False) as file:
            expected = file.series[int(element.path or 0)].levels[level].asarray()
        pixels = open_pixels(source, content, element, level)
        assert isinstance(pixels, TiffPixels)
        assert pixels.dtype == expected.dtype.newbyteorder("=")
        check_windows(pixels, arrange(expected, element))
        pixels.close()


@pytest.mark.parametrize("name", HIERARCHIES)
def test_a_zarr_sample_is_read_as_zarr_python_reads_it(name):
    source, content, levels = describe(name)
    is_zip = source.path.suffix == ".zip"
    store = zarr.storage.ZipStore(source.path, mode="r") if is_zip else zarr.storage.LocalStore(source.path)
    for element, level in levels:
        path = "/".join(part for part in (content.root, element.levels[level].path) if part)
        expected = zarr.open_array(store, path=path, mode="r")[...]
        pixels = open_pixels(source, content, element, level)
        assert pixels.dtype == expected.dtype.newbyteorder("=")
        check_windows(pixels, arrange(expected, element))
        pixels.close()
    store.close()


def test_the_finest_level_is_the_default_and_others_must_exist():
    source, content, [(element, _), *_] = describe("ome-tiff-pyramid/2048x2048_ome6_tiled.ome.tif")
    pixels = open_pixels(source, content, element)
    assert pixels.shape_tczyx == (1, 3, 1, 2048, 2048)
    assert pixels.chunk_shape_tczyx == (1, 1, 1, 1024, 1024)
    pixels.close()
    with pytest.raises(NotFoundError, match=re.escape("has 2 levels; there is no level 2")):
        open_pixels(source, content, element, 2)


def test_other_containers_hold_no_pixels(tmp_path):
    source, _, [(element, _), *_] = describe("tiff-golgi-labels-table/image.tif")
    with pytest.raises(UnsupportedError) as caught:
        open_pixels(source, Content(format="anndata", container="hdf5"), element)
    assert caught.value.code == "pixels-unsupported"
