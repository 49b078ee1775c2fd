"""OME-XML. Expected values are written by hand from the OME schema."""

import pytest

from vitrina.errors import UnreadableError
from vitrina.readers.ome_xml import parse_color, parse_ome_xml

NAMESPACE = "http://www.openmicroscopy.org/Schemas/OME/2016-06"


def build(pixels, channels="", image='Name="a"'):
    return f'<OME xmlns="{NAMESPACE}"><Image {image}><Pixels {pixels}>{channels}</Pixels></Image></OME>'


def test_sizes_units_and_channels_are_read():
    (image,) = parse_ome_xml(
        build(
            'SizeX="4" SizeY="3" SizeC="2" SizeZ="1" SizeT="1" PhysicalSizeX="0.5" PhysicalSizeY="250" '
            'PhysicalSizeYUnit="nm" TimeIncrement="2"',
            '<Channel Name="DAPI" Color="65535"/><Channel SamplesPerPixel="3"/>',
        )
    )
    assert image.name == "a"
    assert image.sizes == {"X": 4, "Y": 3, "C": 2, "Z": 1, "T": 1}
    assert image.pixel_sizes == {"X": (0.5, "micrometer"), "Y": (250.0, "nanometer"), "T": (2.0, "second")}
    assert [(own.name, own.color_rgb, own.n_samples) for own in image.channels] == [
        ("DAPI", (0, 0, 255), 1),
        (None, None, 3),
    ]


def test_pixel_is_no_unit():
    (image,) = parse_ome_xml(build('SizeX="4" PhysicalSizeX="1.0" PhysicalSizeXUnit="pixel"'))
    assert image.pixel_sizes == {}
    assert image.unknown_units == ("pixel",)


@pytest.mark.parametrize("size", ["0", "-1", "nan", "inf", "", "x"])
def test_a_size_that_is_no_size_is_left_out(size):
    (image,) = parse_ome_xml(build(f'SizeX="4" PhysicalSizeX="{size}"'))
    assert image.pixel_sizes == {}


@pytest.mark.parametrize(
    ("text", "color"),
    [
        ("-1", (255, 255, 255)),  # 0xFFFFFFFF, the schema's default: opaque white
        ("-16776961", (255, 0, 0)),  # 0xFF0000FF
        ("16711935", (0, 255, 0)),  # 0x00FF00FF
        ("", None),
        (None, None),
    ],
)
def test_colours_are_signed_rgba(text, color):
    assert parse_color(text) == color


@pytest.mark.parametrize("text", ["", "<OME", "no xml", '<!DOCTYPE x [<!ENTITY a "b">]><OME>&c;</OME>'])
def test_damaged_xml_is_unreadable(text):
    with pytest.raises(UnreadableError):
        parse_ome_xml(text)
