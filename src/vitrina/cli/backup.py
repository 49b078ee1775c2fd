"""``vitrina backup``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from vitrina.cli.output import json_option, print_json, show_progress

if TYPE_CHECKING:
    from vitrina.model.backup import Backup

file_argument = click.argument("file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))


@click.group("backup")
def command() -> None:
    """Save the catalog to a file, or load one into a new instance, on any database.

    A backup holds the catalog: artifacts with their versions, labels and lineage. The stored bytes are not in it; copy
    the instance's data folder as you copy other files.
    """


@command.command("save")
@file_argument
@json_option
@click.pass_obj
def save(named: str | None, file: Path, as_json: bool) -> None:
    """Save the catalog, as it is at this moment, to FILE. It may be in use."""
    from vitrina.verbs.connect import connect

    instance = connect(named)
    with show_progress("Saving", unit_is_bytes=False) as progress:
        backup = instance.save_backup(file, progress=progress)
    if as_json:
        print_json(_build_json(file, backup))
        return
    from vitrina.verbs.describe import format_bytes

    click.echo(f"Saved {_describe(backup)} to {file} ({format_bytes(file.stat().st_size)}).")


@command.command("load")
@file_argument
@json_option
@click.pass_obj
def load(named: str | None, file: Path, as_json: bool) -> None:
    """Load the catalog in FILE into an instance that is empty: all of it, or nothing."""
    from vitrina.verbs.connect import connect

    instance = connect(named)
    with show_progress("Loading", unit_is_bytes=False) as progress:
        backup = instance.load_backup(file, progress=progress)
    if as_json:
        print_json(_build_json(file, backup))
        return
    click.echo(f"Loaded {_describe(backup)}, saved at {backup.created_at:%Y-%m-%d %H:%M} UTC.")


def _describe(backup: Backup) -> str:
    n_artifacts = backup.count("artifact")
    return f"{n_artifacts:,} artifact{'' if n_artifacts == 1 else 's'} with all that belongs to them"


def _build_json(file: Path, backup: Backup) -> dict[str, object]:
    return {
        "file": str(file),
        "size_bytes": file.stat().st_size,
        "created_at": backup.created_at.isoformat(),
        "change": backup.change,
        "n_artifacts": backup.count("artifact"),
        "n_rows": backup.n_rows,
    }
