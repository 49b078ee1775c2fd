"""Zarr arrays whose chunks are damaged, lie elsewhere, or are not what was described."""

import numpy as np
import pytest
import zarr
from test_pixel_sources import read_whole
from test_pixel_sources_zarr import V3_COMPRESSORS, describe, make_pixels, write

from vitrina.errors import UnreadableError, UnsupportedError
from vitrina.readers.elements import open_pixels
from vitrina.readers.quiet import without_format_warnings


@pytest.mark.parametrize(
    ("name", "change"),
    [
        *((name, change) for name in sorted(V3_COMPRESSORS) for change in ("cut", "empty")),
        *((name, "longer") for name in ("blosc", "checksum", "none")),  # other codecs ignore what follows their end
    ],
)
def test_a_damaged_chunk_is_named(tmp_path, name, change):
    array = make_pixels((1, 90, 90), "uint16")
    source, content, element = write(
        tmp_path / "image.zarr", array, chunks=(1, 50, 50), compressors=V3_COMPRESSORS[name]
    )
    path = tmp_path / "image.zarr/0/c/0/1/1"
    data = path.read_bytes()
    path.write_bytes({"cut": data[: len(data) // 2], "empty": b"", "longer": data + b"\1"}[change])
    pixels = open_pixels(source, content, element)
    pixels.read_into((0, 0, 0, 0, 0), np.zeros((1, 1, 50, 50), np.uint16))
    out = np.zeros((1, 1, 40, 40), np.uint16)
    for _ in range(2):
        with pytest.raises(UnreadableError) as caught:
            pixels.read_into((0, 0, 0, 50, 50), out)
        assert caught.value.code == "chunk-damaged"
        assert f"The chunk 0, 1, 1 of the array '0' in {source.path}, in the file 'c/0/1/1'" in caught.value.message
        assert "copy or download it again" in caught.value.hint


@pytest.mark.parametrize("change", ["cut", "checksum", "beyond"])
def test_a_damaged_shard_is_named(tmp_path, change):
    array = make_pixels((1, 100, 100), "uint16")
    source, content, element = write(tmp_path / "image.zarr", array, chunks=(1, 50, 50), shards=(1, 100, 100))
    path = tmp_path / "image.zarr/0/c/0/0/0"
    data = bytearray(path.read_bytes())
    if change == "cut":
        data = data[:40]
    elif change == "checksum":
        data[-1] ^= 255
    else:
        import google_crc32c

        index = np.frombuffer(data[-68:-4], "<u8").copy()
        index[1] = 10**9
        data[-68:-4] = index.tobytes()
        data[-4:] = google_crc32c.value(bytes(data[-68:-4])).to_bytes(4, "little")
    path.write_bytes(data)
    pixels = open_pixels(source, content, element)
    with pytest.raises(UnreadableError) as caught:
        pixels.read_into((0, 0, 0, 0, 0), np.zeros((1, 1, 50, 50), np.uint16))
    assert caught.value.code == "chunk-damaged"
    assert "The chunk 0, 0, 0 of the array '0'" in caught.value.message


def test_damage_that_zarr_python_finds_is_told_too(tmp_path):
    array = make_pixels((1, 90, 90), "uint16")
    options = {"chunks": (1, 50, 50), "compressors": zarr.codecs.numcodecs.BZ2(level=1)}
    with without_format_warnings():
        source, content, element = write(tmp_path / "image.zarr", array, **options)
        (tmp_path / "image.zarr/0/c/0/1/1").write_bytes(b"damaged")
        pixels = open_pixels(source, content, element)
    with pytest.raises(UnreadableError) as caught:
        read_whole(pixels)
    assert caught.value.code == "chunk-damaged"
    assert "array '0'" in caught.value.message
    pixels.close()


def test_links_are_followed_inside_the_tree_only(tmp_path):
    array = make_pixels((1, 90, 90), "uint16")
    source, content, element = write(tmp_path / "image.zarr", array, chunks=(1, 50, 50))
    folder = tmp_path / "image.zarr/0/c/0"
    (folder / "0").rename(tmp_path / "image.zarr/moved")
    (folder / "0").symlink_to(tmp_path / "image.zarr/moved")
    (folder / "1/0").rename(tmp_path / "image.zarr/chunk")
    (folder / "1/0").symlink_to("../../../../chunk")
    np.testing.assert_array_equal(read_whole(open_pixels(source, content, element))[0, 0], array)
    (folder / "0").unlink()
    (folder / "0").symlink_to(tmp_path)
    (folder / "1/1").rename(tmp_path / "outside")
    (folder / "1/1").symlink_to(tmp_path / "outside")
    pixels = open_pixels(source, content, element)
    for y, x in ((0, 0), (50, 50)):
        with pytest.raises(UnreadableError) as caught:
            pixels.read_into((0, 0, 0, y, x), np.zeros((1, 1, 40, 40), np.uint16))
        assert caught.value.code == "path-outside"


@pytest.mark.parametrize("array_path", ["../other.zarr/0", "/etc", "0/../../other.zarr/0"])
def test_paths_do_not_lead_out_of_the_tree(tmp_path, array_path):
    array = make_pixels((1, 9, 9), "uint16")
    write(tmp_path / "other.zarr", array)
    write(tmp_path / "image.zarr", array)
    source, content, element = describe(tmp_path / "image.zarr", array.shape, "cyx", array_path=array_path)
    with pytest.raises(UnreadableError):
        read_whole(open_pixels(source, content, element))


def test_an_array_of_another_shape_or_of_no_pixels_is_refused(tmp_path):
    array = make_pixels((1, 9, 9), "uint16")
    write(tmp_path / "image.zarr", array)
    source, content, element = describe(tmp_path / "image.zarr", (1, 9, 8), "cyx")
    with pytest.raises(UnreadableError) as caught:
        open_pixels(source, content, element)
    assert caught.value.code == "array-changed"
    source, content, element = write(tmp_path / "complex.zarr", array.astype("complex64"))
    with pytest.raises(UnsupportedError) as caught:
        open_pixels(source, content, element)
    assert caught.value.code == "pixels-unsupported"
