"""``vitrina add``."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vitrina.cli.add_convert import convert_added
from vitrina.cli.add_sheet import add_from_sheet
from vitrina.cli.convert_many import add_each, keep_going_option
from vitrina.cli.label import new_option, print_plan
from vitrina.cli.output import build_artifact_json, json_option, print_findings, print_json, show_progress
from vitrina.errors import InputError, VitrinaError
from vitrina.verbs.describe import format_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from vitrina.model.artifact import Artifact
    from vitrina.verbs.add import Added
    from vitrina.verbs.label_plan import LabelPlan


@click.command("add")
@click.argument("sources", metavar="[SRC...]", nargs=-1, type=click.Path(path_type=Path))
@click.option("--key", metavar="K", help="Name in the catalog; the name of the file or folder unless given.")
@click.option("--description", metavar="TEXT", help="A sentence about it.")
@click.option("--in-place", is_flag=True, help="Register without a copy; the bytes stay where they are, untouched.")
@click.option("--untrusted", is_flag=True, help="It is of a stranger: read it in a sandbox, now and later.")
@click.option("--convert", "converts", is_flag=True, help="Also make OME-Zarr of images, as a second artifact.")
@click.option("--schema", metavar="S", help="Schema that each must satisfy; its terms and values become labels.")
@click.option("--label", "pairs", metavar="F=V", multiple=True, help="Label each, such as tissue=lung; repeatable.")
@click.option("--sheet", type=click.Path(path_type=Path), metavar="FILE", help="Sample sheet: a dataset per row.")
@click.option("--dry-run", is_flag=True, help="With --sheet: only tell what would be added and what does not match.")
@keep_going_option
@new_option
@json_option
@click.pass_obj
def command(
    named: str | None,
    sources: tuple[Path, ...],
    sheet: Path | None,
    dry_run: bool,
    key: str | None,
    description: str | None,
    schema: str | None,
    in_place: bool,
    untrusted: bool,
    converts: bool,
    keep_going: bool,
    pairs: tuple[str, ...],
    allow_new: bool,
    as_json: bool,
) -> None:
    """Add files and folders, each as one artifact. A known key gets a new version.

    A sample sheet (CSV, TSV, Excel) has a column `path` with files or folders relative to the sheet, perhaps `key` and
    `description`, and one column per label, such as `tissue` or `donor`. All of it is checked before anything is added.
    """
    from vitrina.verbs.connect import connect
    from vitrina.verbs.label_plan import parse_pairs

    _check_sources(sources, sheet, key)
    _check_untrusted(untrusted, {"--sheet": sheet, "--schema": schema, "--convert": converts})
    if sheet is not None:
        add_from_sheet(
            connect(named),
            sheet,
            allow_new=allow_new,
            in_place=in_place,
            converts=converts,
            dry_run=dry_run,
            as_json=as_json,
        )
        return
    instance = connect(named)
    plan = instance.plan_labels(parse_pairs(pairs), allow_new=allow_new)  # what is unknown is told before bytes move
    said = instance.build_annotations(plan) if pairs else None
    add: Callable[..., Added] = partial(instance.add, annotations=said, untrusted=untrusted)
    if schema is not None:
        add = partial(instance.add_curated, schema=schema)

    def add_one(source: Path) -> list[Artifact]:
        with show_progress(source.name) as progress:
            done = add(source, key=key, description=description, in_place=in_place, progress=progress)
        if pairs and schema is not None:
            instance.label(done.artifact, plan)
        made = convert_added(instance, done.artifact) if converts else None
        if not as_json:
            _print(done, plan, pairs)
            if converts:
                click.echo(f"{done.artifact.key} is web-ready as it is" if made is None else _tell(made))
        return [one.artifact for one in (done, made) if one is not None]

    if converts and len(sources) > 1 and not as_json:
        add_each(sources, add_one, keeps_going=keep_going)
        return
    added, failed = _add_each(sources, add_one, keeps_going=keep_going)
    if as_json:
        print_json([build_artifact_json(instance, artifact) for artifact in added])
    if failed:
        click.get_current_context().exit(failed.exit_code)


def _add_each(
    sources: tuple[Path, ...], add_one: Callable[[Path], list[Artifact]], *, keeps_going: bool
) -> tuple[list[Artifact], VitrinaError | None]:
    """Add one after the other; of several, one that fails stops no other. What was added, and the first failure."""
    added: list[Artifact] = []
    failed: VitrinaError | None = None
    for source in sources:
        try:
            added += add_one(source)
        except VitrinaError as err:
            if len(sources) == 1 or not keeps_going:
                raise
            click.secho(f"{source}: {err.code}: {err}", err=True, fg="red")
            failed = failed or err
    return added, failed


def _print(done: Added, plan: LabelPlan, pairs: tuple[str, ...]) -> None:
    click.echo(_tell(done))
    print_plan(plan, pairs)
    print_findings((*done.artifact.content.findings, *done.findings))


def _check_sources(sources: tuple[Path, ...], sheet: Path | None, key: str | None) -> None:
    if (sheet is None) == (not sources):
        raise InputError("source-missing", "Give files and folders, or one --sheet.", hint="vitrina add SRC...")
    if key is not None and len(sources) != 1:
        raise InputError("key-for-many", "--key names one artifact, and several were given.")


def _check_untrusted(untrusted: bool, others: dict[str, object]) -> None:
    """What else is asked for must not read the data outside of the sandbox."""
    given = [option for option, value in others.items() if value]
    if untrusted and given:
        raise InputError(
            "untrusted-read-whole",
            f"{given[0]} reads all of the data outside of the sandbox, so it cannot go with --untrusted.",
            hint="Add it with --untrusted alone, look at it, and curate or convert it when you trust it.",
        )


def _tell(done: Added) -> str:
    state = "added" if done.is_new else "unchanged"
    return f"{state} {done.artifact.uid}  {done.artifact.key}  ({done.artifact.format}){_tell_shared(done)}"


def _tell_shared(done: Added) -> str:
    if not done.sharing.n_files:
        return ""
    size = format_bytes(done.sharing.size_bytes)
    if done.artifact.n_files == 1:
        return f", sharing its {size} with what is stored"
    return f", sharing {done.sharing.n_files:,} of {done.artifact.n_files:,} files ({size}) with what is stored"
