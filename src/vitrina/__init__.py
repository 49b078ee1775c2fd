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
    from vitrina import errors
    from vitrina.api.artifact import Artifact
    from vitrina.api.connection import connect
    from vitrina.api.db import DB
    from vitrina.api.feature import Feature
    from vitrina.api.schema import Schema
    from vitrina.verbs.init import init

__all__ = ["DB", "Artifact", "Feature", "Schema", "connect", "errors", "init"]

_HOMES = {
    "Artifact": "vitrina.api.artifact",
    "DB": "vitrina.api.db",
    "Feature": "vitrina.api.feature",
    "Schema": "vitrina.api.schema",
    "connect": "vitrina.api.connection",
    "init": "vitrina.verbs.init",
}

_MODULES = {"errors": "vitrina.errors"}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    if name in _MODULES:
        return import_module(_MODULES[name])
    raise AttributeError(f"module 'vitrina' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
