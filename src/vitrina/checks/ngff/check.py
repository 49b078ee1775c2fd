"""Holding an OME-Zarr store, or one attributes document, against the specification."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.checks.checked import Checked
from vitrina.checks.limits import limit_findings
from vitrina.checks.ngff.document import check_document, find_kind
from vitrina.checks.ngff.json_document import is_too_deep
from vitrina.checks.ngff.nodes import Nodes
from vitrina.checks.ngff.place import Place
from vitrina.checks.ngff.ro_crate import check_ro_crate, has_crate
from vitrina.checks.ngff.version import Version, detect_version, parse_version
from vitrina.checks.ngff.walk import check_root, walk_root
from vitrina.errors import UnreadableError
from vitrina.model.finding import Finding

if TYPE_CHECKING:
    from vitrina.checks.ngff.nodes import Node
    from vitrina.ngff.json_value import JsonObject
    from vitrina.readers.source import Tree


def check_attributes(attrs: JsonObject, *, version: str | None = None) -> Checked:
    """What is wrong with one attributes document, taken by itself.

    Args:
        attrs: The attributes of a group, with the key ``ome`` since 0.5.
        version: The version that it is held against, whatever it states; its own unless given.

    Returns:
        Its kind, the version that it states, and the findings; references to other documents are not followed.
    """
    if is_too_deep(attrs):
        message = "The attributes are nested too deeply to be read; metadata of a few levels is expected."
        return Checked(
            kind=None, findings=(Finding(code="json-too-deep", severity="error", path="#", message=message),)
        )
    stated = detect_version(attrs)
    wanted = parse_version(version) if version is not None else None
    place = Place(version=_choose(stated, wanted), is_alone=True)
    findings = limit_findings(check_document(place, attrs))
    return Checked(kind=find_kind(attrs), version=_get_text(stated), findings=findings)


def check_ngff(tree: Tree, *, is_metadata_only: bool = False) -> Checked:
    """What is wrong with an OME-Zarr store.

    Args:
        tree: The store; only keys that the metadata names are read, so it need not be able to list.
        is_metadata_only: Whether only the group at the root is checked, by itself, and nothing that it refers to.

    Returns:
        Its kind, the version that it states, and the findings in the order of the data.

    Raises:
        UnreadableError: There is nothing of Zarr at the root, and no RO-Crate either.
    """
    try:
        nodes = Nodes(tree)
    except UnreadableError:
        if not has_crate(tree):
            raise
        return Checked(kind="ro-crate", findings=limit_findings(check_ro_crate(tree)))
    root = nodes.read("")
    check = check_root if is_metadata_only else walk_root
    findings = limit_findings(check(nodes, root))
    return Checked(kind=find_kind(root.attrs), version=_find_version(nodes, root), findings=findings)


def _find_version(nodes: Nodes, root: Node) -> str | None:
    """The version that the root states; where a collection of 0.4 states none, that of its first image."""
    stated = _get_text(detect_version(root.attrs))
    if stated is None and find_kind(root.attrs) == "bioformats2raw":
        return _get_text(detect_version(nodes.read("0").attrs))
    return stated


def _choose(stated: Version, wanted: Version | None) -> Version:
    if wanted is None or wanted.rules == stated.rules:
        return stated
    return Version(
        stated=stated.stated,
        rules=wanted.rules,
        issue=stated.issue if stated.issue in {"missing", "invalid", "misplaced"} else "unwanted",
    )


def _get_text(version: Version) -> str | None:
    return version.stated if isinstance(version.stated, str) else None
