"""The lock of this Python's environment: every installed distribution with its version."""

from __future__ import annotations

import platform
import re
import sys
from functools import cache
from importlib.metadata import distributions
from pathlib import Path


@cache
def read_environment() -> str:
    """``name==version`` lines in order, as ``pip install -r`` takes them, below a line that names the Python.

    It is read once per process: what is installed meanwhile is not in use.
    """
    found: dict[str, str] = {}
    for distribution in distributions():
        path = getattr(distribution, "_path", None)
        name, version = _parse_folder(path) or (distribution.name, distribution.version)
        if name and version:
            found.setdefault(_normalise(name), version)  # the first on sys.path is the one that is imported
    python = f"# Python {platform.python_version()} on {sys.platform} {platform.machine()}"
    return "\n".join([python, *(f"{name}=={version}" for name, version in sorted(found.items())), ""])


def _parse_folder(path: object) -> tuple[str, str] | None:
    """Name and version from the name of a ``.dist-info`` folder, ten times as fast as from the metadata inside.

    Source: https://packaging.python.org/en/latest/specifications/recording-installed-packages/#the-dist-info-directory
    """
    if not isinstance(path, Path) or path.suffix != ".dist-info":
        return None
    name, _, version = path.stem.partition("-")
    return (name, version) if name and version else None


def _normalise(name: str) -> str:
    """Source: https://packaging.python.org/en/latest/specifications/name-normalization/."""
    return re.sub(r"[-_.]+", "-", name).lower()
