"""RO-Crate metadata beside or inside a store.

Source: https://www.researchobject.org/ro-crate/specification/1.1/root-data-entity.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vitrina.checks.ngff.json_document import read_document
from vitrina.checks.ngff.paths import explain_illegal
from vitrina.checks.ngff.value import list_words, show
from vitrina.model.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.model.finding import Severity
    from vitrina.readers.source import Tree

NAME = "ro-crate-metadata.json"

_DESCRIPTORS = (NAME, f"./{NAME}")
_RECOMMENDED = ("name", "description", "license", "datePublished")
MAX_ENTITIES = 100_000
"""Further entities of a crate are not looked at."""


def check_ro_crate(tree: Tree) -> Iterator[Finding]:
    """What is wrong with the crate at the root of a store, where there is one."""
    document = read_document(tree, "", NAME)
    if not document.is_there:
        return
    for finding in document.findings:
        yield Finding(code=finding.code, severity=finding.severity, path=f"{NAME}#", message=finding.message)
    if document.value is not None:
        yield from check_crate(document.value)
        yield from _check_parts(tree, document.value)


def has_crate(tree: Tree) -> bool:
    """Whether there is a crate at the root of a store."""
    return read_document(tree, "", NAME).is_there


def check_crate(crate: Mapping[str, Any]) -> Iterator[Finding]:
    """What is wrong with a crate, taken by itself."""
    graph = crate.get("@graph")
    if "@context" not in crate:
        yield _find("ro-crate-invalid", "/@context", "The crate has no @context; that of RO-Crate is expected.")
    if not isinstance(graph, list) or not graph:
        message = f"The @graph of the crate is {show(graph)}; a list of entities is expected."
        yield _find("ro-crate-invalid", "/@graph", message)
        return
    yield from _check_entities(graph)
    entities = _index(graph)
    descriptor = next((entities[name] for name in _DESCRIPTORS if name in entities), None)
    if descriptor is None:
        message = f'The crate has no entity "{NAME}"; the description of the crate itself is expected.'
        yield _find("ro-crate-descriptor", "/@graph", message)
        return
    index, entity = descriptor
    if "CreativeWork" not in _get_types(entity):
        message = f'The crate describes itself as {show(entity.get("@type"))}; "CreativeWork" is expected.'
        yield _find("ro-crate-descriptor", f"/@graph/{index}/@type", message)
    about = entity.get("about")
    root_id = about.get("@id") if isinstance(about, Mapping) else None
    if not isinstance(root_id, str):
        message = f"about of the crate's description is {show(about)}; an object with the @id of the root is expected."
        yield _find("ro-crate-descriptor", f"/@graph/{index}/about", message)
        return
    yield from _check_root(entities, root_id, index)


def _check_entities(graph: list[Any]) -> Iterator[Finding]:
    seen: set[str] = set()
    for i, entity in enumerate(graph[:MAX_ENTITIES]):
        at = f"/@graph/{i}"
        if not isinstance(entity, Mapping):
            yield _find("ro-crate-entity", at, f"The entity at {at} is {show(entity)}; an object is expected.")
            continue
        name = entity.get("@id")
        if not isinstance(name, str):
            yield _find("ro-crate-entity", at, f"The @id of the entity at {at} is {show(name)}; text is expected.")
        elif name in seen:
            yield _find(
                "ro-crate-entity",
                at,
                f"The entity at {at} has the @id {show(name)} of an earlier one; each is expected once.",
            )
        else:
            seen.add(name)
        if not _get_types(entity):
            yield _find(
                "ro-crate-entity",
                at,
                f"The @type of the entity at {at} is {show(entity.get('@type'))}; text is expected.",
            )


def _check_root(entities: dict[str, tuple[int, Mapping[str, Any]]], root_id: str, index: int) -> Iterator[Finding]:
    if root_id not in entities:
        message = f"The root of the crate is {show(root_id)}, which is no entity of it; a Dataset is expected."
        yield _find("ro-crate-root", f"/@graph/{index}/about", message)
        return
    position, root = entities[root_id]
    at = f"/@graph/{position}"
    if "Dataset" not in _get_types(root):
        message = f'The root of the crate at {at} has the @type {show(root.get("@type"))}; "Dataset" is expected.'
        yield _find("ro-crate-root", f"{at}/@type", message)
    missing = [key for key in _RECOMMENDED if not root.get(key)]
    if missing:
        message = (
            f"The root of the crate at {at} has no {list_words(missing)}; {list_words(list(_RECOMMENDED))} are "
            "recommended."
        )
        yield _find("ro-crate-field-missing", at, message, "warning")


def _check_parts(tree: Tree, crate: Mapping[str, Any]) -> Iterator[Finding]:
    """Whether parts that are Zarr stores lie where the crate says."""
    graph = crate.get("@graph")
    entities = _index(graph) if isinstance(graph, list) else {}
    for index, entity in list(entities.values())[:MAX_ENTITIES]:
        path = entity["@id"].removeprefix("./").rstrip("/")
        if "Dataset" not in _get_types(entity) or not path.endswith(".zarr") or explain_illegal(path) is not None:
            continue
        if not any(read_document(tree, path, name).is_there for name in ("zarr.json", ".zgroup", ".zattrs")):
            message = f"There is no Zarr store at {path!r}, which the crate lists as a part; one is expected there."
            yield _find("ro-crate-part-missing", f"/@graph/{index}", message, "warning")


def _index(graph: list[Any]) -> dict[str, tuple[int, Mapping[str, Any]]]:
    entities: dict[str, tuple[int, Mapping[str, Any]]] = {}
    for i, entity in enumerate(graph[:MAX_ENTITIES]):
        if isinstance(entity, Mapping) and isinstance(entity.get("@id"), str):
            entities.setdefault(entity["@id"], (i, entity))
    return entities


def _get_types(entity: Mapping[str, Any]) -> list[str]:
    value = entity.get("@type")
    values = value if isinstance(value, list) else [value]
    return [name for name in values if isinstance(name, str) and name]


def _find(code: str, pointer: str, message: str, severity: Severity = "error") -> Finding:
    return Finding(code=code, severity=severity, path=f"{NAME}#{pointer}", message=message)
