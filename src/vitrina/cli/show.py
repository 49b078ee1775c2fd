"""``vitrina show``."""

from __future__ import annotations

import click

from vitrina.cli.output import build_artifact_json, get_width, json_option, print_json


@click.command("show")
@click.argument("ref", metavar="REF")
@json_option
@click.pass_obj
def command(named: str | None, ref: str, as_json: bool) -> None:
    """Describe one artifact. REF is a key, KEY@0001 for a version, a uid, or the start of one."""
    from vitrina.verbs.connect import connect

    instance = connect(named)
    artifact = instance.show(ref)
    if as_json:
        print_json(build_artifact_json(instance, artifact))
    else:
        click.echo(instance.describe_artifact(artifact, get_width()))
