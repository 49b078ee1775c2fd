"""What a check says of one dataset."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

from vitrina.model.finding import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The findings of one check.

    Attributes:
        source: What was checked, as it was named.
        version: Of the specification that it was held against, as the data says it; None where it says none.
        kind: What it is: ``image``, ``labels``, ``label-list``, ``plate``, ``well``, ``bioformats2raw``, ``series``,
            ``scene``, ``ro-crate``, ``spatialdata``, ``anndata``, ``mudata``, ``ome-tiff``, ``tiff``, ``points``; None
            when that cannot be told.
        findings: Errors first, then warnings, then what is worth knowing; in the order of the data otherwise.
    """

    source: str
    version: str | None = None
    kind: str | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def is_valid(self) -> bool:
        """Whether nothing that must hold is broken."""
        return all(finding.severity != "error" for finding in self.findings)


def build_report_json(report: Report) -> dict[str, Any]:
    """The report in the shape that scripts rely on: ``{source, valid, version, kind, findings}``."""
    return {
        "source": report.source,
        "valid": report.is_valid,
        "version": report.version,
        "kind": report.kind,
        "findings": [asdict(finding) for finding in report.findings],
    }


_RANKS = {"error": 0, "warning": 1, "info": 2}


def order_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings without repetitions, worst first."""
    return tuple(sorted(dict.fromkeys(findings), key=lambda finding: _RANKS[finding.severity]))


def harden(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings in which what should hold must hold: warnings are errors."""
    return tuple(replace(one, severity="error") if one.severity == "warning" else one for one in findings)
