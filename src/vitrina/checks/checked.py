"""What a checker found out about one dataset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vitrina.model.finding import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The result of a checker.

    Attributes:
        kind: See ``Report.kind``.
        version: Of the specification, as the data says it.
        findings: In the order of the data.
    """

    kind: str | None
    version: str | None = None
    findings: tuple[Finding, ...] = ()
