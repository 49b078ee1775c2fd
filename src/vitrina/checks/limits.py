"""Keeping the output short, however much is wrong."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from vitrina.model.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_PER_CODE = 20
"""Further findings of one code are counted, not told."""


def limit_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings in their order, at most a few of each code, and how many were left out."""
    counts: Counter[str] = Counter()
    kept: dict[Finding, None] = {}
    for finding in findings:
        if finding in kept:
            continue
        counts[finding.code] += 1
        if counts[finding.code] <= MAX_PER_CODE:
            kept[finding] = None
    left_out = [
        Finding(
            code="findings-left-out",
            severity="info",
            path="#",
            message=f"{count - MAX_PER_CODE:,} further findings with the code {code} were left out.",
        )
        for code, count in counts.items()
        if count > MAX_PER_CODE
    ]
    return (*kept, *left_out)
