from __future__ import annotations

import pytest

from vitrina.server.hosts import build_names, is_allowed

NAMES = build_names(("lab", "Desk.example"), "https://hub.example.org:8443/x")


@pytest.mark.parametrize(
    "host",
    [
        b"localhost",
        b"localhost:8765",
        b"LOCALHOST.",
        b"127.0.0.1",
        b"127.0.0.1:1",
        b"[::1]",
        b"[::1]:8765",
        b"192.168.1.7:80",
        b"lab",
        b"desk.example",
        b"hub.example.org",
        b"hub.example.org:8443",
    ],
)
def test_addresses_and_known_names_are_answered(host):
    assert is_allowed(host, NAMES)


@pytest.mark.parametrize(
    "host",
    [
        b"",
        b"evil.example",
        b"localhost.evil.example",
        b"127.0.0.1.evil.example",
        b"localhost@evil.example",
        b"localhost/evil",
        b"localhost:80:80",
        b"localhost:port",
        b"::1",
        b"[::1",
        b"2130706433",
        b"local host",
        "lócalhost".encode(),
    ],
)
def test_other_names_are_not_answered(host):
    assert not is_allowed(host, NAMES)
