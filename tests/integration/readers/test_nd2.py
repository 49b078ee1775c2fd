"""ND2: a time-lapse from a microscope; expected pixels are taken from the bytes of the file by hand arithmetic."""

import re
import struct
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from test_pixel_sources import arrange, check_windows

from vitrina.errors import MissingExtraError, UnreadableError
from vitrina.model.content import Axis
from vitrina.readers.elements import open_pixels
from vitrina.readers.pixels.nd2 import Nd2Pixels
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source

nd2 = pytest.importorskip("nd2")

SAMPLE = Path(__file__).parent / "data" / "cluster.nd2"


def read(path):
    source = open_source(path)
    reader = find_reader(source)
    assert reader is not None
    assert reader.format == "nd2"
    return source, reader, reader.read_content(source)


def read_frames():
    """T x Z x C x Y x X: a chunk is its mark, two lengths, its name, and here 8 bytes of time before the pixels."""
    data = SAMPLE.read_bytes()
    frames = {}
    for match in re.finditer(rb"\xda\xce\xbe\x0a(.{12})ImageDataSeq\|(\d+)!", data, re.DOTALL):
        name_bytes, _ = struct.unpack("<IQ", match.group(1))
        start = match.start() + 16 + name_bytes + 8
        frames[int(match.group(2))] = np.frombuffer(data, "<u2", 31 * 38 * 2, start).reshape(31, 38, 2)
    assert len(frames) == 30
    stack = np.stack([frames[i] for i in range(30)])
    return stack.reshape(3, 10, 31, 38, 2).transpose(0, 1, 4, 2, 3)


def test_a_time_lapse_is_described():
    _, _, content = read(SAMPLE)
    (image,) = content.elements
    assert (content.format, image.name, image.dtype, image.is_rgb) == ("nd2", "cluster", "uint16", False)
    assert [(axis.name, axis.unit) for axis in image.axes] == [
        ("t", None),
        ("z", "micrometer"),
        ("c", None),
        ("y", "micrometer"),
        ("x", "micrometer"),
    ]
    (level,) = image.levels
    assert (level.shape, level.chunk_shape) == ((3, 10, 2, 31, 38), (1, 1, 2, 31, 38))
    assert level.scale == pytest.approx((1, 0.5, 1, 0.167809, 0.167809), abs=1e-6)
    assert (image.channels[0].name, image.channels[0].color_rgb) == ("5-FAM/pH 9.0", (120, 233, 15))
    assert not content.findings


def test_the_pixels_are_those_in_the_file():
    source, reader, content = read(SAMPLE)
    expected = read_frames()
    pixels = open_pixels(source, content, content.elements[0])
    assert pixels.n_joint_channels == 2
    check_windows(pixels, arrange(expected, content.elements[0]))
    pixels.close()
    np.testing.assert_array_equal(reader.read_object(source), expected)
    np.testing.assert_array_equal(nd2.imread(SAMPLE), expected)
    preview = reader.read_preview(source, content, 31)
    np.testing.assert_array_equal(preview.pixels_cyx, expected[0, 5])


@pytest.mark.parametrize("sizes", [{"P": 3, "T": 2, "Z": 4}, {"T": 2, "P": 3, "Z": 4}, {"T": 2, "Z": 4, "P": 3}])
@pytest.mark.parametrize("n_samples", [1, 3])
def test_positions_lie_wherever_the_experiment_loops_over_them(sizes, n_samples):
    sizes = {**sizes, "C": 2, "Y": 5, "X": 7} | ({"S": 3} if n_samples == 3 else {})
    whole = np.random.default_rng(0).integers(0, 999, list(sizes.values())).astype(np.uint16)
    n_frames = 24
    frames = whole.reshape(n_frames, *list(sizes.values())[3:])
    file = SimpleNamespace(sizes=sizes, dtype=whole.dtype, read_frame=lambda i: frames[i], close=lambda: None)
    axes = [Axis(name=letter.lower()) for letter in sizes if letter != "P"]
    for position in range(3):
        pixels = Nd2Pixels(open_source(SAMPLE), file, axes, position=position)
        expected = whole.take(position, list(sizes).index("P"))  # t z c y x and perhaps s
        tczyx = expected.transpose(0, 2, 1, 3, 4) if n_samples == 1 else expected.transpose(0, 2, 5, 1, 3, 4)
        check_windows(pixels, tczyx.reshape(2, -1, 4, 5, 7))


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_unreadable(share, tmp_path):
    path = tmp_path / "cluster.nd2"
    path.write_bytes(SAMPLE.read_bytes()[: int(SAMPLE.stat().st_size * share)])
    source = open_source(path)
    reader = find_reader(source)
    assert reader is not None
    for one in (reader.read_content, reader.read_object):
        with pytest.raises(UnreadableError) as caught:
            one(source)
        assert str(path) in caught.value.message


@pytest.mark.parametrize(
    "name", [b"ImageAttributesLV!", b"ImageMetadataSeqLV|0!", b"ImageDataSeq|0!", b"ND2 FILEMAP SIGNATURE NAME 0001!"]
)
def test_a_damaged_chunk_is_told(name, tmp_path):
    path = tmp_path / "cluster.nd2"
    data = bytearray(SAMPLE.read_bytes())
    start = data.index(name) - 16
    data[start : start + 4] = b"\0\0\0\0"
    data[start + 16 + len(name) : start + 4500] = b"\xff" * (4500 - 16 - len(name))
    path.write_bytes(data)
    source = open_source(path)
    reader = find_reader(source)
    if name.startswith(b"ImageDataSeq"):  # pixels have no checksum: any bytes are some
        assert reader.read_content(source).elements[0].dtype == "uint16"
        return
    with pytest.raises(UnreadableError) as caught:
        reader.read_content(source)
    assert str(path) in caught.value.message


def test_without_nd2_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "nd2", None)
    source = open_source(SAMPLE)
    with pytest.raises(MissingExtraError) as caught:
        find_reader(source).read_content(source)
    assert "vitrina[microscopes]" in caught.value.hint
