"""Parts of an image in a store: its arrays, its axes, its version.

Source: https://ngff.openmicroscopy.org/0.5/#multiscale-md
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vitrina.checks.ngff.document import get_block
from vitrina.checks.ngff.levels import Level, check_levels
from vitrina.checks.ngff.multiscales import MAX_LEVELS, find_level_path, list_datasets
from vitrina.checks.ngff.paths import join
from vitrina.checks.ngff.v06.image import find_intrinsic
from vitrina.checks.ngff.value import show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.checks.ngff.nodes import Node, Nodes
    from vitrina.checks.ngff.place import Place
    from vitrina.model.finding import Finding, Severity
    from vitrina.ngff.json_value import JsonObject


def check_arrays(nodes: Nodes, node: Node, place: Place, levels: list[Level], *, is_labels: bool) -> Iterator[Finding]:
    """What is wrong with the arrays of an image; those of its first multiscale are put into ``levels``."""
    for i, multiscale in enumerate(list_multiscales(node.attrs)):
        found: list[Level] = []
        yield from _read_levels(nodes, place, multiscale, f"{get_block(node.attrs)[1]}/multiscales/{i}", found)
        yield from check_levels(place, found, get_axes(place, multiscale), is_labels=is_labels)
        if i == 0:
            levels += found


def check_version(parent: Place, place: Place) -> Iterator[Finding]:
    """Whether a group has the version of the one that names it.

    Source: https://ngff.openmicroscopy.org/0.5/#metadata
    """
    above, here = parent.version, place.version
    if isinstance(above.stated, str) and isinstance(here.stated, str) and above.stated != here.stated:
        severity: Severity | None = "error" if above.is_namespaced else "warning"
        message = (
            f"{place.node!r} states the version {show(here.stated)} and the group above {show(above.stated)}; one "
            "version is expected throughout."
        )
        yield place.find("version-differs", "", message, severity=severity)


def list_multiscales(attrs: JsonObject) -> list[JsonObject]:
    """The images of a group that are objects."""
    value = get_block(attrs)[0].get("multiscales")
    multiscales = value[:MAX_LEVELS] if isinstance(value, list) else []
    return [multiscale for multiscale in multiscales if isinstance(multiscale, Mapping)]


def get_axes(place: Place, multiscale: JsonObject) -> list[Any]:
    """The axes of the arrays: since 0.6 those of the system that the levels map to."""
    axes = multiscale.get("axes")
    if place.version.rules == "0.6":
        systems = multiscale.get("coordinateSystems")
        wanted = find_intrinsic(multiscale)
        named = [system for system in systems if isinstance(system, Mapping)] if isinstance(systems, list) else []
        axes = next((system.get("axes") for system in named if system.get("name") == wanted), None)
    if axes is None and place.version.rules in {"0.1", "0.2"}:
        return ["t", "c", "z", "y", "x"]
    return axes if isinstance(axes, list) else []


def _read_levels(
    nodes: Nodes, place: Place, multiscale: JsonObject, pointer: str, found: list[Level]
) -> Iterator[Finding]:
    """Reads the arrays into ``found``, and tells what is wrong with them."""
    seen: set[str] = set()
    for i, dataset in list_datasets(multiscale):
        path = find_level_path(dataset)
        if path is None or path in seen or nodes.is_exhausted:
            continue
        seen.add(path)
        array = nodes.read(join(place.node, path))
        where = f"{pointer}/datasets/{i}/path"
        yield from array.findings
        if array.kind == "array" and array.facts is not None:
            found.append(Level(pointer=where, path=path, node=array, facts=array.facts, dataset=dataset))
        elif array.kind == "missing":
            yield _find_missing(nodes, place, array.path, path, where)
        elif array.kind == "group":
            message = f"{array.path!r}, which {where} names as a level, is a group; an array is expected."
            yield place.find("zarr-node-type", where, message)


def _find_missing(nodes: Nodes, place: Place, key: str, path: str, pointer: str) -> Finding:
    other = f" in Zarr {nodes.format}, but one in Zarr {5 - nodes.format}" if nodes.find_other_format(key) else ""
    message = (
        f"There is no array at {key!r}{other}, which {pointer} names as the level {show(path)}; it is expected there."
    )
    return place.find("array-missing", pointer, message)


def find_system(attrs: JsonObject, name: str) -> JsonObject | None:
    """The coordinate system of an image with this name, None when it has none."""
    for multiscale in list_multiscales(attrs):
        systems = multiscale.get("coordinateSystems")
        for system in systems if isinstance(systems, list) else []:
            if isinstance(system, Mapping) and system.get("name") == name:
                return system
    return None
