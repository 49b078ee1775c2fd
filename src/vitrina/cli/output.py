"""What verbs print."""

from __future__ import annotations

import json
import shutil
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from vitrina.verbs.describe import format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vitrina.model.artifact import Artifact
    from vitrina.model.finding import Finding
    from vitrina.storage.store import Progress
    from vitrina.verbs.instance import Instance

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON in the shape of the HTTP API.")


def get_width() -> int:
    """Columns of the terminal, 100 when there is none."""
    return shutil.get_terminal_size((100, 24)).columns if sys.stdout.isatty() else 100


def print_json(value: Any) -> None:
    """Print JSON values, indented."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def build_artifact_json(instance: Instance, artifact: Artifact) -> Any:
    """The artifact in the shape of the HTTP API."""
    from vitrina.model.jsonable import build_json
    from vitrina.server.shapes import build_artifact_out

    return build_json(build_artifact_out(artifact, instance.check_view(artifact)))


def print_artifacts(artifacts: Sequence[Artifact]) -> None:
    """Print artifacts as a table that is never cut: uid, format, size, date, key."""
    rows = [
        (item.uid, item.format, format_bytes(item.size_bytes), f"{item.created_at:%Y-%m-%d %H:%M}", item.key)
        for item in artifacts
    ]
    heads = ("uid", "format", "size", "created (UTC)", "key")
    widths = [max(len(row[column]) for row in (heads, *rows)) for column in range(len(heads))]
    for row in (heads, *rows):
        line = "  ".join(
            f"{cell:>{width}}" if head == "size" else f"{cell:<{width}}"
            for cell, width, head in zip(row, widths, heads, strict=True)
        ).rstrip()
        click.secho(line, bold=row is heads)


def print_findings(findings: Sequence[Finding]) -> None:
    """Print findings to the error stream, so that they do not mix with results."""
    for finding in findings:
        click.secho(f"  {finding.severity} {finding.code}: {finding.message}", err=True, dim=finding.severity == "info")
        if finding.fix:
            click.echo(f"    {finding.fix}", err=True)


@contextmanager
def show_progress(label: str, *, unit_is_bytes: bool = True) -> Iterator[Progress]:
    """A progress bar on the error stream while the block runs; silent when that is no terminal."""
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = [TextColumn("{task.description}"), BarColumn()]
    columns += [DownloadColumn()] if unit_is_bytes else [TextColumn("{task.percentage:>3.0f} %")]
    console = Console(stderr=True)
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
