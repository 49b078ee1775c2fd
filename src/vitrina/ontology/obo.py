"""Read OBO files.

Source: https://owlcollab.github.io/oboformat/doc/GO.format.obo-1_4.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.errors import UnreadableError
from vitrina.model.ontology import OntologyRelease, OntologyTerm
from vitrina.ontology.normal import clean_synonyms, parse_version

if TYPE_CHECKING:
    from pathlib import Path

    from fastobo.term import TermFrame

PART_OF = ("part_of", "BFO:0000050")


def read_obo(path: Path) -> OntologyRelease:
    """All terms of a file; what it imports is not fetched, and parents need not be in it.

    Raises:
        UnreadableError: It is no OBO file, or is cut off in the middle of a line.
    """
    import fastobo
    from fastobo.term import TermFrame

    try:
        with path.open("rb") as file:
            frames = fastobo.iter(file, ordered=True, threads=1)
            header = {clause.raw_tag(): clause.raw_value() for clause in frames.header()}
            terms = tuple(build_term(frame) for frame in frames if isinstance(frame, TermFrame))
    except (SyntaxError, ValueError, TypeError, OSError) as err:  # TypeError: the first bytes are no UTF-8
        reason = f"line {err.lineno}: {err.msg}" if isinstance(err, SyntaxError) else str(err)
        raise UnreadableError(
            "ontology-unreadable",
            f"{path} cannot be read as OBO: {reason}.",
            hint="Get the file again; it may be cut off, or be another format under this name.",
            where=str(path),
        ) from err
    return OntologyRelease(name=header.get("ontology"), version=parse_version(header.get("data-version")), terms=terms)


def build_term(frame: TermFrame) -> OntologyTerm:
    """A term of a stanza."""
    from fastobo import term as clauses

    ontology_id = name = str(frame.id)
    synonyms: list[str] = []
    parents: list[str] = []
    description = replaced_by = None
    is_obsolete = False
    for clause in frame:
        match clause:
            case clauses.NameClause():
                name = clause.name
            case clauses.DefClause():
                description = clause.definition
            case clauses.SynonymClause() if clause.synonym.scope == "EXACT":
                synonyms.append(clause.synonym.desc)
            case clauses.IsAClause():
                parents.append(str(clause.term))
            case clauses.RelationshipClause() if str(clause.typedef) in PART_OF:
                parents.append(str(clause.term))
            case clauses.IsObsoleteClause():
                is_obsolete = clause.obsolete
            case clauses.ReplacedByClause():
                replaced_by = str(clause.term)
    return OntologyTerm(
        ontology_id=ontology_id,
        name=name,
        synonyms=clean_synonyms(name, synonyms),
        description=description,
        parent_ids=tuple(dict.fromkeys(parents)),
        replaced_by=replaced_by,
        is_obsolete=is_obsolete,
    )
