"""What every test relies on: no outside network, and a state folder of its own."""

from __future__ import annotations

import os
import socket

import pytest

NETWORK = os.environ.get("VITRINA_TEST_NETWORK", "blocked-sockets")
LOOPBACK = ("127.", "::1", "localhost")


def pytest_report_header() -> str:
    if NETWORK == "namespace":
        return "network: a namespace with loopback only"
    return "network: sockets to other hosts than loopback are blocked in this process"


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
