"""OME-XML taken by itself; expectations are from the schema of 2016-06."""

from xml.etree import ElementTree as ET

import pytest

from vitrina.checks.formats.ome.document import find_version, looks_like_ome, parse_document
from vitrina.checks.formats.ome.pixels import check_ids, check_image, parse_count
from vitrina.checks.formats.ome.planes import File, Planes, check_planes
from vitrina.checks.formats.ome.vocabulary import LENGTH_UNITS, TIME_UNITS

NAMESPACE = "http://www.openmicroscopy.org/Schemas/OME/2016-06"


def build_pixels(content='<TiffData IFD="0" PlaneCount="6"/>', **attributes):
    own = {"ID": "Pixels:0", "DimensionOrder": "XYZCT", "Type": "uint8", **dict.fromkeys(["SizeX", "SizeY"], "9")}
    own |= {"SizeZ": "3", "SizeC": "2", "SizeT": "1", **attributes}
    text = " ".join(f'{name}="{value}"' for name, value in own.items() if value is not None)
    image = ET.fromstring(f'<Image ID="Image:0"><Pixels {text}>{content}</Pixels></Image>')  # noqa: S314 our own text
    found = []
    findings = list(check_image(image, 0, found))
    return findings, found


def place(content, order="XYZCT", n_pages=6):
    findings, (pixels,) = build_pixels(content, DimensionOrder=order)
    planes = Planes()
    findings += check_planes(pixels, File(name="image.ome.tif", uuid=None, n_pages=n_pages), planes)
    return {one.code for one in findings}, planes.pages


def test_a_sound_image_has_no_findings():
    findings, (pixels,) = build_pixels()
    assert findings == []
    assert pixels.n_planes == 6
    assert pixels.n_samples == (1, 1)


@pytest.mark.parametrize(
    ("text", "expected"), [("12", 12), (" 7 ", 7), ("+3", 3), ("-1", None), ("1.5", None), ("", None), (None, None),
                           ("٣", None), ("9" * 40, None)]
)  # fmt: skip
def test_counts_are_whole_numbers(text, expected):
    assert parse_count(text) == expected


@pytest.mark.parametrize("order", ["XYZCT", "XYCZT", "XYTCZ"])
def test_planes_are_counted_in_the_order_of_dimensions(order):
    codes, pages = place('<TiffData FirstC="1" FirstZ="2" IFD="4"/>', order)
    expected = {"XYZCT": 2 + 1 * 3, "XYCZT": 1 + 2 * 2, "XYTCZ": 1 + 2 * 2}[order]
    assert pages == {expected: 4}
    assert codes == {"ome-planes-missing"}


def test_a_block_that_says_nothing_holds_all_planes():
    """As the specification says of TiffData without attributes."""
    codes, pages = place("<TiffData/>")
    assert codes == set()
    assert pages == {i: i for i in range(6)}


def test_samples_of_a_channel_count_for_size_c():
    findings, (pixels,) = build_pixels('<Channel ID="Channel:0:0" SamplesPerPixel="3"/>', SizeC="3")
    assert findings == []
    assert pixels.n_planes == 3


def test_references_may_repeat_an_id():
    xml = '<OME><ROI ID="ROI:0"/><Image ID="Image:0"><ROIRef ID="ROI:0"/></Image><ROI ID="ROI:0"/></OME>'
    assert [one.code for one in check_ids(ET.fromstring(xml))] == ["ome-id-repeated"]  # noqa: S314 our own text


@pytest.mark.parametrize(
    ("namespace", "version"),
    [
        (NAMESPACE, "2016-06"),
        ("http://www.openmicroscopy.org/Schemas/OME/2013-06", "2013-06"),
        ("http://www.openmicroscopy.org/XMLschemas/OME/FC/ome.xsd", "FC"),
        ("http://example.org/OME/2016-06", None),
    ],
)
def test_the_version_is_in_the_namespace(namespace, version):
    root, findings = parse_document(f'<OME xmlns="{namespace}"/>'.encode())
    assert find_version(root) == version
    assert bool(findings) == (version != "2016-06")


def test_entities_are_never_expanded():
    text = b'<!DOCTYPE OME [<!ENTITY a "b">]><OME>&a;</OME>'
    root, findings = parse_document(text)
    assert root is None
    assert [one.code for one in findings] == ["ome-xml-refused"]


def test_any_prefix_of_the_namespace_is_known():
    assert looks_like_ome(f'<ome:OME xmlns:ome="{NAMESPACE}"/>'.encode())
    assert not looks_like_ome(b"ImageJ=1.53")
    assert not looks_like_ome(None)


def test_units_are_those_of_the_schema():
    assert {"µm", "nm", "Å", "pixel", "reference frame", "in"} <= LENGTH_UNITS
    assert {"s", "ms", "µs", "min", "h", "d"} <= TIME_UNITS
    assert "micron" not in LENGTH_UNITS
