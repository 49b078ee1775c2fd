"""The tables of an ontology file: SQLite, written once, then only read."""

from __future__ import annotations

APPLICATION_ID = 0x5649544F  # "VITO"
VERSION = 1
"""Raised when a file of the version before can no longer be read; https://www.sqlite.org/pragma.html#pragma_user_version"""

CREATE = f"""
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {VERSION};

CREATE TABLE registry (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);

-- An ontology or gene table and its release; one row for each organism that it is of.
CREATE TABLE release (id INTEGER PRIMARY KEY, source TEXT, organism TEXT, UNIQUE (source, organism));

-- JSON objects, which many terms have in common: half a million genes have 80 biotypes.
CREATE TABLE attributes (id INTEGER PRIMARY KEY, value TEXT NOT NULL);

-- parent_ids: separated by blanks. synonyms: separated by line feeds. NULL for none.
CREATE TABLE term (
    id INTEGER PRIMARY KEY,
    registry_id INTEGER NOT NULL,
    ontology_id TEXT NOT NULL COLLATE NOCASE,
    name TEXT NOT NULL,
    release_id INTEGER NOT NULL,
    is_obsolete INTEGER NOT NULL,
    parent_ids TEXT,
    synonyms TEXT,
    description TEXT,
    attributes_id INTEGER
);
CREATE UNIQUE INDEX term_by_id ON term (registry_id, ontology_id);

-- Names (position 0) and synonyms, to be found letter by letter or without regard to the case of ASCII letters.
CREATE TABLE name (
    registry_id INTEGER NOT NULL,
    text TEXT NOT NULL COLLATE NOCASE,
    position INTEGER NOT NULL,
    term_id INTEGER NOT NULL,
    PRIMARY KEY (registry_id, text, position, term_id)
) WITHOUT ROWID;

-- Their words; the rowid is the id of the term. Genes are found by their symbols alone.
CREATE VIRTUAL TABLE word USING fts5 (
    name, synonyms, content = '', detail = column, tokenize = "unicode61 remove_diacritics 2"
);
"""
