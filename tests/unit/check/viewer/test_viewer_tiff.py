from dataclasses import replace

import pytest
from viewer_records import list_codes, list_severities, make_image

from vitrina.checks.viewer.tiff import (
    check_compression,
    check_metadata,
    check_offsets,
    check_photometric,
    check_size,
    check_structure,
)
from vitrina.checks.viewer.tiff_facts import TiffFacts
from vitrina.readers.ome_xml import OmeChannel, OmeImage

GOOD = TiffFacts(compression=8, photometric=1, n_subifds=2, directory_offsets=(16, 400))
HEALED = "Vitrina shows it all the same, through its gateway."
UM = (0.5, "micrometer")


def make_ome(names=("a", "b"), sizes=(("X", UM), ("Y", UM)), unknown_units=()):
    channels = tuple(OmeChannel(name=name, color_rgb=None, n_samples=1) for name in names)
    return OmeImage(name=None, sizes={}, pixel_sizes=dict(sizes), unknown_units=unknown_units, channels=channels)


@pytest.mark.parametrize("compression", [1, 5, 7, 8, 32946, 32773, 50001])
def test_what_the_viewer_decodes_is_right(compression):
    assert list(check_compression(replace(GOOD, compression=compression))) == []


@pytest.mark.parametrize(
    ("compression", "name"),
    [
        (50000, "Zstandard"),
        (34712, "JPEG 2000"),
        (33003, "JPEG 2000"),
        (34925, "LZMA"),
        (34887, "LERC"),
        (6, "old-style JPEG"),
        (9, "9"),
    ],
)
def test_what_it_does_not_decode_is_healed_and_named(compression, name):
    (finding,) = check_compression(replace(GOOD, compression=compression))
    assert (finding.code, finding.severity) == ("tiff-compression-unsupported", "info")
    assert name in finding.message
    assert finding.message.endswith(HEALED)


@pytest.mark.parametrize(
    ("photometric", "n_samples", "is_told"),
    [(1, 1, False), (2, 3, True), (2, 1, False), (2, 4, True), (3, 1, True), (6, 3, True)],
)
def test_colour_must_be_stored_as_the_viewer_expects(photometric, n_samples, is_told):
    found = list_codes(check_photometric(replace(GOOD, photometric=photometric, n_samples=n_samples)))
    assert found == (["tiff-photometric"] if is_told else [])


def test_white_as_zero_is_drawn_wrong_also_through_the_gateway():
    assert list_severities(check_photometric(replace(GOOD, photometric=0))) == [("tiff-photometric", "warning")]


def test_a_file_that_is_not_opened_at_all_has_no_wrong_colours():
    assert list(check_photometric(replace(GOOD, photometric=2, n_samples=3, is_ome=False))) == []


def test_few_planes_need_no_offsets_and_many_do():
    assert list(check_offsets(GOOD)) == []
    many = replace(GOOD, directory_offsets=tuple(range(8, 80)))
    assert list_severities(check_offsets(many)) == [("tiff-offsets-missing", "info")]
    assert list(check_offsets(replace(many, stated_offsets=many.directory_offsets))) == []


def test_offsets_of_another_file_are_told_also_for_few_planes():
    (finding,) = check_offsets(replace(GOOD, stated_offsets=(16,)))
    assert (finding.code, finding.severity) == ("tiff-offsets-stale", "info")


def test_images_that_are_halves_of_each_other_are_a_pyramid_in_the_wrong_place():
    rasters = (make_image("yx", (101, 200)), make_image("yx", (50, 100)))
    assert list_codes(check_structure(replace(GOOD, n_subifds=0), rasters)) == ["tiff-no-subifds"]
    assert list(check_structure(replace(GOOD, n_subifds=0), (rasters[0], rasters[0]))) == []
    assert list(check_structure(GOOD, rasters[:1])) == []


def test_a_file_without_ome_xml_is_healed():
    assert list_severities(check_structure(replace(GOOD, is_ome=False), ())) == [("tiff-not-ome", "info")]


def test_pixel_sizes_and_names_that_are_there_are_right():
    image = make_image("cyx", (2, 64, 64))
    assert list(check_metadata(replace(GOOD, images=(make_ome(),)), (image,))) == []


@pytest.mark.parametrize("ome", [make_ome(sizes=()), make_ome(sizes=(("X", UM),)), make_ome((), (), ("pixel",))])
def test_a_pixel_size_that_is_missing_or_in_no_unit_is_told(ome):
    image = make_image("yx", (64, 64), n_channels=1)
    assert list_codes(check_metadata(replace(GOOD, images=(ome,)), (image,))) == ["tiff-physical-size-missing"]


@pytest.mark.parametrize("names", [(), ("a", None), (None, None)])
def test_channels_without_names_are_told(names):
    image = make_image("cyx", (2, 64, 64))
    facts = replace(GOOD, images=(make_ome(names),))
    assert list_severities(check_metadata(facts, (image,))) == [("channel-names-missing", "info")]


def test_a_colour_image_needs_no_names():
    image = make_image("cyx", (3, 64, 64), n_channels=3, dtype="uint8", is_rgb=True)
    assert list(check_metadata(replace(GOOD, images=(make_ome((None,)),)), (image,))) == []


def test_what_is_too_large_for_the_gateway_too_is_an_error():
    assert list_severities(check_size(make_image("yx", (20_000, 20_000)))) == [("image-not-pyramidal", "error")]
    assert list(check_size(make_image("yx", (20_000, 20_000), (10_000, 10_000)))) == []
    assert list(check_size(make_image("yx", (8_000, 8_000)))) == []
