"""Folders of planes; expected pixels are those that were written, or tifffile's."""

import numpy as np
import pytest
import samples
import tifffile
from plates import make_plane

from vitrina.errors import InputError, UnreadableError
from vitrina.readers.elements import open_pixels
from vitrina.readers.pixels.indexed import IndexedPixels
from vitrina.readers.registry import find_reader
from vitrina.readers.source import ReadOptions, open_source


def read(path, pattern=None):
    source = open_source(path, ReadOptions(pattern=pattern))
    return source, find_reader(source).read_content(source)


def read_pixels(source, content, number=0):
    element = content.elements[number]
    pixels = open_pixels(source, content, element)
    try:
        return IndexedPixels(pixels, element.axes, element.levels[0].shape)[...]
    finally:
        pixels.close()


def write(folder, name, *place, **options):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    tifffile.imwrite(path, make_plane(*place), **options)


def list_codes(content):
    return [finding.code for finding in content.findings]


def test_the_sample_of_numbered_planes_is_one_image():
    path = samples.get("lightsheet-brain-planes")
    source, content = read(path)
    (element,) = content.elements
    assert (content.format, "".join(axis.name for axis in element.axes)) == ("image-folder", "czyx")
    assert [channel.name for channel in element.channels] == ["ch0", "ch1"]
    expected = [[tifffile.imread(path / f"ch{c}/ch{c}{z:04}.tif") for z in (12, 13, 14)] for c in (0, 1)]
    assert np.array_equal(read_pixels(source, content), expected)
    assert list_codes(content) == ["planes-guessed", "planes-renumbered", "pixel-size-missing"]


def test_gaps_are_black_and_told(tmp_path):
    for z in (3, 4, 6):
        write(tmp_path, f"img_z{z:03}.tif", z, resolution=(20_000, 20_000), resolutionunit="CENTIMETER")
    source, content = read(tmp_path)
    pixels = read_pixels(source, content)
    assert pixels.shape == (4, 24, 40)
    assert not pixels[2].any()
    assert np.array_equal(pixels[3], make_plane(6))
    assert content.elements[0].levels[0].scale == pytest.approx((1.0, 0.5, 0.5))
    told = {finding.code: finding.message for finding in content.findings}
    assert told["planes-missing"] == "1 of 4 planes have no file (z 5); they are black."
    assert "z-spacing-missing" in told


def test_a_pattern_says_time_channel_and_depth(tmp_path):
    for t in (1, 2):
        for c in ("red", "blue"):
            for z in range(2):
                write(tmp_path, f"{c}/T{t}/slice{z}.tif", t, len(c), z)
    source, content = read(tmp_path, "{channel}/T{t}/slice{z}.tif")
    assert [channel.name for channel in content.elements[0].channels] == ["blue", "red"]
    expected = [[[make_plane(t, len(c), z) for z in range(2)] for c in ("blue", "red")] for t in (1, 2)]
    assert np.array_equal(read_pixels(source, content), expected)


def test_fields_of_a_pattern_are_images_of_their_own(tmp_path):
    for field in (1, 4):
        for z in range(3):
            write(tmp_path, f"pos{field}_{z}.tif", field, z)
    source, content = read(tmp_path, "pos{field}_{z}.tif")
    assert [element.path for element in content.elements] == ["1", "4"]
    assert np.array_equal(read_pixels(source, content, 1), [make_plane(4, z) for z in range(3)])


def test_a_file_may_hold_a_stack_where_the_pattern_has_no_depth(tmp_path):
    for t in range(2):
        stack = np.stack([make_plane(t, z) for z in range(5)])
        tifffile.imwrite(tmp_path / f"time{t}.tif", stack, photometric="minisblack", compression="zlib")
    source, content = read(tmp_path, "time{t}.tif")
    assert np.array_equal(read_pixels(source, content), [[make_plane(t, z) for z in range(5)] for t in range(2)])


def test_a_file_with_a_stack_is_refused_where_the_pattern_has_depth(tmp_path):
    for z in range(2):
        tifffile.imwrite(tmp_path / f"z{z}.tif", np.zeros((3, 9, 9), np.uint8), photometric="minisblack")
    with pytest.raises(UnreadableError, match="holds 3 planes"):
        read(tmp_path, "z{z}.tif")


def test_a_pattern_with_no_match_is_told(tmp_path):
    write(tmp_path, "a.tif", 0)
    with pytest.raises(InputError, match="fits the pattern"):
        read(tmp_path, "z{z}.tif")


@pytest.mark.parametrize("extra", ["table.parquet", "cells.h5", "movie.avi"])
def test_a_folder_with_more_than_planes_is_not_guessed(tmp_path, extra):
    for z in range(3):
        write(tmp_path, f"z{z}.tif", z)
    assert find_reader(open_source(tmp_path)).format == "image-folder"
    (tmp_path / extra).write_bytes(b"0" * 100)
    assert find_reader(open_source(tmp_path)) is None


def test_planes_of_different_sizes_are_not_guessed(tmp_path):
    write(tmp_path, "z0.tif", 0)
    tifffile.imwrite(tmp_path / "z1.tif", np.zeros((9, 9), np.uint16))
    assert find_reader(open_source(tmp_path)) is None


def test_a_plane_of_another_type_inside_stops_with_its_name(tmp_path):
    for z in range(7):
        write(tmp_path, f"z{z}.tif", z)
    tifffile.imwrite(tmp_path / "z5.tif", make_plane(5).astype(np.float32))
    source, content = read(tmp_path)
    with pytest.raises(UnreadableError, match=r"z5\.tif is 1 x 24 x 40 float32"):
        read_pixels(source, content)


def test_a_file_that_declares_a_huge_plane_is_refused_before_it_is_read(tmp_path):
    for z in range(7):
        write(tmp_path, f"z{z}.tif", z)
    data = bytearray((tmp_path / "z5.tif").read_bytes())
    with tifffile.TiffFile(tmp_path / "z5.tif") as file:
        for name in ("ImageWidth", "ImageLength"):
            offset = file.pages.first.tags[name].valueoffset
            data[offset : offset + 2] = (65_500).to_bytes(2, "little")
    (tmp_path / "z5.tif").write_bytes(bytes(data))
    source, content = read(tmp_path)
    with pytest.raises(UnreadableError, match=r"z5\.tif"):
        read_pixels(source, content)


def test_links_out_of_the_folder_are_not_followed(tmp_path):
    write(tmp_path, "secret/x.tif", 9)
    for z in range(3):
        write(tmp_path, f"a/z{z}.tif", z)
    (tmp_path / "a" / "z3.tif").symlink_to(tmp_path / "secret" / "x.tif")
    (tmp_path / "a" / "more").symlink_to(tmp_path / "secret", target_is_directory=True)
    _, content = read(tmp_path / "a")
    assert content.elements[0].levels[0].shape == (3, 24, 40)
