import anndata as ad
import numpy as np
import pandas as pd
import pyarrow.csv
import pytest
from sqlalchemy import event

from vitrina.catalog import prepared
from vitrina.errors import InputError, StorageError, UnreadableError, UnsupportedError
from vitrina.verbs.init import init


@pytest.fixture
def instance(tmp_path):
    return init(tmp_path / "lab").instance


def list_stored(instance):
    root = instance.settings.root / "data"
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()) if root.exists() else []


def build_adata(n_obs=4):
    return ad.AnnData(
        np.eye(n_obs, 3, dtype=np.float32),
        obs=pd.DataFrame(index=[f"c{i}" for i in range(n_obs)]),
        var=pd.DataFrame(index=["g0", "g1", "g2"]),
    )


def test_bytes_lie_unchanged_under_uid_and_name(instance, tmp_path):
    path = tmp_path / "notes.txt"
    path.write_bytes(b"hello")
    artifact = instance.add(path, key="a/b").artifact
    assert artifact.storage_key == f"{artifact.uid}/notes.txt"
    assert instance.get_path(artifact).read_bytes() == b"hello"
    # printf hello | b3sum
    assert artifact.hash == "ea8f163db38682925e4491c5e58d4bb3506ef8c14eb78a86e908c5624a67200f"


def test_a_damaged_file_is_refused_and_nothing_is_stored(instance, tmp_path):
    path = tmp_path / "a.h5ad"
    build_adata().write_h5ad(path)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(UnreadableError):
        instance.add(path)
    assert list_stored(instance) == []
    assert instance.find().total == 0


def test_when_the_catalog_refuses_the_bytes_are_removed_again(instance, tmp_path, monkeypatch):
    path = tmp_path / "notes.txt"
    path.write_bytes(b"hello")

    def refuse(_draft, _annotations):
        raise StorageError("database-full", "The disk is full.")

    monkeypatch.setattr(instance.catalog, "add_artifact", refuse)
    with pytest.raises(StorageError, match="disk is full"):
        instance.add(path)
    assert list_stored(instance) == []


@pytest.mark.parametrize("key", ["../outside", "/absolute", "a//b", "a/./b", ""])
def test_a_key_that_could_leave_the_storage_is_refused(instance, tmp_path, key):
    path = tmp_path / "notes.txt"
    path.write_bytes(b"hello")
    if key == "":
        assert instance.add(path, key=key).artifact.key == "notes.txt"
        return
    with pytest.raises(InputError, match="is not a key"):
        instance.add(path, key=key)


def test_an_object_is_written_in_the_format_of_its_key(instance):
    as_h5ad = instance.add_object(build_adata(), key="a.h5ad").artifact
    as_zarr = instance.add_object(build_adata(), key="a.zarr").artifact
    assert (as_h5ad.format, as_h5ad.content.container) == ("anndata", "hdf5")
    assert (as_zarr.format, as_zarr.is_folder) == ("anndata", True)
    assert instance.load(as_zarr).shape == (4, 3)


def test_a_data_frame_becomes_a_table(instance):
    frame = pd.DataFrame({"x": [1.0, 2.0], "name": ["a", "b"]})
    artifact = instance.add_object(frame, key="t.parquet").artifact
    assert artifact.format == "table"
    pd.testing.assert_frame_equal(instance.load(artifact), frame, check_dtype=False)


def test_an_object_of_another_class_is_unsupported_and_the_known_ones_are_named(instance):
    with pytest.raises(UnsupportedError, match="AnnData"):
        instance.add_object({"a": 1}, key="a.json")


def test_what_is_written_for_an_object_is_removed_afterwards(instance):
    instance.add_object(build_adata(), key="a.h5ad")
    assert [path.name for path in instance.settings.cache.iterdir() if path.name.startswith("write-")] == []


def test_registered_in_place_bytes_are_read_where_they_lie(instance, tmp_path):
    path = tmp_path / "outside" / "a.h5ad"
    path.parent.mkdir()
    build_adata().write_h5ad(path)
    artifact = instance.add(path, in_place=True).artifact
    assert not instance.is_managed(artifact)
    assert instance.get_path(artifact) == path
    assert list_stored(instance) == []
    assert instance.add(path, in_place=True).is_new is False


def test_bytes_that_are_gone_are_a_storage_error_that_says_where_they_were(instance, tmp_path):
    path = tmp_path / "a.h5ad"
    build_adata().write_h5ad(path)
    artifact = instance.add(path, in_place=True).artifact
    path.unlink()
    with pytest.raises(StorageError, match="are not at"):
        instance.get_path(artifact)


@pytest.fixture
def counted(instance, monkeypatch):
    """The first words of the statements that are run meanwhile, through SQLAlchemy or beside it."""
    statements = []
    run = prepared._run

    def note_run(connection, text, *arguments, **options):
        statements.append(text.split()[0])
        return run(connection, text, *arguments, **options)

    def note_event(_connection, _cursor, text, *_):
        statements.append(text.split()[0])

    monkeypatch.setattr(prepared, "_run", note_run)
    event.listen(instance.catalog.database.engine, "before_cursor_execute", note_event)
    return statements


def write_table(path, n_rows=3):
    path.write_text("sample,dose\n" + "".join(f"s{row},{row}.25\n" for row in range(n_rows)))
    return path


def test_a_small_file_takes_ten_statements_of_which_five_write(instance, tmp_path, counted):
    instance.add(write_table(tmp_path / "first.csv"))  # makes the user and the storage
    counted.clear()
    instance.add(write_table(tmp_path / "second.csv", n_rows=40))
    # is it there, is something as large there; is it there by now; a uid; the artifact, its content and its words
    looked, reserved, registered = ["SELECT"] * 3, ["UPDATE", "INSERT"], ["UPDATE", "SELECT", *["INSERT"] * 3]
    assert counted == [*looked, *reserved, *registered]


def test_the_same_bytes_under_the_same_key_write_nothing(instance, tmp_path, counted):
    path = write_table(tmp_path / "a.csv")
    artifact = instance.add(path).artifact
    counted.clear()
    again = instance.add(path)
    assert (again.artifact, again.is_new) == (artifact, False)
    assert set(counted) == {"SELECT"}


def test_a_text_table_that_fits_into_a_block_is_parsed_once(instance, tmp_path, monkeypatch):
    n_parsed, open_csv = [], pyarrow.csv.open_csv

    def note(*arguments, **options):
        n_parsed.append(1)
        return open_csv(*arguments, **options)

    monkeypatch.setattr(pyarrow.csv, "open_csv", note)
    path = tmp_path / "cells.csv"
    path.write_text("cell,x,y\na,1,2\nb,-3,4.5\nc,,9\n")
    (table,) = instance.add(path).artifact.content.elements
    assert len(n_parsed) == 1
    assert (table.n_obs, table.position_columns) == (3, ("x", "y"))
    assert table.extent_xy == (-3.0, 2.0, 1.0, 4.5)  # of the rows that have both
