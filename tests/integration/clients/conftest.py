"""One hub for all clients."""

from __future__ import annotations

import pytest
from running_hub import run_hub


@pytest.fixture(scope="session")
def hub(tmp_path_factory):
    """A running hub; each process of the suite has its own."""
    with run_hub(tmp_path_factory.mktemp("hub") / "lab") as hub:
        yield hub
