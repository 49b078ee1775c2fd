"""Parameters: what is refused, and what follows from them."""

import pytest

from vitrina.errors import InputError
from vitrina.simulate.section import SectionParameters


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("seed", -1),
        ("n_cells", 10),
        ("n_cells", 1_000_000),  # 4 um2 of section per cell
        ("n_genes", 5),
        ("n_genes", 10_000),
        ("n_transcripts", 0),
        ("width_um", float("nan")),
        ("width_um", 2_048.3),
        ("height_um", 1e9),
        ("pixel_size_um", 0.0),
        ("pixel_size_um", -0.5),
        ("donor", " "),
        ("section", ""),
        ("disease", "flu"),
    ],
)
def test_nonsense_is_refused_by_name(name, value):
    with pytest.raises(InputError) as caught:
        SectionParameters(**{name: value})
    assert caught.value.code == "section-parameter-invalid"
    assert caught.value.where == name
    assert repr(value) in caught.value.message


def test_images_that_would_fill_the_memory_are_refused():
    with pytest.raises(InputError, match="at most"):
        SectionParameters(width_um=20_000, height_um=20_000)


def test_the_shape_is_the_extent_over_the_pixel_size():
    assert SectionParameters(width_um=400, height_um=300, pixel_size_um=0.5, n_cells=200).shape_yx == (600, 800)


def test_steps_draw_independent_numbers_and_equal_ones_when_asked_again():
    parameters = SectionParameters()
    first = parameters.build_rng("cells").random(4)
    assert (parameters.build_rng("cells").random(4) == first).all()
    assert (parameters.build_rng("tumour").random(4) != first).all()
    assert (SectionParameters(section="S2").build_rng("cells").random(4) != first).all()


def test_sections_of_one_donor_share_the_donors_numbers():
    one, two = SectionParameters(section="S1"), SectionParameters(section="S2")
    other = SectionParameters(donor="D2")
    assert (one.build_donor_rng("genes").random(4) == two.build_donor_rng("genes").random(4)).all()
    assert (one.build_donor_rng("genes").random(4) != other.build_donor_rng("genes").random(4)).all()
