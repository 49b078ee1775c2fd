"""How SQLite means to answer, which decides the speed on a large catalog and can be tested without a clock.

Source: https://www.sqlite.org/eqp.html
"""

from __future__ import annotations

import pytest
from sqlalchemy import event

from vitrina.catalog.open import open_catalog


@pytest.fixture
def explain(tmp_path):
    """The plan of the statement that chooses a page, one line per step."""
    with open_catalog(f"sqlite:///{tmp_path / 'catalog.sqlite'}") as catalog:

        def explain(text="", **options):
            statements = []

            def note(_connection, _cursor, statement, parameters, *_):
                statements.append((statement, parameters))

            event.listen(catalog.database.engine, "before_cursor_execute", note)
            catalog.find_artifacts(text, **options)
            event.remove(catalog.database.engine, "before_cursor_execute", note)
            statement, parameters = statements[-1]
            with catalog.database.engine.connect() as connection:
                rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            return [row[3] for row in rows]

        yield explain


def read_choice(plan):
    """The steps inside the page, without those that join its records."""
    end = next((n for n, step in enumerate(plan) if step.startswith("SCAN page")), len(plan))
    return plan[:end]


@pytest.mark.parametrize(
    ("options", "index"),
    [
        ({"order": "-created_at"}, "ix_artifact_created_at_id"),
        ({"where": {"format": "anndata"}}, "ix_artifact_format_id"),
        ({"where": {"kind": "model"}}, "ix_artifact_kind_id"),
        ({"where": {"created_by": "ada"}}, "ix_artifact_created_by_id_id"),
        ({"order": "key"}, "ix_artifact_key_id"),
        ({"order": "-size"}, "ix_artifact_size_bytes_id"),
    ],
)
def test_a_list_is_read_in_order_from_an_index(explain, options, index):
    choice = read_choice(explain(**options))
    assert any(index in step for step in choice)
    assert not any("TEMP B-TREE" in step for step in choice)


def test_what_was_added_last_is_read_without_sorting(explain):
    assert not any("TEMP B-TREE" in step for step in read_choice(explain()))


def test_a_key_is_looked_up(explain):
    assert any("SEARCH artifact USING INDEX ix_artifact_key_id (key=?)" in step for step in explain(where={"key": "a"}))


@pytest.mark.parametrize("order", [None, "-created_at", "key"])
def test_a_text_is_searched_before_anything_else(explain, order):
    steps = [step for step in explain("lung", where={"format": "anndata"}, order=order) if "artifact" in step]
    assert steps[0].startswith("SCAN artifact_text VIRTUAL TABLE INDEX")
    assert "id=?" in steps[1] or "rowid=?" in steps[1]
