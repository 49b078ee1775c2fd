"""One ontology file, and what can be asked of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from vitrina.model.term import TermDraft
from vitrina.ontology.connections import Connections

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from vitrina.ontology.hierarchy import Hierarchy

BATCH = 50_000
"""Values of one statement."""

# CROSS JOIN makes SQLite read the left side first: https://www.sqlite.org/optoverview.html#crossjoin
_FIND_NAMES = """
SELECT wanted.key, name.term_id, name.position, name.text = wanted.value COLLATE BINARY
FROM registry
CROSS JOIN json_each(:values) AS wanted
CROSS JOIN name ON name.registry_id = registry.id AND name.text = wanted.value
WHERE registry.name = :registry AND (:with_synonyms OR name.position = 0)
"""
_FIND_IDS = """
SELECT wanted.key, term.id, 0, term.ontology_id = wanted.value COLLATE BINARY
FROM registry
CROSS JOIN json_each(:values) AS wanted
CROSS JOIN term ON term.registry_id = registry.id AND term.ontology_id = wanted.value
WHERE registry.name = :registry
"""
_READ_TERMS = """
SELECT term.id, registry.name, term.ontology_id, term.name, release.source, release.organism, term.is_obsolete,
       term.parent_ids, term.synonyms, term.description, term.attributes
FROM json_each(:ids) AS wanted
CROSS JOIN term ON term.id = wanted.value
CROSS JOIN release ON release.id = term.release_id
CROSS JOIN registry ON registry.id = term.registry_id
WHERE :organism IS NULL OR release.organism IS NULL OR release.organism = :organism
"""
_READ_IDS = """
SELECT term.ontology_id FROM registry CROSS JOIN term ON term.registry_id = registry.id
WHERE registry.name = :registry
"""
_READ_PARENTS = """
SELECT term.ontology_id, term.parent_ids FROM registry CROSS JOIN term ON term.registry_id = registry.id
WHERE registry.name = :registry AND term.parent_ids IS NOT NULL
"""
_READ_NAMES = """
SELECT term.ontology_id, term.name, name.text
FROM registry
CROSS JOIN name ON name.registry_id = registry.id
CROSS JOIN term ON term.id = name.term_id
WHERE registry.name = :registry AND NOT term.is_obsolete
"""
_SEARCH_WORDS = """
SELECT word.rowid FROM word
CROSS JOIN term ON term.id = word.rowid
CROSS JOIN registry ON registry.id = term.registry_id
WHERE word MATCH :query AND (:registry IS NULL OR registry.name = :registry)
ORDER BY term.is_obsolete, bm25(word, 4.0, 1.0) LIMIT :limit
"""
_SEARCH_PREFIX = """
SELECT DISTINCT name.term_id FROM registry CROSS JOIN name ON name.registry_id = registry.id
WHERE registry.name = :registry AND name.text >= :start AND name.text < :start || char(1114111)
ORDER BY name.text LIMIT :limit
"""


@dataclass(frozen=True, slots=True)
class Match:
    """A value, and a term that has it.

    Attributes:
        value: As it was asked for.
        term: Its own, in one of possibly several.
        tier: How well the two fit, 0 best: by name or id, by a synonym, then the two without regard to case.
    """

    value: str
    term: TermDraft
    tier: int


class OntologyFile:
    """Thread-safe. Each method answers from one state of the file, also when that is being replaced.

    Args:
        path: A file that ``write_terms`` made.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connections = Connections(path)

    def find_terms(
        self,
        registry: str,
        values: Sequence[str],
        hierarchy: Hierarchy,
        *,
        by: Literal["name", "id"],
        organism: str | None = None,
        with_synonyms: bool = True,
    ) -> list[Match]:
        """All terms with one of the values as a name or id, in any case. Two statements for each BATCH values.

        Args:
            registry: Class name.
            values: Distinct ones.
            hierarchy: Knows the ancestors.
            by: What the values are.
            organism: Only terms of this one and of none, None for all.
            with_synonyms: Whether a name may be a synonym.
        """
        statement = _FIND_IDS if by == "id" else _FIND_NAMES
        matches = []
        with self._connections.borrow() as connection:
            for start in range(0, len(values), BATCH):
                batch = values[start : start + BATCH]
                parameters = {"registry": registry, "with_synonyms": with_synonyms, "values": json.dumps(batch)}
                rows = connection.execute(statement, parameters).fetchall()
                terms = _read_terms(connection, (row[1] for row in rows), hierarchy=hierarchy, organism=organism)
                matches += [
                    Match(batch[index], terms[row_id], (position > 0) + (0 if is_same else 2))
                    for index, row_id, position, is_same in rows
                    if row_id in terms
                ]
        return matches

    def search_words(self, query: str, *, registry: str | None, limit: int) -> list[TermDraft]:
        """Terms that fit an FTS5 query, the best first, obsolete ones last; without their ancestors."""
        return self._search(_SEARCH_WORDS, {"query": query, "registry": registry, "limit": limit})

    def search_prefix(self, start: str, *, registry: str, limit: int) -> list[TermDraft]:
        """Terms with a name or synonym that begins so, in any case, by the alphabet; without their ancestors."""
        return self._search(_SEARCH_PREFIX, {"start": start, "registry": registry, "limit": limit})

    def read_ids(self, registry: str) -> frozenset[str]:
        """The ids of all terms of a registry."""
        with self._connections.borrow() as connection:
            return frozenset(term_id for (term_id,) in connection.execute(_READ_IDS, {"registry": registry}))

    def read_parents(self, registry: str) -> dict[str, tuple[str, ...]]:
        """The parents of all terms of a registry that have some, by id."""
        with self._connections.borrow() as connection:
            rows = connection.execute(_READ_PARENTS, {"registry": registry}).fetchall()
        return {ontology_id: tuple(parent_ids.split()) for ontology_id, parent_ids in rows}

    def read_names(self, registry: str) -> list[tuple[str, str, str]]:
        """Of each term that is not obsolete the id and the name, next to each text that it is known by."""
        with self._connections.borrow() as connection:
            return connection.execute(_READ_NAMES, {"registry": registry}).fetchall()

    def _search(self, statement: str, parameters: Mapping[str, Any]) -> list[TermDraft]:
        with self._connections.borrow() as connection:
            rows = connection.execute(statement, parameters).fetchall()
            return list(_read_terms(connection, (row_id for (row_id,) in rows)).values())


def _read_terms(
    connection: sqlite3.Connection,
    row_ids: Iterable[int],
    *,
    hierarchy: Hierarchy | None = None,
    organism: str | None = None,
) -> dict[int, TermDraft]:
    """The terms in that order, in one statement."""
    parameters = {"ids": json.dumps(list(dict.fromkeys(row_ids))), "organism": organism}
    return {row[0]: build_term(row, hierarchy) for row in connection.execute(_READ_TERMS, parameters)}


def build_term(row: Sequence[Any], hierarchy: Hierarchy | None) -> TermDraft:
    """A term from the columns of ``_READ_TERMS``."""
    _, registry, ontology_id, name, source, organism, is_obsolete, parent_ids, synonyms, description, attributes = row
    extra = json.loads(attributes) if attributes else {}
    if registry == "Gene":
        extra["ensembl_gene_id"] = ontology_id
        if name != ontology_id:
            extra["symbol"] = name
    return TermDraft(
        registry=registry,
        name=name,
        ontology_id=ontology_id,
        synonyms=tuple(synonyms.split("\n")) if synonyms else (),
        description=description,
        source=source,
        organism=organism,
        attributes=extra,
        parent_ids=tuple(parent_ids.split()) if parent_ids else (),
        ancestor_ids=hierarchy.list_above(ontology_id) if hierarchy and parent_ids else (),
        is_obsolete=bool(is_obsolete),
    )
