"""Which values of the Host header are answered.

The server listens without a login, on this machine alone. A web page elsewhere can still make the browser send requests
here by giving its own name this machine's address (DNS rebinding); its name then stands in the Host header. Addresses
cannot be rebound, so they are always answered; names only when they are known.

Source: https://www.rfc-editor.org/rfc/rfc9110.html#section-7.4 (rejecting misdirected requests)
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import urlsplit

from vitrina.server.problem import Problem, build_problem

_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[0-9a-z_.-]+)(:[0-9]{1,5})?", re.IGNORECASE)


def build_names(hosts: Iterable[str], public_url: str | None) -> frozenset[str]:
    """The names that are answered: this machine's, those given, and that of the public address."""
    public = urlsplit(public_url).hostname if public_url else None
    return frozenset({"localhost", *(host.lower() for host in hosts), *([public] if public else [])})


@lru_cache(maxsize=256)
def is_allowed(host: bytes, names: frozenset[str]) -> bool:
    """Whether a Host header is a known name or a plain address, with or without a port."""
    match = _HOST.fullmatch(host.decode("latin-1"))
    if match is None:
        return False
    name = match["name"].lower().rstrip(".")
    return name in names or _is_address(name.strip("[]"))


def describe_refusal(host: bytes) -> Problem:
    """What a request to another name is told."""
    return build_problem(
        421,
        "host-not-allowed",
        f"This server does not answer to the name {host.decode('latin-1')[:100]!r}.",
        hint="Use its address, or add the name to allowed_hosts in .vitrina/settings.toml.",
    )


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
