"""``vitrina gc``."""

from __future__ import annotations

import re
from datetime import timedelta

import click

from vitrina.cli.output import json_option, print_findings, print_json
from vitrina.errors import InputError
from vitrina.verbs.describe import format_bytes

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def parse_duration(_ctx: click.Context, _param: click.Parameter, text: str | None) -> timedelta | None:
    """A number with a unit, such as ``30d``.

    Raises:
        InputError: It is something else.
    """
    if text is None:
        return None
    match = re.fullmatch(rf"([0-9]{{1,6}})([{''.join(_UNITS)}])", text)
    if match is None:
        raise InputError("duration-malformed", f"{text!r} is not a duration such as 30d, 12h or 2w.", where=text)
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


@click.command("gc")
@click.option(
    "--older-than", metavar="30d", callback=parse_duration, help="Also empty the trash of what is there for longer."
)
@click.option("--dry-run", is_flag=True, help="Say what would go, and remove nothing.")
@json_option
@click.pass_obj
def command(named: str | None, older_than: timedelta | None, dry_run: bool, as_json: bool) -> None:
    """Free the space of what nobody can reach: bytes of no artifact, and what killed processes left behind.

    The trash stays as it is unless --older-than is given. Bytes that versions share stay as long as one of them does.
    """
    from vitrina.model.jsonable import build_json
    from vitrina.verbs.connect import connect

    done = connect(named).gc(older_than=older_than, dry_run=dry_run)
    if as_json:
        print_json(build_json(done))
        return
    for garbage in done.garbage:
        click.echo(f"{'would remove' if dry_run else 'removed'} {garbage.kind} {garbage.name}")
    print_findings(done.findings)
    click.echo(f"{format_bytes(done.freed_bytes)} {'would be' if dry_run else 'were'} freed.")
