"""The nodes of a store, as their documents describe them; nothing is listed, only what is named is read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from vitrina.checks.ngff.json_document import read_document
from vitrina.checks.ngff.value import show
from vitrina.checks.ngff.zarr_array import check_array, read_facts
from vitrina.errors import UnreadableError, VitrinaError
from vitrina.model.finding import Finding

if TYPE_CHECKING:
    from vitrina.checks.ngff.json_document import Document
    from vitrina.checks.ngff.zarr_array import ArrayFacts
    from vitrina.readers.source import Tree

type NodeKind = Literal["group", "array", "missing", "broken"]

MAX_NODES = 250_000
"""Further nodes of a store are not read; a plate of 1536 wells with nine fields has some 70,000."""


MAX_RECENT = 16
"""Nodes that are kept, for several transformations or labels may refer to the same one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A group or an array.

    Attributes:
        path: Below the root of the store.
        kind: ``broken`` is a node whose documents cannot be used.
        attrs: Its attributes.
        facts: Of an array.
        document: Of the array or, in Zarr 3, of the group.
        findings: What is wrong with its documents.
    """

    path: str
    kind: NodeKind
    attrs: dict[str, Any] = field(default_factory=dict)
    facts: ArrayFacts | None = None
    document: dict[str, Any] | None = None
    findings: tuple[Finding, ...] = ()


class Nodes:
    """Reads the nodes of a store.

    Args:
        tree: The store.

    Raises:
        UnreadableError: There is no Zarr node at its root.
    """

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.n_read = 0
        self._recent: dict[str, Node] = {}
        root = read_document(tree, "", "zarr.json")
        self.format: Literal[2, 3] = 3 if root.is_there else 2
        if not root.is_there and not any(
            read_document(tree, "", name).is_there for name in (".zattrs", ".zgroup", ".zarray")
        ):
            raise UnreadableError(
                "zarr-missing",
                "There is no Zarr group at the root: neither zarr.json nor .zgroup is there.",
                hint="Name the folder that holds one of them.",
            )

    def read(self, path: str) -> Node:
        """The node at a path that was found legal; never raises for what it holds."""
        found = self._recent.get(path)
        if found is None:
            self.n_read += 1
            found = self._read_v3(path) if self.format == 3 else self._read_v2(path)
            if len(self._recent) >= MAX_RECENT:
                del self._recent[next(iter(self._recent))]
            self._recent[path] = found
        return found

    @property
    def is_exhausted(self) -> bool:
        """Whether no more nodes should be read."""
        return self.n_read >= MAX_NODES

    def list_children(self, path: str) -> list[str]:
        """Names below a path, where the store can list them; empty otherwise."""
        try:
            return self.tree.list_children(path)
        except (VitrinaError, OSError, ValueError):
            return []

    def find_other_format(self, path: str) -> bool:
        """Whether the node lies there in the other version of Zarr."""
        names = (".zgroup", ".zarray") if self.format == 3 else ("zarr.json",)
        return any(read_document(self.tree, path, name).is_there for name in names)

    def _read_v2(self, path: str) -> Node:
        array = read_document(self.tree, path, ".zarray")
        group = array if array.is_there else read_document(self.tree, path, ".zgroup")
        attrs = read_document(self.tree, path, ".zattrs")
        if not group.is_there and not attrs.is_there:
            return Node(path=path, kind="missing")
        findings = [*group.findings, *attrs.findings, *_check_v2_group(group, path)]
        if (group.is_there and group.value is None) or (attrs.is_there and attrs.value is None):
            return Node(path=path, kind="broken", findings=tuple(findings))
        if array.value is not None:
            return _build_array(path, array.value, attrs.value or {}, findings)
        return Node(path=path, kind="group", attrs=attrs.value or {}, findings=tuple(findings))

    def _read_v3(self, path: str) -> Node:
        found = read_document(self.tree, path, "zarr.json")
        if not found.is_there:
            return Node(path=path, kind="missing")
        if found.value is None:
            return Node(path=path, kind="broken", findings=found.findings)
        document = found.value
        findings = [*found.findings, *_check_format(document, 3, path)]
        attrs = document.get("attributes", {})
        if not isinstance(attrs, dict):
            message = f"attributes of {path or 'the root'!r} is {show(attrs)}; an object is expected."
            findings.append(_find("zarr-attributes-invalid", path, "/attributes", message))
            attrs = {}
        match document.get("node_type"):
            case "group":
                return Node(path=path, kind="group", attrs=attrs, document=document, findings=tuple(findings))
            case "array":
                return _build_array(path, document, attrs, findings)
            case other:
                message = f'node_type of {path or "the root"!r} is {show(other)}; "group" or "array" is expected.'
                findings.append(_find("zarr-node-type", path, "/node_type", message))
                return Node(path=path, kind="broken", attrs=attrs, document=document, findings=tuple(findings))


def _build_array(path: str, document: dict[str, Any], attrs: dict[str, Any], findings: list[Finding]) -> Node:
    return Node(
        path=path,
        kind="array",
        attrs=attrs,
        facts=read_facts(document),
        document=document,
        findings=(*findings, *check_array(document, path)),
    )


def _check_v2_group(group: Document, path: str) -> list[Finding]:
    if group.value is not None:
        return _check_format(group.value, 2, path)
    if group.is_there:
        return []
    message = f"There are attributes in {path or 'the root'!r}, but no .zgroup; the document of a group is expected."
    fix = 'Add .zgroup with {"zarr_format": 2}.'
    return [_find("zarr-group-missing", path, "", message, fix)]


def _check_format(document: dict[str, Any], expected: int, path: str) -> list[Finding]:
    stated = document.get("zarr_format")
    if stated == expected and not isinstance(stated, bool):
        return []
    message = f"zarr_format of {path or 'the root'!r} is {show(stated)}; {expected} is expected."
    return [_find("zarr-format-invalid", path, "/zarr_format", message)]


def _find(code: str, path: str, pointer: str, message: str, fix: str | None = None) -> Finding:
    return Finding(code=code, severity="error", path=f"{path}#{pointer}", message=message, fix=fix)
