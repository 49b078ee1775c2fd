from __future__ import annotations

import subprocess
import sys

import pytest
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from vitrina.catalog.tables import Row


@pytest.mark.parametrize("table", Row.metadata.sorted_tables, ids=lambda table: table.name)
def test_every_table_can_be_made_on_postgresql(table):
    ddl = str(CreateTable(table).compile(dialect=postgresql.dialect()))
    for index in table.indexes:
        ddl += str(CreateIndex(index).compile(dialect=postgresql.dialect()))
    assert f"CREATE TABLE {table.name if table.name != 'user' else '"user"'} " in ddl
    if table.name == "artifact":
        assert "id BIGSERIAL" in ddl
        assert "(created_at, id) WHERE is_latest IS true" in ddl
        assert 'version VARCHAR(4) COLLATE "C"' in ddl
        assert "created_at TIMESTAMP WITH TIME ZONE" in ddl
    if table.name == "artifact_content":
        assert "content JSONB" in ddl


def test_the_package_alone_does_not_import_sqlalchemy():
    script = "import sys, vitrina.catalog, vitrina.catalog.fields, vitrina.catalog.migrations; print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert "vitrina.catalog.fields" in modules
    assert not {"sqlalchemy", "alembic"} & set(modules)
