"""Write ontology files."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from vitrina.model.registry import REGISTRIES
from vitrina.ontology.tables import CREATE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from vitrina.model.term import TermDraft

PAGE_BYTES = 8192


def write_terms(path: Path, terms: Iterable[TermDraft]) -> int:
    """Write a file that holds these terms and nothing else, whole or not at all; the number of terms.

    Terms are written in the order in which they come, which is that of equally good matches later. Of two with the same
    registry and id the first counts. The ancestors are not written: they follow from the parents.

    Args:
        path: Replaced when it exists.
        terms: Each with an ontology id.
    """
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    draft.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
            connection.executescript(f"PRAGMA page_size = {PAGE_BYTES}; PRAGMA journal_mode = OFF; {CREATE}")
            connection.execute("BEGIN")
            count = _insert(connection, terms)
            connection.execute("INSERT INTO word (word) VALUES ('optimize')")
            connection.execute("COMMIT")
            connection.executescript("VACUUM; ANALYZE;")
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return count


def _insert(connection: sqlite3.Connection, terms: Iterable[TermDraft]) -> int:
    registry_ids = {name: number for number, name in enumerate(REGISTRIES, start=1)}
    connection.executemany("INSERT INTO registry VALUES (?, ?)", ((n, name) for name, n in registry_ids.items()))
    releases: dict[tuple[str | None, str | None], int] = {}
    seen: set[tuple[str, str]] = set()
    for term in terms:
        key = (term.registry, (term.ontology_id or "").casefold())
        if not term.ontology_id or key in seen:
            continue
        seen.add(key)
        release = (term.source, term.organism)
        if release not in releases:
            releases[release] = len(releases) + 1
            connection.execute("INSERT INTO release VALUES (?, ?, ?)", (releases[release], *release))
        _insert_term(connection, len(seen), registry_ids[term.registry], releases[release], term)
    return len(seen)


def _insert_term(
    connection: sqlite3.Connection, term_id: int, registry_id: int, release_id: int, term: TermDraft
) -> None:
    synonyms = [" ".join(synonym.split()) for synonym in term.synonyms]
    kept = {name: value for name, value in term.attributes.items() if name not in DERIVED_ATTRIBUTES}
    connection.execute(
        "INSERT INTO term VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            term_id,
            registry_id,
            term.ontology_id,
            term.name,
            release_id,
            term.is_obsolete,
            " ".join(term.parent_ids) or None,
            "\n".join(synonyms) or None,
            term.description or None,
            json.dumps(kept, ensure_ascii=False, separators=(",", ":")) if kept else None,
        ),
    )
    texts = [(registry_id, text, position, term_id) for position, text in enumerate((term.name, *synonyms))]
    connection.executemany("INSERT INTO name VALUES (?, ?, ?, ?)", texts)
    if term.registry != "Gene":
        words = (term_id, term.name, " ; ".join(synonyms))
        connection.execute("INSERT INTO word (rowid, name, synonyms) VALUES (?, ?, ?)", words)


DERIVED_ATTRIBUTES = ("symbol", "ensembl_gene_id")
"""Of a gene; they are its name and its id."""
