"""Many sections: donors, each with a few pieces of tissue, scanned at different resolutions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vitrina.errors import InputError
from vitrina.simulate.section import SectionParameters

if TYPE_CHECKING:
    from collections.abc import Sequence

SECTIONS_PER_DONOR = 3
NORMAL_EVERY = 4
PIXEL_SIZES_UM = (0.5, 0.64, 1.0)


def plan_cohort(
    n_sections: int,
    *,
    template: SectionParameters | None = None,
    sections_per_donor: int = SECTIONS_PER_DONOR,
    pixel_sizes_um: Sequence[float] = PIXEL_SIZES_UM,
) -> tuple[SectionParameters, ...]:
    """Parameters of ``n_sections`` sections named D1-S1, D1-S2, ..., D2-S1, ...

    Every fourth donor is healthy. The pixel size changes from section to section within a donor, so that it says
    nothing about the disease.

    Args:
        n_sections: At least 1.
        template: What all sections have in common: seed, size, numbers of cells, genes and transcripts.
        sections_per_donor: At least 1.
        pixel_sizes_um: Taken in turns; every one must divide the template's width and height.

    Raises:
        InputError: A number is below 1, no pixel size is given, or one does not fit the section.
    """
    for name, count in (("n_sections", n_sections), ("sections_per_donor", sections_per_donor)):
        if count < 1:
            raise InputError("cohort-empty", f"{name} is {count}, but a cohort needs at least 1.", where=name)
    if not pixel_sizes_um:
        raise InputError("cohort-empty", "A cohort needs at least one pixel size.", where="pixel_sizes_um")
    base = template or SectionParameters()
    return tuple(
        replace(
            base,
            donor=f"D{number // sections_per_donor + 1}",
            section=f"S{number % sections_per_donor + 1}",
            pixel_size_um=pixel_sizes_um[number % len(pixel_sizes_um)],
            disease="normal" if (number // sections_per_donor + 1) % NORMAL_EVERY == 0 else base.disease,
        )
        for number in range(n_sections)
    )
