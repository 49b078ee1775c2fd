"""Which formats can be written. How to add one is told in ``target``."""

from __future__ import annotations

from pkgutil import resolve_name
from typing import TYPE_CHECKING

from vitrina.errors import InputError
from vitrina.model.content import ImageElement, LabelsElement, TableElement

if TYPE_CHECKING:
    from pathlib import PurePath

    from vitrina.convert.target import Target
    from vitrina.model.content import Content

TARGETS = {
    "ome-zarr": ("vitrina.convert.ome_zarr_target:OmeZarrTarget", (".ome.zarr",)),
    "ome-tiff": ("vitrina.convert.ome_tiff_target:OmeTiffTarget", (".tif", ".tiff")),
    "spatialdata": ("vitrina.convert.spatialdata.target:SpatialDataTarget", (".sdata.zarr", ".spatialdata.zarr")),
    "anndata-zarr": ("vitrina.convert.table_targets:AnnDataTarget", (".anndata.zarr", ".h5ad.zarr")),
    "mudata-zarr": ("vitrina.convert.table_targets:MuDataTarget", (".mudata.zarr", ".h5mu.zarr")),
    "points": ("vitrina.convert.points.target:PointsTarget", (".points.parquet",)),
    "reference": ("vitrina.convert.reference.target:ReferenceTarget", (".reference.json", ".refs.json")),
}
"""By name: the class of each, imported when it is needed, and what names of its results end in, in lower case."""

ANY_ZARR = ".zarr"
"""Says Zarr and no more; what the source holds decides then."""


def get_target(name: str) -> Target:
    """The target with a name.

    Raises:
        InputError: There is none.
    """
    if name not in TARGETS:
        raise InputError(
            "format-unknown",
            f"Vitrina cannot write {name!r}.",
            hint=f"It writes {', '.join(TARGETS)}.",
        )
    target: Target = resolve_name(TARGETS[name][0])()
    return target


def get_target_of(options: object) -> Target:
    """The target that some options belong to.

    Raises:
        InputError: They belong to none.
    """
    name = getattr(options, "format", None)
    if name is None:
        raise InputError("format-unknown", f"{type(options).__name__} is no set of options of any format.")
    return get_target(name)


def get_suffix(name: str) -> str:
    """What the names of a target's results end in."""
    return TARGETS[name][1][0]


def find_named(target: PurePath) -> str | None:
    """The name of the target that the end of a name says; None where it says none, or only ``.zarr``.

    The longest end that fits decides between targets.
    """
    ends = ((end, name) for name, (_, suffixes) in TARGETS.items() for end in suffixes)
    fitting = [one for one in ends if target.name.lower().endswith(one[0])]
    return max(fitting, key=lambda one: len(one[0]))[1] if fitting else None


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
