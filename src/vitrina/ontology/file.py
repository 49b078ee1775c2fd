"""One ontology file, and what can be asked of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from vitrina.model.term import TermDraft
from vitrina.ontology.connections import Connections

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from vitrina.ontology.connections import OpenFile
    from vitrina.ontology.hierarchy import Hierarchy

BATCH = 50_000
"""Values of one statement."""

_COLUMNS = """
term.registry_id, term.release_id, term.attributes_id, term.ontology_id, term.name, term.is_obsolete, term.parent_ids,
term.synonyms, term.description
"""
# CROSS JOIN makes SQLite read the left side first: https://www.sqlite.org/optoverview.html#crossjoin
_FIND_NAMES = f"""
SELECT wanted.key, name.position, name.text = wanted.value COLLATE BINARY, {_COLUMNS}
FROM json_each(:values) AS wanted
CROSS JOIN name ON name.registry_id = :registry_id AND name.text = wanted.value
CROSS JOIN term ON term.id = name.term_id
WHERE (:with_synonyms OR name.position = 0)
  AND (:releases IS NULL OR term.release_id IN (SELECT value FROM json_each(:releases)))
"""  # noqa: S608 (our own column names, here and below)
_FIND_IDS = f"""
SELECT wanted.key, 0, term.ontology_id = wanted.value COLLATE BINARY, {_COLUMNS}
FROM json_each(:values) AS wanted
CROSS JOIN term ON term.registry_id = :registry_id AND term.ontology_id = wanted.value
WHERE :releases IS NULL OR term.release_id IN (SELECT value FROM json_each(:releases))
"""  # noqa: S608
_SEARCH_WORDS = f"""
SELECT {_COLUMNS} FROM word CROSS JOIN term ON term.id = word.rowid
WHERE word MATCH :query AND (:registry_id IS NULL OR term.registry_id = :registry_id)
ORDER BY term.is_obsolete, bm25(word, 4.0, 1.0) LIMIT :limit
"""  # noqa: S608
_SEARCH_PREFIX = f"""
SELECT {_COLUMNS} FROM name CROSS JOIN term ON term.id = name.term_id
WHERE name.registry_id = :registry_id AND name.text >= :start AND name.text < :start || char(1114111)
ORDER BY name.text LIMIT :limit
"""  # noqa: S608
_READ_TERMS = f"SELECT {_COLUMNS} FROM term ORDER BY id"  # noqa: S608
_READ_TEXTS = """
SELECT text FROM name
WHERE registry_id = :registry_id AND text >= :start AND (:start = '' OR text < :start || char(1114111))
"""
_READ_NAMES = "SELECT name FROM term WHERE registry_id = :registry_id AND NOT is_obsolete"
_READ_PARENTS = "SELECT ontology_id, parent_ids FROM term WHERE registry_id = :registry_id AND parent_ids IS NOT NULL"
_READ_IDS = "SELECT ontology_id FROM term WHERE registry_id = :registry_id"


class Match(NamedTuple):
    """A value, and a term that has it. A tuple, because there may be hundreds of thousands.

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
        """All terms with one of the values as a name or id, in any case. One statement for each BATCH values.

        Args:
            registry: Class name.
            values: Distinct ones.
            hierarchy: Knows the ancestors.
            by: What the values are.
            organism: Only terms of this one and of none, None for all.
            with_synonyms: Whether a name may be a synonym.
        """
        matches = []
        with self._connections.borrow() as file:
            parameters: dict[str, Any] = {"registry_id": file.registries[registry], "releases": None}
            if organism is not None:
                numbers = [number for number, (_, of) in file.releases.items() if of in {None, organism}]
                parameters["releases"] = json.dumps(numbers)
            if by == "name":
                parameters["with_synonyms"] = with_synonyms
            for start in range(0, len(values), BATCH):
                batch = values[start : start + BATCH]
                rows = file.query(_FIND_IDS if by == "id" else _FIND_NAMES, **parameters, values=json.dumps(batch))
                matches += [
                    Match(batch[index], build_term(file, registry, row, hierarchy), (position > 0) + 2 * (not is_same))
                    for index, position, is_same, *row in rows
                ]
        return matches

    def search_words(self, query: str, *, registry: str | None, limit: int) -> list[TermDraft]:
        """Terms that fit an FTS5 query, the best first, obsolete ones last; without their ancestors."""
        with self._connections.borrow() as file:
            registry_id = None if registry is None else file.registries[registry]
            rows = file.query(_SEARCH_WORDS, query=query, registry_id=registry_id, limit=limit)
            names = {number: name for name, number in file.registries.items()}
            return [build_term(file, names[row[0]], row) for row in rows]

    def search_prefix(self, start: str, *, registry: str, limit: int) -> list[TermDraft]:
        """Terms with a name or synonym that begins so, in any case, by the alphabet; without their ancestors."""
        with self._connections.borrow() as file:
            rows = file.query(_SEARCH_PREFIX, start=start, registry_id=file.registries[registry], limit=limit)
            return [build_term(file, registry, row) for row in rows]

    def read_terms(self) -> list[TermDraft]:
        """All terms, in the order in which they were written; without their ancestors."""
        with self._connections.borrow() as file:
            names = {number: name for name, number in file.registries.items()}
            return [build_term(file, names[row[0]], row) for row in file.query(_READ_TERMS)]

    def read_texts(self, registry: str, *, start: str = "") -> list[str]:
        """All names and synonyms, obsolete ones too, or those that begin so in any case."""
        with self._connections.borrow() as file:
            return [text for (text,) in file.query(_READ_TEXTS, registry_id=file.registries[registry], start=start)]

    def read_names(self, registry: str) -> list[str]:
        """The names of all terms that are not obsolete."""
        with self._connections.borrow() as file:
            return [text for (text,) in file.query(_READ_NAMES, registry_id=file.registries[registry])]

    def read_parents(self, registry: str) -> dict[str, tuple[str, ...]]:
        """The parents of all terms of a registry that have some, by id."""
        with self._connections.borrow() as file:
            rows = file.query(_READ_PARENTS, registry_id=file.registries[registry])
        return {ontology_id: tuple(parent_ids.split()) for ontology_id, parent_ids in rows}

    def read_ids(self, registry: str) -> frozenset[str]:
        """The ids of all terms of a registry."""
        with self._connections.borrow() as file:
            return frozenset(term_id for (term_id,) in file.query(_READ_IDS, registry_id=file.registries[registry]))


def build_term(file: OpenFile, registry: str, row: Sequence[Any], hierarchy: Hierarchy | None = None) -> TermDraft:
    """A term from ``_COLUMNS``."""
    _, release_id, attributes_id, ontology_id, name, is_obsolete, parent_ids, synonyms, description = row
    source, organism = file.releases[release_id]
    attributes = dict(file.attributes[attributes_id]) if attributes_id else {}
    if registry == "Gene":
        attributes["ensembl_gene_id"] = ontology_id
        if name != ontology_id:
            attributes["symbol"] = name
    return TermDraft(
        registry=registry,
        name=name,
        ontology_id=ontology_id,
        synonyms=tuple(synonyms.split("\n")) if synonyms else (),
        description=description,
        source=source,
        organism=organism,
        attributes=attributes,
        parent_ids=tuple(parent_ids.split()) if parent_ids else (),
        ancestor_ids=hierarchy.list_above(ontology_id) if hierarchy and parent_ids else (),
        is_obsolete=bool(is_obsolete),
    )
