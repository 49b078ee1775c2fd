from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from vitrina.catalog import postgresql, sqlite
from vitrina.catalog.engine import build_engine
from vitrina.errors import InputError, MissingExtraError, UnsupportedError


def test_a_path_stands_in_a_sqlite_url_as_it_is():
    assert sqlite.parse_url("sqlite:////data/my lab/100%?#/c.sqlite") == Path("/data/my lab/100%?#/c.sqlite")


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "sqlite:///relative.db", "sqlite:///:memory:"])
def test_a_sqlite_url_without_an_absolute_path_is_refused(url):
    with pytest.raises(InputError) as caught:
        build_engine(url)
    assert caught.value.code == "database-url-malformed"


@pytest.mark.parametrize("url", ["mysql://ada:secret@host/db", "/data/c.sqlite", ""])
def test_another_database_is_refused_with_those_there_are(url):
    with pytest.raises(UnsupportedError, match=r"sqlite:///.*postgresql://") as caught:
        build_engine(url)
    assert caught.value.code == "database-unsupported"
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_postgresql_is_spoken_to_by_psycopg(scheme):
    engine = build_engine(f"{scheme}://ada@db.lab:5433/vitrina?sslmode=require")
    assert (engine.dialect.name, engine.dialect.driver) == ("postgresql", "psycopg")
    assert (engine.url.username, engine.url.host, engine.url.port) == ("ada", "db.lab", 5433)
    assert dict(engine.url.query) == {"sslmode": "require"}


@pytest.mark.parametrize("url", ["postgresql://ada:secret@db/vitrina", "postgresql://ada@db/vitrina?password=secret"])
def test_a_password_is_used_and_never_shown(url):
    engine = build_engine(url)
    assert engine.url.password == "secret"  # noqa: S105 (made up)
    assert "secret" not in f"{engine} {engine.url} {engine!r}"


@pytest.mark.parametrize(
    "url", ["postgresql://ada:secret@db", "postgresql://ada:secret@db:port/vitrina", "postgresql://"]
)
def test_a_postgresql_url_without_a_database_is_refused_without_its_password(url):
    with pytest.raises(InputError) as caught:
        postgresql.parse_url(url)
    assert caught.value.code == "database-url-malformed"
    assert "secret" not in str(caught.value)


def test_a_missing_driver_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtraError, match=r"vitrina\[postgres\]"):
        build_engine("postgresql://db/vitrina")


def test_sqlite_does_not_import_psycopg():
    script = (
        "import sys\n"
        "from vitrina.catalog.engine import build_engine\n"
        "build_engine('sqlite:////data/c.sqlite')\n"
        "print(*sys.modules)\n"
    )
    modules = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert "vitrina.catalog.postgresql" in modules
    assert "psycopg" not in modules
