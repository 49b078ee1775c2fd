"""A metadata document: JSON as it is found, with everything that is odd about its text.

Source: https://www.rfc-editor.org/rfc/rfc8259
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vitrina.errors import VitrinaError
from vitrina.model.finding import Finding

if TYPE_CHECKING:
    from vitrina.model.finding import Severity
    from vitrina.readers.source import Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document.

    Attributes:
        is_there: Whether there is one.
        value: Its object; None when there is none, or nothing that can be used.
        findings: What is wrong with its text.
    """

    is_there: bool = False
    value: dict[str, Any] | None = None
    findings: tuple[Finding, ...] = ()


ABSENT = Document()

MAX_DEPTH = 128
"""A deeper document is refused; real ones have a dozen levels, and comparing deep ones would exhaust the stack."""


def is_too_deep(value: object) -> bool:
    """Whether lists and objects lie in each other more than ``MAX_DEPTH`` times; found without recursion."""
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        outers = [one for one in level if isinstance(one, list | Mapping)]
        if not outers:
            return False
        level = [inner for outer in outers for inner in (outer.values() if isinstance(outer, Mapping) else outer)]
    return True


def read_document(tree: Tree, node: str, name: str) -> Document:
    """The document ``name`` of a node; never raises for what it holds."""
    key = f"{node}/{name}" if node else name
    try:
        data = tree.get(key)
    except (VitrinaError, OSError, ValueError) as err:
        reason = err.message if isinstance(err, VitrinaError) else f"{key} cannot be read: {err}."
        return _refuse(node, "metadata-unreadable", reason)
    return ABSENT if data is None else parse_document(data, node, key)


def parse_document(data: bytes, node: str, key: str) -> Document:
    """The document that the bytes spell."""
    notes = _Notes()
    try:
        value = json.loads(data.decode(), object_pairs_hook=notes.build_object, parse_constant=notes.note_constant)
    except UnicodeDecodeError as err:
        return _refuse(node, "json-not-utf8", f"{key} is not UTF-8 at byte {err.start:,}; UTF-8 is expected.")
    except RecursionError:
        return _refuse(
            node, "json-too-deep", f"{key} is nested too deeply to be read; metadata of a few levels is expected."
        )
    except ValueError as err:
        return _refuse(node, "json-invalid", f"{key} is not JSON: {str(err).rstrip('.')}; a JSON object is expected.")
    if data.count(b"{") + data.count(b"[") > MAX_DEPTH and is_too_deep(value):
        return _refuse(node, "json-too-deep", f"{key} is nested in more than {MAX_DEPTH} levels; fewer are expected.")
    if not isinstance(value, dict):
        kind = {list: "a list", str: "text", bool: "true or false"}.get(type(value), "a number or null")
        return _refuse(node, "json-not-object", f"{key} holds {kind}; a JSON object is expected.")
    findings = []
    if notes.constants:
        message = f"{key} has {notes.constants[0]}, which is not JSON; a finite number or null is expected."
        findings.append(_find(node, "json-not-finite", message))
    if notes.repeated:
        shown = notes.repeated[0][:60]
        message = f"{key} has the key {shown!r} twice in one object, so the first value is lost; each is expected once."
        findings.append(_find(node, "json-key-repeated", message, "warning"))
    return Document(is_there=True, value=value, findings=tuple(findings))


@dataclass(slots=True)
class _Notes:
    """What the parser meets on its way."""

    constants: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)

    def note_constant(self, name: str) -> float:
        self.constants.append(name)
        return float(name)

    def build_object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        built = dict(pairs)
        if len(built) < len(pairs):
            seen: set[str] = set()
            self.repeated.append(next(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]  # the set remembers as it goes
        return built


def _refuse(node: str, code: str, message: str) -> Document:
    return Document(is_there=True, findings=(_find(node, code, message),))


def _find(node: str, code: str, message: str, severity: Severity = "error") -> Finding:
    return Finding(code=code, severity=severity, path=f"{node}#", message=message)
