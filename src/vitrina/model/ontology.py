"""Ontologies: releases that are read from files, and what became of one that was imported."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class OntologyTerm:
    """A term as its file has it.

    Attributes:
        ontology_id: Such as ``UBERON:0002048``.
        name: The label; the id where there is none.
        synonyms: Exact ones, without the name.
        description: The definition, or None.
        parent_ids: By ``is_a`` and ``part_of``.
        replaced_by: The term to use instead of an obsolete one, or None.
        is_obsolete: Whether the ontology has withdrawn it.
    """

    ontology_id: str
    name: str
    synonyms: tuple[str, ...] = ()
    description: str | None = None
    parent_ids: tuple[str, ...] = ()
    replaced_by: str | None = None
    is_obsolete: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OntologyRelease:
    """What a file holds, terms of other ontologies among it.

    Attributes:
        name: What it calls itself, such as ``uberon``; None when it does not.
        version: Of the release, such as ``2026-04-01``; None when it does not say.
        terms: In the order of the file.
    """

    name: str | None
    version: str | None
    terms: tuple[OntologyTerm, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OntologyImport:
    """What was imported.

    Attributes:
        registry: Class name of the registry that has the terms now.
        source: Name and version of the ontology.
        added: Terms.
        obsolete: How many of them are obsolete.
        foreign: Terms in the file that were left out, because they are of other ontologies.
    """

    registry: str
    source: str
    added: int
    obsolete: int
    foreign: int
