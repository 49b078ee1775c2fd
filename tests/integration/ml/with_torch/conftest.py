"""Tests with PyTorch: ``make test-torch`` runs them, where it is installed; elsewhere they are not collected."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

collect_ignore_glob = [] if find_spec("torch") else ["test_*.py"]


def pytest_collection_modifyitems(items):
    for item in items:
        if "/integration/ml/with_torch/" in str(item.path):
            item.add_marker(pytest.mark.torch)
