"""Plans of many sections."""

import pytest

from vitrina.errors import InputError
from vitrina.simulate.cohort import plan_cohort
from vitrina.simulate.section import SectionParameters


def test_sections_are_numbered_within_donors():
    plan = plan_cohort(5, sections_per_donor=2)
    assert [(one.donor, one.section) for one in plan] == [
        ("D1", "S1"), ("D1", "S2"), ("D2", "S1"), ("D2", "S2"), ("D3", "S1"),
    ]  # fmt: skip


def test_pixel_sizes_take_turns():
    assert [one.pixel_size_um for one in plan_cohort(4)] == [0.5, 0.64, 1.0, 0.5]


def test_every_fourth_donor_is_healthy():
    plan = plan_cohort(8, sections_per_donor=1)
    assert [one.donor for one in plan if one.disease == "normal"] == ["D4", "D8"]


def test_the_template_gives_the_rest():
    template = SectionParameters(seed=7, n_cells=200, width_um=320, height_um=320, n_transcripts=2_000)
    assert all((one.seed, one.n_cells) == (7, 200) for one in plan_cohort(3, template=template))


@pytest.mark.parametrize("arguments", [{"n_sections": 0}, {"n_sections": 1, "sections_per_donor": 0}])
def test_an_empty_cohort_is_refused(arguments):
    with pytest.raises(InputError, match="at least 1"):
        plan_cohort(**arguments)


def test_a_cohort_without_pixel_sizes_is_refused():
    with pytest.raises(InputError, match="pixel size"):
        plan_cohort(1, pixel_sizes_um=())
