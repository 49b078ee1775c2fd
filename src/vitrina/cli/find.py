"""``vitrina find``."""

from __future__ import annotations

import click

from vitrina.cli.output import build_artifact_json, json_option, print_artifacts, print_json


@click.command("find")
@click.argument("text", metavar="[TEXT]", default="")
@click.option("--format", "format_name", metavar="F", help="Only this format, such as spatialdata or ome-tiff.")
@click.option("--limit", default=50, show_default=True, help="At most so many, 1 to 1000.")
@click.option("--all-versions", is_flag=True, help="Older versions too.")
@json_option
@click.pass_obj
def command(
    named: str | None, text: str, format_name: str | None, limit: int, all_versions: bool, as_json: bool
) -> None:
    """Find artifacts by words in keys, descriptions, elements, channels and columns; newest first."""
    from vitrina.verbs.connect import connect

    where = {"format": format_name} if format_name else {}
    instance = connect(named)
    page = instance.find(text, where=where, limit=limit, latest_only=not all_versions)
    if as_json:
        items = [build_artifact_json(instance, artifact) for artifact in page.items]
        print_json({"items": items, "total": page.total, "next_cursor": page.next_cursor, "facets": page.facets})
        return
    if not page.items:
        click.echo("Nothing matches." if text or format_name else "The catalog is empty. Next: vitrina add SRC.")
        return
    print_artifacts(page.items)
    if page.total > len(page.items):
        click.echo(f"{len(page.items)} of {page.total:,}; --limit shows more.", err=True)
