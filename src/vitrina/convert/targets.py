"""Which formats can be written. How to add one is told in ``target``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.convert.ome_tiff_target import OmeTiffTarget
from vitrina.convert.ome_zarr_target import OmeZarrTarget
from vitrina.convert.points.target import PointsTarget
from vitrina.convert.reference.target import ReferenceTarget
from vitrina.convert.spatialdata.target import SpatialDataTarget
from vitrina.convert.table_targets import AnnDataTarget, MuDataTarget
from vitrina.errors import InputError
from vitrina.model.content import ImageElement, LabelsElement, TableElement

if TYPE_CHECKING:
    from pathlib import PurePath

    from vitrina.convert.target import Target
    from vitrina.model.content import Content

TARGETS: tuple[type[Target], ...] = (
    OmeZarrTarget,
    OmeTiffTarget,
    SpatialDataTarget,
    AnnDataTarget,
    MuDataTarget,
    PointsTarget,
    ReferenceTarget,
)

ANY_ZARR = ".zarr"
"""Says Zarr and no more; what the source holds decides then."""


def list_targets() -> list[Target]:
    """All of them."""
    return [make() for make in TARGETS]


def get_target(name: str) -> Target:
    """The target with a name.

    Raises:
        InputError: There is none.
    """
    targets = {target.name: target for target in list_targets()}
    if name not in targets:
        raise InputError(
            "format-unknown",
            f"Vitrina cannot write {name!r}.",
            hint=f"It writes {', '.join(targets)}.",
        )
    return targets[name]


def get_target_of(options: object) -> Target:
    """The target that some options belong to.

    Raises:
        InputError: They belong to none.
    """
    found = next((target for target in list_targets() if type(options) is target.options_type), None)
    if found is None:
        raise InputError("format-unknown", f"{type(options).__name__} is no set of options of any format.")
    return found


def find_named(target: PurePath) -> Target | None:
    """The target that the end of a name says; None where it says none, or only ``.zarr``."""
    name = target.name.lower()
    ends = [(suffix, one) for one in list_targets() for suffix in one.suffixes if name.endswith(suffix)]
    return max(ends, key=lambda end: len(end[0]))[1] if ends else None


def choose_format(content: Content) -> str:
    """The name of the format that holds all of a dataset, and that browsers read.

    Images and label images alone become OME-Zarr, a table alone AnnData, MuData stays MuData, and anything else becomes
    SpatialData.
    """
    elements = content.elements
    if content.format in {"spatialdata", "mudata"}:
        return "spatialdata" if content.format == "spatialdata" else "mudata-zarr"
    if elements and all(isinstance(one, ImageElement | LabelsElement) for one in elements):
        return "ome-zarr"
    return "anndata-zarr" if len(elements) == 1 and isinstance(elements[0], TableElement) else "spatialdata"
