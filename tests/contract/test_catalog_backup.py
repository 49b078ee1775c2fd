"""A catalog that is saved and loaded is the same catalog, from every database to every database."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from blake3 import blake3
from sqlalchemy import JSON, BigInteger, Boolean, Float, Integer, String, insert, select, update

from vitrina.catalog import migrations
from vitrina.catalog.backup.load import load_backup
from vitrina.catalog.backup.save import save_backup
from vitrina.catalog.backup.tables import write_last_id
from vitrina.catalog.open import open_catalog
from vitrina.catalog.tables import ArtifactRow, InstanceRow, Row
from vitrina.catalog.tables.base import UtcDateTime
from vitrina.catalog.words import SearchText
from vitrina.errors import ConflictError, NotFoundError, StorageError, UnreadableError, UnsupportedError

N_ROWS = 4
START = datetime(2026, 1, 31, 12, 0, 0, 123456, tzinfo=UTC)
JSON_VALUES = [{"b": [1, 2.5, None, "ü"], "a": {"x": True}}, None, [], "text", 1.0]


def build_value(column, number):
    """A value of any column for the row of a number, the same each time, so that rows can refer to each other."""
    for key in column.foreign_keys:
        if key.column.table is not column.table:
            return build_value(key.column, number)
        return build_value(key.column, number - 1) if number > 1 else None
    if column.nullable and number == 2:
        return None
    return next(build(column, number) for kind, build in BUILDERS.items() if isinstance(column.type, kind))


BUILDERS = {
    UtcDateTime: lambda _, number: START + timedelta(days=number, microseconds=number),
    JSON: lambda _, number: JSON_VALUES[number % len(JSON_VALUES)],
    Boolean: lambda _, number: number % 2 == 0,
    Float: lambda _, number: number + 0.1,
    BigInteger: lambda column, number: number if column.primary_key else number + 2**40,
    Integer: lambda _, number: number,
    String: lambda column, number: (
        f"{number:0{column.type.length}d}" if column.type.length else f"{column} ü'\"\\\n{number}"
    ),
}


@pytest.fixture
def filled(catalog):
    """A catalog with rows in every table there is, whatever tables there will be."""
    with catalog.database.write() as connection:
        for table in Row.metadata.sorted_tables:
            if table is InstanceRow.__table__:
                continue
            rows = [
                {column.name: build_value(column, number) for column in table.columns} for number in range(1, N_ROWS)
            ]
            connection.execute(insert(table), rows)
        words = [(number, SearchText(title=f"lung {number}", body="grüsse")) for number in range(1, N_ROWS)]
        catalog.database.text_index.write_many(connection, words)
        connection.execute(insert(ArtifactRow), [build_artifact(number) for number in (50, 99)])
        connection.execute(ArtifactRow.__table__.delete().where(ArtifactRow.id == 99))
        for table in Row.metadata.sorted_tables:  # rows with ids of their own do not move PostgreSQL's sequences
            write_last_id(connection, table, 99 if table is ArtifactRow.__table__ else N_ROWS - 1)
    return catalog


def build_artifact(number):
    values = {column.name: build_value(column, 1) for column in ArtifactRow.__table__.columns}
    return {**values, "id": number, "uid": f"{number:020d}", "version": f"{number:04d}"}


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request):
    """An empty catalog to load into. It may lie on the same server as ``catalog``, in a database of its own."""
    if request.param == "sqlite":
        with open_catalog(f"sqlite:///{request.getfixturevalue('tmp_path') / 'target.sqlite'}") as target:
            yield target
        return
    cluster, template = request.getfixturevalue("cluster"), request.getfixturevalue("postgresql_template")
    with cluster.lend_database(template) as url, open_catalog(url) as target:
        yield target


def read_rows(catalog):
    with catalog.database.read() as connection:
        return {
            table.name: [
                dict(row._mapping) for row in connection.execute(select(table).order_by(*table.primary_key.columns))
            ]
            for table in Row.metadata.sorted_tables
        }


def read_words(catalog):
    with catalog.database.read() as connection:
        return connection.execute(catalog.database.text_index.select_words()).all()


def test_every_row_of_every_table_comes_back(filled, target, tmp_path):
    manifest = save_backup(filled.database, tmp_path / "one.zip")
    assert load_backup(target.database, tmp_path / "one.zip") == manifest
    expected = read_rows(filled)
    assert {name: len(rows) for name, rows in expected.items()} == {
        name: {"instance": 1, "artifact": N_ROWS}.get(name, N_ROWS - 1) for name in expected
    }
    assert read_rows(target) == expected
    assert read_words(target) == read_words(filled)
    assert target.change_number() == filled.change_number()


def test_saved_again_it_has_the_same_hashes(filled, target, tmp_path):
    first = save_backup(filled.database, tmp_path / "one.zip")
    load_backup(target.database, tmp_path / "one.zip")
    second = save_backup(target.database, tmp_path / "two.zip")
    assert second.tables == first.tables
    assert (second.uid, second.change, second.revision) == (first.uid, first.change, migrations.HEAD)


def test_the_text_index_answers_after_loading(filled, target, tmp_path):
    save_backup(filled.database, tmp_path / "one.zip")
    load_backup(target.database, tmp_path / "one.zip")
    with target.database.read() as connection:
        ids = connection.execute(target.database.text_index.select_ids(["lun", "grus"])).scalars().all()
    assert sorted(ids) == [1, 2, 3]


def test_ids_are_not_given_out_twice_after_loading(filled, target, tmp_path):
    """The highest artifact, 99, was deleted before; other tables end at 3."""
    save_backup(filled.database, tmp_path / "one.zip")
    load_backup(target.database, tmp_path / "one.zip")
    values = build_artifact(7)
    del values["id"]
    with target.database.write() as connection:
        assert connection.execute(insert(ArtifactRow).returning(ArtifactRow.id), values).scalar_one() == 100
    assert target.get_or_add_user("new").handle == "new"


def test_an_empty_catalog_can_be_moved_too(catalog, target, tmp_path):
    save_backup(catalog.database, tmp_path / "one.zip")
    load_backup(target.database, tmp_path / "one.zip")
    assert target.count_artifacts() == 0
    assert target.get_or_add_user("ada").handle == "ada"


def test_a_catalog_that_is_not_empty_is_left_alone(filled, target, tmp_path):
    save_backup(filled.database, tmp_path / "one.zip")
    target.reserve_uid("a")
    before = read_rows(target)
    with pytest.raises(ConflictError, match="rows in family") as caught:
        load_backup(target.database, tmp_path / "one.zip")
    assert caught.value.code == "catalog-not-empty"
    assert read_rows(target) == before


def test_users_and_storages_of_a_new_instance_make_way(filled, target, tmp_path):
    target.get_or_add_user("someone")
    target.get_or_add_storage("file:///new")
    save_backup(filled.database, tmp_path / "one.zip")
    load_backup(target.database, tmp_path / "one.zip")
    assert read_rows(target)["user"] == read_rows(filled)["user"]


def test_settings_and_the_change_number_of_the_target_are_minded(catalog, target, tmp_path):
    with target.database.write() as connection:
        connection.execute(update(InstanceRow).values(settings={"name": "new"}, change=1000))
    save_backup(catalog.database, tmp_path / "one.zip")
    load_backup(target.database, tmp_path / "one.zip")
    (instance,) = read_rows(target)["instance"]
    assert instance["settings"] == {"name": "new"}
    assert instance["change"] == 1001  # nobody may take the new rows for the old ones
    assert instance["uid"] == read_rows(catalog)["instance"][0]["uid"]


def test_what_is_written_meanwhile_is_not_in_the_backup(filled, tmp_path):
    change = filled.change_number()
    users = len(read_rows(filled)["user"])

    def write(_done, _total):
        filled.get_or_add_user(f"user {filled.change_number()}")

    manifest = save_backup(filled.database, tmp_path / "one.zip", write)
    assert manifest.change == change < filled.change_number()
    assert manifest.count("user") == users < len(read_rows(filled)["user"])


def test_progress_ends_with_all_rows(filled, target, tmp_path):
    saved, loaded = [], []
    manifest = save_backup(filled.database, tmp_path / "one.zip", lambda *told: saved.append(told))
    load_backup(target.database, tmp_path / "one.zip", lambda *told: loaded.append(told))
    assert saved[-1] == (manifest.n_rows, manifest.n_rows)
    assert loaded[-1] == (2 * manifest.n_rows, 2 * manifest.n_rows)


class TestDamage:
    """Whatever is wrong with the file, there is one clear error and the catalog stays empty."""

    @pytest.fixture
    def path(self, filled, tmp_path):
        save_backup(filled.database, tmp_path / "good.zip")
        return tmp_path / "good.zip"

    @pytest.fixture
    def empty(self, tmp_path):
        with open_catalog(f"sqlite:///{tmp_path / 'empty.sqlite'}") as empty:
            before = read_rows(empty)
            yield empty
            assert read_rows(empty) == before

    def rewrite(self, path, changes):
        """A copy of the archive with other members, where None takes one out."""
        copy = path.with_name("damaged.zip")
        with zipfile.ZipFile(path) as source, zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as damaged:
            for name in source.namelist():
                data = changes.get(name, lambda data: data)(source.read(name))
                if data is not None:
                    damaged.writestr(name, data)
        return copy

    @pytest.mark.parametrize("fraction", [0.0, 0.1, 0.5, 0.99])
    def test_a_truncated_file_is_unreadable(self, path, empty, fraction):
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * fraction)])
        with pytest.raises(UnreadableError, match="no whole backup") as caught:
            load_backup(empty.database, path)
        assert caught.value.code == "backup-damaged"

    def test_a_byte_that_changed_on_the_disk_is_unreadable(self, path, empty):
        data = bytearray(path.read_bytes())
        with zipfile.ZipFile(path) as archive:
            member = archive.getinfo("tables/artifact.jsonl")
        data[member.header_offset + 60 + member.compress_size // 2] ^= 0xFF
        path.write_bytes(data)
        with pytest.raises(UnreadableError):
            load_backup(empty.database, path)

    @pytest.mark.parametrize(
        ("name", "change"),
        [
            ("tables/user.jsonl", lambda data: data.replace(b"1", b"7", 1)),
            ("tables/user.jsonl", lambda data: data.split(b"\n", 1)[1]),
            ("tables/user.jsonl", lambda data: data + data),
            ("tables/user.jsonl", lambda _: None),
            ("tables/artifact_text.jsonl", lambda data: data.replace(b"lung", b"long")),
            ("manifest.json", lambda _: None),
            ("manifest.json", lambda _: b"[]"),
            ("manifest.json", lambda _: b"{"),
            ("manifest.json", lambda data: data.replace(b"vitrina-backup", b"something-else")),
            ("manifest.json", lambda data: data.replace(b'"user"', b'"person"')),
            ("manifest.json", lambda data: data.replace(b'"handle"', b'"nick"')),
        ],
    )
    def test_a_file_that_was_tampered_with_is_unreadable(self, path, empty, name, change):
        with pytest.raises(UnreadableError) as caught:
            load_backup(empty.database, self.rewrite(path, {name: change}))
        assert caught.value.code == "backup-damaged"

    @pytest.mark.parametrize(
        "line", [b'{"id": 1}', b"[1]", b'["x"', b'[1,null,"a",null]', b'["x","a",5,{}]', b'[7,"a","b","c"]', b"[]", b""]
    )
    def test_rows_that_are_none_leave_nothing_half_done(self, path, empty, line):
        """Even when somebody took care that the hashes fit."""
        with zipfile.ZipFile(path) as archive:
            good = archive.read("tables/user.jsonl")
        bad = good.split(b"\n", 1)[1] + line + b"\n"

        def adjust(data):
            manifest = json.loads(data)
            for table in manifest["tables"]:
                if table["name"] == "user":
                    table["hash"] = blake3(bad).hexdigest()
            return json.dumps(manifest).encode()

        damaged = self.rewrite(path, {"tables/user.jsonl": lambda _: bad, "manifest.json": adjust})
        with pytest.raises((UnreadableError, StorageError)):
            load_backup(empty.database, damaged)

    @pytest.mark.parametrize(
        ("was", "becomes", "code"),
        [
            (f'"revision":"{migrations.HEAD}"', '"revision":"9999"', "backup-newer"),
            ('"format_version":1', '"format_version":2', "backup-newer"),
            (f'"revision":"{migrations.HEAD}"', '"revision":"0001"', "backup-older"),
        ],
    )
    def test_another_version_says_what_to_do(self, path, empty, was, becomes, code):
        other = self.rewrite(path, {"manifest.json": lambda data: data.replace(was.encode(), becomes.encode())})
        with pytest.raises(UnsupportedError) as caught:
            load_backup(empty.database, other)
        assert caught.value.code == code
        assert caught.value.hint

    def test_something_else_is_unreadable(self, empty, tmp_path):
        (tmp_path / "x.zip").write_bytes(b"something else" * 100)
        with pytest.raises(UnreadableError):
            load_backup(empty.database, tmp_path / "x.zip")

    def test_a_missing_file_is_not_found(self, empty, tmp_path):
        with pytest.raises(NotFoundError):
            load_backup(empty.database, tmp_path / "absent.zip")


class TestInterruption:
    def test_a_save_that_is_interrupted_leaves_no_file(self, filled, tmp_path):
        folder = tmp_path / "backups"
        folder.mkdir()

        def interrupt(done, _total):
            if done > 5:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            save_backup(filled.database, folder / "one.zip", interrupt)
        assert list(folder.iterdir()) == []

    def test_a_load_that_is_interrupted_leaves_an_empty_catalog(self, filled, target, tmp_path):
        manifest = save_backup(filled.database, tmp_path / "one.zip")
        before = read_rows(target)

        def interrupt(done, _total):
            if done > manifest.n_rows + 10:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            load_backup(target.database, tmp_path / "one.zip", interrupt)
        assert read_rows(target) == before
        load_backup(target.database, tmp_path / "one.zip")
        assert read_rows(target) == read_rows(filled)

    def test_a_backup_never_replaces_a_file(self, catalog, tmp_path):
        (tmp_path / "one.zip").write_bytes(b"precious")
        with pytest.raises(ConflictError) as caught:
            save_backup(catalog.database, tmp_path / "one.zip")
        assert caught.value.code == "file-exists"
        assert (tmp_path / "one.zip").read_bytes() == b"precious"

    def test_a_folder_that_is_missing_is_a_storage_error(self, catalog, tmp_path):
        with pytest.raises(StorageError):
            save_backup(catalog.database, tmp_path / "absent" / "one.zip")
