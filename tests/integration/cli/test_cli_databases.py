"""An instance whose catalog is in a database of its own choice, and backups, as a user has them."""

from __future__ import annotations

import pytest

import vitrina as vt
from vitrina.verbs.connect import open_instance


@pytest.fixture
def database_url(cluster):
    with cluster.lend_database() as url:
        yield url


@pytest.fixture(autouse=True)
def _own_caches(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))


@pytest.fixture
def table(tmp_path):
    (tmp_path / "cells.csv").write_text("cell,area\n1,20.5\n")
    return tmp_path / "cells.csv"


def list_keys(vitrina, *arguments):
    return [item["key"] for item in vitrina(*arguments, "find", "--json").json["items"]]


class TestADatabaseAsInstance:
    @pytest.fixture
    def lab(self, vitrina, database_url, tmp_path, table):
        assert vitrina("init", tmp_path / "lab", "--db", database_url).code == 0
        assert vitrina("--instance", tmp_path / "lab", "add", table, "--key", "cells.csv").code == 0
        return tmp_path / "lab"

    def test_it_is_found_by_folder_by_url_and_by_the_environment(self, vitrina, lab, database_url, monkeypatch):
        assert list_keys(vitrina, "--instance", lab) == ["cells.csv"]
        assert list_keys(vitrina, "--instance", database_url) == ["cells.csv"]
        monkeypatch.setenv("VITRINA_INSTANCE", database_url)
        assert list_keys(vitrina) == ["cells.csv"]

    def test_its_name_and_storage_are_in_the_database(self, vitrina, lab, database_url, table):
        assert (lab / ".vitrina" / "settings.toml").read_text() == f'database_url = "{database_url}"\n'
        by_url, by_folder = open_instance(database_url).settings, open_instance(lab).settings
        assert (by_url.name, by_url.storage_url) == (by_folder.name, by_folder.storage_url)
        assert by_url.name == "lab"
        assert by_url.root != by_folder.root == lab
        assert vitrina("--instance", database_url, "add", table, "--key", "by-url.csv").code == 0
        assert len(list((lab / "data").iterdir())) >= 2

    @pytest.mark.usefixtures("lab")
    def test_python_connects_to_the_url(self, database_url):
        assert vt.connect(database_url).show("cells.csv").key == "cells.csv"
        assert vt.DB(database_url).Artifact.get("cells.csv").key == "cells.csv"

    @pytest.mark.usefixtures("lab")
    def test_a_second_folder_is_the_same_instance(self, vitrina, database_url, tmp_path):
        assert vitrina("init", tmp_path / "desk", "--db", database_url).code == 0
        assert list_keys(vitrina, "--instance", tmp_path / "desk") == ["cells.csv"]
        ran = vitrina("init", tmp_path / "other", "--db", database_url, "--storage", "file:///elsewhere")
        assert (ran.code, "instance-exists" in ran.err) == (4, True)
        assert not (tmp_path / "other").exists()

    def test_another_database_for_the_same_folder_is_a_conflict(self, vitrina, lab):
        ran = vitrina("init", lab, "--db", "postgresql://ada:secret@db/other")
        assert (ran.code, "instance-exists" in ran.err, "secret" in ran.err) == (4, True, False)

    def test_a_database_that_is_no_instance_says_how_to_make_it_one(self, vitrina, database_url):
        ran = vitrina("--instance", database_url, "find")
        assert (ran.code, "vitrina init DIR --db URL" in ran.err) == (3, True)

    def test_a_database_that_cannot_be_reached_makes_no_folder(self, vitrina, tmp_path):
        ran = vitrina("init", tmp_path / "new", "--db", "postgresql://ada:secret@127.0.0.1:1/lab")
        assert (ran.code, "secret" in ran.err) == (7, False)
        assert not (tmp_path / "new").exists()

    def test_sqlite_elsewhere_is_an_instance_too(self, vitrina, tmp_path):
        url = f"sqlite:///{tmp_path / 'c.sqlite'}"
        assert vitrina("init", tmp_path / "lab", "--db", url).code == 0
        assert list_keys(vitrina, "--instance", url) == []


class TestBackups:
    def test_a_catalog_moves_to_postgresql_and_back(self, vitrina, database_url, tmp_path, table):
        old, new, back = (tmp_path / name for name in ("old", "new", "back"))
        storage = ("--storage", (old / "data").as_uri())
        assert vitrina("init", old).code == 0
        uid = vitrina("--instance", old, "add", table, "--key", "cells.csv", "--json").json[0]["uid"]
        assert "1 artifact " in vitrina("--instance", old, "backup", "save", "one.zip").out
        assert vitrina("init", new, "--db", database_url, *storage).code == 0
        assert "1 artifact " in vitrina("--instance", new, "backup", "load", "one.zip").out
        assert vitrina("--instance", new, "show", uid).code == 0
        saved = vitrina("--instance", database_url, "backup", "save", "two.zip", "--json").json
        assert saved["n_artifacts"] == 1
        assert vitrina("init", back, *storage).code == 0
        assert vitrina("--instance", back, "backup", "load", "two.zip", "--json").json["n_rows"] == saved["n_rows"]
        moved = open_instance(back)
        assert moved.get_path(moved.show(uid)).read_text() == table.read_text()

    def test_mistakes_have_their_exit_codes(self, vitrina, tmp_path, table):
        vitrina("init", tmp_path / "lab")
        vitrina("--instance", tmp_path / "lab", "add", table, "--key", "a")
        save = ("--instance", tmp_path / "lab", "backup", "save", "one.zip")
        load = ("--instance", tmp_path / "lab", "backup", "load")
        assert [vitrina(*save).code, vitrina(*save).code] == [0, 4]
        assert vitrina(*load, "one.zip").code == 4
        assert vitrina(*load, "absent.zip").code == 3
        assert vitrina(*load, table).code == 2
