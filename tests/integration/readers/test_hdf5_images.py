"""Images in HDF5, written by h5py and xarray; expected values are those that were written."""

import h5py
import numpy as np
import pytest
import xarray

from vitrina.errors import UnreadableError, VitrinaError
from vitrina.readers.elements import open_pixels
from vitrina.readers.pixels.indexed import IndexedPixels
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source

VOLUME = np.arange(20 * 30 * 40, dtype=np.uint16).reshape(20, 30, 40)


def read(path):
    source = open_source(path)
    reader = find_reader(source)
    assert reader is not None
    return source, reader.read_content(source)


def read_pixels(source, content, element=None, level=0):
    element = element or content.elements[0]
    pixels = open_pixels(source, content, element, level)
    try:
        return IndexedPixels(pixels, element.axes, element.levels[level].shape)[...]
    finally:
        pixels.close()


def get_letters(element):
    return "".join(axis.name for axis in element.axes)


def write(path, data=VOLUME, name="data", attrs=None, **options):
    with h5py.File(path, "w") as file:
        dataset = file.create_dataset(name, data=data, **options)
        dataset.attrs.update(attrs or {})
    return path


def test_a_dataset_is_an_image(tmp_path):
    source, content = read(write(tmp_path / "a.h5", chunks=(4, 8, 8), compression="gzip", name="raw/data"))
    (element,) = content.elements
    assert (content.format, content.container, element.path, element.name) == (
        "hdf5-image",
        "hdf5",
        "raw/data",
        "raw_data",
    )
    assert (get_letters(element), element.levels[0].chunk_shape) == ("zyx", (4, 8, 8))
    assert np.array_equal(read_pixels(source, content), VOLUME)
    assert [finding.code for finding in content.findings] == ["axes-guessed"]


def test_axistags_of_ilastik_say_the_axes(tmp_path):
    tags = '{"axes": [{"key": "y"}, {"key": "x", "resolution": 0.5}, {"key": "c"}]}'
    path = write(tmp_path / "a.ilastik.h5", data=VOLUME[:, :, :2], attrs={"axistags": tags})
    source, content = read(path)
    element = content.elements[0]
    assert get_letters(element) == "yxc"
    assert element.levels[0].scale == (1.0, 0.5, 1.0)
    assert np.array_equal(read_pixels(source, content), VOLUME[:, :, :2])
    assert content.findings == ()


def test_element_sizes_are_micrometers_of_z_y_x(tmp_path):
    _, content = read(write(tmp_path / "a.h5", attrs={"element_size_um": [2.0, 0.5, 0.25]}))
    element = content.elements[0]
    assert element.levels[0].scale == (2.0, 0.5, 0.25)
    assert {axis.unit for axis in element.axes} == {"micrometer"}


@pytest.mark.parametrize("tags", ["{", '{"axes": 7}', '{"axes": [{}]}', '{"axes": [{"key": "x"}]}', "[" * 100_000])
def test_axistags_that_make_no_sense_are_passed_over(tmp_path, tags):
    with h5py.File(tmp_path / "a.h5", "w", libver="latest") as file:  # attributes above 64 KB need the latest format
        file.create_dataset("data", data=VOLUME).attrs["axistags"] = tags
    _, content = read(tmp_path / "a.h5")
    assert get_letters(content.elements[0]) == "zyx"


def test_scales_of_dimensions_say_axes_sizes_and_origins(tmp_path):
    with h5py.File(tmp_path / "a.nc", "w") as file:
        dataset = file.create_dataset("brightness", data=VOLUME)
        for index, (name, values) in enumerate(
            [("depth", 10 + 2.0 * np.arange(20)), ("lat", 0.5 * np.arange(30)), ("lon", np.arange(40) ** 2)]
        ):
            scale = file.create_dataset(name, data=values)
            scale.attrs["units"] = "um"
            scale.make_scale(name)
            dataset.dims[index].attach_scale(scale)
    _, content = read(tmp_path / "a.nc")
    (element,) = content.elements
    assert get_letters(element) == "zyx"
    assert element.levels[0].scale == (2.0, 0.5, 1.0)
    assert element.levels[0].translation == (10.0, 0.0, 0.0)


def test_several_datasets_are_several_images_and_tables_none(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["one"] = VOLUME
        file["two/labels"] = np.repeat(np.arange(1, 31, dtype=np.uint32), 40).reshape(30, 40)
        file["names"] = np.array([b"a"] * 9)
        file["list"] = np.arange(1000)
        file["narrow"] = np.zeros((1000, 3))
        file["complex"] = np.zeros((20, 20), complex)
        file["ring"] = file["two"]
        file["two/self"] = file["two"]
    _, content = read(tmp_path / "a.h5")
    assert [(element.path, element.kind) for element in content.elements] == [
        ("one", "image"),
        ("ring/labels", "labels"),
    ]


def test_what_lies_in_another_file_is_refused(tmp_path):
    write(tmp_path / "secret.h5")
    (tmp_path / "secret.raw").write_bytes(bytes(VOLUME.nbytes))
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["linked"] = h5py.ExternalLink(str(tmp_path / "secret.h5"), "data")
        file["soft"] = h5py.SoftLink("/linked")
        file.create_dataset("outside", VOLUME.shape, "u2", external=[(str(tmp_path / "secret.raw"), 0, VOLUME.nbytes)])
        layout = h5py.VirtualLayout(VOLUME.shape, "u2")
        layout[...] = h5py.VirtualSource(str(tmp_path / "secret.h5"), "data", VOLUME.shape)
        file.create_virtual_dataset("virtual", layout)
        file["own"] = VOLUME
    _, content = read(tmp_path / "a.h5")
    assert [element.path for element in content.elements] == ["own"]
    assert [finding.code for finding in content.findings].count("hdf5-outside-file") == 4


def test_a_file_whose_images_all_lie_outside_is_none(tmp_path):
    write(tmp_path / "secret.h5")
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["linked"] = h5py.ExternalLink(str(tmp_path / "secret.h5"), "data")
    assert find_reader(open_source(tmp_path / "a.h5")) is None


def test_a_damaged_chunk_stops_in_words(tmp_path):
    path = write(tmp_path / "a.h5", chunks=(20, 30, 40), compression="gzip", fletcher32=True)
    with h5py.File(path) as file:
        info = file["data"].id.get_chunk_info(0)
    data = bytearray(path.read_bytes())
    data[info.byte_offset + info.size // 2] ^= 0xFF
    path.write_bytes(bytes(data))
    with pytest.raises(UnreadableError, match="cannot be read as HDF5"):
        read(path)


def test_a_truncated_file_is_not_taken_or_stops_in_words(tmp_path):
    path = write(tmp_path / "a.h5")
    path.write_bytes(path.read_bytes()[:5000])
    reader = find_reader(open_source(path))
    if reader is not None:
        with pytest.raises(UnreadableError):
            reader.read_content(open_source(path))


def test_huge_sizes_of_nothing_are_described_in_small_memory(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("data", (100_000, 200_000, 300_000), "u2", chunks=(1, 64, 64), fillvalue=7)
    source, content = read(tmp_path / "a.h5")
    pixels = open_pixels(source, content, content.elements[0])
    out = np.zeros((1, 1, 3, 3), np.uint16)
    pixels.read_into((0, 0, 99_999, 199_997, 299_997), out)
    pixels.close()
    assert (out == 7).all()


def test_chunks_that_do_not_fit_into_memory_are_refused(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("data", (40_000, 40_000), "u2", chunks=(40_000, 40_000))
    with pytest.raises(UnreadableError, match="no image that can be read"):
        read(tmp_path / "a.h5")


def test_a_filter_that_is_not_installed_is_told(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["own"] = VOLUME
        space = h5py.h5s.create_simple((32, 32))
        created = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        created.set_chunk((32, 32))
        created.set_filter(32_099, h5py.h5z.FLAG_OPTIONAL)
        h5py.h5d.create(file.id, b"strange", h5py.h5t.NATIVE_UINT16, space, created)
    _, content = read(tmp_path / "a.h5")
    assert [element.path for element in content.elements] == ["own"]
    assert "hdf5-filter-missing" in [finding.code for finding in content.findings]


def text(value):
    return np.array([letter.encode() for letter in value], "S1")


def write_imaris(path, *, n_t=2, n_c=2):
    """A file in the layout of Imaris 5.5, its chunks filled up as Imaris does it."""
    rng = np.random.default_rng(0)
    levels = [rng.integers(0, 999, (n_t, n_c, 6, 50, 70)).astype(np.uint16), None]
    levels[1] = levels[0][:, :, :, ::2, ::2]
    with h5py.File(path, "w") as file:
        for number, level in enumerate(levels):
            for t in range(n_t):
                for c in range(n_c):
                    own = file.create_group(f"DataSet/ResolutionLevel {number}/TimePoint {t}/Channel {c}")
                    z, y, x = level.shape[2:]
                    for axis, size in zip("ZYX", (z, y, x), strict=True):
                        own.attrs[f"ImageSize{axis}"] = text(str(size))
                    padded = np.pad(level[t, c], [(0, -z % 4), (0, -y % 32), (0, -x % 32)])
                    own.create_dataset("Data", data=padded, chunks=(4, 32, 32), compression="gzip")
        info = file.create_group("DataSetInfo/Image")
        for name, value in {"Unit": "um", "Name": "cells", "ExtMin0": "10", "ExtMax0": "45", "ExtMin1": "0",
                            "ExtMax1": "25", "ExtMin2": "0", "ExtMax2": "12"}.items():  # fmt: skip
            info.attrs[name] = text(value)
        for c in range(n_c):
            channel = file.create_group(f"DataSetInfo/Channel {c}")
            channel.attrs["Name"] = text(("DAPI", "GFP")[c])
            channel.attrs["Color"] = text(("0.000 0.000 1.000", "0.000 1.000 0.000")[c])
    return levels


def test_imaris_has_levels_channels_and_sizes(tmp_path):
    levels = write_imaris(tmp_path / "a.ims")
    source, content = read(tmp_path / "a.ims")
    (element,) = content.elements
    assert (content.format, element.name, get_letters(element)) == ("imaris", "cells", "tczyx")
    assert [level.shape for level in element.levels] == [(2, 2, 6, 50, 70), (2, 2, 6, 25, 35)]
    assert element.levels[0].scale == (1.0, 1.0, 2.0, 0.5, 0.5)
    assert element.levels[0].translation == (0.0, 0.0, 1.0, 0.25, 10.25)
    assert element.levels[1].scale == (1.0, 1.0, 2.0, 1.0, 1.0)
    assert [(channel.name, channel.color_rgb) for channel in element.channels] == [
        ("DAPI", (0, 0, 255)),
        ("GFP", (0, 255, 0)),
    ]
    for number, level in enumerate(levels):
        assert np.array_equal(read_pixels(source, content, element, number), level)


def test_an_imaris_file_without_its_image_stops_in_words(tmp_path):
    with h5py.File(tmp_path / "a.ims", "w") as file:
        file.create_group("DataSetInfo")
        file.create_group("DataSet")
    with pytest.raises(UnreadableError, match="no 'DataSetInfo/Image'"):
        read(tmp_path / "a.ims")


def test_xarray_in_zarr_has_names_and_sizes(tmp_path):
    array = xarray.DataArray(
        VOLUME,
        dims=("channel", "row", "col"),
        coords={"row": ("row", 5 + 0.5 * np.arange(30), {"units": "um"}), "col": np.arange(40)},
        name="signal",
    )
    array.to_dataset().to_zarr(tmp_path / "a.zarr", consolidated=False)
    source, content = read(tmp_path / "a.zarr")
    (element,) = content.elements
    assert (content.format, element.path, get_letters(element)) == ("zarr-array", "signal", "cyx")
    assert element.levels[0].scale == (1.0, 0.5, 1.0)
    assert element.levels[0].translation == (0.0, 5.0, 0.0)
    assert [axis.unit for axis in element.axes] == [None, "micrometer", None]
    assert np.array_equal(read_pixels(source, content), VOLUME)


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_an_array_alone_in_zarr_is_an_image(tmp_path, zarr_format):
    import zarr

    options = {"dimension_names": ["z", "y", "x"]} if zarr_format == 3 else {}
    array = zarr.create_array(
        tmp_path / "a.zarr", shape=VOLUME.shape, chunks=(8, 16, 16), dtype="u2", zarr_format=zarr_format, **options
    )
    array[...] = VOLUME
    source, content = read(tmp_path / "a.zarr")
    assert content.container == f"zarr{zarr_format}"
    assert np.array_equal(read_pixels(source, content), VOLUME)
    assert [finding.code for finding in content.findings] == ([] if zarr_format == 3 else ["axes-guessed"])


def test_npy_is_mapped_and_npz_has_members(tmp_path):
    np.save(tmp_path / "a.npy", np.asfortranarray(VOLUME))
    np.savez_compressed(tmp_path / "a.npz", stack=VOLUME, plane=VOLUME[0], names=np.array(["a"]))
    source, content = read(tmp_path / "a.npy")
    assert (content.format, content.elements[0].name) == ("numpy", "a")
    assert np.array_equal(read_pixels(source, content), VOLUME)
    source, content = read(tmp_path / "a.npz")
    assert [element.path for element in content.elements] == ["stack", "plane"]
    assert np.array_equal(read_pixels(source, content, content.elements[1]), VOLUME[0])
    assert "array-left-out" in [finding.code for finding in content.findings]


def test_pickles_are_never_loaded(tmp_path):
    np.save(tmp_path / "a.npy", np.array([[{}] * 9] * 9, dtype=object), allow_pickle=True)
    with pytest.raises(UnreadableError, match="no image"):
        read(tmp_path / "a.npy")


def test_a_truncated_or_lying_npy_stops_in_words(tmp_path):
    np.save(tmp_path / "a.npy", VOLUME)
    whole = (tmp_path / "a.npy").read_bytes()
    (tmp_path / "a.npy").write_bytes(whole[:300])
    with pytest.raises(VitrinaError, match=r"a\.npy"):
        read(tmp_path / "a.npy")
    (tmp_path / "b.npy").write_bytes(whole.replace(b"(20, 30, 40)", b"(99999999, 99999999, 99999999)"))
    with pytest.raises(VitrinaError, match=r"b\.npy"):
        read(tmp_path / "b.npy")
