"""``vitrina checkout``."""

from __future__ import annotations

from pathlib import Path

import click

from vitrina.cli.output import show_progress


@click.command("checkout")
@click.argument("ref", metavar="REF")
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@click.pass_obj
def command(named: str | None, ref: str, folder: Path) -> None:
    """Copy an artifact into a folder, this one unless given, as files that may be written to.

    What is stored stays as it is, whatever happens to the copy. REF is a key, KEY@0001 for a version, a uid, or the
    start of one.
    """
    from vitrina.verbs.connect import connect

    instance = connect(named)
    artifact = instance.show(ref)
    with show_progress(artifact.basename) as progress:
        path = instance.checkout(artifact, folder, progress=progress)
    click.echo(f"{artifact.key}@{artifact.version} is at {path}")
