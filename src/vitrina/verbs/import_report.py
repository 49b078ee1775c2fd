"""What an import found, brought and left."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from vitrina.model.finding import Finding, Severity

NOUNS = ("user", "term", "feature", "schema", "transform", "run", "artifact", "collection")
"""In the order in which they are brought."""

MAX_NAMED = 5
"""Things of one kind that a finding names; it counts the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportCount:
    """How many of one noun there were.

    Attributes:
        noun: One of NOUNS.
        found: In the source.
        known: Of those, how many were here before.
        brought: Of those, how many came now; in a dry run, would come.
    """

    noun: str
    found: int
    known: int
    brought: int

    @property
    def left(self) -> int:
        """How many could not come; findings say why."""
        return self.found - self.known - self.brought


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did, or would do.

    Attributes:
        is_dry_run: Whether nothing was written.
        counts: One per noun, in the order of NOUNS.
        findings: What could not come, or came otherwise than it was; worst first.
    """

    is_dry_run: bool
    counts: tuple[ImportCount, ...]
    findings: tuple[Finding, ...]

    @property
    def is_complete(self) -> bool:
        """Whether nothing that matters is missing: there is no error among the findings."""
        return all(finding.severity != "error" for finding in self.findings)


class ImportTally:
    """Counts and findings while an import goes on."""

    def __init__(self) -> None:
        self._found: Counter[str] = Counter()
        self._known: Counter[str] = Counter()
        self._brought: Counter[str] = Counter()
        self._told: dict[tuple[str, Severity, str, str | None], list[str]] = {}

    def count(self, noun: str, *, found: int = 0, known: int = 0, brought: int = 0) -> None:
        """Count things of a noun."""
        self._found[noun] += found
        self._known[noun] += known
        self._brought[noun] += brought

    def tell(self, code: str, severity: Severity, name: str, message: str, fix: str | None = None) -> None:
        """Tell something of a thing; what is told of many in the same words becomes one finding."""
        self._told.setdefault((code, severity, message, fix), []).append(name)

    def build_report(self, *, is_dry_run: bool) -> ImportReport:
        """What was counted and told."""
        ranks = {"error": 0, "warning": 1, "info": 2}
        findings = sorted((self._build_finding(*told) for told in self._told.items()), key=lambda f: ranks[f.severity])
        counts = tuple(
            ImportCount(noun=noun, found=self._found[noun], known=self._known[noun], brought=self._brought[noun])
            for noun in NOUNS
        )
        return ImportReport(is_dry_run=is_dry_run, counts=counts, findings=tuple(findings))

    @staticmethod
    def _build_finding(told: tuple[str, Severity, str, str | None], names: list[str]) -> Finding:
        code, severity, message, fix = told
        listed = ", ".join(names[:MAX_NAMED])
        more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
        return Finding(code=code, severity=severity, path="", message=f"{listed}{more}: {message}", fix=fix)
