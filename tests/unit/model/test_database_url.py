from __future__ import annotations

import pytest

from vitrina.model.database_url import has_password, hide_password, is_database_url


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://ada:secret@db.lab:5432/vitrina", "postgresql://ada:***@db.lab:5432/vitrina"),
        ("postgresql://ada:s%40cr:et@db.lab/vitrina", "postgresql://ada:***@db.lab/vitrina"),
        ("postgresql://ada:se@cret@db.lab/vitrina", "postgresql://ada:***@db.lab/vitrina"),
        ("postgresql://:secret@db.lab/vitrina", "postgresql://:***@db.lab/vitrina"),
        ("postgres://ada:secret@/vitrina?host=/run", "postgres://ada:***@/vitrina?host=/run"),
        ("postgresql://db/vitrina?password=secret&user=ada", "postgresql://db/vitrina?password=***&user=ada"),
        ("postgresql://db/vitrina?sslpassword=secret", "postgresql://db/vitrina?sslpassword=***"),
        ("mysql://ada:secret@db/x", "mysql://ada:***@db/x"),
    ],
)
def test_a_password_is_hidden(url, shown):
    assert hide_password(url) == shown
    assert has_password(url)


@pytest.mark.parametrize(
    "url",
    ["postgresql://ada@db.lab/vitrina", "postgresql://db:5432/vitrina", "sqlite:////data/a:b@c/catalog.sqlite", "/x"],
)
def test_a_url_without_a_password_is_shown_as_it_is(url):
    assert hide_password(url) == url
    assert not has_password(url)


@pytest.mark.parametrize("text", ["sqlite:////c.db", "postgresql://h/d", "postgres://h/d", "postgresql+psycopg://h/d"])
def test_these_are_databases(text):
    assert is_database_url(text)


@pytest.mark.parametrize("text", ["/data/lab", "postgresql", "postgresql:h/d", "https://hub.lab", "", "mysql://h/d"])
def test_these_are_not(text):
    assert not is_database_url(text)
