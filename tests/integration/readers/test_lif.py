"""LIF, written here as the format is laid out; liffile, which reads it for us, is asked for whole arrays besides."""

import struct
import sys

import numpy as np
import pytest
from test_pixel_sources import arrange, check_windows

from vitrina.errors import MissingExtraError, UnreadableError
from vitrina.readers.elements import open_pixels
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source

liffile = pytest.importorskip("liffile")

RNG = np.random.default_rng(0)
DIMENSIONS = {"X": 1, "Y": 2, "Z": 3, "T": 4, "λ": 5, "M": 10}
UNITS = {"X": "m", "Y": "m", "Z": "m", "T": "s", "λ": "m", "M": ""}


def build_image_xml(name, axes, pixels, step, luts):
    """An Element with an image; its array is stored in C order, channels lie where ``C`` stands in the axes."""
    strides = dict(zip(axes, pixels.strides, strict=True))
    dimensions = "".join(
        f'<DimensionDescription DimID="{DIMENSIONS[a]}" NumberOfElements="{n}" Origin="0" '
        f'Length="{step * (n - 1)}" Unit="{UNITS[a]}" BytesInc="{strides[a]}" BitInc="0"/>'
        for a, n in reversed(list(zip(axes, pixels.shape, strict=True)))
        if a not in "CS"
    )
    channel_axis = next((a for a in "SC" if a in axes), None)
    n_channels = pixels.shape[axes.index(channel_axis)] if channel_axis else 1
    channels = "".join(
        f'<ChannelDescription DataType="0" ChannelTag="{3 - i if channel_axis == "S" else 0}" '
        f'Resolution="{pixels.itemsize * 8}" NameOfMeasuredQuantity="" Min="0" Max="1" Unit="" LUTName="{luts[i]}" '
        f'IsLUTInverted="0" BytesInc="{i * strides.get(channel_axis, 0)}" BitInc="0"/>'
        for i in range(n_channels)
    )
    return (
        f'<Element Name="{name}" UniqueID="{name}"><Data><Image><ImageDescription><Channels>{channels}</Channels>'
        f"<Dimensions>{dimensions}</Dimensions></ImageDescription></Image></Data>"
        f'<Memory Size="{pixels.nbytes}" MemoryBlockID="MemBlock_{name}"/><Children/></Element>'
    )


def write_lif(path, images):
    """Blocks, each of a mark, its size and its content: the XML first, then the pixels of each image."""
    children = "".join(build_image_xml(*image) for image in images)
    xml = (
        f'<LMSDataContainerHeader Version="2"><Element Name="run" UniqueID="run"><Data><Experiment/></Data><Memory '
        f'Size="0" MemoryBlockID=""/><Children>{children}</Children></Element></LMSDataContainerHeader>'
    )
    text = xml.encode("utf-16-le")
    with path.open("wb") as file:
        file.write(struct.pack("<IIBI", 0x70, len(text) + 5, 0x2A, len(xml)) + text)
        for name, _, pixels, *_ in images:
            label = f"MemBlock_{name}"
            mark = struct.pack("<IIBQBI", 0x70, 14 + 2 * len(label), 0x2A, pixels.nbytes, 0x2A, len(label))
            file.write(mark + label.encode("utf-16-le") + pixels.tobytes())


def make(shape, dtype=np.uint16):
    return RNG.integers(0, np.iinfo(dtype).max, shape).astype(dtype)


@pytest.fixture
def run(tmp_path):
    images = [
        ("stack", "TCZYX", make((2, 3, 4, 20, 30)), 0.5e-6, ["Blue", "Green", "Cy5 special"]),
        ("upright", "CZX", make((2, 20, 30), np.uint8), 0.25e-6, ["Green", "Red"]),
        ("lambda", "λYX", make((5, 20, 30), np.uint8), 0.25e-6, ["Green"]),
        ("colour", "YXS", make((20, 30, 3), np.uint8), 1e-6, ["Red", "Green", "Blue"]),
        ("mosaic", "MYX", make((2, 20, 30)), 1e-6, ["Gray"]),
    ]
    path = tmp_path / "run.lif"
    write_lif(path, images)
    return path, {image[0]: image[2] for image in images}


def read(path):
    source = open_source(path)
    reader = find_reader(source)
    assert reader is not None
    assert reader.format == "lif"
    return source, reader, reader.read_content(source)


def test_every_image_is_described(run):
    _, _, content = read(run[0])
    stack, upright, sweep, colour, *_ = content.elements
    assert [(own.name, "".join(axis.name for axis in own.axes)) for own in content.elements] == [
        ("stack", "tczyx"),
        ("upright", "cyx"),
        ("lambda", "cyx"),
        ("colour", "yxc"),
        ("mosaic tile 0", "yx"),
        ("mosaic tile 1", "yx"),
    ]
    assert stack.levels[0].scale == pytest.approx((0.5e-6, 1, 0.5, 0.5, 0.5))  # time in seconds, space in micrometers
    assert [axis.unit for axis in stack.axes] == ["second", None, "micrometer", "micrometer", "micrometer"]
    assert [channel.color_rgb for channel in stack.channels] == [(0, 0, 255), (0, 255, 0), None]
    assert len(sweep.channels) == 5
    assert colour.is_rgb
    assert upright.dtype == "uint8"
    assert {finding.code for finding in content.findings} == {"axis-guessed", "mosaic-not-stitched"}


def test_the_pixels_are_those_that_were_written(run):
    path, written = run
    source, reader, content = read(path)
    for element in content.elements:
        name, _, tile = element.name.partition(" tile ")
        expected = written[name][int(tile)] if tile else written[name]
        if element.is_rgb:
            expected = expected[..., ::-1]  # the tags of the channels say that blue comes first
        pixels = open_pixels(source, content, element)
        check_windows(pixels, arrange(expected, element))
        pixels.close()
    with liffile.LifFile(path) as file:
        np.testing.assert_array_equal(file.images[0].asarray(), written["stack"])
    np.testing.assert_array_equal(reader.read_object(source), written["stack"])


@pytest.mark.parametrize("share", [0.0, 0.05, 0.2, 0.5, 0.9, 0.99])
def test_a_truncated_file_is_unreadable(run, share):
    path, _ = run
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    source = open_source(path)
    reader = find_reader(source)
    assert reader is not None
    for one in (reader.read_content, reader.read_object):
        with pytest.raises(UnreadableError) as caught:
            one(source)
        assert str(path) in caught.value.message


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('NumberOfElements="30"', 'NumberOfElements="99999999"'),
        ('NumberOfElements="30"', 'NumberOfElements="-3"'),
        ('BytesInc="60"', 'BytesInc="61"'),
        ('Resolution="16"', 'Resolution="4096"'),
        ("</LMSDataContainerHeader>", ""),
        ("MemBlock_stack", "MemBlock_other"),
    ],
)
def test_xml_that_lies_is_no_harm(run, old, new):
    path, _ = run
    data = path.read_bytes()
    length = struct.unpack_from("<I", data, 9)[0]
    text = data[13 : 13 + 2 * length].decode("utf-16-le")
    assert old in text
    changed = text.replace(old, new)
    encoded = changed.encode("utf-16-le")
    head = struct.pack("<IIBI", 0x70, len(encoded) + 5, 0x2A, len(changed))
    path.write_bytes(head + encoded + data[13 + 2 * length :])
    source = open_source(path)
    with pytest.raises(UnreadableError) as caught:
        find_reader(source).read_content(source)
    assert str(path) in caught.value.message


def test_without_liffile_the_extra_is_named(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "liffile", None)
    source = open_source(run[0])
    with pytest.raises(MissingExtraError) as caught:
        find_reader(source).read_content(source)
    assert "vitrina[microscopes]" in caught.value.hint
