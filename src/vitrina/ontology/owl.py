"""Read OWL files in RDF/XML, as OBO ontologies are published.

Source: https://www.w3.org/TR/owl2-mapping-to-rdf/
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError
from vitrina.model.ontology import OntologyRelease, OntologyTerm
from vitrina.ontology.normal import clean_synonyms, parse_version, shorten_id
from vitrina.ontology.obo import PART_OF

if TYPE_CHECKING:
    from pathlib import Path


def read_owl(path: Path) -> OntologyRelease:
    """All terms of a file; what it imports is not fetched.

    Raises:
        UnreadableError: It is no RDF/XML, is cut off, or names parents that it does not define.
    """
    from pronto.ontology import Ontology

    try:
        with path.open("rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what pronto does not understand of OWL is not needed here
            ontology = Ontology(file, import_depth=0, threads=1)
            terms = tuple(build_term(term) for term in ontology.terms())
    except Exception as err:  # pronto raises what its parsers raise, an AttributeError of ElementTree among it
        reason = f"it does not define {err}" if isinstance(err, KeyError) else str(err) or type(err).__name__
        raise UnreadableError(
            "ontology-unreadable",
            f"{path} cannot be read as OWL: {reason}.",
            hint="Get the file again, in RDF/XML and with what it imports merged in, or take the OBO file.",
            where=str(path),
        ) from err
    name = (ontology.metadata.ontology or "").rsplit("/", 1)[-1].removesuffix(".owl")
    return OntologyRelease(name=name or None, version=parse_version(ontology.metadata.data_version), terms=terms)


def build_term(term: Any) -> OntologyTerm:
    """A term of a class of pronto's."""
    ontology_id = shorten_id(term.id)
    name = term.name or ontology_id
    parents = [parent.id for parent in term.superclasses(distance=1, with_self=False)]
    for relationship, targets in term.relationships.items():
        if relationship.id in PART_OF:
            parents += sorted(target.id for target in targets)
    replaced_by = sorted(shorten_id(other.id) for other in term.replaced_by)
    return OntologyTerm(
        ontology_id=ontology_id,
        name=name,
        synonyms=clean_synonyms(name, sorted(one.description for one in term.synonyms if one.scope == "EXACT")),
        description=str(term.definition) if term.definition else None,
        parent_ids=tuple(dict.fromkeys(shorten_id(parent) for parent in parents)),
        replaced_by=replaced_by[0] if replaced_by else None,
        is_obsolete=bool(term.obsolete),
    )
