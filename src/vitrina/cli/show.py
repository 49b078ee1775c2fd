"""``vitrina show``."""

from __future__ import annotations

import click

from vitrina.cli.output import get_width, json_option, print_json


@click.command("show")
@click.argument("ref", metavar="REF")
@json_option
@click.pass_obj
def command(named: str | None, ref: str, as_json: bool) -> None:
    """Describe one artifact. REF is a key, KEY@0001 for a version, a uid, or the start of one."""
    from vitrina.model.jsonable import build_json
    from vitrina.verbs.connect import connect
    from vitrina.verbs.describe import describe

    artifact = connect(named).show(ref)
    if as_json:
        print_json(build_json(artifact))
    else:
        click.echo(describe(artifact, get_width()))
