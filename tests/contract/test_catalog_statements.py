"""How many statements it takes to register, exactly: each costs a round trip, or more time than SQLite needs for it."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from sqlalchemy import event, update

from vitrina.catalog import prepared
from vitrina.catalog.open import open_catalog
from vitrina.catalog.tables import FamilyRow
from vitrina.errors import ConflictError, InputError, StorageError
from vitrina.model.artifact import ArtifactDraft
from vitrina.model.content import Content


def build_draft(uid, key, *, created_by="ada", storage_url="file:///data"):
    return ArtifactDraft(
        uid=uid,
        key=key,
        description=None,
        kind="dataset",
        hash="0" * 64,
        size_bytes=5,
        n_files=1,
        storage_url=storage_url,
        storage_key=f"{uid}/a",
        is_folder=False,
        created_by=created_by,
        content=Content(format="file"),
    )


@contextmanager
def noted(catalog, monkeypatch):
    """The first two words of each statement that is run meanwhile, through SQLAlchemy or beside it."""
    statements = []

    def note(text):
        statements.append(" ".join(text.split()[:2]))

    def note_event(_connection, _cursor, statement, *_):
        note(statement)

    run = prepared._run

    def note_run(connection, text, *arguments, **options):
        note(text)
        return run(connection, text, *arguments, **options)

    monkeypatch.setattr(prepared, "_run", note_run)
    event.listen(catalog.database.engine, "before_cursor_execute", note_event)
    yield statements
    event.remove(catalog.database.engine, "before_cursor_execute", note_event)
    monkeypatch.setattr(prepared, "_run", run)


def register(catalog, key, **options):
    return catalog.add_artifact(build_draft(catalog.reserve_uid(key), key, **options))


def test_a_uid_takes_two_statements(catalog, monkeypatch):
    with noted(catalog, monkeypatch) as statements:
        first, second = catalog.reserve_uid("a"), catalog.reserve_uid("a")
    assert statements == ["UPDATE instance", "INSERT INTO"] * 2
    assert (first[16:], second[16:], first[:16] == second[:16]) == ("0001", "0002", True)


def test_an_artifact_takes_five_statements_once_user_and_storage_are_known(catalog, monkeypatch):
    register(catalog, "a")
    uid = catalog.reserve_uid("b")
    with noted(catalog, monkeypatch) as statements:
        catalog.add_artifact(build_draft(uid, "b"))
    # the change number, all that is there around it, then the artifact, its content and its words
    assert statements == ["UPDATE instance", "SELECT family.uid,", "INSERT INTO", "INSERT INTO", "INSERT INTO"]


def test_an_artifact_of_a_new_user_in_a_new_storage_takes_seven(catalog, monkeypatch):
    uid = catalog.reserve_uid("a")
    with noted(catalog, monkeypatch) as statements:
        catalog.add_artifact(build_draft(uid, "a"))
    assert len(statements) == 7


def test_a_new_version_takes_eight_since_the_one_before_is_touched(catalog, monkeypatch):
    register(catalog, "a")
    uid = catalog.reserve_uid("a")
    with noted(catalog, monkeypatch) as statements:
        catalog.add_artifact(build_draft(uid, "a"))
    assert statements[2:5] == ["UPDATE artifact", "SELECT instance.change,", "INSERT INTO"]
    assert len(statements) == 8


def test_what_a_failed_transaction_made_is_made_again(catalog):
    uid = catalog.reserve_uid("a")
    with pytest.raises(InputError):
        catalog.add_artifacts([build_draft(uid, "a", created_by="eve"), build_draft("0" * 20, "b", created_by="eve")])
    assert catalog.list_users() == ()
    artifact = catalog.add_artifact(build_draft(uid, "a", created_by="eve"))
    assert catalog.get_artifact(artifact.uid).created_by == "eve"
    assert [user.handle for user in catalog.list_users()] == ["eve"]


def test_a_uid_that_is_taken_undoes_the_transaction(catalog):
    artifact = register(catalog, "a")
    before = catalog.change_number()
    with pytest.raises(ConflictError, match=f"already an artifact {artifact.uid}"):
        catalog.add_artifact(build_draft(artifact.uid, "a", storage_url="file:///other"))
    assert catalog.change_number() == before
    assert [storage.url for storage in catalog.list_storages()] == ["file:///data"]


def test_a_database_that_refuses_is_a_storage_error(url):
    with open_catalog(url) as catalog:
        with catalog.database.write() as connection:
            connection.exec_driver_sql("DROP TABLE artifact_text")
        uid = catalog.reserve_uid("a")
        with pytest.raises(StorageError) as caught:
            catalog.add_artifact(build_draft(uid, "a"))
        assert caught.value.code == "catalog-unavailable"
        assert catalog.find_by_hash("0" * 64) == ()  # nothing of it stayed


def test_interrupted_in_the_middle_nothing_stays_and_the_catalog_goes_on(catalog, monkeypatch):
    register(catalog, "a")
    uid = catalog.reserve_uid("b")
    run, n_left = prepared._run, iter(range(4))

    def interrupt(connection, text, parameters, **options):
        if next(n_left, None) is None:
            connection.invalidate()
            raise KeyboardInterrupt
        return run(connection, text, parameters, **options)

    monkeypatch.setattr(prepared, "_run", interrupt)
    with pytest.raises(KeyboardInterrupt):
        catalog.add_artifact(build_draft(uid, "b"))
    monkeypatch.undo()
    assert catalog.count_artifacts(which="all") == 1
    assert catalog.add_artifact(build_draft(uid, "b")).uid == uid


def test_a_family_without_numbers_left_refuses_and_stays_as_it_was(catalog):
    family = catalog.reserve_uid("a")[:16]
    last = 62**4 - 1
    with catalog.database.write() as connection:
        connection.execute(update(FamilyRow).values(last_version=last - 1))
    assert catalog.reserve_uid("a") == f"{family}zzzz"
    for _ in range(2):
        with pytest.raises(InputError, match=f"Version {last + 1} is not between"):
            catalog.reserve_uid("a")


def test_keys_reserved_one_by_one_and_together_are_of_one_family(catalog):
    one = catalog.reserve_uid("a")
    two, three = catalog.reserve_uids(["a", "a"])
    four = catalog.reserve_uid("a")
    assert [uid[16:] for uid in (one, two, three, four)] == ["0001", "0002", "0003", "0004"]
    assert len({uid[:16] for uid in (one, two, three, four)}) == 1
