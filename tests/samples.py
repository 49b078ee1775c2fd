"""Real datasets that lie beside the repository, in ``../shared/data``."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


def get(name: str) -> Path:
    """The path of a sample; the test is skipped where the samples are absent, but never under CI."""
    path = SHARED / "data" / name
    if path.exists():
        return path
    message = f"../shared/data is not here: {path} is needed"
    if not (SHARED / "data").exists() and not os.environ.get("CI"):
        pytest.skip(message)
    pytest.fail(message)
