"""``vitrina import``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from vitrina.cli.output import json_option, print_findings, print_json, show_progress

if TYPE_CHECKING:
    from vitrina.verbs.import_report import ImportReport


@click.group("import")
def command() -> None:
    """Move in from another catalog."""


@command.command("lamindb")
@click.argument("source", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--copy", is_flag=True, help="Copy the bytes into the store; otherwise they stay where LaminDB has them.")
@click.option("--dry-run", is_flag=True, help="Write nothing; say what would come and what could not.")
@json_option
@click.pass_obj
def import_lamindb(named: str | None, source: Path, copy: bool, dry_run: bool, as_json: bool) -> None:
    """Bring artifacts with all versions, labels, features, schemas, runs and collections of a LaminDB instance.

    FILE is the instance's storage folder, or .lamindb/lamin.db in it; it is read and never written. LaminDB need not be
    installed. A second import brings only what is new.
    """
    from vitrina.verbs.connect import connect

    instance = connect(named)
    with show_progress(source.name) as progress:
        report = instance.import_lamindb(source, copy=copy, dry_run=dry_run, progress=progress)
    if as_json:
        from vitrina.model.jsonable import build_json

        print_json(build_json(report))
    else:
        _print_report(report)
    if not report.is_complete:
        click.get_current_context().exit(1)


def _print_report(report: ImportReport) -> None:
    head = ("", "found", "here before", "would come" if report.is_dry_run else "came", "left")
    rows = [
        (
            one.noun if one.found == 1 else f"{one.noun}s",
            *(f"{n:,}" for n in (one.found, one.known, one.brought, one.left)),
        )
        for one in report.counts
    ]
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    for row in (head, *rows):
        cells = [
            f"{row[0]:<{widths[0]}}",
            *(f"{cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=True)),
        ]
        click.secho("  ".join(cells), bold=row is head)
    print_findings(report.findings)
