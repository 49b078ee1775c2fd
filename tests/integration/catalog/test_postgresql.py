"""PostgreSQL as the catalog uses it: what is particular to it, and what a server can do to its clients."""

from __future__ import annotations

import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from clusters import run_cluster
from sqlalchemy import select, text

from vitrina.catalog import postgresql
from vitrina.catalog.engine import build_engine
from vitrina.catalog.open import open_catalog
from vitrina.catalog.tables import Row, UserRow
from vitrina.catalog.words import SearchText
from vitrina.errors import ConflictError, StorageError, UnsupportedError


@pytest.fixture
def catalog(postgresql_url):
    with open_catalog(postgresql_url) as catalog:
        yield catalog


@pytest.fixture
def empty_url(cluster):
    with cluster.lend_database() as url:
        yield url


def show(connection, name):
    return connection.execute(text(f"SHOW {name}")).scalar_one()


class TestTables:
    def test_the_migrations_make_the_tables(self, catalog):
        with catalog.database.engine.connect() as connection:
            options = {"include_name": lambda name, kind, _: kind != "table" or name != "artifact_text"}
            context = MigrationContext.configure(connection, opts={"compare_type": True, **options})
            assert compare_metadata(context, Row.metadata) == []

    def test_opening_a_new_database_many_times_at_once_makes_it_once(self, empty_url):
        errors = []

        def work():
            try:
                with open_catalog(empty_url) as catalog:
                    catalog.reserve_uid("shared")
            except Exception as err:  # noqa: BLE001 (told by the assertion below)
                errors.append(err)

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        with open_catalog(empty_url) as catalog:
            assert catalog.reserve_uid("shared").endswith("0009")

    def test_a_migration_that_fails_leaves_nothing_behind(self, empty_url, monkeypatch):
        monkeypatch.setattr("vitrina.model.uid.build_family", lambda: None)  # breaks NOT NULL of the first row
        with pytest.raises(StorageError):
            open_catalog(empty_url)
        monkeypatch.undo()
        with open_catalog(empty_url) as catalog:
            assert catalog.count_artifacts() == 0

    def test_a_catalog_of_a_newer_vitrina_is_refused(self, postgresql_url, cluster):
        open_catalog(postgresql_url).close()
        database = postgresql_url.partition("@/")[2].partition("?")[0]
        cluster.execute("UPDATE alembic_version SET version_num = '9999'", database)
        with pytest.raises(UnsupportedError) as caught:
            open_catalog(postgresql_url)
        assert caught.value.code == "catalog-newer"

    @pytest.mark.parametrize("name", ["other", '"user"', "alembic_version"])
    def test_a_database_with_other_tables_is_left_alone(self, empty_url, cluster, name):
        database = empty_url.partition("@/")[2].partition("?")[0]
        cluster.execute(f"CREATE TABLE {name} (version_num text)", database)
        with pytest.raises(ConflictError, match="holds tables of something else") as caught:
            open_catalog(empty_url)
        assert caught.value.code == "database-occupied"
        assert cluster.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", database) == [(1,)]

    def test_another_encoding_is_refused(self, cluster):
        cluster.execute("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'")
        with pytest.raises(UnsupportedError, match="LATIN1") as caught:
            open_catalog(cluster.get_url("latin"))
        assert caught.value.code == "database-encoding"
        cluster.execute("DROP DATABASE latin WITH (FORCE)")

    def test_an_older_server_is_refused(self, empty_url, monkeypatch):
        monkeypatch.setattr(postgresql, "OLDEST_VERSION", 99)
        with pytest.raises(UnsupportedError) as caught:
            open_catalog(empty_url)
        assert caught.value.code == "database-too-old"


class TestTransactions:
    def test_a_read_sees_one_moment(self, catalog):
        with catalog.database.read() as connection:
            assert connection.execute(select(UserRow.handle)).all() == []
            catalog.get_or_add_user("ada")
            assert connection.execute(select(UserRow.handle)).all() == []
        with catalog.database.read() as connection:
            assert connection.execute(select(UserRow.handle)).scalars().all() == ["ada"]

    def test_a_read_cannot_write(self, catalog):
        with pytest.raises(StorageError, match="read-only"), catalog.database.read() as connection:
            connection.execute(text("DELETE FROM artifact"))

    def test_transactions_begin_as_documented(self, catalog):
        for _ in range(2):  # connections are used again, in either way
            with catalog.database.read() as connection:
                assert show(connection, "transaction_isolation") == "repeatable read"
                assert show(connection, "transaction_read_only") == "on"
            with catalog.database.write() as connection:
                assert show(connection, "transaction_isolation") == "read committed"
                assert show(connection, "transaction_read_only") == "off"
                assert show(connection, "lock_timeout") == "30s"
                assert show(connection, "statement_timeout") == "2min"
                assert show(connection, "idle_in_transaction_session_timeout") == "5min"
                assert show(connection, "TimeZone") == "UTC"
                assert show(connection, "application_name") == "vitrina"

    def test_a_writer_that_waits_too_long_says_so(self, postgresql_url, monkeypatch):
        monkeypatch.setattr(postgresql, "LOCK_TIMEOUT_MS", 200)
        with open_catalog(postgresql_url) as first, open_catalog(postgresql_url) as second:
            with first.database.write(), pytest.raises(StorageError, match="writing for a long time"):
                second.reserve_uid("a")
            assert second.reserve_uid("a").endswith("0001")

    def test_a_process_that_never_ends_its_transaction_is_ended(self, postgresql_url, monkeypatch):
        monkeypatch.setattr(postgresql, "IDLE_TIMEOUT_MS", 200)
        with open_catalog(postgresql_url) as first, open_catalog(postgresql_url) as second:
            with pytest.raises(StorageError, match="idle-in-transaction"):
                hang(first, second)
            assert first.reserve_uid("a").endswith("0002")


def hang(first, second):
    with first.database.write() as connection:
        assert second.reserve_uid("a").endswith("0001")  # waits until the first is ended
        connection.execute(select(UserRow.id))


class TestValues:
    def test_what_postgresql_cannot_store_is_replaced_alike_in_writing_and_looking_up(self, catalog):
        assert catalog.get_or_add_user("a\0b") == catalog.get_or_add_user("a\0b")
        assert catalog.get_or_add_user("a\0b").handle == "a\ufffdb"

    def test_a_large_text_fits_into_the_index(self, catalog):
        """A vector has at most 1 MiB: https://www.postgresql.org/docs/15/textsearch-limitations.html"""
        words = SearchText(title="x" * 5000, body=" ".join(f"{number:0300d}" for number in range(10_000)))
        index = catalog.database.text_index
        with catalog.database.write() as connection:
            connection.execute(text("ALTER TABLE artifact_text DROP CONSTRAINT fk_artifact_text_artifact_id"))
            index.write(connection, 1, words)
        with catalog.database.read() as connection:
            assert connection.execute(index.select_ids([f"{1:0300d}", "x" * 4000])).scalars().all() == [1]

    def test_words_are_found_in_the_index(self, catalog):
        with catalog.database.read() as connection:
            connection.execute(text("SET LOCAL enable_seqscan = off"))
            statement = catalog.database.text_index.select_ids(["lung"])
            compiled = statement.compile(connection, compile_kwargs={"literal_binds": True})
            plan = connection.exec_driver_sql(f"EXPLAIN {compiled}".replace("%", "%%")).scalars().all()
        assert any("ix_artifact_text_words" in step for step in plan)


class TestTrouble:
    def test_a_restart_of_the_server_is_not_noticed(self):
        with run_cluster() as cluster, open_catalog(cluster.create_database("restarted")) as catalog:
            catalog.reserve_uid("a")
            cluster.stop()
            with pytest.raises(StorageError, match="Check that PostgreSQL runs") as caught:
                catalog.change_number()
            assert caught.value.code == "catalog-unavailable"
            cluster.start()
            assert catalog.change_number() == 1
            assert catalog.reserve_uid("a").endswith("0002")

    def test_a_connection_that_is_ended_meanwhile_is_replaced(self, catalog, cluster):
        catalog.reserve_uid("a")
        cluster.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'vitrina'")
        assert catalog.reserve_uid("a").endswith("0002")

    @pytest.mark.parametrize(
        ("url", "hint"),
        [
            ("postgresql://{user}@/absent?host={host}", "createdb"),
            ("postgresql://nobody:secret@/postgres?host={host}", "Check user and password"),
            ("postgresql://ada:secret@127.0.0.1:1/lab", "Check that PostgreSQL runs"),
            ("postgresql://ada:secret@/lab?host=/absent", "Check that PostgreSQL runs"),
            ("postgresql://{user}:secret@/postgres?host={host}&nonsense=1", "connection parameters"),
        ],
    )
    def test_a_database_that_cannot_be_reached_says_what_to_check(self, cluster, url, hint):
        with pytest.raises(StorageError, match=hint) as caught:
            open_catalog(url.format(user="vitrina", host=cluster.folder))
        assert caught.value.code == "catalog-unavailable"
        assert "secret" not in f"{caught.value} {caught.value.where}"

    def test_a_wrong_password_says_so_and_does_not_tell_it(self, cluster):
        cluster.execute("CREATE ROLE ada LOGIN PASSWORD 'right'")
        access = cluster.folder / "data" / "pg_hba.conf"
        before = access.read_text()
        access.write_text(f"local all ada scram-sha-256\n{before}")
        cluster.execute("SELECT pg_reload_conf()")
        for password in ("", ":secret"):
            with pytest.raises(StorageError, match="Check user and password") as caught:
                open_catalog(f"postgresql://ada{password}@/postgres?host={cluster.folder}")
            assert "secret" not in str(caught.value)
        access.write_text(before)
        cluster.execute("SELECT pg_reload_conf()")

    def test_a_user_who_may_not_make_tables_is_told_what_to_grant(self, empty_url, cluster):
        cluster.execute("CREATE ROLE guest LOGIN")
        with pytest.raises(StorageError, match="GRANT CREATE"):
            open_catalog(empty_url.replace("vitrina@", "guest@"))

    def test_more_connections_than_the_server_takes_say_what_to_raise(self):
        with run_cluster(("max_connections=5", "superuser_reserved_connections=0", "max_wal_senders=0")) as cluster:
            url = cluster.create_database("small")
            open_catalog(url).close()
            engines = [build_engine(url) for _ in range(5)]
            connections = [engine.connect() for engine in engines]
            with pytest.raises(StorageError, match="max_connections"):
                open_catalog(url)
            for connection, engine in zip(connections, engines, strict=True):
                connection.close()
                engine.dispose()

    def test_threads_wait_for_a_free_connection_and_say_when_there_is_none(self, catalog, monkeypatch):
        monkeypatch.setattr(catalog.database.engine.pool, "_timeout", 0.1)
        held = [catalog.database.engine.connect() for _ in range(postgresql.POOL_SIZE + postgresql.MAX_OVERFLOW)]
        with pytest.raises(StorageError, match="all connections of this process are busy"):
            catalog.change_number()
        for connection in held:
            connection.close()
        assert catalog.change_number() == 0
