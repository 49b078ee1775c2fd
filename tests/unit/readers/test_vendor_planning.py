"""What readers of bundles decide before they read: places, orientations, names. Expected values by hand."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitrina.errors import UnreadableError
from vitrina.readers.vendor.cosmx.frame import Frame, guess_pixel_size, measure_pixel_size, plan_origins
from vitrina.readers.vendor.cosmx.mosaic import plan_mosaic
from vitrina.readers.vendor.cosmx.table import number_cell
from vitrina.readers.vendor.cosmx.tiles import TileShape
from vitrina.readers.vendor.counts import check_ids, is_control, name_observations
from vitrina.readers.vendor.merscope.files import _MOSAIC
from vitrina.readers.vendor.merscope.mosaic import read_transform
from vitrina.readers.vendor.merscope.outlines import choose_planes


def build_pairs(sign_x, sign_y, origin=(1000.0, -500.0)):
    rng = np.random.default_rng(0)
    lx, ly = rng.uniform(0, 100, (2, 20))
    gx, gy = origin[0] + sign_x * lx, origin[1] + sign_y * ly
    return pd.DataFrame({"fov": 7.0, "lx": lx, "ly": ly, "gx": gx, "gy": gy})


@pytest.mark.parametrize(("sign_x", "sign_y"), [(1, 1), (1, -1), (-1, 1), (-1, -1)])
def test_which_way_local_axes_run_is_measured(sign_x, sign_y):
    origins, *signs = plan_origins({}, build_pairs(sign_x, sign_y))
    assert signs == [sign_x, sign_y]
    assert origins[7] == pytest.approx((1000.0, -500.0))


def test_stated_positions_are_shifted_by_what_the_molecules_say():
    # the file states the lower left corner, and local y counts down from 100: the origin is 100 further up
    origins, _, sign_y = plan_origins({7: (1000.0, -600.0), 8: (2000.0, -600.0)}, build_pairs(1, -1))
    assert sign_y == -1
    assert origins[8] == pytest.approx((2000.0, -500.0))


def test_without_molecules_the_stated_positions_stand():
    assert plan_origins({3: (1.0, 2.0)}, None) == ({3: (1.0, 2.0)}, 1, 1)


@pytest.mark.parametrize(
    ("signs", "rows_run", "corner", "flips"),
    [
        ((1, 1), -1, (10, -70), (False, False)),  # y' = -(20 + 50)
        ((1, -1), 1, (10, -20), (False, False)),
        ((-1, 1), -1, (-30, -70), (True, False)),  # x' from 10 - 40
        ((1, 1), 1, (10, -70), (False, True)),
        ((1, -1), -1, (10, -20), (False, True)),
    ],
)
def test_a_picture_is_placed_and_turned_as_its_axes_run(signs, rows_run, corner, flips):
    frame = Frame(origins={1: (10.0, 20.0)}, sign_x=signs[0], sign_y=signs[1])
    shape = TileShape(height=50, width=40, n_samples=1, dtype="uint8")
    plan = plan_mosaic({1: (Path("F001.tif"), shape)}, frame, rows_run)
    (tile,) = plan.tiles
    assert (plan.left_px, plan.top_px, plan.width, plan.height) == (*corner, 40, 50)
    assert (tile.flip_x, tile.flip_y) == flips


def test_a_part_of_a_field_of_view_lies_where_its_tags_say():
    frame = Frame(origins={1: (10.0, 20.0)})
    shape = TileShape(height=5, width=4, n_samples=1, dtype="uint8", tiepoint_xy=(100.0, 300.0))
    plan = plan_mosaic({1: (Path("F001.tif"), shape)}, frame, -1)
    assert (plan.left_px, plan.top_px) == (110.0, -320.0)


@pytest.mark.parametrize("far", [2.0**28, 1e12, 1e300])
def test_absurdly_far_fields_of_view_are_refused(far):
    frame = Frame(origins={1: (0.0, 0.0), 2: (far, far)})
    shape = TileShape(height=50, width=40, n_samples=1, dtype="uint8")
    with pytest.raises(UnreadableError) as caught:
        plan_mosaic({1: (Path("a"), shape), 2: (Path("b"), shape)}, frame, -1)
    assert caught.value.code == "fov-positions-absurd"


def test_the_pixel_size_is_that_of_stated_millimetres_else_that_of_known_frames():
    assert measure_pixel_size([0, 4256, 8512], [1.0, 1.51191168, 2.02382336]) == pytest.approx(0.12028)
    assert measure_pixel_size([1000], [0.12028]) == pytest.approx(0.12028)
    assert measure_pixel_size([0, 0], [1, 2]) is None
    assert measure_pixel_size([], []) is None
    assert guess_pixel_size([672.0, 5472.2]) == 0.18
    assert guess_pixel_size([4256.0]) == 0.12028
    assert guess_pixel_size([160.0]) is None


def test_of_each_cell_the_outline_nearest_to_the_middle_plane_is_chosen():
    ids = np.array(["b", "a", "a", "a", "b", "c"], dtype=object)
    planes = np.array([0, 0, 2, 4, 1, 4])
    # planes 0, 1, 2, 4: the middle is 2; b has 0 and 1, a has 2, c has 4 only; in the order in which cells come first
    assert choose_planes(ids, planes).tolist() == [4, 2, 5]
    assert choose_planes(ids[:0], planes[:0]).tolist() == []


@given(st.lists(st.sampled_from(["", " ", "a", "b", "a-1", "no-id-0"]), max_size=12))
def test_names_of_observations_are_unique_and_not_empty(ids):
    names = name_observations(ids)
    assert len(set(names)) == len(names) == len(ids)
    assert all(name.strip() for name in names)


def test_only_what_was_renamed_is_told():
    assert check_ids(["a", "b"], "f.csv") == []
    assert [finding.code for finding in check_ids(["", "a", "a"], "f.csv")] == ["ids-empty", "ids-repeated"]


def test_probes_for_no_gene_are_controls():
    assert all(map(is_control, ("Blank-1", "NegPrb03", "Negative5", "SystemControl12", "FalseCode7")))
    assert not any(map(is_control, ("BLK", "NEGR1", "ACTB")))


def test_the_id_in_the_whole_slide_holds_the_field_of_view():
    assert number_cell("12_345") == 1_200_345
    assert number_cell("no-id-3") == number_cell("") == 0


@pytest.mark.parametrize("text", ["2 0 10\n0 4 20\n0 0 1\n", "2,0,10\n0,4,20\n0,0,1", "2 0 10\n0 4 20\n"])
def test_the_matrix_from_micrometres_to_pixels_is_turned_round(text, tmp_path):
    path = tmp_path / "matrix.csv"
    path.write_text(text)
    assert read_transform(path) == (0.5, 0.0, -5.0, 0.0, 0.25, -5.0)


def test_names_of_stains_may_hold_underscores_and_numbers():
    assert _MOSAIC.fullmatch("mosaic_Cellbound2_z11.tif").groups() == ("Cellbound2", "11")
    assert _MOSAIC.fullmatch("mosaic_anti_CD45-1_z0.TIFF").groups() == ("anti_CD45-1", "0")
    assert _MOSAIC.fullmatch("mosaic_DAPI.tif") is None
