"""``vitrina init``."""

from __future__ import annotations

from pathlib import Path

import click

from vitrina.cli.output import json_option, print_json


@click.command("init")
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--db",
    "database_url",
    metavar="URL",
    help="Catalog elsewhere than in DIR/.vitrina/catalog.sqlite, such as postgresql://USER@HOST/DATABASE.",
)
@click.option("--storage", "storage_url", metavar="URL", help="Root for bytes elsewhere than in DIR/data.")
@json_option
def command(folder: Path, database_url: str | None, storage_url: str | None, as_json: bool) -> None:
    """Make an instance in DIR, or in this folder."""
    from vitrina.verbs.init import init

    done = init(folder, database_url=database_url, storage_url=storage_url)
    settings = done.instance.settings
    if as_json:
        print_json({"root": str(settings.root), "name": settings.name, "is_new": done.is_new})
        return
    click.echo(f"{'Made' if done.is_new else 'This is'} the instance {settings.name} in {settings.root}.")
    click.echo("Next: vitrina add FILE_OR_FOLDER, then vitrina serve.")
