"""``vitrina curate``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from vitrina.cli.output import json_option, print_findings, print_json

if TYPE_CHECKING:
    from vitrina.curate.checked import Checked
    from vitrina.model.artifact import Artifact

N_SHOWN = 10


@click.command("curate")
@click.argument("ref", metavar="REF")
@click.option("--schema", metavar="S", required=True, help="Name or uid of a schema, or of a built-in one.")
@click.option("--dry-run", is_flag=True, help="Only say what is wrong; put no labels on the artifact.")
@json_option
@click.pass_obj
def command(named: str | None, ref: str, schema: str, dry_run: bool, as_json: bool) -> None:
    """Hold an artifact against a schema. When it fits, its terms and values become labels; else exit code 1."""
    from vitrina.verbs.connect import connect

    instance = connect(named)
    artifact = instance.show(ref)
    checked = instance.curate(artifact.uid, schema)
    if checked.is_valid and not dry_run:
        instance.annotate_checked(artifact, checked, schema)
    if as_json:
        print_json(_build_json(artifact, checked, schema))
    else:
        click.echo(f"{artifact.key}: {'satisfies' if checked.is_valid else 'does not satisfy'} {schema}")
        print_findings(checked.findings)
        if checked.is_valid:
            _print_terms(checked)
    if not checked.is_valid:
        click.get_current_context().exit(1)


def _print_terms(checked: Checked) -> None:
    for (slot, name), terms in checked.terms.items():
        shown = ", ".join(term.name for term in terms[:N_SHOWN])
        more = f" and {len(terms) - N_SHOWN:,} more" if len(terms) > N_SHOWN else ""
        click.echo(f"  {f'{slot} {name}'.strip()}: {shown}{more}")


def _build_json(artifact: Artifact, checked: Checked, schema: str) -> object:
    from vitrina.model.jsonable import build_json

    return {
        "source": artifact.uid,
        "valid": checked.is_valid,
        "schema": schema,
        "kind": artifact.format,
        "findings": [build_json(finding) for finding in checked.findings],
    }
