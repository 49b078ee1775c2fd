"""``vitrina restore``."""

from __future__ import annotations

import click

from vitrina.cli.output import build_artifact_json, json_option, print_artifacts, print_json
from vitrina.errors import InputError


@click.command("restore")
@click.argument("refs", metavar="REF...", nargs=-1)
@click.option("--list", "is_listing", is_flag=True, help="List what is in the trash instead.")
@json_option
@click.pass_obj
def command(named: str | None, refs: tuple[str, ...], is_listing: bool, as_json: bool) -> None:
    """Take artifacts out of the trash.

    REF is a key, which means its newest version there, KEY@0001 for a version, a uid, or the start of one.
    """
    from vitrina.verbs.connect import connect

    if not refs and not is_listing:
        raise InputError("ref-needed", "Name what to restore.", hint="vitrina restore --list shows what is there.")
    instance = connect(named)
    artifacts = instance.catalog.trash.list_all() if is_listing else [instance.restore(ref) for ref in refs]
    if as_json:
        print_json([build_artifact_json(instance, artifact) for artifact in artifacts])
    elif not is_listing:
        for artifact in artifacts:
            click.echo(f"restored {artifact.uid}  {artifact.key}{', the latest version' if artifact.is_latest else ''}")
    elif artifacts:
        print_artifacts(artifacts)
    else:
        click.echo("The trash is empty.")
