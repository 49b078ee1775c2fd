import pytest
from viewer_records import list_codes, list_severities, make_image

from vitrina.checks.viewer.rasters import check_chunks, check_depth, check_factors, check_levels

CODE = "image-not-pyramidal"


def levels_of(*shapes, is_healed=False):
    return list_severities(check_levels(make_image("cyx", *shapes), code=CODE, is_healed=is_healed))


def test_a_small_image_needs_no_lower_resolutions():
    assert levels_of((2, 2048, 2048)) == []


def test_a_large_image_needs_them():
    assert levels_of((2, 2048, 2049)) == [(CODE, "warning")]


def test_an_image_larger_than_a_texture_is_not_drawn_without_them():
    assert levels_of((2, 10, 16_385)) == [(CODE, "error")]


def test_what_the_gateway_makes_up_is_said_to_be_healed():
    (finding,) = check_levels(make_image("cyx", (1, 9000, 9000)), code=CODE, is_healed=True)
    assert finding.severity == "info"
    assert finding.message.endswith("Vitrina shows it all the same, through its gateway.")


def test_the_lowest_resolution_counts():
    assert levels_of((1, 8192, 8192), (1, 4096, 4096)) == [(CODE, "warning")]
    assert levels_of((1, 8192, 8192), (1, 4096, 4096), (1, 2048, 2048)) == []


def test_a_level_with_fewer_planes_does_not_count_as_lower_resolution():
    image = make_image("zyx", (8, 4096, 4096), (4, 2048, 2048))
    assert list_codes(check_levels(image, code=CODE, is_healed=False)) == [CODE]


@pytest.mark.parametrize(
    ("chunks", "is_told"),
    [((1, 512, 512), False), ((1, 2048, 2048), False), ((1, 4096, 4096), True), ((8, 1024, 1024), True)],
)
def test_a_chunk_of_more_than_four_million_values_is_told(chunks, is_told):
    image = make_image("cyx", (8, 4096, 4096), chunks=chunks, n_channels=8)
    assert list_codes(check_chunks(image, is_healed=False)) == (["image-not-tiled"] if is_told else [])


def test_tiny_chunks_of_a_large_image_are_told_and_those_of_a_small_one_are_not():
    assert list_codes(check_chunks(make_image("yx", (4096, 4096), chunks=(32, 32)), is_healed=False))
    assert not list_codes(check_chunks(make_image("yx", (128, 128), chunks=(32, 32)), is_healed=False))


def test_unknown_chunks_are_no_fault():
    assert list(check_chunks(make_image("yx", (9999, 9999)), is_healed=False)) == []


@pytest.mark.parametrize(
    ("coarser", "is_told"),
    [((500, 500), False), ((501, 500), False), ((333, 333), True), ((250, 250), True), ((999, 999), True)],
)
def test_a_level_must_be_half_of_the_one_before(coarser, is_told):
    image = make_image("yx", (1000, 1000), coarser)
    assert list_severities(check_factors(image)) == ([("ngff-factor-not-2", "info")] if is_told else [])


def test_one_row_cannot_become_half():
    assert list(check_factors(make_image("yx", (1, 1000), (1, 500)))) == []


def test_levels_with_fewer_planes_are_told():
    image = make_image("zyx", (8, 64, 64), (4, 32, 32))
    assert list_severities(check_depth(image, is_healed=True)) == [("ngff-z-downsampled", "info")]
    assert list_severities(check_depth(image, is_healed=False)) == [("ngff-z-downsampled", "warning")]
    assert list(check_depth(make_image("zyx", (8, 64, 64), (8, 32, 32)), is_healed=True)) == []


def test_chunks_of_several_planes_are_told():
    told = list_codes(check_depth(make_image("zyx", (8, 64, 64), chunks=(8, 64, 64)), is_healed=True))
    assert told == ["ngff-z-chunked"]
    assert list(check_depth(make_image("zyx", (8, 64, 64), chunks=(1, 64, 64)), is_healed=True)) == []
