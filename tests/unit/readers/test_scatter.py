"""Scatter previews and extents of positions."""

import numpy as np

from vitrina.readers.scatter import MAX_POINTS, build_scatter_preview, encode_groups, measure_extent


def test_many_points_are_thinned_evenly_with_their_groups():
    n = MAX_POINTS * 3
    points = np.stack([np.arange(n), np.arange(n) * 2, np.zeros(n)], axis=1)
    preview = build_scatter_preview(points, np.arange(n), is_spatial=True)
    assert preview.points_xy.shape == (MAX_POINTS, 2)
    assert (preview.points_xy[0, 0], preview.points_xy[-1, 0]) == (0, n - 1)
    np.testing.assert_array_equal(preview.points_xy[:, 0], preview.groups)


def test_points_without_a_place_are_left_out():
    preview = build_scatter_preview(np.array([[0, 1], [np.nan, 2], [3, np.inf]]), None, is_spatial=False)
    np.testing.assert_array_equal(preview.points_xy, [[0, 1]])
    np.testing.assert_array_equal(preview.groups, [-1])
    assert build_scatter_preview(np.array([[np.nan, 1.0]]), None, is_spatial=False) is None
    assert build_scatter_preview(np.zeros((0, 2)), None, is_spatial=False) is None


def test_the_extent_is_that_of_the_finite_points():
    assert measure_extent(np.array([[1, 5], [3, 2], [np.nan, 9]])) == (1.0, 2.0, 3.0, 5.0)
    assert measure_extent(np.zeros((0, 2))) is None


def test_groups_are_numbered_in_the_order_of_their_names():
    np.testing.assert_array_equal(encode_groups(np.array(["b", "a", "b"], object)), [1, 0, 1])
