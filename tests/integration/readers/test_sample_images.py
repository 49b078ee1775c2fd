"""Image samples. Sizes come from each SOURCE.md; pixel values from zarr-python and tifffile read directly."""

import numpy as np
import pytest
import samples
import tifffile
import zarr

from vitrina.errors import UnreadableError
from vitrina.model.content import ImageElement, LabelsElement
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source


def read(name):
    source = open_source(samples.get(name))
    reader = find_reader(source)
    assert reader is not None
    return source, reader, reader.read_content(source)


def get_codes(content):
    return {finding.code for finding in content.findings}


def get_axes(element):
    return [(axis.name, axis.type, axis.unit) for axis in element.axes]


def test_the_mri_stack_is_described():
    _, _, content = read("ome-zarr-v04-mri/mri-stack.ome.zarr")
    assert (content.format, content.format_version, content.container) == ("ome-zarr", "0.4", "zarr2")
    assert not content.is_zipped
    (image,) = content.elements
    assert isinstance(image, ImageElement)
    assert (image.name, image.path, image.dtype, image.is_rgb) == ("mri-stack", "", "uint8", False)
    assert get_axes(image) == [("z", "space", None), ("y", "space", None), ("x", "space", None)]
    finest, coarsest = image.levels
    assert (finest.path, finest.shape, finest.chunk_shape) == ("s0", (27, 226, 186), (27, 186, 186))
    assert (coarsest.shape, coarsest.scale, coarsest.translation) == ((13, 113, 93), (2.0,) * 3, (0.5,) * 3)
    assert get_codes(content) == {"unit-unknown"}  # the axes are in "pixel"


def test_the_contrast_window_is_measured_on_the_coarsest_level():
    _, _, content = read("ome-zarr-v04-mri/mri-stack.ome.zarr")
    coarsest = zarr.open_array(samples.get("ome-zarr-v04-mri/mri-stack.ome.zarr/s1"), mode="r")[6]
    expected = np.percentile(coarsest, [1, 99.8])
    assert content.elements[0].channels[0].window == pytest.approx(tuple(expected))


@pytest.mark.parametrize(
    ("name", "kind", "dtype"), [("image", ImageElement, "uint8"), ("segmentation", LabelsElement, "int32")]
)
def test_the_zipped_time_lapse_and_its_labels_are_described(name, kind, dtype):
    _, _, content = read(f"ome-zarr-v04-2dt-labels/{name}.ome.zarr.zip")
    assert (content.format, content.format_version, content.container) == ("ome-zarr", "0.4", "zarr2")
    assert (content.is_zipped, content.root) == (True, f"{name}.ome.zarr")
    (element,) = content.elements
    assert isinstance(element, kind)
    assert element.dtype == dtype
    assert get_axes(element) == [("t", "time", "second"), ("y", "space", None), ("x", "space", None)]
    assert [level.shape for level in element.levels] == [(10, 592, 1280), (10, 296, 640), (10, 148, 320)]
    assert [level.scale for level in element.levels] == [(1, 1, 1), (1, 2, 2), (1, 4, 4)]
    assert ("labels-guessed" in get_codes(content)) == (kind is LabelsElement)


def test_the_preview_of_labels_is_the_ids_as_stored(tmp_path):
    source, reader, content = read("ome-zarr-v04-2dt-labels/segmentation.ome.zarr.zip")
    preview = reader.read_preview(source, content, 640)
    store = zarr.storage.ZipStore(source.path, mode="r")
    expected = zarr.open_array(store, path="segmentation.ome.zarr/s1", mode="r")[0]
    assert preview.is_labels
    np.testing.assert_array_equal(preview.pixels_cyx[0], expected)


@pytest.mark.parametrize(
    ("name", "shape"),
    [("image-01", (1000, 1000)), ("image-02", (200, 200)), ("image-03", (2, 100, 100)), ("image-04", (2, 64, 64))],
)
def test_conforming_stores_are_described(name, shape):
    _, _, content = read(f"ome-zarr-conformance/valid/{name}.zarr")
    (image,) = content.elements
    assert (image.levels[0].shape, image.dtype, content.findings) == (shape, "float64", ())
    assert {axis.unit for axis in image.axes} == {"micrometer"}


def test_a_plate_is_described_by_its_first_field_and_says_so():
    source, reader, content = read("ome-zarr-conformance/valid/plate-01.zarr")
    (image,) = content.elements
    assert (image.path, image.levels[0].path, image.levels[0].shape) == ("A/1/0", "A/1/0/0", (1000, 1000))
    assert "plate of 4 wells" in content.findings[0].message
    assert reader.read_preview(source, content, 64).pixels_cyx.shape == (1, 66, 66)  # blocks of 1000 // 64 = 15


@pytest.mark.parametrize(
    ("name", "code"), [("image-02", "ngff-malformed"), ("image-03", "array-missing"), ("image-04", "axes-mismatch")]
)
def test_broken_stores_say_what_is_wrong(name, code):
    source = open_source(samples.get(f"ome-zarr-conformance/invalid/{name}.zarr"))
    reader = find_reader(source)
    assert reader.format == "ome-zarr"
    with pytest.raises(UnreadableError) as caught:
        reader.read_content(source)
    assert caught.value.code == code
    assert str(source.path) in caught.value.message


def test_a_zarr_group_without_ome_metadata_is_not_taken_for_ome_zarr():
    assert find_reader(open_source(samples.get("ome-zarr-conformance/invalid/image-01.zarr"))) is None


@pytest.mark.parametrize(
    ("name", "scale", "translation"),
    [
        ("scale", (4, 3, 2), (0, 0, 0)),
        ("affine", (4, 3, 2), (32, 21, 10)),
        ("anisotropic_rotation", (2, 0.5, 0.25), (0, 0, 0)),
    ],
)
def test_drafts_are_read_as_far_as_they_are_understood(name, scale, translation):
    _, _, content = read(f"ome-zarr-v06-draft/{name}.zarr")
    (image,) = content.elements
    assert (content.container, content.format_version) == ("zarr3", "0.6.dev1")
    assert (image.levels[0].scale, image.levels[0].translation) == (scale, translation)
    assert get_codes(content) == {"version-draft"}


def test_the_ome_tiff_pyramid_is_described():
    source, _, content = read("ome-tiff-pyramid/2048x2048_ome6_tiled.ome.tif")
    assert (content.format, content.container) == ("ome-tiff", "tiff")
    (image,) = content.elements
    assert get_axes(image) == [("c", "channel", None), ("y", "space", None), ("x", "space", None)]
    assert [(level.path, level.shape, level.chunk_shape) for level in image.levels] == [
        ("0", (3, 2048, 2048), (1, 1024, 1024)),
        ("1", (3, 1024, 1024), (1, 1024, 1024)),
    ]
    assert image.levels[1].scale == (1, 2, 2)
    assert image.levels[1].translation == (0, 0.5, 0.5)
    assert [channel.name for channel in image.channels] == ["Channel 0", "Channel 1", "Channel 2"]
    assert get_codes(content) == {"unit-unknown"}
    coarsest = tifffile.imread(source.path, series=0, level=1)
    expected = [np.percentile(plane, [1, 99.8]) for plane in coarsest]
    np.testing.assert_allclose([channel.window for channel in image.channels], expected)


def test_the_preview_of_a_pyramid_comes_from_its_coarse_level():
    source, reader, content = read("ome-tiff-pyramid/2048x2048_ome6_tiled.ome.tif")
    preview = reader.read_preview(source, content, 1024)
    np.testing.assert_array_equal(preview.pixels_cyx, tifffile.imread(source.path, series=0, level=1))


def test_channel_names_are_found_where_tifffile_does_not_know_the_axes(caplog):
    _, _, content = read("ome-tiff-oddities/spraggins.mxif.ome.tif")
    (image,) = content.elements
    assert (image.dtype, image.levels[0].shape) == ("int64", (4, 50, 50))
    assert get_axes(image)[0] == ("c", "channel", None)
    assert [channel.name for channel in image.channels] == [
        "DAPI - Hoescht (nuclei)",
        "FITC - Laminin (basement membrane)",
        "Cy3 - Synaptopodin (glomerular)",
        "Cy5 - THP (thick limb)",
    ]


def test_interleaved_sixteen_bit_samples_are_channels_with_an_anisotropic_pixel():
    _, _, content = read("ome-tiff-rgba16/output_ome.ome.tiff")
    (image,) = content.elements
    assert not image.is_rgb
    assert get_axes(image) == [("y", "space", "micrometer"), ("x", "space", "micrometer"), ("c", "channel", None)]
    assert image.levels[0].scale == pytest.approx((0.399840057, 0.400673121, 1.0))
    assert len(image.channels) == 4
    assert get_codes(content) == {"samples-are-channels", "ome-xml-mismatch"}


def test_sixteen_bit_cells_that_look_like_a_colour_image_are_none():
    source, reader, content = read("tiff-hela-3ch/hela-cells.tif")
    (image,) = content.elements
    assert (image.is_rgb, image.levels[0].shape) == (False, (512, 672, 3))
    assert image.levels[0].scale == pytest.approx((1 / 19.420064, 1 / 19.420064, 1))
    assert image.axes[0].unit == "micrometer"  # written as \\u00B5m
    preview = reader.read_preview(source, content, 512)
    np.testing.assert_array_equal(preview.pixels_cyx, tifffile.imread(source.path).transpose(2, 0, 1))


def test_the_slide_is_a_colour_image_with_its_pixel_size():
    source, reader, content = read("svs-cmu1-he/CMU-1-Small-Region.svs")
    (image,) = content.elements
    assert (content.format, image.is_rgb) == ("tiff", True)
    assert (image.levels[0].shape, image.levels[0].scale) == ((2967, 2220, 3), (0.499, 0.499, 1.0))
    assert image.levels[0].chunk_shape == (240, 240, 3)
    assert [channel.window for channel in image.channels] == [None, None, None]
    assert "Thumbnail, Label, Macro" in content.findings[0].message
    preview = reader.read_preview(source, content, 512)
    assert (preview.is_rgb, preview.pixels_cyx.shape) == (True, (3, 593, 444))  # blocks of 2967 // 512 = 5
    assert preview.pixels_cyx.mean() > 200  # a bright field


def test_the_hyperstack_is_described():
    source, reader, content = read("tiff-mitosis-5d/xyzct-mitosis.tif")
    (image,) = content.elements
    assert [axis.name for axis in image.axes] == ["t", "z", "c", "y", "x"]
    assert image.levels[0].shape == (3, 5, 2, 196, 171)
    assert image.levels[0].chunk_shape == (1, 1, 1, 196, 171)
    assert image.levels[0].scale == pytest.approx((1 / 7, 1, 1, 0.0885, 0.0885))
    assert [channel.window for channel in image.channels] == [(1582.0, 6440.0), (1614.0, 15787.0)]
    assert [channel.color_rgb for channel in image.channels] == [(255, 0, 0), (0, 255, 0)]
    preview = reader.read_preview(source, content, 171)
    np.testing.assert_array_equal(preview.pixels_cyx, tifffile.imread(source.path)[0, 2])  # first t, middle z


def test_a_plain_stack_is_guessed_to_be_a_time_lapse_and_says_so():
    _, _, content = read("tiff-migration-2dt/cancer_cell_migration_crop.tif")
    (image,) = content.elements
    assert [axis.name for axis in image.axes] == ["t", "y", "x"]
    assert image.levels[0].shape == (48, 130, 130)
    assert get_codes(content) == {"axis-guessed", "pixel-size-missing"}


def test_wide_integers_in_flat_regions_are_guessed_to_be_labels():
    _, _, content = read("tiff-migration-2dt/cancer_cell_migration_voronoi_otsu_labeling_crop.tif")
    assert isinstance(content.elements[0], LabelsElement)
    assert get_codes(content) == {"axis-guessed", "labels-guessed", "pixel-size-missing"}


@pytest.mark.parametrize(
    ("name", "shape", "dtype", "scale"),
    [
        ("tiff-bbbc022-3ch/IXMtest_A02_s9.tif", (3, 395, 695), "uint16", (1, 1, 1)),
        ("tiff-golgi-labels-table/image.tif", (1274, 1274), "uint8", (1 / 3.988104,) * 2),
        ("tiff-golgi-labels-table/segmentation.tif", (1274, 1274), "uint16", (1 / 3.988104,) * 2),
        ("lightsheet-brain-planes/ch0/ch00012.tif", (510, 667), "uint16", (1, 1)),
        ("merscope-liver-mini/region_0/images/mosaic_DAPI_z0.tif", (880, 880), "uint16", (1, 1)),
        ("cosmx-lung12-mini/Lung12/CellLabels/CellLabels_F002.tif", (648, 672), "float32", (1, 1)),
    ],
)
def test_other_tiffs_are_described(name, shape, dtype, scale):
    _, reader, content = read(name)
    (image,) = content.elements
    assert reader.format == "tiff"
    assert (image.levels[0].shape, image.dtype) == (shape, dtype)
    assert image.levels[0].scale == pytest.approx(scale)


def test_every_tiff_of_the_screen_is_described():
    folder = samples.get("hcs-imagexpress-plate1334/2023-02-21")
    paths = sorted(folder.rglob("*.tif"))
    assert paths
    for path in paths:
        source = open_source(path)
        (image,) = find_reader(source).read_content(source).elements
        expected = tifffile.imread(path)
        assert (image.levels[0].shape, image.dtype) == (expected.shape, expected.dtype.name)


@pytest.mark.parametrize(
    "name",
    ["ome-zarr-v04-mri/mri-stack.ome.zarr", "tiff-mitosis-5d/xyzct-mitosis.tif", "tiff-hela-3ch/hela-cells.tif"],
)
def test_an_image_in_memory_has_named_axes_and_all_pixels(name):
    source, reader, content = read(name)
    loaded = reader.read_object(source)
    expected = zarr.open_array(source.path / "s0")[:] if source.is_folder else tifffile.imread(source.path)
    np.testing.assert_array_equal(loaded.values, expected)
    assert list(loaded.dims) == [axis.name for axis in content.elements[0].axes]


def test_handles_are_lazy():
    source, reader, _ = read("ome-zarr-v04-mri/mri-stack.ome.zarr")
    group = reader.open_object(source)
    assert group["s0"].shape == (27, 226, 186)
    assert group.read_only
    source, reader, _ = read("tiff-mitosis-5d/xyzct-mitosis.tif")
    with reader.open_object(source) as tiff:
        assert tiff.series[0].shape == (3, 5, 2, 196, 171)
