"""``vitrina check``."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from vitrina.cli.check_page import build_page
from vitrina.cli.output import print_json
from vitrina.errors import NotFoundError, VitrinaError
from vitrina.model.finding import Finding
from vitrina.model.report import Report, build_report_json

_COLORS = {"error": "red", "warning": "yellow", "info": None}


@click.command("check")
@click.argument("targets", metavar="PATH|URL|REF...", nargs=-1, required=True)
@click.option(
    "--for",
    "purpose",
    type=click.Choice(["specification", "viewer"]),
    default="specification",
    show_default=True,
    help="Against its own specification, or whether the viewer can show it.",
)
@click.option("--metadata-only", is_flag=True, help="Look at metadata documents alone, not at what they name.")
@click.option("--strict", is_flag=True, help="What should hold must hold: warnings are errors.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON report, or a list of several.")
@click.option("--json-lines", "as_lines", is_flag=True, help="Print one JSON report a line, in the order given.")
@click.option(
    "--html",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Also write a page with the reports.",
)
@click.pass_obj
def command(
    named: str | None,
    targets: tuple[str, ...],
    purpose: Any,
    metadata_only: bool,
    strict: bool,
    as_json: bool,
    as_lines: bool,
    html: Path | None,
) -> None:
    """Check OME-Zarr, SpatialData, AnnData, MuData, TIFF and Parquet: files, folders, addresses, artifacts.

    Exit code 0: valid. 1: something that must hold is broken. 2: not readable, or of no format that is checked.
    """
    from vitrina.verbs.check import check

    reports: list[Report] = []
    worst = 0
    for target in _unite(targets):
        try:
            report = check(_locate(named, target), purpose=purpose, is_metadata_only=metadata_only, is_strict=strict)
        except VitrinaError as err:
            report, worst = _build_failed(err), 2
        report = replace(report, source=target)
        worst = max(worst, 0 if report.is_valid else 1)
        reports.append(report)
        if as_lines:
            click.echo(json.dumps(build_report_json(report), ensure_ascii=False))
        elif not as_json:
            _print(report)
    if as_json:
        shapes = [build_report_json(report) for report in reports]
        print_json(shapes[0] if len(shapes) == 1 else shapes)
    if html is not None:
        html.write_text(build_page(reports), encoding="utf-8")
        click.echo(f"written to {html}", err=True)
    click.get_current_context().exit(worst)


def _unite(targets: tuple[str, ...]) -> list[str]:
    """Each target once; metadata documents of one Zarr hierarchy, as hooks of git name them, are the hierarchy."""
    from vitrina.verbs.check import find_root

    return list(dict.fromkeys(str(find_root(Path(one))) if Path(one).is_file() else one for one in targets))


def _locate(named: str | None, target: str) -> str | Path:
    """A path or address as it is; anything else is an artifact."""
    from vitrina.verbs.check import is_url

    if is_url(target) or Path(target).expanduser().exists():
        return target
    from vitrina.verbs.connect import connect

    try:
        instance = connect(named)
        return instance.get_path(instance.show(target))
    except VitrinaError as err:
        raise NotFoundError(
            "path-missing", f"There is no file or folder {target!r}, and no artifact: {err.message}", where=target
        ) from err


def _build_failed(err: VitrinaError) -> Report:
    """What could not be checked as a report that says why."""
    finding = Finding(code=err.code, severity="error", path="", message=err.message, fix=err.hint)
    return Report(source=err.where or "", findings=(finding,))


def _print(report: Report) -> None:
    state = "valid" if report.is_valid else "not valid"
    what = " ".join(part for part in (report.kind, report.version) if part)
    counts = Counter(finding.severity for finding in report.findings)
    told = ", ".join(f"{n} {severity}{'s' if n > 1 and severity != 'info' else ''}" for severity, n in counts.items())
    click.secho(f"{report.source}: {state}{f' ({what})' if what else ''}{f', {told}' if told else ''}", bold=True)
    for finding in report.findings:
        click.secho(f"  {finding.severity:<7} {finding.code}", fg=_COLORS[finding.severity], nl=False)
        click.echo(f"  {finding.path}" if finding.path else "")
        click.echo(f"          {finding.message}")
        if finding.fix:
            click.echo(f"          -> {finding.fix}")
