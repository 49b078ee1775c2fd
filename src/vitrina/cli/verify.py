"""``vitrina verify``."""

from __future__ import annotations

import click

from vitrina.cli.output import json_option, print_findings, print_json, show_progress
from vitrina.verbs.describe import format_bytes


@click.command("verify")
@click.argument("ref", metavar="[REF]", required=False)
@json_option
@click.pass_obj
def command(named: str | None, ref: str | None, as_json: bool) -> None:
    """Read stored bytes anew and compare them with what was saved; without REF, of all artifacts in all versions.

    Exits with 1 when something is not as it was.
    """
    from vitrina.model.jsonable import build_json
    from vitrina.verbs.connect import connect

    instance = connect(named)
    artifact = instance.show(ref) if ref is not None else None
    with show_progress("verify") as progress:
        done = instance.verify(artifact, progress=progress)
    if as_json:
        print_json(build_json(done))
    else:
        print_findings(done.findings)
        size = format_bytes(done.size_bytes)
        verdict = f"{len(done.findings)} are not as they were saved" if done.findings else "all as saved"
        plural = "" if done.n_artifacts == 1 else "s"
        click.echo(f"{done.n_artifacts:,} artifact{plural}, {size}: {verdict}.")
    if done.findings:
        click.get_current_context().exit(1)
