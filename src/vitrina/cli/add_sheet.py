"""``vitrina add --sheet``."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from vitrina.cli.add_convert import convert_added
from vitrina.cli.output import build_artifact_json, print_findings, print_json, show_progress

if TYPE_CHECKING:
    from pathlib import Path

    from vitrina.model.artifact import Artifact
    from vitrina.model.finding import Finding
    from vitrina.verbs.instance import Instance
    from vitrina.verbs.sheet import SheetPlan

MAX_SHOWN = 40
"""Findings that a terminal is shown; JSON has all."""


def add_from_sheet(
    instance: Instance,
    path: Path,
    *,
    allow_new: bool,
    in_place: bool,
    converts: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Check a sample sheet, tell what does not match, and add its datasets when all of it does."""
    from vitrina.verbs.sheet import add_new_features, plan_sheet

    plan = plan_sheet(instance, path, allow_new=allow_new)
    if not as_json:
        _print_plan(plan)
    if dry_run or not plan.is_valid:
        if as_json:
            print_json(_build_json(instance, plan, [], list(plan.findings)))
        elif plan.is_valid:
            click.echo("Nothing was added: this was a dry run.")
        else:
            click.echo(
                "Nothing was added. Correct the sheet, or make new terms with --new, and run it again.", err=True
            )
        click.get_current_context().exit(0 if plan.is_valid else 1)
    if plan.new_features:
        plan = add_new_features(instance, plan, path)
    artifacts, findings = _add(instance, plan, in_place=in_place, as_json=as_json)
    if converts:
        made = [
            one.artifact for one in (convert_added(instance, artifact) for artifact in artifacts) if one is not None
        ]
        artifacts += made
        if not as_json:
            click.echo(f"{len(made)} converted.")
    if as_json:
        print_json(_build_json(instance, plan, artifacts, findings))
    if findings:
        click.get_current_context().exit(1)


def _add(instance: Instance, plan: SheetPlan, *, in_place: bool, as_json: bool) -> tuple[list[Artifact], list[Finding]]:
    from vitrina.model.finding import Finding
    from vitrina.verbs.sheet import add_sheet

    artifacts, findings = [], []
    n_new = 0
    with show_progress(f"{len(plan.rows)} datasets", unit_is_bytes=False) as progress:
        for done in add_sheet(
            instance, plan, in_place=in_place, on_row=lambda n_done, n_all, _: progress(n_done, n_all)
        ):
            if isinstance(done, Finding):
                findings.append(done)
                continue
            artifacts.append(done.artifact)
            n_new += done.is_new
    if not as_json:
        unchanged = f", {len(artifacts) - n_new} unchanged" if len(artifacts) > n_new else ""
        click.echo(f"{n_new} added{unchanged}{f', {len(findings)} failed' if findings else ''}.")
        _print_rows(findings)
    return artifacts, findings


def _print_plan(plan: SheetPlan) -> None:
    if plan.findings:
        _print_rows(plan.findings)
    click.echo(f"{len(plan.rows)} dataset{'' if len(plan.rows) == 1 else 's'} can be added.")
    for feature in plan.new_features:
        click.echo(f"  {feature.name}  a new feature of dtype {feature.dtype}")
    counts = Counter(
        (planned.name, planned.term.name, planned.term.ontology_id, str(planned.value), planned.is_new)
        for row in plan.rows
        for planned in row.labels.terms
    )
    for (name, term, ontology_id, value, is_new), count in sorted(
        counts.items(), key=lambda item: (item[0][0], item[0][1], item[0][3])
    ):
        given = f", written {value!r}" if value not in {term, ontology_id} else ""
        shown = f"{term} ({ontology_id})" if ontology_id else term
        click.echo(f"  {name}  {shown}  {count}{given}{', a new term of your own' if is_new else ''}")


def _print_rows(findings: list[Finding] | tuple[Finding, ...]) -> None:
    for finding in findings[:MAX_SHOWN]:
        click.echo(finding.path.replace("#", ", ").removeprefix(", "), err=True)
        print_findings([finding])
    if len(findings) > MAX_SHOWN:
        click.echo(f"and {len(findings) - MAX_SHOWN} more; --json has all", err=True)


def _build_json(
    instance: Instance, plan: SheetPlan, artifacts: list[Artifact], findings: list[Finding]
) -> dict[str, object]:
    from vitrina.model.jsonable import build_json

    return {
        "n_planned": len(plan.rows),
        "valid": plan.is_valid,
        "items": [build_artifact_json(instance, artifact) for artifact in artifacts],
        "findings": [build_json(finding) for finding in findings],
    }
