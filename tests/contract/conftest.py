"""A catalog on every database. What a test asserts of ``catalog`` or ``url`` must hold on each."""

from __future__ import annotations

import itertools
import os
import shutil
from datetime import UTC, datetime, timedelta

import pytest
from clusters import PostgresqlMissingError, run_cluster

from vitrina.catalog.open import open_catalog

DATABASES = ("sqlite", "postgresql")
START = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory):
    path = tmp_path_factory.mktemp("catalog") / "template.sqlite"
    open_catalog(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def sqlite_url(sqlite_template, tmp_path):
    shutil.copy(sqlite_template, tmp_path / "catalog.sqlite")
    return f"sqlite:///{tmp_path / 'catalog.sqlite'}"


@pytest.fixture(scope="session")
def cluster():
    """A PostgreSQL server of the tests; the tests are skipped where there is none, but never under CI."""
    try:
        with run_cluster() as cluster:
            yield cluster
    except PostgresqlMissingError as err:
        if os.environ.get("CI"):
            pytest.fail(str(err))
        pytest.skip(str(err))


@pytest.fixture(scope="session")
def postgresql_template(cluster):
    open_catalog(cluster.create_database("template")).close()
    return "template"


@pytest.fixture
def postgresql_url(cluster, postgresql_template, request):
    name = f"test_{next(_NUMBERS)}"
    yield cluster.create_database(name, postgresql_template)
    cluster.drop_database(name)


_NUMBERS = itertools.count()


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
