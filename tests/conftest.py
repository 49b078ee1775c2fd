"""What every test relies on: no outside network, and a state folder of its own."""

from __future__ import annotations

import os
import shutil
import socket

import pytest
from clusters import PostgresqlMissingError, run_cluster
from hypothesis import settings

NETWORK = os.environ.get("VITRINA_TEST_NETWORK", "blocked-sockets")
LOOPBACK = ("127.", "::1", "localhost")


settings.register_profile("suite", deadline=None)  # no test is timed, and machines are busy
settings.load_profile("suite")


def pytest_report_header() -> str:
    if NETWORK == "namespace":
        return "network: a namespace with loopback only"
    return "network: sockets to other hosts than loopback are blocked in this process"


LONGEST_FIRST = ("tests/e2e/", "README.md", "docs/", "tests/integration/clients/")
"""Files with few tests that take long: begun last, they would keep one process busy while the others are done."""


def pytest_collection_modifyitems(items):
    """Begin with what takes longest."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST_FIRST))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """The tests of a file, whose fixtures are costly, run in one process, and so do all that need a browser.

    Files come in the order in which they were collected, not those with the most tests first.
    """
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return "browser" if nodeid.startswith("tests/e2e/") else nodeid.partition("::")[0]

    config.option.loadscopereorder = False
    return ByFile(config, log)


@pytest.fixture(autouse=True, scope="session")
def _no_outside_network():
    """Refuse connections that leave this machine, also outside of a network namespace."""
    connect = socket.socket.connect

    def connect_inside(self, address):
        if self.family != socket.AF_UNIX and not str(address[0]).startswith(LOOPBACK):
            raise PermissionError(f"a test tried to connect to {address}")
        return connect(self, address)

    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", connect_inside)
    yield
    patch.undo()


@pytest.fixture(autouse=True)
def _own_state(tmp_path_factory, monkeypatch):
    """Keep the remembered instance of the person who runs the tests out of them, and theirs out of ours."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
    monkeypatch.delenv("VITRINA_INSTANCE", raising=False)


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory):
    """An empty catalog to be copied, which is faster than making one."""
    from vitrina.catalog.open import open_catalog

    path = tmp_path_factory.mktemp("catalog") / "template.sqlite"
    open_catalog(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def sqlite_url(sqlite_template, tmp_path):
    """The URL of an empty catalog in SQLite."""
    shutil.copy(sqlite_template, tmp_path / "catalog.sqlite")
    return f"sqlite:///{tmp_path / 'catalog.sqlite'}"


@pytest.fixture(scope="session")
def cluster():
    """A PostgreSQL server; what needs it is skipped where it is not installed, but never under CI."""
    try:
        with run_cluster() as running:
            yield running
    except PostgresqlMissingError as err:
        if os.environ.get("CI"):
            pytest.fail(str(err))
        pytest.skip(str(err))


@pytest.fixture(scope="session")
def postgresql_template(cluster):
    """The name of an empty catalog to be copied."""
    from vitrina.catalog.open import open_catalog

    open_catalog(cluster.create_database("template")).close()
    return "template"


@pytest.fixture
def postgresql_url(cluster, postgresql_template):
    """The URL of an empty catalog in PostgreSQL."""
    with cluster.lend_database(postgresql_template) as url:
        yield url
