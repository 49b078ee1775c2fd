"""Ontologies of the ``cellxgene-ontology-guide`` package.

Each file is a JSON object of terms by id, with ``label``, ``synonyms``, ``description``, ``deprecated``,
``replaced_by`` and ``ancestors``: the ids above by ``is_a`` or ``part_of`` with their distance, of the same ontology.

Source: https://github.com/chanzuckerberg/cellxgene-ontology-guide/blob/main/artifact-schemas/all_ontology_schema.json
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from vitrina.model.term import TermDraft
from vitrina.ontology.normal import clean_synonyms
from vitrina.ontology.product_names import PRODUCT_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Ontology:
    """One file of the package.

    Attributes:
        registry: Where its terms go.
        file: Stem before and after ``-ontology-``.
        source: Name and release.
        organism: That all its terms are of.
        roots: Only these terms and those below; empty for all.
        keeps_below: Whether ``roots`` come with those below.
    """

    registry: str
    file: tuple[str, str]
    source: str
    organism: str | None = None
    roots: tuple[str, ...] = ()
    keeps_below: bool = True


FEMALE, MALE, HERMAPHRODITE, NORMAL = "PATO:0000383", "PATO:0000384", "PATO:0001340", "PATO:0000461"
_PATO = {"file": ("PATO", "v2025-05-14"), "source": "pato 2025-05-14"}

ONTOLOGIES = (
    Ontology(registry="Tissue", file=("UBERON", "v2026-04-01"), source="uberon 2026-04-01"),
    Ontology(registry="CellType", file=("CL", "v2026-03-26"), source="cl 2026-03-26"),
    Ontology(registry="Disease", **_PATO, roots=(NORMAL,), keeps_below=False),
    Ontology(registry="Disease", file=("MONDO", "v2026-05-05"), source="mondo 2026-05-05"),
    Ontology(registry="ExperimentalFactor", file=("EFO", "v3.90.0"), source="efo 3.90.0"),
    Ontology(
        registry="DevelopmentalStage",
        file=("HsapDv", "v2025-01-23"),
        source="hsapdv 2025-01-23",
        organism="human",
    ),
    Ontology(
        registry="DevelopmentalStage",
        file=("MmusDv", "v2025-01-23"),
        source="mmusdv 2025-01-23",
        organism="mouse",
    ),
    Ontology(registry="Ethnicity", file=("HANCESTRO", "v2025-10-14"), source="hancestro 2025-10-14"),
    Ontology(registry="Sex", **_PATO, roots=(FEMALE, MALE, HERMAPHRODITE)),
    Ontology(registry="CellLine", file=("CVCL", "55.0"), source="cellosaurus 55.0"),
)


def read_ontologies(package: Path) -> Iterator[TermDraft]:
    """All terms that the registries take."""
    for ontology in ONTOLOGIES:
        path = package / "data" / "{}-ontology-{}.json.zst".format(*ontology.file)
        with pa.input_stream(str(path), compression="zstd") as stream:
            terms = json.loads(stream.read())
        yield from list_terms(ontology, terms)


def list_terms(ontology: Ontology, terms: Mapping[str, Any]) -> Iterator[TermDraft]:
    """The terms that an ontology's registry takes, in the order of the file."""
    roots = set(ontology.roots)
    kept = {
        term_id
        for term_id, term in terms.items()
        if not roots or term_id in roots or (ontology.keeps_below and not roots.isdisjoint(term["ancestors"]))
    }
    ancestors = {
        term_id: {above: n for above, n in terms[term_id]["ancestors"].items() if above in kept} for term_id in kept
    }
    for term_id, term in terms.items():
        if term_id in kept:
            name = term["label"] or term_id  # obsolete ones that were merged into others have lost theirs
            yield TermDraft(
                registry=ontology.registry,
                name=name,
                ontology_id=term_id,
                synonyms=clean_synonyms(name, (*term.get("synonyms", ()), *PRODUCT_NAMES.get(term_id, ()))),
                description=term.get("description"),
                source=ontology.source,
                organism=ontology.organism,
                attributes={"replaced_by": term["replaced_by"]} if term.get("replaced_by") else {},
                parent_ids=find_parents(term_id, ancestors),
                is_obsolete=term["deprecated"],
            )


def find_parents(term_id: str, ancestors: Mapping[str, Mapping[str, int]]) -> tuple[str, ...]:
    """The direct parents: the nearest ancestors, until all ancestors are among them or above them.

    Where a parent is of another ontology the file leaves it out but keeps what is above it, which then has no ancestor
    at distance 1 to hang on; so the nearest one left takes its place.
    """
    parents: list[str] = []
    covered: set[str] = set()
    for above, distance in sorted(ancestors[term_id].items(), key=lambda item: item[1]):
        if distance == 1 or above not in covered:
            parents.append(above)
            covered |= {above, *ancestors[above]}
    return tuple(parents)
