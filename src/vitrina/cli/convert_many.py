"""``vitrina convert`` and ``vitrina add --convert`` of many sources: what became of each, as a table or JSON."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vitrina.cli.output import print_findings, print_json, show_progress
from vitrina.errors import EXIT_INTERRUPTED
from vitrina.verbs.describe import format_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from vitrina.model.artifact import Artifact
    from vitrina.verbs.convert import Conversion
    from vitrina.verbs.convert_many import Batch, Item

    type ConvertOne = Callable[[Path, Path, Callable[[int, int], None]], Conversion]

keep_going_option = click.option(
    "--keep-going/--fail-fast", default=True, help="Whether one of several that fails stops no other; it does not."
)

_COLORS = {"made": "green", "there": None, "failed": "red", "waiting": "yellow"}


def is_folder_for_many(sources: Sequence[Path], target: Path) -> bool:
    """Whether results go into a folder: of several sources always, of one when the name says no format."""
    from vitrina.convert.targets import ANY_ZARR, find_named

    if len(sources) > 1:
        return True
    return target.is_dir() and find_named(target) is None and not target.name.lower().endswith(ANY_ZARR)


def convert_each(
    sources: Sequence[Path],
    folder: Path,
    convert_one: ConvertOne,
    choose: Callable[[Path], str],
    *,
    format_: str | None,
    keeps_going: bool,
    overwrites: bool,
    as_json: bool,
) -> None:
    """Convert several sources into a folder, tell what became of each, and end with the exit code of the whole.

    Raises:
        InputError: Two sources would have the same result.
    """
    from vitrina.verbs.convert_many import build_report, convert_many, plan_targets

    items = plan_targets(sources, folder, choose, format_=format_)

    def run(item: Item) -> Conversion:
        with show_progress(item.source.name, unit_is_bytes=False) as progress:
            return convert_one(item.source, item.target, progress)

    batch = convert_many(
        items,
        run,
        keeps_going=keeps_going,
        overwrites=overwrites,
        tell=None if as_json else _tell,
    )
    if as_json:
        print_json(build_report(batch))
    else:
        print_table(batch)
    _exit(batch)


def add_each(
    sources: Sequence[Path], add_one: Callable[[Path], list[Artifact]], *, keeps_going: bool
) -> list[Artifact]:
    """Add and convert several sources, tell what became of each, and end with the exit code of the whole.

    Args:
        sources: Files and folders.
        add_one: Adds one; gives its artifact and what was made of it.
        keeps_going: Whether one that fails stops no other.
    """
    from vitrina.verbs.convert_many import Item, do_each

    added: list[Artifact] = []

    def act(item: Item) -> Item:
        artifacts = add_one(item.source)
        added.extend(artifacts)
        last = artifacts[-1]
        return replace(
            item,
            target=Path(last.key),
            state="made",
            kind=last.format,
            size_bytes=last.size_bytes,
            findings=artifacts[0].content.findings,
        )

    items = [Item(source=source, target=Path(source.name)) for source in sources]
    batch = do_each(items, act, keeps_going=keeps_going, tell=_tell_error)
    print_table(batch)
    _exit(batch)
    return added


def _exit(batch: Batch) -> None:
    """End with 130 when it was interrupted, with 1 when some failed; else go on."""
    if batch.is_stopped:
        click.echo("Interrupted. The same call goes on: what is made stays, and the rest is made.", err=True)
        click.get_current_context().exit(EXIT_INTERRUPTED)
    if batch.n_failed:
        click.get_current_context().exit(1)


def _tell(item: Item) -> None:
    """What is worth knowing of one, as soon as it is done."""
    _tell_error(item)
    if item.findings:
        click.echo(f"{item.source}:", err=True)
        print_findings(item.findings)


def _tell_error(item: Item) -> None:
    if item.error is not None:
        click.secho(f"{item.source}: {item.error.code}: {item.error}", err=True, fg="red")


def print_table(batch: Batch) -> None:
    """Source, kind, result, size, seconds and number of findings of each; never cut."""
    heads = ("source", "kind", "result", "size", "seconds", "findings", "target")
    rows = [
        (
            str(item.source),
            item.kind or "-",
            item.state,
            "-" if item.size_bytes is None else format_bytes(item.size_bytes),
            "-" if item.seconds is None else f"{item.seconds:.1f}",
            str(len(item.findings)),
            "-" if item.state == "failed" else str(item.target),
        )
        for item in batch.items
    ]
    widths = [max(len(row[column]) for row in (heads, *rows)) for column in range(len(heads))]
    right = {"size", "seconds", "findings"}
    for row, item in zip((heads, *rows), (None, *batch.items), strict=True):
        cells = [
            f"{cell:>{width}}" if head in right else f"{cell:<{width}}"
            for cell, width, head in zip(row, widths, heads, strict=True)
        ]
        click.secho("  ".join(cells).rstrip(), bold=item is None, fg=None if item is None else _COLORS[item.state])
    counts = {state: sum(item.state == state for item in batch.items) for state in _COLORS}
    words = {"made": "made", "there": "there already", "failed": "failed", "waiting": "not done"}
    click.echo(", ".join(f"{count} {words[state]}" for state, count in counts.items() if count))
