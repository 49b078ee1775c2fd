from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from vitrina.catalog import migrations, sqlite
from vitrina.catalog.open import open_catalog
from vitrina.catalog.tables import Row
from vitrina.errors import InputError, StorageError, UnsupportedError


@pytest.fixture
def path(tmp_path):
    return tmp_path / "catalog.sqlite"


def read_pragma(path, name):
    with open_catalog(f"sqlite:///{path}") as catalog, catalog.database.engine.connect() as connection:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


def test_the_named_head_is_the_only_head():
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_heads() == [migrations.HEAD]


def test_the_migrations_make_the_tables(path):
    with open_catalog(f"sqlite:///{path}") as catalog, catalog.database.engine.connect() as connection:
        options = {"include_name": lambda name, kind, _: kind != "table" or not name.startswith("artifact_text")}
        context = MigrationContext.configure(connection, opts={"compare_type": True, **options})
        assert compare_metadata(context, Row.metadata) == []


def test_a_catalog_keeps_its_identity_and_is_not_made_anew(path):
    first = open_catalog(f"sqlite:///{path}")
    first.get_or_add_user("ada")
    first.close()
    with open_catalog(f"sqlite:///{path}") as second:
        assert second.change_number() == 1


def test_opening_a_present_catalog_does_not_import_alembic(path):
    open_catalog(f"sqlite:///{path}").close()
    script = (
        "import sys\n"
        "from vitrina.catalog.open import open_catalog\n"
        f"open_catalog({f'sqlite:///{path}'!r}).find_artifacts('x')\n"
        "print(*sys.modules)\n"
    )
    modules = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert "sqlalchemy" in modules
    assert "alembic" not in modules


def test_a_local_catalog_has_a_write_ahead_log_and_is_durable(path):
    assert read_pragma(path, "journal_mode") == "wal"
    assert read_pragma(path, "synchronous") == 2  # FULL
    assert read_pragma(path, "foreign_keys") == 1
    assert read_pragma(path, "busy_timeout") == 30_000


def test_a_catalog_on_a_network_file_system_has_a_rollback_journal_and_says_so(path, monkeypatch):
    open_catalog(f"sqlite:///{path}").close()
    monkeypatch.setattr(sqlite, "find_network_type", lambda _: "nfs4")
    with open_catalog(f"sqlite:///{path}") as catalog:
        (finding,) = catalog.check_health()
        assert (finding.code, finding.severity) == ("catalog-on-network", "warning")
        assert "nfs4" in finding.message
    assert read_pragma(path, "journal_mode") == "delete"
    monkeypatch.undo()
    assert read_pragma(path, "journal_mode") == "wal"


def test_a_local_catalog_has_nothing_to_say(path):
    with open_catalog(f"sqlite:///{path}") as catalog:
        assert catalog.check_health() == []


def test_opening_a_new_catalog_many_times_at_once_makes_it_once(path):
    errors = []

    def work():
        try:
            with open_catalog(f"sqlite:///{path}") as catalog:
                catalog.reserve_uid("shared")
        except Exception as err:  # noqa: BLE001 (told by the assertion below)
            errors.append(err)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with open_catalog(f"sqlite:///{path}") as catalog:
        assert catalog.reserve_uid("shared").endswith("0009")


def test_a_catalog_of_a_newer_vitrina_is_refused(path):
    open_catalog(f"sqlite:///{path}").close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(UnsupportedError) as caught:
        open_catalog(f"sqlite:///{path}")
    assert caught.value.code == "catalog-newer"


def test_a_migration_that_fails_leaves_nothing_behind(path, monkeypatch):
    monkeypatch.setattr("vitrina.model.uid.build_family", lambda: None)  # breaks NOT NULL of the first row
    with pytest.raises(StorageError):
        open_catalog(f"sqlite:///{path}")
    monkeypatch.undo()
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT name FROM sqlite_master").fetchall() == []
    connection.close()
    with open_catalog(f"sqlite:///{path}") as catalog:
        assert catalog.count_artifacts() == 0


def test_a_file_that_is_no_database_is_a_storage_error(path):
    path.write_bytes(b"not a database " * 100)
    with pytest.raises(StorageError, match="something else") as caught:
        open_catalog(f"sqlite:///{path}")
    assert caught.value.code == "catalog-unavailable"


def test_a_folder_that_is_missing_is_a_storage_error(tmp_path):
    with pytest.raises(StorageError, match="folder exists"):
        open_catalog(f"sqlite:///{tmp_path / 'absent' / 'catalog.sqlite'}")


def test_a_path_with_signs_of_urls_and_of_alembic_is_just_a_path(tmp_path):
    path = tmp_path / "100% ?#&" / "catalog.sqlite"
    path.parent.mkdir()
    with open_catalog(f"sqlite:///{path}") as catalog:
        assert catalog.change_number() == 0
    assert path.is_file()


def test_a_relative_url_is_refused():
    with pytest.raises(InputError):
        open_catalog("sqlite:///catalog.sqlite")
