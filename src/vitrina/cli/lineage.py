"""``vitrina lineage``."""

from __future__ import annotations

from pathlib import Path

import click

from vitrina.cli.output import json_option, print_json
from vitrina.errors import StorageError


@click.command("lineage")
@click.argument("ref", metavar="REF")
@click.option("--depth", metavar="N", type=click.IntRange(min=0), help="Follow N runs each way; all unless given.")
@click.option("--svg", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Draw it into a file.")
@click.option("--html", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="The same as a page.")
@json_option
@click.pass_obj
def command(named: str | None, ref: str, depth: int | None, svg: Path | None, html: Path | None, as_json: bool) -> None:
    """Tell where an artifact came from and what it went into, as a tree or as a picture."""
    from vitrina.verbs.connect import connect
    from vitrina.verbs.lineage import describe_lineage, draw_lineage, draw_lineage_page

    instance = connect(named)
    graph = instance.read_lineage(instance.show(ref), depth=depth)
    base_url = instance.settings.public_url or ""
    for path, draw in ((svg, draw_lineage), (html, draw_lineage_page)):
        if path is not None:
            _write(path, draw(graph, base_url=base_url))
            click.echo(f"Drawn in {path}.", err=True)
    if as_json:
        from vitrina.model.jsonable import build_json

        print_json(build_json(graph))
    elif svg is None and html is None:
        click.echo(describe_lineage(graph))


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as err:
        raise StorageError("file-not-writable", f"{path} cannot be written: {err.strerror}.", where=str(path)) from err
