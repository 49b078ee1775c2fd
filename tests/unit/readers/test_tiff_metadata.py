"""Pixel sizes and channels as ImageJ, Aperio and plain TIFF give them. Expected values are hand arithmetic."""

import numpy as np
import pytest

from vitrina.readers.tiff_metadata import parse_imagej, parse_resolution, parse_svs


@pytest.mark.parametrize("unit", ["micron", "um", "\\u00B5m", "\u00b5m", "microns"])
def test_every_spelling_of_a_micrometer_is_known(unit):
    metadata = parse_imagej({"unit": unit, "spacing": 2.0}, (4.0, 5.0))
    assert metadata.pixel_sizes == {"X": (0.25, "micrometer"), "Y": (0.2, "micrometer"), "Z": (2.0, "micrometer")}
    assert metadata.unknown_units == ()


@pytest.mark.parametrize(("unit", "unknown"), [("pixel", ("pixel",)), ("", ()), (None, ())])
def test_an_image_without_a_physical_unit_has_no_pixel_size(unit, unknown):
    metadata = parse_imagej({"unit": unit, "spacing": 2.0}, (4.0, 4.0))
    assert metadata.pixel_sizes == {}
    assert metadata.unknown_units == unknown


def test_channels_take_their_ranges_and_colours():
    green = np.zeros((3, 256), np.uint8)
    green[1] = np.arange(256)
    metadata = parse_imagej(
        {"channels": 2, "Ranges": (1.0, 9.0, 2.0, 8.0), "LUTs": [green, green[::-1]], "Labels": ["a", "b"]}, (0.0, 0.0)
    )
    assert [(own.name, own.color_rgb, own.window) for own in metadata.channels] == [
        ("a", (0, 255, 0), (1.0, 9.0)),
        ("b", (0, 255, 0), (2.0, 8.0)),
    ]


def test_labels_of_planes_are_no_channel_names():
    metadata = parse_imagej({"channels": 2, "Labels": ["p1", "p2", "p3", "p4"]}, (0.0, 0.0))
    assert [own.name for own in metadata.channels] == [None, None]


def test_an_inverted_look_up_table_is_no_colour():
    inverted = np.tile(np.arange(255, -1, -1, dtype=np.uint8), (3, 1))
    assert parse_imagej({"LUTs": [inverted]}, (0.0, 0.0)).channels[0].color_rgb is None


@pytest.mark.parametrize(
    ("resolution", "unit", "size"),
    [
        ((20000.0, 20000.0), 3, 0.5),  # 1 cm / 20,000 = 0.5 um
        ((50800.0, 50800.0), 2, 0.5),  # 1 inch / 50,800 = 0.5 um
        ((300.0, 300.0), 2, None),  # 85 um: a printer's resolution
        ((1.0, 1.0), 3, None),
        ((20000.0, 20000.0), 1, None),  # no unit
        ((0.0, 0.0), 3, None),
    ],
)
def test_only_a_microscope_s_resolution_counts(resolution, unit, size):
    sizes = parse_resolution(resolution, unit).pixel_sizes
    assert sizes == ({} if size is None else {"X": (size, "micrometer"), "Y": (size, "micrometer")})


def test_svs_tells_micrometers_per_pixel():
    sizes = parse_svs("Aperio Image Library v11.2.1 |AppMag = 20|MPP = 0.4990|Left = 25.7").pixel_sizes
    assert sizes == {"X": (0.499, "micrometer"), "Y": (0.499, "micrometer")}
    assert parse_svs("something else").pixel_sizes == {}
