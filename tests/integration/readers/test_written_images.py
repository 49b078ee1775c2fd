"""OME-Zarr written by ome-zarr-py and TIFF written by tifffile; expected values come from what was written."""

import numpy as np
import pytest
import tifffile
import zarr

from vitrina.model.content import ImageElement, LabelsElement
from vitrina.readers.quiet import without_format_warnings
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source

RNG = np.random.default_rng(0)
OMERO = {
    "channels": [
        {"label": "DAPI", "color": "0000FF", "window": {"start": 100, "end": 900, "min": 0, "max": 65535}},
        {"label": "GFP", "color": "00FF00", "window": {"start": 0, "end": 65535, "min": 0, "max": 65535}},
    ]
}


def read(path):
    source = open_source(path)
    reader = find_reader(source)
    return reader, source, reader.read_content(source)


@pytest.fixture(params=["0.4", "0.5"])
def written(request, tmp_path):
    from ome_zarr.format import FormatV04, FormatV05
    from ome_zarr.writer import write_image, write_labels

    fmt = {"0.4": FormatV04(), "0.5": FormatV05()}[request.param]
    pixels = RNG.integers(0, 1000, (2, 5, 128, 96)).astype(np.uint16)
    root = zarr.open_group(tmp_path / "cells.ome.zarr", mode="w", zarr_format=fmt.zarr_format)
    sizes, units = {"z": 2.0, "y": 0.5, "x": 0.5}, dict.fromkeys("zyx", "micrometer")
    with without_format_warnings():
        write_image(pixels, root, fmt=fmt, axes="czyx", scale=sizes, axes_units=units, omero=OMERO, scale_factors=[2])
        labels = (pixels[0] > 500).astype(np.uint8)
        write_labels(labels, root, name="nuclei", fmt=fmt, axes="zyx", scale_factors=[2])
    return tmp_path / "cells.ome.zarr", request.param, pixels


def test_both_versions_are_described_alike(written):
    path, version, pixels = written
    reader, _, content = read(path)
    assert (reader.format, content.format_version) == ("ome-zarr", version)
    assert content.container == {"0.4": "zarr2", "0.5": "zarr3"}[version]
    image, labels = content.elements
    assert isinstance(image, ImageElement)
    assert [(axis.name, axis.unit) for axis in image.axes] == [
        ("c", None), ("z", "micrometer"), ("y", "micrometer"), ("x", "micrometer"),
    ]  # fmt: skip
    assert [level.shape for level in image.levels] == [pixels.shape, (2, 5, 64, 48)]
    assert [level.scale for level in image.levels] == [(1, 2, 0.5, 0.5), (1, 2, 1, 1)]
    assert [level.translation for level in image.levels] == [(0, 0, 0, 0), (0, 0, 0.25, 0.25)]
    assert isinstance(labels, LabelsElement)
    assert (labels.name, labels.path, labels.levels[0].path) == ("nuclei", "labels/nuclei", "labels/nuclei/s0")
    assert labels.levels[0].shape == (5, 128, 96)


def test_omero_windows_count_unless_they_span_everything(written):
    path, _, _ = written
    _, _, content = read(path)
    image = content.elements[0]
    dapi, gfp = image.channels
    assert (dapi.name, dapi.color_rgb, dapi.window) == ("DAPI", (0, 0, 255), (100.0, 900.0))
    coarsest = zarr.open_array(path / image.levels[-1].path, mode="r")[1, 2]
    assert (gfp.name, gfp.color_rgb) == ("GFP", (0, 255, 0))
    assert gfp.window == pytest.approx(tuple(np.percentile(coarsest, [1, 99.8])))


def test_shards_are_read_by_their_inner_chunks(tmp_path):
    root = zarr.open_group(tmp_path / "s.zarr", mode="w", zarr_format=3)
    array = root.create_array("0", shape=(256, 256), chunks=(32, 64), shards=(128, 128), dtype="uint8")
    array[:] = 1
    multiscale = {
        "axes": [{"name": "y", "type": "space"}, {"name": "x", "type": "space"}],
        "datasets": [{"path": "0", "coordinateTransformations": [{"type": "scale", "scale": [1, 1]}]}],
    }
    root.attrs["ome"] = {"version": "0.5", "multiscales": [multiscale]}
    _, _, content = read(tmp_path / "s.zarr")
    assert content.elements[0].levels[0].chunk_shape == (32, 64)


def test_a_collection_of_series_lists_its_images(tmp_path):
    root = zarr.open_group(tmp_path / "c.zarr", mode="w", zarr_format=2)
    root.attrs["bioformats2raw.layout"] = 3
    for name in ("0", "1"):
        group = root.create_group(name)
        group.create_array("0", shape=(8, 8), chunks=(8, 8), dtype="uint8")[:] = 5
        group.attrs["multiscales"] = [{"version": "0.4", "axes": ["y", "x"], "datasets": [{"path": "0"}]}]
    _, _, content = read(tmp_path / "c.zarr")
    assert [element.path for element in content.elements] == ["0", "1"]
    assert {finding.code for finding in content.findings} == {"collection", "version-missing", "transform-missing"}


def test_levels_without_transforms_are_scaled_by_their_sizes(tmp_path):
    root = zarr.open_group(tmp_path / "i.zarr", mode="w", zarr_format=2)
    for name, size in (("0", 64), ("1", 16)):
        root.create_array(name, shape=(size, size), chunks=(16, 16), dtype="uint8")[:] = 5
    root.attrs["multiscales"] = [{"version": "0.3", "axes": ["y", "x"], "datasets": [{"path": "0"}, {"path": "1"}]}]
    _, _, content = read(tmp_path / "i.zarr")
    assert [level.scale for level in content.elements[0].levels] == [(1, 1), (4, 4)]
    assert content.elements[0].levels[1].translation == (1.5, 1.5)  # centre of the first four pixels


def test_an_image_that_says_it_is_simulated_is(tmp_path):
    root = zarr.open_group(tmp_path / "i.zarr", mode="w", zarr_format=2)
    root.create_array("0", shape=(8, 8), chunks=(8, 8), dtype="uint8")[:] = 5
    root.attrs["multiscales"] = [{"version": "0.4", "axes": ["y", "x"], "datasets": [{"path": "0"}]}]
    root.attrs["vitrina"] = {"simulated": True}
    assert read(tmp_path / "i.zarr")[2].is_simulated


def test_several_images_in_one_ome_tiff_are_all_described(tmp_path):
    path = tmp_path / "two.ome.tif"
    stack = RNG.integers(0, 900, (3, 2, 40, 30)).astype(np.uint16)
    with tifffile.TiffWriter(path, ome=True) as tiff:
        metadata = {
            "axes": "ZCYX",
            "Name": "stack",
            "PhysicalSizeX": 0.25,
            "PhysicalSizeXUnit": "µm",
            "PhysicalSizeY": 0.5,
            "PhysicalSizeYUnit": "µm",
            "PhysicalSizeZ": 2000,
            "PhysicalSizeZUnit": "nm",
            "Channel": {"Name": ["DAPI", "GFP"], "Color": [65535, 16711935]},
        }
        tiff.write(stack, metadata=metadata)
        tiff.write(RNG.integers(0, 255, (20, 10, 3)).astype(np.uint8), photometric="rgb", metadata={"axes": "YXS"})
    reader, source, content = read(path)
    assert reader.format == "ome-tiff"
    image, color = content.elements
    assert (image.name, image.path, color.path) == ("stack", "0", "1")
    assert [(axis.name, axis.unit) for axis in image.axes] == [
        ("z", "nanometer"), ("c", None), ("y", "micrometer"), ("x", "micrometer"),
    ]  # fmt: skip
    assert image.levels[0].scale == (2000, 1, 0.5, 0.25)
    assert [(channel.name, channel.color_rgb) for channel in image.channels] == [
        ("DAPI", (0, 0, 255)), ("GFP", (0, 255, 0)),
    ]  # fmt: skip
    assert color.is_rgb
    preview = reader.read_preview(source, content, 30)
    np.testing.assert_array_equal(preview.pixels_cyx, stack[1])


def test_a_compressed_pyramid_in_subifds_is_described(tmp_path):
    path = tmp_path / "p.ome.tif"
    pixels = RNG.integers(0, 900, (2, 512, 256)).astype(np.uint16)
    with tifffile.TiffWriter(path, ome=True, bigtiff=True) as tiff:
        options = {"tile": (64, 64), "compression": "zlib"}
        tiff.write(pixels, subifds=1, metadata={"axes": "CYX"}, **options)
        tiff.write(pixels[:, ::2, ::2], subfiletype=1, **options)
    _, _, content = read(path)
    (image,) = content.elements
    assert [(level.shape, level.chunk_shape) for level in image.levels] == [
        ((2, 512, 256), (1, 64, 64)),
        ((2, 256, 128), (1, 64, 64)),
    ]
    assert [finding.code for finding in content.findings] == ["pixel-size-missing"]


def test_planar_colour_samples_are_a_colour_image(tmp_path):
    path = tmp_path / "planar.tif"
    pixels = RNG.integers(0, 255, (3, 20, 10)).astype(np.uint8)
    tifffile.imwrite(path, pixels, photometric="rgb", planarconfig="separate", metadata=None)
    reader, source, content = read(path)
    (image,) = content.elements
    assert (image.is_rgb, [axis.name for axis in image.axes]) == (True, ["c", "y", "x"])
    np.testing.assert_array_equal(reader.read_preview(source, content, 20).pixels_cyx, pixels)


def test_a_huge_plane_is_sampled_and_not_read(tmp_path):
    path = tmp_path / "huge.tif"
    shape = (40_000, 30_000)
    tifffile.memmap(path, shape=shape, dtype=np.uint16, metadata=None, bigtiff=True)[20_000, 15_000] = 5  # sparse
    _, _, content = read(path)
    assert content.elements[0].levels[0].shape == shape
    assert content.elements[0].channels[0].window == (0.0, 5.0)  # the middle tile holds the only bright pixel
