"""``vitrina delete``."""

from __future__ import annotations

import click

from vitrina.cli.output import json_option, print_json
from vitrina.verbs.describe import format_bytes


@click.command("delete")
@click.argument("refs", metavar="REF...", nargs=-1, required=True)
@click.option("--permanent", is_flag=True, help="Remove for good, bytes too, instead of moving to the trash.")
@click.option("--yes", is_flag=True, help="Do not ask before removing for good.")
@json_option
@click.pass_obj
def command(named: str | None, refs: tuple[str, ...], permanent: bool, yes: bool, as_json: bool) -> None:
    """Move artifacts to the trash, where nobody finds them and from where `vitrina restore` brings them back.

    REF is a key (its latest version), KEY@0001 for a version, a uid, or the start of one. Bytes that were registered in
    place are never removed.
    """
    from vitrina.model.jsonable import build_json
    from vitrina.verbs.connect import connect

    instance = connect(named)
    if permanent and not yes:
        click.confirm(f"Remove {', '.join(refs)} for good?", abort=True, err=True)
    done = []
    for ref in refs:
        deleted = instance.delete(ref, permanent=permanent)
        done.append(deleted)
        if as_json:
            continue
        artifact = deleted.artifact
        if permanent:
            click.echo(f"removed {artifact.uid}  {artifact.key}, {format_bytes(deleted.freed_bytes)} freed")
        else:
            click.echo(f"moved to the trash {artifact.uid}  {artifact.key}")
            click.echo(f"  vitrina restore {artifact.uid} brings it back.", err=True)
    if as_json:
        print_json([build_json(deleted) for deleted in done])
