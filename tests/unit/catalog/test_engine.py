from __future__ import annotations

from pathlib import Path

import pytest

from vitrina.catalog.engine import parse_sqlite_url
from vitrina.errors import InputError, UnsupportedError


def test_a_path_stands_in_the_url_as_it_is():
    assert parse_sqlite_url("sqlite:////data/my lab/100%?#/c.sqlite") == Path("/data/my lab/100%?#/c.sqlite")


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "sqlite:///relative.db", "sqlite:///:memory:"])
def test_a_url_without_an_absolute_path_is_refused(url):
    with pytest.raises(InputError):
        parse_sqlite_url(url)


@pytest.mark.parametrize("url", ["postgresql://host/db", "postgresql+psycopg://host/db", "/data/c.sqlite", ""])
def test_another_database_says_what_comes(url):
    with pytest.raises(UnsupportedError, match="PostgreSQL comes later") as caught:
        parse_sqlite_url(url)
    assert caught.value.code == "database-unsupported"
