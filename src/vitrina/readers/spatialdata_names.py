"""Names of elements as SpatialData allows them: each once in any case, of letters, digits, ``_``, ``-``, ``.``.

Source: https://spatialdata.scverse.org/en/stable/design_doc.html#naming
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.model.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitrina.model.content import Element

_FOLDERS = {"image": "images", "labels": "labels", "points": "points", "shapes": "shapes", "table": "tables"}


def choose_names(elements: Sequence[Element]) -> tuple[list[str], list[Finding]]:
    """The name of each element in SpatialData, in their order, and which are not their own."""
    names: list[str] = []
    findings = []
    taken: set[str] = set()
    for element in elements:
        name = _make_unique(sanitize_name(element.name or element.kind), taken)
        taken.add(name.lower())
        names.append(name)
        if name != element.name:
            findings.append(_renamed(element, name))
    return names, findings


def choose_paths(elements: Sequence[Element], names: Sequence[str]) -> list[str]:
    """Where each element lies in SpatialData."""
    return [f"{_FOLDERS[element.kind]}/{name}" for element, name in zip(elements, names, strict=True)]


def sanitize_name(name: str) -> str:
    """The name with ``_`` for what SpatialData does not allow.

    >>> sanitize_name("DAPI (z 3)")
    'DAPI__z_3_'
    """
    kept = "".join(char if char.isalnum() or char in "_-." else "_" for char in name)
    kept = f"{kept.lstrip('_') or 'element'}" if kept.startswith("__") else kept
    return "element" if kept in {"", ".", ".."} else kept


def _make_unique(name: str, taken: set[str]) -> str:
    number, unique = 2, name
    while unique.lower() in taken:
        unique, number = f"{name}_{number}", number + 1
    return unique


def _renamed(element: Element, name: str) -> Finding:
    return Finding(
        code="element-renamed",
        severity="info",
        path=element.path,
        message=f"The {element.kind} {element.name!r} is called {name!r}: SpatialData has each name once, and only "
        "letters, digits, '_', '-' and '.' in it.",
        fix=None,
    )
