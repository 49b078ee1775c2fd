from __future__ import annotations

import sqlite3

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from vitrina.catalog.failures import translate_errors
from vitrina.errors import StorageError


def fail_with(error):
    statement = "SELECT secret"
    with pytest.raises(StorageError) as caught, translate_errors("postgresql://db/lab"):
        raise DBAPIError(statement, {"password": "secret"}, error)
    assert caught.value.code == "catalog-unavailable"
    assert caught.value.where == "postgresql://db/lab"
    assert "secret" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("state", "hint"),
    [
        ("53100", "Free space"),
        ("53300", "max_connections"),
        ("55P03", "writing for a long time"),
        ("57014", "takes very long"),
        ("57P01", "try again in a moment"),
        ("25006", "primary instead of a standby"),
        ("42501", "GRANT CREATE"),
    ],
)
def test_the_state_that_postgresql_gives_decides_the_hint(state, hint):
    assert hint in fail_with(psycopg.errors.lookup(state)("something happened")).hint


@pytest.mark.parametrize(
    ("message", "hint"),
    [
        ("database is locked", "writing for a long time"),
        ("database or disk is full", "Free space"),
        ("attempt to write a readonly database", "read-only"),
        ("unable to open database file", "folder exists"),
        ("file is not a database", "something else"),
        ("database disk image is malformed", "restore it from a backup"),
    ],
)
def test_the_message_of_sqlite_decides_the_hint(message, hint):
    assert hint in fail_with(sqlite3.OperationalError(message)).hint


def test_an_error_of_another_kind_has_no_hint_and_is_told_in_one_line():
    error = fail_with(psycopg.errors.UniqueViolation("first line.\nDETAIL: second line"))
    assert error.hint is None
    assert error.message == "The catalog at postgresql://db/lab cannot be used: first line."


def test_a_pool_without_a_free_connection_says_so():
    with pytest.raises(StorageError, match="all connections of this process are busy"), translate_errors("x"):
        raise PoolTimeoutError
