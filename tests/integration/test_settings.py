from __future__ import annotations

import os
from pathlib import Path

import pytest

from vitrina.errors import InputError, NotFoundError, UnsupportedError
from vitrina.place import find_place, parse_place, read_last_place, write_last_place
from vitrina.settings import (
    SettingsFile,
    SharedSettings,
    build_own_database_url,
    build_settings,
    build_shared_settings,
    read_settings_file,
    write_settings_file,
)


def make_instance(root):
    write_settings_file(
        root, SettingsFile(database_url=build_own_database_url(root), shared=build_shared_settings(root))
    )


@pytest.mark.parametrize(
    "shared",
    [
        None,
        SharedSettings(name='a "quoted" ü', storage_url="file:///data"),
        SharedSettings(name="a", storage_url="file:///d", public_url="https://lab", allowed_hosts=("a.lab", "b.lab")),
        SharedSettings(name="a", storage_url="file:///d", chunk_cache_bytes=0),
    ],
)
def test_settings_come_back_as_they_were_written(tmp_path, shared):
    file = SettingsFile(database_url="postgresql://ada@db.lab/vitrina", shared=shared)
    write_settings_file(tmp_path / "new", file)
    assert read_settings_file(tmp_path / "new") == file


def test_a_new_instance_uses_sqlite_and_a_folder(tmp_path):
    make_instance(tmp_path)
    file = read_settings_file(tmp_path)
    assert file.database_url == f"sqlite:///{tmp_path}/.vitrina/catalog.sqlite"
    assert file.shared == SharedSettings(name=tmp_path.name, storage_url=(tmp_path / "data").as_uri())


def test_a_file_with_a_password_is_for_its_owner_only(tmp_path):
    before = os.umask(0)
    try:
        write_settings_file(tmp_path, SettingsFile(database_url="postgresql://ada:secret@db/vitrina", shared=None))
        assert (tmp_path / ".vitrina" / "settings.toml").stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(before)


def test_a_password_is_not_in_the_repr():
    shared = SharedSettings(name="a", storage_url="file:///data")
    url = "postgresql://ada:secret@db/vitrina"
    assert "secret" not in repr(build_settings(Path("/lab"), url, shared))
    assert "secret" not in repr(SettingsFile(database_url=url, shared=shared))


def test_a_folder_without_settings_is_no_instance_and_the_error_names_init(tmp_path):
    with pytest.raises(NotFoundError, match="vitrina init"):
        read_settings_file(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "name = ",
        "name = 'only'",
        "\udcff",
        "name = 'a'\nstorage_url = 'b'\ndatabase_url = 'c'\nchunk_cache_bytes = 'much'",
    ],
)
def test_damaged_settings_are_an_input_error(tmp_path, text):
    (tmp_path / ".vitrina").mkdir()
    (tmp_path / ".vitrina" / "settings.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(InputError, match="cannot be read as settings"):
        read_settings_file(tmp_path)


class TestTheInstanceToWorkWith:
    """The order is a contract: named, environment, nearest folder above, last one, error."""

    @pytest.fixture
    def nested(self, tmp_path):
        make_instance(tmp_path / "lab")
        inner = tmp_path / "lab" / "deep" / "inside"
        inner.mkdir(parents=True)
        return inner

    def test_is_the_named_one_first(self, nested):
        environ = {"VITRINA_INSTANCE": "/from/environment"}
        assert find_place("/named", environ, nested, Path("/last")) == Path("/named")

    def test_then_the_one_in_the_environment(self, nested):
        environ = {"VITRINA_INSTANCE": "/from/environment"}
        assert find_place(None, environ, nested, Path("/last")) == Path("/from/environment")

    def test_then_the_nearest_folder_above(self, nested):
        assert find_place(None, {}, nested, Path("/last")) == nested.parents[1]

    def test_then_the_last_one(self, tmp_path):
        assert find_place(None, {}, tmp_path, Path("/last")) == Path("/last")

    def test_else_an_error_names_init(self, tmp_path):
        with pytest.raises(NotFoundError, match="vitrina init"):
            find_place(None, {}, tmp_path, None)

    def test_can_be_a_database(self, nested):
        url = "postgresql://ada@db.lab/vitrina"
        assert find_place(url, {}, nested, None) == url
        assert find_place(None, {"VITRINA_INSTANCE": url}, nested, None) == url

    @pytest.mark.parametrize("url", ["https://hub.lab", "mysql://ada:secret@db/vitrina", "s3://bucket"])
    def test_cannot_be_another_url(self, url):
        with pytest.raises(UnsupportedError) as caught:
            parse_place(url)
        assert caught.value.code == "instance-url-unsupported"
        assert "secret" not in str(caught.value)


class TestTheLastInstance:
    def test_is_remembered_as_long_as_it_is_there(self, tmp_path):
        assert read_last_place() is None
        make_instance(tmp_path / "lab")
        write_last_place(tmp_path / "lab")
        assert read_last_place() == tmp_path / "lab"
        (tmp_path / "lab" / ".vitrina" / "settings.toml").unlink()
        assert read_last_place() is None

    def test_can_be_a_database(self):
        write_last_place("postgresql://ada@db.lab/vitrina")
        assert read_last_place() == "postgresql://ada@db.lab/vitrina"

    @pytest.mark.parametrize("url", ["postgresql://ada:secret@db/vitrina", "postgresql://db/vitrina?password=secret"])
    def test_is_not_remembered_with_a_password(self, url):
        write_last_place("postgresql://ada@db.lab/vitrina")
        write_last_place(url)
        assert read_last_place() == "postgresql://ada@db.lab/vitrina"
