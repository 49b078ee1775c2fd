"""A cohort of three small simulated sections with pixels of 0.5, 0.64 and 1 micrometre."""

from __future__ import annotations

import pytest
from described import describe

from vitrina.simulate.cohort import plan_cohort
from vitrina.simulate.section import SectionParameters
from vitrina.simulate.spatialdata import write_section

TEMPLATE = SectionParameters(n_cells=300, n_genes=50, n_transcripts=5_000, width_um=320, height_um=256)


@pytest.fixture(scope="session")
def sections(tmp_path_factory):
    """Paths of the sections, written as SpatialData."""
    root = tmp_path_factory.mktemp("sections")
    paths = []
    for parameters in plan_cohort(3, template=TEMPLATE):
        paths.append(root / f"{parameters.donor}-{parameters.section}.zarr")
        write_section(parameters, paths[-1])
    return paths


@pytest.fixture(scope="session")
def datasets(sections):
    """The same as datasets of a cohort."""
    return [describe(path) for path in sections]
