"""``vitrina find``."""

from __future__ import annotations

import click

from vitrina.cli.output import build_artifact_json, json_option, print_artifacts, print_json
from vitrina.server.query import parse_filters


@click.command("find")
@click.argument("text", metavar="[TEXT]", default="")
@click.option("--format", "format_name", metavar="F", help="Only this format, such as spatialdata or ome-tiff.")
@click.option("--tissue", multiple=True, metavar="V", help="A tissue, with all its parts; repeat for any of several.")
@click.option("--assay", multiple=True, metavar="V", help="An assay, such as 'Xenium' or EFO:0022615.")
@click.option("--disease", multiple=True, metavar="V", help="A disease, with its kinds.")
@click.option("--organism", multiple=True, metavar="V", help="An organism.")
@click.option("--cell-type", multiple=True, metavar="V", help="A cell type, with its kinds.")
@click.option("--label", multiple=True, metavar="F=V", help="Any field, feature or registry, such as donor=D1.")
@click.option("--exact", is_flag=True, help="Take terms literally: no synonyms, no parts or kinds.")
@click.option("--limit", default=50, show_default=True, help="At most so many, 1 to 1000.")
@click.option("--all-versions", is_flag=True, help="Older versions too.")
@json_option
@click.pass_obj
def command(
    named: str | None,
    /,
    text: str,
    format_name: str | None,
    label: tuple[str, ...],
    exact: bool,
    limit: int,
    all_versions: bool,
    as_json: bool,
    **terms: tuple[str, ...],
) -> None:
    """Find artifacts by labels, and by words in keys, descriptions, labels, elements, channels and columns.

    Example: vitrina find --tissue lung --assay Xenium --label donor=D1
    """
    from vitrina.model.jsonable import build_json
    from vitrina.verbs.connect import connect

    where: dict[str, object] = {f"{name}__in": list(values) for name, values in terms.items() if values}
    where |= {"format": format_name} if format_name else {}
    where |= _parse_labels(label)
    instance = connect(named)
    page = instance.find(text, where=where, limit=limit, which="all" if all_versions else "latest", is_exact=exact)
    if as_json:
        items = [build_artifact_json(instance, artifact) for artifact in page.items]
        hints = [build_json(hint) for hint in page.hints]
        print_json({"items": items, "total": page.total, "next_cursor": page.next_cursor, "facets": {}, "hints": hints})
        return
    for hint in page.hints:
        click.echo(" ".join(filter(None, (hint.message, hint.fix))), err=True)
    if not page.items:
        click.echo("Nothing matches." if text or where else "The catalog is empty. Next: vitrina add SRC.")
        return
    print_artifacts(page.items)
    if page.total > len(page.items):
        click.echo(f"{len(page.items)} of {page.total:,}; --limit shows more.", err=True)


def _parse_labels(texts: tuple[str, ...]) -> dict[str, object]:
    """``F=V``, repeated for any of several values of one F; ``F__gt=V`` and its kin."""
    pairs = []
    for text in texts:
        name, separator, value = text.partition("=")
        if not separator or not name or not value:
            raise click.BadParameter(f"{text!r} is not F=V, such as donor=D1.", param_hint="--label")
        pairs.append((name, value))
    return parse_filters(pairs)
