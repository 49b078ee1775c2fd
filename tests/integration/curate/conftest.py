"""An instance to curate in."""

from __future__ import annotations

import pytest

import vitrina as vt


@pytest.fixture
def lab(tmp_path):
    """A new instance, connected."""
    vt.init(tmp_path / "lab")
    return vt.connect(tmp_path / "lab")
