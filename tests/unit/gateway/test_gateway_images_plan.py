"""Which levels of an image are served. Expected values by hand."""

import pytest

from vitrina.errors import UnsupportedError
from vitrina.gateway.images.plan import ServedLevel, plan_levels


def pyramid(*sides_zyx, n_channels=3):
    return [(1, n_channels, *sides) for sides in sides_zyx]


def list_shapes(levels):
    return [level.shape_tczyx[2:] for level in levels]


def test_a_stored_pyramid_is_served_as_it_is():
    shapes = pyramid((1, 2048, 2048), (1, 1024, 1024))
    assert plan_levels(shapes) == tuple(ServedLevel(shape_tczyx=shape, stored=i) for i, shape in enumerate(shapes))


def test_a_large_flat_image_is_halved_down_to_a_thousand_pixels():
    assert list_shapes(plan_levels(pyramid((1, 5000, 301)))) == [
        (1, 5000, 301),
        (1, 2500, 151),
        (1, 1250, 76),
        (1, 625, 38),
    ]
    assert list_shapes(plan_levels(pyramid((1, 1024, 1024)))) == [(1, 1024, 1024)]


def test_a_pyramid_that_ends_early_is_gone_on_with():
    levels = plan_levels(pyramid((1, 9000, 8000), (1, 2250, 2000)))
    assert list_shapes(levels)[1:] == [(1, 2250, 2000), (1, 1125, 1000), (1, 563, 500)]
    assert [level.stored for level in levels] == [0, 1, None, None]


def test_levels_with_fewer_planes_or_of_the_same_size_are_left_out():
    levels = plan_levels(pyramid((8, 800, 800), (8, 800, 800), (4, 400, 400), (8, 200, 200)))
    assert [(level.stored, level.shape_tczyx[2:]) for level in levels] == [(0, (8, 800, 800)), (3, (8, 200, 200))]


def test_a_line_is_halved_along_itself_alone():
    levels = plan_levels(pyramid((1, 1, 3000)))
    assert [level.factor_zyx for level in levels] == [(1, 1, 1), (1, 1, 2), (1, 1, 2)]


def test_a_huge_flat_image_is_refused():
    with pytest.raises(UnsupportedError, match="vitrina convert"):
        plan_levels(pyramid((1, 20_000, 20_000)))
