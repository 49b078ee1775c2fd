"""Vitrina: a data hub for spatial omics and bioimaging on your own machine.

Names are imported when they are first used, so that ``import vitrina`` costs nothing.

Example:
    >>> import vitrina as vt
    >>> vt.connect("lab")                                           # doctest: +SKIP
    >>> vt.Artifact("section.zarr").save().describe()               # doctest: +SKIP
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vitrina import errors
    from vitrina.api import curators
    from vitrina.api.accounts import Storage, User
    from vitrina.api.artifact import Artifact
    from vitrina.api.collection import Collection
    from vitrina.api.connection import connect
    from vitrina.api.convert import convert
    from vitrina.api.db import DB
    from vitrina.api.feature import Feature
    from vitrina.api.registries import (
        CellLine,
        CellType,
        DevelopmentalStage,
        Disease,
        Ethnicity,
        ExperimentalFactor,
        Gene,
        Organism,
        Project,
        Sex,
        Tissue,
        ULabel,
    )
    from vitrina.api.run import Run
    from vitrina.api.schema import Schema
    from vitrina.api.tracking.steps import flow, step
    from vitrina.api.tracking.track import finish, track
    from vitrina.api.transform import Transform
    from vitrina.api.view import View, save_vitessce_config
    from vitrina.verbs.check import check
    from vitrina.verbs.init import init

__all__ = [
    "DB",
    "Artifact",
    "CellLine",
    "CellType",
    "Collection",
    "DevelopmentalStage",
    "Disease",
    "Ethnicity",
    "ExperimentalFactor",
    "Feature",
    "Gene",
    "Organism",
    "Project",
    "Run",
    "Schema",
    "Sex",
    "Storage",
    "Tissue",
    "Transform",
    "ULabel",
    "User",
    "View",
    "check",
    "connect",
    "convert",
    "curators",
    "errors",
    "finish",
    "flow",
    "init",
    "save_vitessce_config",
    "step",
    "track",
]

_HOMES = {
    "DB": "vitrina.api.db",
    "Artifact": "vitrina.api.artifact",
    "Collection": "vitrina.api.collection",
    "Feature": "vitrina.api.feature",
    "Run": "vitrina.api.run",
    "Schema": "vitrina.api.schema",
    "Transform": "vitrina.api.transform",
    "View": "vitrina.api.view",
    "check": "vitrina.verbs.check",
    "connect": "vitrina.api.connection",
    "finish": "vitrina.api.tracking.track",
    "flow": "vitrina.api.tracking.steps",
    "init": "vitrina.verbs.init",
    "save_vitessce_config": "vitrina.api.view",
    "step": "vitrina.api.tracking.steps",
    "track": "vitrina.api.tracking.track",
    "Storage": "vitrina.api.accounts",
    "User": "vitrina.api.accounts",
    "CellLine": "vitrina.api.registries",
    "CellType": "vitrina.api.registries",
    "DevelopmentalStage": "vitrina.api.registries",
    "Disease": "vitrina.api.registries",
    "Ethnicity": "vitrina.api.registries",
    "ExperimentalFactor": "vitrina.api.registries",
    "Gene": "vitrina.api.registries",
    "Organism": "vitrina.api.registries",
    "Project": "vitrina.api.registries",
    "Sex": "vitrina.api.registries",
    "Tissue": "vitrina.api.registries",
    "ULabel": "vitrina.api.registries",
}

_MODULES = {"curators": "vitrina.api.curators", "errors": "vitrina.errors"}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    if name in _MODULES:
        return import_module(_MODULES[name])
    raise AttributeError(f"module 'vitrina' has no attribute {name!r}")


class _Package(ModuleType):
    """This package, whose function ``convert`` has the name of a part: importing that part does not hide it."""

    @property
    def convert(self) -> Any:
        """The function of that name."""
        return import_module("vitrina.api.convert").convert

    @convert.setter
    def convert(self, part: ModuleType) -> None:
        """What the import of the part ``vitrina.convert`` does."""


sys.modules[__name__].__class__ = _Package


def __dir__() -> list[str]:
    return sorted(__all__)
