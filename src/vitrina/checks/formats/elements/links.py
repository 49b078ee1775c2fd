"""What a table of SpatialData says of the elements that it annotates.

Source: https://spatialdata.scverse.org/en/stable/design_doc.html#table-table-of-annotations-for-regions
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from vitrina.checks.formats.codes import build_finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vitrina.checks.formats.nodes.node import Node
    from vitrina.model.finding import Finding

KEYS: Final = ("region", "region_key", "instance_key")

ANNOTATABLE: Final = ("labels", "shapes", "points")
"""Elements that have instances."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Which elements a table annotates, and the columns of obs that say which of their instances."""

    regions: tuple[str, ...]
    region_key: str
    instance_key: str


def parse_link(table: Node, path: str) -> tuple[Link | None, list[Finding]]:
    """The link of a table, None when it annotates nothing or does not say it in a way that can be followed."""
    attrs = table.attrs
    own = _read_own(table)
    findings = []
    for key in KEYS:
        if own and key in own and _normalise(own[key]) != _normalise(attrs.get(key)):
            message = (
                f"{path} says {key} {_show(attrs.get(key))} in its attributes, but {_show(own[key])} in "
                "uns/spatialdata_attrs; they must be equal."
            )
            findings.append(build_finding("table-link-differs", f"{path}#/{key}", message))
    values = {key: own.get(key) if own else attrs.get(key) for key in KEYS}
    if all(value is None for value in values.values()):
        return None, findings
    missing = [key for key, value in values.items() if value in (None, "", [])]
    regions = _normalise(values["region"])
    names = (values["region_key"], values["instance_key"])
    if missing or not isinstance(regions, tuple) or not all(isinstance(name, str) for name in names):
        what = f"no {' and '.join(missing)}" if missing else "names that are not text"
        message = f"{path} annotates elements, but it has {what}; it needs region, region_key and instance_key."
        findings.append(build_finding("table-link-incomplete", f"{path}#", message))
        return None, findings
    return Link(regions=regions, region_key=str(names[0]), instance_key=str(names[1])), findings


def check_regions(link: Link, elements: Mapping[str, str], path: str) -> Iterator[Finding]:
    """Whether the elements are there and have instances; ``elements`` gives the folder of each name."""
    for region in link.regions:
        folder = elements.get(region)
        if folder is None:
            message = f"{path} annotates {region[:60]!r}, which the dataset does not have."
            fix = "Write the element too, or remove the region and its rows from the table."
            yield build_finding("region-element-missing", f"{path}#/region", message, fix=fix)
        elif folder not in ANNOTATABLE:
            message = f"{path} annotates {folder}/{region}, but {folder} have no instances."
            yield build_finding("region-not-annotatable", f"{path}#/region", message)


def _read_own(table: Node) -> dict[str, Any] | None:
    """What ``uns/spatialdata_attrs`` says; None when it is not there."""
    uns = table.find("uns")
    group = None if uns is None else uns.find("spatialdata_attrs")
    if group is None or not group.is_group:
        return None
    return {key: _read(node) for key in KEYS if (node := group.find(key)) is not None}


def _read(node: Node) -> Any:
    import numpy as np

    if node.is_group or node.attrs.get("encoding-type") == "null":
        return None
    if node.shape and node.shape[0] > 1_000_000:
        return None
    values = [str(value) for value in np.atleast_1d(node.read(0, node.shape[0] if node.shape else 1)).ravel()]
    return values if node.shape else values[0]


def _normalise(value: Any) -> Any:
    """A region may be one name or several."""
    if isinstance(value, str):
        return (value,)
    return tuple(map(str, value)) if isinstance(value, list) else value


def _show(value: Any) -> str:
    return "nothing" if value is None else repr(value)[:60]
