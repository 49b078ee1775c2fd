"""``vitrina diff``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from vitrina.cli.output import json_option, print_json
from vitrina.verbs.describe import format_bytes

if TYPE_CHECKING:
    from vitrina.model.difference import ContentChange, Difference, FileChange

SIGNS = {"added": "+", "removed": "-", "changed": "~"}
COLORS = {"added": "green", "removed": "red", "changed": "yellow"}

MAX_FILES = 50
MAX_VALUE_LENGTH = 60


@click.command("diff")
@click.argument("old", metavar="A")
@click.argument("new", metavar="B")
@click.option("--all-files", is_flag=True, help=f"List all files, not only the first {MAX_FILES}.")
@json_option
@click.pass_obj
def command(named: str | None, old: str, new: str, all_files: bool, as_json: bool) -> None:
    """Tell what changed from one artifact to another, as a rule two versions: KEY@0001 KEY.

    First what the contents say, then the files: + added, - removed, ~ changed.
    """
    from vitrina.model.jsonable import build_json
    from vitrina.verbs.connect import connect

    instance = connect(named)
    difference = instance.diff(instance.show(old), instance.show(new))
    if as_json:
        print_json(build_json(difference))
        return
    if difference.is_empty:
        click.echo("The same bytes.")
        return
    for change in difference.contents:
        _print(change.kind, change.path, _describe(change))
    shown = difference.files if all_files else difference.files[:MAX_FILES]
    for file in shown:
        _print(file.kind, file.path or "the file", _describe_size(file))
    click.echo(_summarise(difference, n_shown=len(shown)), err=True)


def _print(kind: str, path: str, text: str) -> None:
    click.secho(f"{SIGNS[kind]} {path}  {text}".rstrip(), fg=COLORS[kind])


def _describe(change: ContentChange) -> str:
    if change.kind == "added":
        return _shorten(change.new)
    if change.kind == "removed":
        return _shorten(change.old)
    return f"{_shorten(change.old)} -> {_shorten(change.new)}"


def _shorten(value: Any) -> str:
    """What a value is: the kind of an element, nothing of other objects, else the value."""
    if isinstance(value, dict):
        return str(value.get("kind") or value.get("dtype") or "")
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MAX_VALUE_LENGTH else f"{text[: MAX_VALUE_LENGTH - 1]}…"


def _describe_size(file: FileChange) -> str:
    sizes = [format_bytes(size) for size in (file.old_size_bytes, file.new_size_bytes) if size is not None]
    return " -> ".join(dict.fromkeys(sizes))


def _summarise(difference: Difference, *, n_shown: int) -> str:
    counts = {kind: sum(file.kind == kind for file in difference.files) for kind in SIGNS}
    text = ", ".join(f"{n:,} {kind}" for kind, n in counts.items() if n)
    hidden = len(difference.files) - n_shown
    more = f" ({hidden:,} not listed; --all-files lists them)" if hidden else ""
    return f"Files: {text}, {difference.n_unchanged:,} unchanged{more}."
