"""A catalog on every database. What a test asserts of ``catalog`` or ``url`` must hold on each."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from vitrina.catalog.open import open_catalog

DATABASES = ("sqlite", "postgresql")
START = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture(params=DATABASES)
def url(request):
    """The URL of a catalog of its own, on one database after the other."""
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture
def catalog(url):
    """An empty catalog whose clock goes one second further with each look."""
    with open_catalog(url) as catalog:
        seconds = itertools.count()
        catalog.database.clock = lambda: START + timedelta(seconds=next(seconds))
        yield catalog
