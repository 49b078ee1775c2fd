"""The plan of repairs of any dataset."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vitrina.checks.fix.plan import Plan
from vitrina.checks.fix.tiff import plan_tiff
from vitrina.checks.fix.zarr import plan_zarr
from vitrina.checks.kind import find_format
from vitrina.readers.registry import find_reader

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vitrina.checks.fix.plan import Purpose
    from vitrina.model.finding import Finding
    from vitrina.readers.source import Source

_REASONS = {
    "anndata-not-zarr": "Nothing needs to be done: the gateway serves HDF5 as Zarr.",
    "axis-unit-missing": "Nothing says which unit the sizes are in.",
    "label-colors-missing": "Colours of labels are a choice.",
    "multiscale-field-missing": "Nothing says how the levels were made.",
    "version-differs": "Nothing says which of the versions is right.",
}
"""Why a finding is never repaired, by code."""


def plan_fixes(source: Source, purpose: Purpose) -> Plan:
    """What can be repaired of a dataset without guessing. Nothing is written.

    Args:
        source: The dataset.
        purpose: ``viewer`` also rewrites what is valid and slow or impossible to view.

    Raises:
        UnreadableError: It is damaged.
    """
    reader = find_reader(source)
    if reader is None:
        return plan_zarr(source, "ome-zarr", purpose) if find_format(source) == "ngff" else Plan()
    if reader.format in {"ome-tiff", "tiff"}:
        return plan_tiff(source, reader.read_content(source), purpose)
    return plan_zarr(source, reader.format, purpose) if source.tree is not None else Plan()


def explain_left(findings: Iterable[Finding], plan: Plan) -> tuple[Finding, ...]:
    """Findings that are left, with the reason as their fix where it is known."""
    return tuple(_explain(finding, plan) for finding in findings)


def _explain(finding: Finding, plan: Plan) -> Finding:
    node = finding.path.partition("#")[0]
    reason = plan.reasons.get((node, finding.code)) or _REASONS.get(finding.code)
    return finding if reason is None else replace(finding, fix=f"Not repaired: {reason}")
