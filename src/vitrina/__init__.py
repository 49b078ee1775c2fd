"""Vitrina: a data hub for spatial omics and bioimaging on your own machine.

Names are imported when they are first used, so that ``import vitrina`` costs nothing.

Example:
    >>> import vitrina as vt
    >>> vt.connect("lab")                                           # doctest: +SKIP
    >>> vt.Artifact("section.zarr").save().describe()               # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vitrina.api.artifact import Artifact
    from vitrina.api.connection import connect
    from vitrina.api.db import DB
    from vitrina.verbs.init import init

__all__ = ["DB", "Artifact", "connect", "init"]

_HOMES = {
    "Artifact": "vitrina.api.artifact",
    "DB": "vitrina.api.db",
    "connect": "vitrina.api.connection",
    "init": "vitrina.verbs.init",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'vitrina' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
