"""OME-XML as built; expected text by the schema of 2016-06, read back with our own parser and tifffile's."""

from xml.etree import ElementTree as ET

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st

from vitrina.convert.tiff.image import TiffImage
from vitrina.convert.tiff.ome_xml import NAMESPACE, build_ome_xml, pack_color
from vitrina.model.content import Channel
from vitrina.readers.ome_xml import parse_color, parse_ome_xml

PIXELS = f"{{{NAMESPACE}}}Image/{{{NAMESPACE}}}Pixels"


def make(shape=(1, 1, 1, 10, 20), dtype="uint16", **more):
    return TiffImage(dtype=np.dtype(dtype), level_shapes_tczyx=(shape,), **more)


def parse(*images):
    return ET.fromstring(build_ome_xml(images)).findall(PIXELS)  # noqa: S314 our own text


def test_sizes_units_channels_and_planes_are_written():
    sizes = {"t": (0.5, "second"), "z": (2, "millimeter"), "y": (0.1, "micrometer"), "x": (3, "angstrom")}
    channels = (Channel(name="DAPI", color_rgb=(0, 0, 255)), Channel(name="GFP"))
    (pixels,) = parse(make((4, 2, 3, 10, 20), pixel_sizes=sizes, channels=channels))
    assert pixels.attrib == {
        "ID": "Pixels:0", "DimensionOrder": "XYZCT", "Type": "uint16", "BigEndian": "false", "Interleaved": "false",
        "SizeX": "20", "SizeY": "10", "SizeZ": "3", "SizeC": "2", "SizeT": "4",
        "PhysicalSizeX": "3.0", "PhysicalSizeXUnit": "Å", "PhysicalSizeY": "0.1",
        "PhysicalSizeZ": "2.0", "PhysicalSizeZUnit": "mm", "TimeIncrement": "0.5",
    }  # fmt: skip
    assert [child.attrib for child in pixels] == [
        {"ID": "Channel:0:0", "SamplesPerPixel": "1", "Name": "DAPI", "Color": "65535"},
        {"ID": "Channel:0:1", "SamplesPerPixel": "1", "Name": "GFP"},
        {"IFD": "0", "PlaneCount": "24"},
    ]


def test_a_colour_image_is_one_channel_of_three_samples():
    (pixels,) = parse(make((2, 3, 1, 9, 9), "uint8", n_joint_channels=3, channels=(Channel(name="Red"),) * 3))
    assert (pixels.get("SizeC"), pixels.get("Interleaved")) == ("3", "true")
    assert [child.attrib for child in pixels] == [
        {"ID": "Channel:0:0", "SamplesPerPixel": "3"},
        {"IFD": "0", "PlaneCount": "2"},
    ]


def test_images_begin_where_the_planes_of_those_before_end():
    found = parse(make((1, 2, 3, 9, 9)), make((2, 3, 1, 9, 9), "uint8", n_joint_channels=3), make())
    planes = [pixels.find(f"{{{NAMESPACE}}}TiffData").attrib for pixels in found]
    assert [(own["IFD"], own["PlaneCount"]) for own in planes] == [("0", "6"), ("6", "2"), ("8", "1")]


@pytest.mark.parametrize(
    ("size", "written"),
    [
        ((1.0, None), {}),
        ((0.0, "micrometer"), {}),
        ((float("nan"), "micrometer"), {}),
        ((2.0, None), {"PhysicalSizeX": "2.0", "PhysicalSizeXUnit": "reference frame"}),
        ((2.0, "second"), {"PhysicalSizeX": "2.0", "PhysicalSizeXUnit": "reference frame"}),
        ((1.0, "micrometer"), {"PhysicalSizeX": "1.0"}),
        ((1.0, "picometer"), {"PhysicalSizeX": "1.0", "PhysicalSizeXUnit": "pm"}),
    ],
)
def test_sizes_without_a_known_unit_stand_in_no_unit(size, written):
    (pixels,) = parse(make(pixel_sizes={"x": size}))
    assert {name: value for name, value in pixels.attrib.items() if name.startswith("Physical")} == written


def test_time_in_no_known_unit_is_left_out():
    (pixels,) = parse(make(pixel_sizes={"t": (2.0, "micrometer")}))
    assert not any(name.startswith("Time") for name in pixels.attrib)


@given(st.text(st.characters(codec="utf-8"), min_size=1), st.tuples(*[st.integers(0, 255)] * 3))
def test_any_name_and_colour_comes_through(name, color_rgb):
    text = build_ome_xml([make(name=name, channels=(Channel(name=name, color_rgb=color_rgb),))])
    assert b"&#" not in text  # Bio-Formats takes references for damage
    (image,) = parse_ome_xml(text.decode())
    (channel,) = image.channels
    assert channel.color_rgb == parse_color(str(pack_color(color_rgb))) == color_rgb
    if name.isprintable():
        assert channel.name == image.name == name
    assert tifffile.xml2dict(text.decode())["OME"]["Image"]["Pixels"]["SizeX"] == 20
