"""What the machine itself allows: the least that must happen for each row, with nothing around it.

Run by ``catalog.py`` in a process of its own: ``rows_limit.py ROW FOLDER``. Nobody can be faster than the bytes can be
copied and synced, or than SQLite answers the plainest query over the plainest tables.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from cohort import FIVE, FOUR, Cohort
from inputs import CATEGORIES, PAGE, SEARCH_TEXT, build_cells, choose_pair, make_apart, write_files, write_folder
from measure import Figure, measure

if TYPE_CHECKING:
    from collections.abc import Callable


def measure_register(folder: Path) -> dict[str, Figure]:
    """Copy and sync each file and commit a row; commit a row each, without bytes; commit 10,000 rows at once."""
    target = folder / "limit-files"
    columns = "uid TEXT UNIQUE, key TEXT, hash TEXT, storage_key TEXT, created_at TEXT"
    statement = "INSERT INTO artifact (uid, key, hash, storage_key, created_at) VALUES (?, ?, ?, ?, ?)"

    def open_empty() -> sqlite3.Connection:
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        connection = sqlite3.connect(target / "rows.sqlite", isolation_level=None)
        connection.execute("PRAGMA journal_mode = wal")
        connection.execute(f"CREATE TABLE artifact (id INTEGER PRIMARY KEY, {columns})")
        return connection

    def build_row(name: str) -> tuple[str, ...]:
        return (name, name, "0" * 64, name, "2026-01-01 00:00:00")

    def add_each(given: tuple[sqlite3.Connection, list[Path]]) -> int:
        connection, files = given
        for file in files:
            copied = shutil.copyfile(file, target / file.name)
            descriptor = os.open(copied, os.O_RDONLY)
            os.fsync(descriptor)
            os.close(descriptor)
            connection.execute(statement, build_row(file.name))
        return len(files)

    def register_each(connection: sqlite3.Connection) -> int:
        for number in range(1_000):
            connection.execute(statement, build_row(str(number)))
        return 1_000

    def register_list(connection: sqlite3.Connection) -> int:
        connection.execute("BEGIN")
        connection.executemany(statement, [build_row(str(number)) for number in range(10_000)])
        connection.execute("COMMIT")
        return 10_000

    def prepare_files() -> tuple[sqlite3.Connection, list[Path]]:
        return open_empty(), write_files(folder / "limit-source", 200)

    return {
        "add": measure(add_each, repeats=5, n=200, prepare=prepare_files),
        "register": measure(register_each, repeats=5, n=1_000, prepare=open_empty),
        "register-bulk": measure(register_list, repeats=5, n=10_000, prepare=open_empty),
    }


def measure_queries(folder: Path) -> dict[str, Figure]:
    """The plainest tables of 100,000 artifacts: links in the order of terms, and words."""
    return _measure_plain(Cohort(100_000, FOUR), folder, "")


def measure_million(folder: Path) -> dict[str, Figure]:
    """The plainest tables of 1,000,000 artifacts."""
    return _measure_plain(Cohort(1_000_000, FIVE), folder, "million-")


def _measure_plain(cohort: Cohort, folder: Path, prefix: str) -> dict[str, Figure]:
    (one, other), columns = choose_pair(cohort), list(cohort.sizes)
    path = folder / f"plain-{cohort.n_artifacts}.sqlite"
    if not path.exists():
        _fill_plain(cohort, path)
    connection = sqlite3.connect(path)
    find_both = (
        "SELECT {} FROM label a CROSS JOIN label b ON b.registry = ? AND b.term = ? AND b.artifact = a.artifact "
        "WHERE a.registry = ? AND a.term = ?"
    )
    pair = (columns.index(other[0]), other[1], columns.index(one[0]), one[1])

    def find_two() -> str:
        ids = [row[0] for row in connection.execute(find_both.format("a.artifact"), pair)]
        page = connection.execute(
            f"SELECT * FROM artifact WHERE id IN ({','.join('?' * PAGE)})",  # noqa: S608 (marks only)
            (ids[-PAGE:] * PAGE)[:PAGE],
        ).fetchall()
        return f"{len(page)} of {len(ids)}"

    def search() -> str:
        words = " ".join(f'"{word}" *' for word in SEARCH_TEXT.split())
        page = connection.execute(
            "SELECT a.* FROM (SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid DESC LIMIT ?) w "
            "JOIN artifact a ON a.id = w.rowid",
            (words, PAGE),
        ).fetchall()
        return f"{len(page)} shown"

    matrix = np.load(path.with_suffix(".npy"))

    def count_all() -> str:
        counts = [np.bincount(column) for column in matrix.T]
        return f"{sum(int(np.count_nonzero(count)) for count in counts)} counts"

    return {
        f"{prefix}two-labels": measure(find_two, repeats=50, warmups=5),
        f"{prefix}search": measure(search, repeats=20, warmups=2),
        f"{prefix}facets": measure(count_all, repeats=10),
    }


def _fill_plain(cohort: Cohort, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    artifacts = list(cohort.list_artifacts())
    matrix = np.array([artifact.terms for artifact in artifacts], dtype=np.int32)
    np.save(path.with_suffix(".npy"), matrix)
    with sqlite3.connect(draft) as connection:
        connection.execute("CREATE TABLE artifact (id INTEGER PRIMARY KEY, key TEXT, description TEXT)")
        connection.execute(
            "CREATE TABLE label (registry INTEGER, term INTEGER, artifact INTEGER, "
            "PRIMARY KEY (registry, term, artifact)) WITHOUT ROWID"
        )
        connection.execute("CREATE VIRTUAL TABLE words USING fts5 (text, content='', prefix='2 3')")
        rows = [(artifact.number, artifact.key, artifact.description) for artifact in artifacts]
        connection.executemany("INSERT INTO artifact VALUES (?, ?, ?)", rows)
        connection.executemany(
            "INSERT INTO words (rowid, text) VALUES (?, ?)",
            ((number, f"{key} {description}") for number, key, description in rows),
        )
        for column in range(matrix.shape[1]):
            order = np.argsort(matrix[:, column], kind="stable")
            connection.executemany(
                "INSERT INTO label VALUES (?, ?, ?)",
                ((column, int(matrix[number, column]), int(number)) for number in order),
            )
    draft.rename(path)


def measure_folder(folder: Path) -> dict[str, Figure]:
    """``cp -r`` and then ``sync -f``, as a careful user would do by hand; each time to a new place, as ours is."""
    apart = make_apart(folder / "folder")
    turns = iter(range(1_000))

    def write() -> tuple[Path, Path]:
        turn = next(turns)
        return write_folder(apart / "scan", turn), apart / f"copy-{turn}"

    def copy(given: tuple[Path, Path]) -> str:
        source, target = given
        subprocess.run(["cp", "-r", str(source), str(target)], check=True)
        subprocess.run(["sync", "-f", str(target)], check=True)
        return "200 MB"

    figure = measure(copy, repeats=11, prepare=write)
    shutil.rmtree(apart)  # its copies of the folder fill the disk
    return {"folder": figure}


def measure_validate(folder: Path) -> dict[str, Figure]:
    """Look up the distinct values of each column in a set of names; for objects, find them with pandas first."""
    del folder
    known = {name: {f"{name} {number}" for number in range(n)} for name, n in CATEGORIES.items()}

    def look_up(cells: object) -> str:
        obs = cells.obs  # type: ignore[attr-defined]  # an AnnData
        for name, names in known.items():
            column = obs[name]
            values = column.cat.categories if hasattr(column, "cat") else column.unique()
            if not set(values) <= names:
                raise AssertionError(name)
        return "valid"

    return {
        "validate": measure(look_up, repeats=7, prepare=lambda: build_cells(as_objects=False)),
        "validate-objects": measure(look_up, repeats=7, prepare=lambda: build_cells(as_objects=True)),
    }


ROWS: dict[str, Callable[[Path], dict[str, Figure]]] = {
    "register": measure_register,
    "queries": measure_queries,
    "million": measure_million,
    "folder": measure_folder,
    "validate": measure_validate,
}

if __name__ == "__main__":
    figures = ROWS[sys.argv[1]](Path(sys.argv[2]).resolve())
    print(json.dumps({name: figure.to_json() for name, figure in figures.items()}))
