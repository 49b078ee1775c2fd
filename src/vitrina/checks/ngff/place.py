"""Where a rule looks: the node, the version, and how much of the store is at hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitrina.checks.ngff.codes import CODES
from vitrina.model.finding import Finding

if TYPE_CHECKING:
    from vitrina.checks.ngff.version import Version
    from vitrina.model.finding import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A document that rules are applied to.

    Attributes:
        version: Of the document.
        node: Path of its group or array in the store.
        is_alone: Whether the document is checked without the store around it, so that what it refers to cannot be
            followed, and what another document may hold is not asked for.
    """

    version: Version
    node: str = ""
    is_alone: bool = False

    def find(
        self, code: str, pointer: str, message: str, *, fix: str | None = None, severity: Severity | None = None
    ) -> Finding:
        """A finding about this document; an error of a draft is a warning where the draft may have allowed it."""
        meaning = CODES[code]
        severity = severity or meaning.severity
        if severity == "error" and not self.version.is_final and not meaning.holds_for_drafts:
            severity = "warning"
        return Finding(code=code, severity=severity, path=f"{self.node}#{pointer}", message=message, fix=fix)

    def find_reference(self, code: str, pointer: str, message: str, *, fix: str | None = None) -> Finding:
        """A finding about a reference that leads nowhere: worth knowing in a document alone, wrong in a store."""
        return self.find(code, pointer, message, fix=fix, severity="info" if self.is_alone else None)
