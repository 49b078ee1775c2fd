"""One small section, grown once for all tests of the simulation."""

import pytest

from vitrina.simulate.section import SectionParameters
from vitrina.simulate.specimen import build_specimen
from vitrina.simulate.transcripts import build_transcripts

SMALL = SectionParameters(n_cells=900, n_transcripts=40_000, width_um=400, height_um=360)


@pytest.fixture(scope="session")
def specimen():
    return build_specimen(SMALL)


@pytest.fixture(scope="session")
def transcripts(specimen):
    return build_transcripts(specimen)
