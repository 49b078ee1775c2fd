"""Write ontology files."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from itertools import batched
from typing import TYPE_CHECKING

from vitrina.model.registry import REGISTRIES
from vitrina.ontology.tables import CREATE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from vitrina.model.term import TermDraft

BATCH = 10_000
DERIVED_ATTRIBUTES = ("symbol", "ensembl_gene_id")
"""Of a gene; they are its name and its id."""

# Nothing is lost when the draft breaks: it is no file yet. https://www.sqlite.org/pragma.html
_SETUP = f"PRAGMA page_size = 8192; PRAGMA journal_mode = OFF; PRAGMA cache_size = -200000; {CREATE}"
_FINISH = ("INSERT INTO word (word) VALUES ('optimize')", "COMMIT", "VACUUM", "ANALYZE")


def write_terms(path: Path, terms: Iterable[TermDraft]) -> int:
    """Write a file that holds these terms and nothing else, whole or not at all; the number of terms.

    Terms are written in the order in which they come, which is that of equally good matches later. Of two with the same
    registry and id the first counts. The ancestors are not written: they follow from the parents.

    Args:
        path: Replaced when it exists.
        terms: Those without an ontology id are left out.
    """
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    draft.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
            connection.executescript(_SETUP)
            connection.execute("BEGIN")
            count = _Writer(connection).write(terms)
            for statement in _FINISH:
                connection.execute(statement)
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return count


class _Writer:
    """Gives rows their numbers."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._registries = {name: number for number, name in enumerate(REGISTRIES, start=1)}
        self._releases: dict[tuple[str | None, str | None], int] = {}
        self._attributes: dict[tuple[tuple[str, str], ...], int] = {}

    def write(self, terms: Iterable[TermDraft]) -> int:
        """Write all tables; the number of terms."""
        count = 0
        for batch in batched(list_distinct(terms), BATCH):
            numbered = list(enumerate(batch, start=count + 1))
            self._insert("term", (self._build_term(number, term) for number, term in numbered))
            self._insert("name", (row for number, term in numbered for row in self._list_names(number, term)))
            words = [(number, term.name, " ; ".join(term.synonyms)) for number, term in numbered if has_words(term)]
            self._connection.executemany("INSERT INTO word (rowid, name, synonyms) VALUES (?, ?, ?)", words)
            count += len(batch)
        self._insert("registry", ((number, name) for name, number in self._registries.items()))
        self._insert("release", ((number, *release) for release, number in self._releases.items()))
        values = ((number, json.dumps(dict(kept), ensure_ascii=False)) for kept, number in self._attributes.items())
        self._insert("attributes", values)
        return count

    def _insert(self, table: str, rows: Iterable[tuple[object, ...]]) -> None:
        for group in batched(rows, BATCH):
            marks = ", ".join("?" * len(group[0]))
            self._connection.executemany(f"INSERT INTO {table} VALUES ({marks})", group)  # noqa: S608 (our own names)

    def _build_term(self, number: int, term: TermDraft) -> tuple[object, ...]:
        kept = tuple((name, value) for name, value in term.attributes.items() if name not in DERIVED_ATTRIBUTES)
        return (
            number,
            self._registries[term.registry],
            term.ontology_id,
            term.name,
            self._releases.setdefault((term.source, term.organism), len(self._releases) + 1),
            term.is_obsolete,
            " ".join(term.parent_ids) or None,
            "\n".join(term.synonyms) or None,
            term.description or None,
            self._attributes.setdefault(kept, len(self._attributes) + 1) if kept else None,
        )

    def _list_names(self, number: int, term: TermDraft) -> Iterator[tuple[object, ...]]:
        for position, text in enumerate((term.name, *term.synonyms)):
            yield self._registries[term.registry], text, position, number


def list_distinct(terms: Iterable[TermDraft]) -> Iterator[TermDraft]:
    """The first of each registry and id, ids compared as the file compares them: without regard to ASCII case."""
    seen: set[tuple[str, str]] = set()
    for term in terms:
        key = (term.registry, (term.ontology_id or "").lower())
        if term.ontology_id and key not in seen:
            seen.add(key)
            yield term


def has_words(term: TermDraft) -> bool:
    """Whether the words of a term can be searched; genes are found by their symbols alone."""
    return term.registry != "Gene"
