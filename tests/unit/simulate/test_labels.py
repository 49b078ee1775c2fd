"""Label images of small polygons, by hand."""

import numpy as np

from vitrina.simulate.labels import draw_labels


def test_a_square_covers_the_pixels_whose_centres_it_contains():
    square = np.array([[[0.6, 1.4], [3.6, 1.4], [3.6, 2.6], [0.6, 2.6]]])
    expected = np.zeros((4, 5), dtype=int)
    expected[1:2, 1:1] = 0
    expected[1, 1:4] = 1  # centres at y = 1.5 and x = 1.5, 2.5, 3.5
    expected[2, 1:4] = 1  # y = 2.5
    assert draw_labels(square, (4, 5), 1.0).tolist() == expected.tolist()


def test_polygons_side_by_side_do_not_mix():
    left = [[0, 0], [2, 0], [2, 2], [0, 2]]
    right = [[2, 0], [4, 0], [4, 2], [2, 2]]
    assert draw_labels(np.array([left, right], dtype=float), (2, 4), 1.0).tolist() == [[1, 1, 2, 2], [1, 1, 2, 2]]


def test_what_sticks_out_of_the_image_is_cut_off():
    wide = np.array([[[-3.0, -3.0], [9.0, -3.0], [9.0, 9.0], [-3.0, 9.0]]])
    assert draw_labels(wide, (2, 3), 1.0).tolist() == [[1, 1, 1], [1, 1, 1]]


def test_a_concave_polygon_keeps_its_notch():
    notched = np.array([[[0, 0], [5, 0], [5, 3], [4, 3], [4, 1], [1, 1], [1, 3], [0, 3]]], dtype=float)
    assert draw_labels(notched, (3, 5), 1.0).tolist() == [[1, 1, 1, 1, 1], [1, 0, 0, 0, 1], [1, 0, 0, 0, 1]]


def test_the_pixel_size_scales_the_polygons():
    square = np.array([[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]])
    assert draw_labels(square, (4, 4), 0.5).tolist() == [[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]
