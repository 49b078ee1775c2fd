from pathlib import Path

import pytest

from vitrina.errors import InputError, NotFoundError
from vitrina.settings import build_settings, find_root, read_settings, write_settings


def test_settings_come_back_as_they_were_written(tmp_path):
    settings = build_settings(tmp_path / 'a "quoted" name')
    write_settings(settings)
    assert read_settings(settings.root) == settings


def test_a_new_instance_uses_sqlite_and_a_folder(tmp_path):
    settings = build_settings(tmp_path)
    assert settings.database_url == f"sqlite:///{tmp_path}/.vitrina/catalog.sqlite"
    assert settings.storage_url == (tmp_path / "data").as_uri()


def test_a_folder_without_settings_is_no_instance_and_the_error_names_init(tmp_path):
    with pytest.raises(NotFoundError, match="vitrina init"):
        read_settings(tmp_path)


@pytest.mark.parametrize("text", ["name = ", "name = 'only'", "\udcff"])
def test_damaged_settings_are_an_input_error(tmp_path, text):
    (tmp_path / ".vitrina").mkdir()
    (tmp_path / ".vitrina" / "settings.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(InputError, match="cannot be read as settings"):
        read_settings(tmp_path)


class TestTheInstanceToWorkWith:
    """The order is a contract: named, environment, nearest folder above, last one, error."""

    @pytest.fixture
    def nested(self, tmp_path):
        write_settings(build_settings(tmp_path / "lab"))
        inner = tmp_path / "lab" / "deep" / "inside"
        inner.mkdir(parents=True)
        return inner

    def test_is_the_named_one_first(self, nested):
        environ = {"VITRINA_INSTANCE": "/from/environment"}
        assert find_root("/named", environ, nested, Path("/last")) == Path("/named")

    def test_then_the_one_in_the_environment(self, nested):
        environ = {"VITRINA_INSTANCE": "/from/environment"}
        assert find_root(None, environ, nested, Path("/last")) == Path("/from/environment")

    def test_then_the_nearest_folder_above(self, nested):
        assert find_root(None, {}, nested, Path("/last")) == nested.parents[1]

    def test_then_the_last_one(self, tmp_path):
        assert find_root(None, {}, tmp_path, Path("/last")) == Path("/last")

    def test_else_an_error_names_init(self, tmp_path):
        with pytest.raises(NotFoundError, match="vitrina init"):
            find_root(None, {}, tmp_path, None)
