from __future__ import annotations

import pytest
from lamin import make_lamin


@pytest.fixture(scope="session")
def lamin(tmp_path_factory):
    """Read only: tests that change it copy it first."""
    return make_lamin(tmp_path_factory.mktemp("lamindb") / "lab")
