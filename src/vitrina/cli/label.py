"""``vitrina label``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from vitrina.cli.output import build_artifact_json, json_option, print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitrina.verbs.label_plan import LabelPlan

new_option = click.option("--new", "allow_new", is_flag=True, help="Make terms of your own of values nobody knows.")


@click.command("label")
@click.argument("ref", metavar="REF")
@click.argument("pairs", metavar="F=V...", nargs=-1, required=True)
@click.option("--remove", is_flag=True, help="Take the labels off instead.")
@new_option
@json_option
@click.pass_obj
def command(named: str | None, ref: str, pairs: tuple[str, ...], remove: bool, allow_new: bool, as_json: bool) -> None:
    """Label an artifact with terms and values.

    F is a registry such as tissue, assay, disease, ulabel or project, or a feature; V a name, a synonym or an ontology
    id, or a value of the feature. REF is a key, KEY@0001 for a version, a uid, or the start of one.
    """
    from vitrina.verbs.connect import connect
    from vitrina.verbs.label_plan import parse_pairs

    instance = connect(named)
    artifact = instance.show(ref)
    plan = instance.plan_labels(parse_pairs(pairs), allow_new=allow_new and not remove)
    if remove:
        instance.unlabel(artifact, plan)
    else:
        instance.label(artifact, plan)
    if as_json:
        print_json(build_artifact_json(instance, artifact))
        return
    click.echo(f"{'unlabelled' if remove else 'labelled'} {artifact.uid}  {artifact.key}")
    print_plan(plan, pairs)


def print_plan(plan: LabelPlan, pairs: Sequence[str]) -> None:
    """Print what labels came to, where that is not what was written."""
    for planned in plan.terms:
        term = planned.term
        shown = f"{term.name} ({term.ontology_id})" if term.ontology_id else term.name
        given = f", which {planned.value!r} means" if planned.value not in (term.name, term.ontology_id) else ""
        click.echo(f"  {planned.name}  {shown}{given}{', a new term of your own' if planned.is_new else ''}")
    names = {planned.name for planned in plan.terms}
    for pair in pairs:
        name, _, value = pair.partition("=")
        if name.strip() not in names:
            click.echo(f"  {name.strip()}  {value.strip()}")
