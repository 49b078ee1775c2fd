"""``vitrina fix``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vitrina.cli.output import json_option, print_json
from vitrina.errors import InputError, NotFoundError

if TYPE_CHECKING:
    from vitrina.model.artifact import Artifact
    from vitrina.verbs.fix import Fixed


@click.command("fix")
@click.argument("target", metavar="PATH|REF")
@click.option("--dry-run", is_flag=True, help="Only tell what would be repaired.")
@click.option("--out", metavar="P", type=click.Path(path_type=Path), help="Write a repaired copy there.")
@click.option(
    "--for",
    "purpose",
    type=click.Choice(["specification", "viewer"]),
    default="specification",
    show_default=True,
    help="The viewer's sake: also write anew what is valid, and slow or impossible to view.",
)
@json_option
@click.pass_obj
def command(named: str | None, target: str, dry_run: bool, out: Path | None, purpose: Any, as_json: bool) -> None:
    """Repair what can be repaired without guessing, and tell what is left.

    A PATH is repaired in place, with the original beside it as NAME.backup; with --out into a copy. A REF gets a new
    version. Exit code 0: no errors are left. 1: some are.
    """
    from vitrina.verbs.fix import fix

    made: Artifact | None = None
    if Path(target).expanduser().exists():
        if out is None and not dry_run:
            _refuse_registered(named, Path(target))
        fixed = fix(Path(target), out=out, purpose=purpose, is_dry_run=dry_run)
    else:
        fixed, made = _fix_artifact(named, target, out, purpose, is_dry_run=dry_run)
    if as_json:
        print_json(_build_json(target, fixed, made))
    else:
        _print(target, fixed, made, is_dry_run=dry_run)
    click.get_current_context().exit(1 if fixed.has_errors else 0)


def _fix_artifact(
    named: str | None, ref: str, out: Path | None, purpose: Any, *, is_dry_run: bool
) -> tuple[Fixed, Artifact | None]:
    """An artifact becomes a new version, or with ``--out`` a repaired copy outside of the catalog."""
    from vitrina.verbs.connect import connect

    try:
        instance = connect(named)
        artifact = instance.show(ref)
    except NotFoundError as err:
        raise NotFoundError(
            "path-missing", f"There is no file or folder {ref!r}, and no artifact: {err.message}", where=ref
        ) from err
    if out is not None:
        return instance.fix(instance.get_path(artifact), out=out, purpose=purpose, is_dry_run=is_dry_run), None
    done = instance.fix_artifact(artifact, purpose=purpose, is_dry_run=is_dry_run)
    return done.fixed, done.artifact


def _refuse_registered(named: str | None, path: Path) -> None:
    """Where there is an instance, what it has registered is not changed."""
    from vitrina.verbs.connect import connect

    try:
        instance = connect(named)
    except (NotFoundError, InputError):
        if named is not None:
            raise
        return
    instance.refuse_registered(path)


def _print(target: str, fixed: Fixed, made: Artifact | None, *, is_dry_run: bool) -> None:
    if not fixed.repairs:
        click.echo(f"{target}: nothing to repair")
    for repair in fixed.repairs:
        click.echo(f"{'would repair' if is_dry_run else 'repaired'}: {repair.message}")
    if made is not None:
        click.echo(f"added {made.key}@{made.version}, a new version; the one before stays as it is")
    elif fixed.out is not None and fixed.out != fixed.source:
        click.echo(f"repaired copy: {fixed.out}")
    if fixed.backup is not None:
        click.echo(f"original: {fixed.backup}")
    for finding in fixed.left:
        click.secho(f"left: {finding.severity} {finding.code}", fg="red" if finding.severity == "error" else "yellow")
        click.echo(f"  {finding.message}")
        if finding.fix:
            click.echo(f"  -> {finding.fix}")


def _build_json(target: str, fixed: Fixed, made: Artifact | None) -> Any:
    out = made.key if made is not None else None if fixed.out is None else str(fixed.out)
    return {
        "source": target,
        "out": f"{out}@{made.version}" if made is not None else out,
        "backup": None if fixed.backup is None else str(fixed.backup),
        "repairs": [asdict(repair) for repair in fixed.repairs],
        "left": [asdict(finding) for finding in fixed.left],
    }
