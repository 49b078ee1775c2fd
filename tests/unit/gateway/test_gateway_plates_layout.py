"""Where the fields of a plate lie in its mosaic. Expected places by hand."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from vitrina.gateway.plates.layout import UnplacedField, plan_mosaic


def make_field(row=0, column=0, name="0", *, acquisition=0, size=(100, 100), stage=None):
    return UnplacedField(row=row, column=column, acquisition=acquisition, name=name, size_yx=size, stage_yx=stage)


def make_well(stages, row=0, column=0, **values):
    return [make_field(row, column, str(number), stage=stage, **values) for number, stage in enumerate(stages)]


def test_fields_without_places_lie_in_a_square_row_by_row():
    plan = plan_mosaic(make_well([None] * 5), n_rows=1, n_columns=1, step_px=1)
    assert plan.corners_yx == ((0, 0), (0, 100), (0, 200), (100, 0), (100, 100))
    assert plan.size_yx == (200, 300)


def test_fields_lie_as_the_stage_was_moved():
    snake = [(0.0, 0.0), (1.0, 91.0), (-2.0, 180.0), (90.0, 181.0), (89.0, 92.0), (91.0, -1.0)]
    plan = plan_mosaic(make_well(snake), n_rows=1, n_columns=1, step_px=1)
    assert plan.corners_yx == ((0, 0), (0, 100), (0, 200), (100, 200), (100, 100), (100, 0))


def test_places_that_do_not_tell_are_not_followed():
    square = ((0, 0), (0, 100), (100, 0), (100, 100))
    same_place = [(5.0, 5.0)] * 4
    scattered = [(0.0, 0.0), (300.0, 300.0), (600.0, 600.0), (900.0, 900.0)]
    half_known = [(0.0, 0.0), (0.0, 100.0), None, (100.0, 100.0)]
    for stages in (same_place, scattered, half_known, [(float("nan"), 0.0)] * 4):
        assert plan_mosaic(make_well(stages), n_rows=1, n_columns=1, step_px=1).corners_yx == square


def test_wells_lie_as_on_the_plate_with_a_gap():
    fields = [make_field(0, 0), make_field(0, 2), make_field(1, 0)]
    plan = plan_mosaic(fields, n_rows=2, n_columns=3, step_px=1)
    assert plan.corners_yx == ((0, 0), (0, 226), (113, 0))  # an eighth of 100, rounded up
    assert plan.size_yx == (213, 326)


def test_what_one_well_lacks_is_a_hole():
    fields = [*make_well([None] * 4), *make_well([None] * 4, column=1)]
    del fields[1]  # the first well has 0, 2 and 3
    plan = plan_mosaic(fields, n_rows=1, n_columns=2, step_px=1)
    assert plan.corners_yx[:3] == ((0, 0), (100, 0), (100, 100))
    assert plan.corners_yx[3:] == ((0, 213), (0, 313), (100, 213), (100, 313))


def test_the_fullest_well_shows_how_all_lie():
    column = [(0.0, 0.0), (100.0, 0.0)]
    fields = [*make_well(column, column=1), make_field(0, 0, "1")]
    assert plan_mosaic(fields, n_rows=1, n_columns=2, step_px=1).corners_yx == ((0, 113), (100, 113), (100, 0))


def test_names_that_are_unique_in_the_plate_count_by_their_order():
    fields = [make_field(0, number // 2, f"field-{number}") for number in range(8)]
    plan = plan_mosaic(fields, n_rows=1, n_columns=4, step_px=1)
    assert plan.corners_yx[:4] == ((0, 0), (0, 100), (0, 213), (0, 313))
    assert plan.size_yx == (100, 4 * 213 - 13)


def test_acquisitions_lie_next_to_each_other():
    stages = [(0.0, 0.0), (0.0, 100.0)]
    fields = [*make_well(stages, acquisition=3), *make_well(stages, acquisition=7)]
    plan = plan_mosaic(fields, n_rows=1, n_columns=1, step_px=1)
    assert plan.corners_yx == ((0, 0), (0, 100), (0, 207), (0, 307))  # half of 13, rounded up


def test_all_begins_at_multiples_of_the_step():
    plan = plan_mosaic(
        [make_field(0, 0, size=(50, 30)), make_field(1, 1, size=(20, 50))], n_rows=2, n_columns=2, step_px=8
    )
    assert plan.corners_yx == ((0, 0), (64, 64))  # fields take 56, gaps 8
    assert plan.size_yx == (120, 120)


def test_fields_that_are_not_there_take_no_part_in_sizes():
    plan = plan_mosaic([make_field(size=(0, 0)), make_field(0, 1)], n_rows=1, n_columns=2, step_px=1)
    assert plan.corners_yx == ((0, 0), (0, 113))


@st.composite
def plates(draw):
    n_rows, n_columns = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    fields = [
        UnplacedField(
            row=row,
            column=column,
            acquisition=draw(st.integers(0, 2)),
            name=str(name),
            size_yx=(draw(st.integers(1, 40)), draw(st.integers(1, 40))),
            stage_yx=draw(st.none() | st.tuples(st.floats(-99, 99), st.floats(-99, 99))),
        )
        for row in range(n_rows)
        for column in range(n_columns)
        for name in draw(st.lists(st.integers(0, 11), unique=True, max_size=6))
    ]
    return fields or [make_field()], n_rows, n_columns, draw(st.sampled_from([1, 2, 8]))


@given(plates())
def test_every_pixel_of_every_field_has_a_place_of_its_own(plate):
    fields, n_rows, n_columns, step = plate
    plan = plan_mosaic(fields, n_rows=n_rows, n_columns=n_columns, step_px=step)
    assert len(plan.corners_yx) == len(fields)
    spans = [
        tuple((at, at + size) for at, size in zip(corner, field.size_yx, strict=True))
        for corner, field in zip(plan.corners_yx, fields, strict=True)
    ]
    for (top, bottom), (left, right) in spans:
        assert top % step == left % step == 0
        assert 0 <= top <= bottom <= plan.size_yx[0]
        assert 0 <= left <= right <= plan.size_yx[1]
    for (rows, columns), (other_rows, other_columns) in combinations(spans, 2):
        is_apart_y = rows[1] <= other_rows[0] or other_rows[1] <= rows[0]
        is_apart_x = columns[1] <= other_columns[0] or other_columns[1] <= columns[0]
        assert is_apart_y or is_apart_x
