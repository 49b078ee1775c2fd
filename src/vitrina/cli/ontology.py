"""``vitrina ontology``."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vitrina.cli.output import get_width, json_option, print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitrina.model.term import TermDraft
    from vitrina.verbs.ontology import TermPage

N_CHILDREN = 30

registry_option = click.option(
    "--registry", metavar="R", help="Only this registry, such as Tissue, tissue, CellType or assay."
)


@click.group("ontology")
def command() -> None:
    """Look up tissues, cell types, diseases, assays, genes and more; import own ontologies."""


@command.command("search")
@click.argument("text", metavar="TEXT")
@registry_option
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 200), help="At most so many.")
@json_option
@click.pass_obj
def search(named: str | None, text: str, registry: str | None, limit: int, as_json: bool) -> None:
    """Find terms by the words of names and synonyms, or by id; the best fit first."""
    from vitrina.verbs.ontology import get_registry_name, open_reference, suggest_terms

    chosen = get_registry_name(registry) if registry else None
    reference = open_reference(named)
    terms = reference.search_terms(text, registry=chosen, limit=limit)
    if as_json:
        print_json({"items": [build_term_json(term) for term in terms]})
    elif terms:
        print_terms(terms, text)
    else:
        near = suggest_terms(reference, text, registry=chosen)
        click.echo("No term matches." + (" Did you mean:" if near else ""))
        if near:
            print_terms(near, "")


@command.command("show")
@click.argument("text", metavar="ID|NAME")
@registry_option
@json_option
@click.pass_obj
def show(named: str | None, text: str, registry: str | None, as_json: bool) -> None:
    """Describe one term: its synonyms and definition, what is above and below it."""
    from vitrina.verbs.ontology import get_registry_name, get_term_page, open_reference

    chosen = get_registry_name(registry) if registry else None
    page = get_term_page(open_reference(named), text, registry=chosen)
    if as_json:
        near = {"parents": page.parents, "children": page.children}
        lists = {relation: [build_short_json(term) for term in terms] for relation, terms in near.items()}
        counts = {"n_ancestors": page.n_ancestors, "n_descendants": page.n_descendants}
        print_json({**build_term_json(page.term), **lists, **counts})
    else:
        print_page(page)


@command.command("import")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--registry", metavar="R", help="Whose terms they are; needed where the ids do not tell.")
@click.option("--name", metavar="N", help="Of the ontology; by default what the file calls itself.")
@json_option
@click.pass_obj
def import_file(named: str | None, file: Path, registry: str | None, name: str | None, as_json: bool) -> None:
    """Add an ontology in OBO or OWL to this instance: a newer release, or one of your own.

    Its terms count before those that come with Vitrina. An older release that was imported before is replaced.
    """
    from vitrina.model.jsonable import build_json
    from vitrina.verbs.connect import connect
    from vitrina.verbs.ontology import get_registry_name

    chosen = get_registry_name(registry) if registry else None
    done = connect(named).import_ontology(file, registry=chosen, name=name)
    if as_json:
        print_json(build_json(done))
        return
    obsolete = f", {done.obsolete:,} of them obsolete" if done.obsolete else ""
    terms = "term" if done.added == 1 else "terms"
    click.echo(f"{done.source}: {done.added:,} {terms} of {done.registry}{obsolete}.")
    if done.foreign:
        click.echo(f"Left out, because they are of other ontologies: {done.foreign:,}.", err=True)


def build_term_json(term: TermDraft) -> dict[str, Any]:
    """A term as JSON."""
    from vitrina.model.jsonable import build_json

    value: dict[str, Any] = build_json(term)
    return value


def build_short_json(term: TermDraft) -> dict[str, Any]:
    """A term that is named in passing."""
    return {"registry": term.registry, "ontology_id": term.ontology_id, "name": term.name}


def print_terms(terms: Sequence[TermDraft], text: str) -> None:
    """Print terms as a table; a synonym is shown where it is what the text is."""
    wanted = text.strip().casefold()
    rows = [
        (
            term.ontology_id or "",
            " ".join(part for part in (term.registry, term.organism and f"({term.organism})") if part),
            term.name + next((f"  = {word}" for word in term.synonyms if word.casefold() == wanted), ""),
        )
        for term in terms
    ]
    heads = ("id", "registry", "name")
    widths = [max(len(row[column]) for row in (heads, *rows)) for column in range(2)]
    for row in (heads, *rows):
        line = "  ".join((*(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=False)), row[2]))
        click.secho(line, bold=row is heads, dim=row[2].startswith("obsolete"))


def print_page(page: TermPage) -> None:
    """Print a term and what is around it."""
    term = page.term
    click.secho(f"{term.name}  {term.ontology_id}", bold=True)
    click.echo(
        " ".join(part for part in (term.registry, term.organism and f"of {term.organism},", term.source) if part)
    )
    if term.is_obsolete:
        click.secho(f"Obsolete; use {term.attributes.get('replaced_by', 'another term')}.", fg="yellow")
    if term.description:
        click.echo("\n" + textwrap.fill(term.description, get_width()))
    rows = [("Synonyms", ", ".join(term.synonyms))]
    rows += [
        (name.replace("_", " ").capitalize(), value)
        for name, value in sorted(term.attributes.items())
        if name != "replaced_by"
    ]
    rows += [("Parents", ", ".join(_name(near) for near in page.parents))]
    names = [_name(near) for near in page.children[:N_CHILDREN]]
    more = len(page.children) - len(names)
    rows += [("Children", ", ".join(names) + (f" and {more:,} more" if more > 0 else ""))]
    rows += [("Above, below", f"{page.n_ancestors:,}, {page.n_descendants:,}")] if page.parents or page.children else []
    click.echo("")
    for label, value in rows:
        if value:
            indent = " " * 14
            click.echo(textwrap.fill(value, get_width(), initial_indent=f"{label:<14}", subsequent_indent=indent))


def _name(term: TermDraft) -> str:
    return f"{term.name} ({term.ontology_id})"
