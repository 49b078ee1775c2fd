"""The two images show the cells that they were made from."""

import numpy as np
import pytest

from vitrina.simulate.cell_types import CELL_TYPES, CODES
from vitrina.simulate.fluorescence import CHANNELS, build_fluorescence
from vitrina.simulate.histology import build_he
from vitrina.simulate.pyramid import build_image_levels, build_label_levels
from vitrina.simulate.texture import build_texture, find_membranes
from vitrina.simulate.zones import Zone


@pytest.fixture(scope="module")
def texture(specimen):
    return build_texture(specimen)


@pytest.fixture(scope="module")
def he_cyx(specimen, texture):
    return build_he(specimen, texture)


@pytest.fixture(scope="module")
def fluorescence_cyx(specimen, texture):
    return build_fluorescence(specimen, texture)


def _is_type(specimen, key, labels_yx):
    return np.concatenate(([False], specimen.cells.type_code == CODES[key]))[labels_yx]


def test_glass_is_nearly_white_and_nuclei_are_blue(specimen, he_cyx):
    assert he_cyx.shape == (3, 720, 800)
    assert he_cyx.dtype == np.uint8
    glass = specimen.tissue.zone_yx.repeat(4, 0).repeat(4, 1) == Zone.GLASS
    assert he_cyx[:, glass & (specimen.labels_yx == 0)].mean(axis=1).min() > 225
    red, green, blue = he_cyx[:, specimen.nuclei_yx > 0].mean(axis=1)
    assert blue > red > green
    assert red < 140


def test_stroma_is_pink(specimen, he_cyx):
    stroma = specimen.tissue.zone_yx.repeat(4, 0).repeat(4, 1) == Zone.STROMA
    red, green, blue = he_cyx[:, stroma & (specimen.labels_yx == 0)].mean(axis=1)
    assert red > blue > green
    assert red > green + 20


def test_each_channel_shines_in_its_own_cells(specimen, fluorescence_cyx):
    assert fluorescence_cyx.shape == (4, 720, 800)
    assert fluorescence_cyx.dtype == np.uint16
    nuclei, cells = specimen.nuclei_yx > 0, specimen.labels_yx
    dapi, keratin, leukocyte, muscle = (fluorescence_cyx[channel].astype(float) for channel in range(len(CHANNELS)))
    assert dapi[nuclei].mean() > 5 * dapi[~nuclei].mean()
    malignant = _is_type(specimen, "malignant", cells) & ~nuclei
    t_cells = _is_type(specimen, "cd4", cells)
    assert keratin[malignant].mean() > 5 * keratin[t_cells].mean()
    assert leukocyte[t_cells].mean() > 4 * leukocyte[malignant].mean()
    if (pericytes := _is_type(specimen, "pericyte", cells)).any():
        assert muscle[pericytes].mean() > 3 * muscle[malignant].mean()


def test_equal_parameters_give_equal_images(specimen, texture, he_cyx, fluorescence_cyx):
    assert (build_he(specimen, build_texture(specimen)) == he_cyx).all()
    assert (build_fluorescence(specimen, texture) == fluorescence_cyx).all()


def test_membranes_are_where_labels_change():
    labels = np.array([[1, 1, 1, 0], [1, 1, 1, 2], [1, 1, 1, 2]])
    expected = [[False, False, True, False], [False, False, True, True], [False, False, True, True]]
    assert find_membranes(labels).tolist() == expected


def test_a_coarser_level_is_the_rounded_mean_of_two_by_two():
    image = np.zeros((1, 4, 1_026), dtype=np.uint8)
    image[0, :2, :2] = [[1, 2], [3, 5]]  # mean 2.75
    image[0, 2:, :2] = [[1, 1], [1, 2]]  # mean 1.25
    levels = build_image_levels(image)
    assert [level.shape for level in levels] == [(1, 4, 1_026), (1, 2, 513), (1, 1, 256)]
    assert levels[1][0, :, 0].tolist() == [3, 1]
    assert levels[1].dtype == np.uint8


def test_a_coarser_label_level_has_no_new_labels():
    labels = np.arange(600 * 600).reshape(600, 600)
    fine, coarse = build_label_levels(labels)
    assert fine is labels
    assert coarse.shape == (300, 300)
    assert coarse[3, 4] == labels[6, 8]


def test_an_image_that_fits_one_tile_has_one_level():
    assert len(build_image_levels(np.zeros((3, 512, 512), dtype=np.uint8))) == 1


def test_every_cell_type_can_be_stained():
    assert all(len(cell_type.stains) == len(CHANNELS) - 1 for cell_type in CELL_TYPES)
