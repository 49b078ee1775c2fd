"""Points in Parquet: valid files have no errors; one broken MUST is told by the code that names it."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import samples
from formats_datasets import list_codes, list_errors

from vitrina.checks.formats.points import check_points, check_points_here
from vitrina.errors import UnreadableError
from vitrina.readers.source import open_source


def build_frame(n_rows=100):
    return pd.DataFrame(
        {
            "x": np.linspace(0, 9, n_rows),
            "y": np.linspace(0, 9, n_rows),
            "z": np.arange(n_rows, dtype="i4"),
            "gene": pd.Categorical(["a", "b"] * (n_rows // 2)),
        }
    )


@pytest.mark.parametrize("row_group_size", [7, 1000])
def test_a_file_of_points_is_valid(tmp_path, row_group_size):
    build_frame().to_parquet(tmp_path / "points.parquet", row_group_size=row_group_size)
    checked = check_points(open_source(tmp_path / "points.parquet"))
    assert (checked.kind, checked.version, checked.findings) == ("points", None, ())


def test_a_folder_of_files_is_one_table(tmp_path):
    for i in range(3):
        build_frame().to_parquet(tmp_path / f"part.{i}.parquet")
    assert list_codes(check_points, tmp_path) == set()


def test_positions_may_go_by_the_names_that_vendors_give_them():
    sample = samples.get("visium-hd-tiny/outs/binned_outputs/square_008um/spatial/tissue_positions.parquet")
    assert list_errors(check_points, sample) == []


def lose(column):
    return lambda frame: frame.drop(columns=column)


def set_column(name, values):
    return lambda frame: frame.assign(**{name: values})


BROKEN = {
    "no x": (lose("x"), "coordinate-missing", "points.parquet#/x"),
    "no y": (lose("y"), "coordinate-missing", "points.parquet#/y"),
    "x that is text": (set_column("x", "here"), "coordinate-dtype", "points.parquet#/x"),
    "z that is text": (set_column("z", "up"), "coordinate-dtype", "points.parquet#/z"),
    "a missing y": (
        set_column("y", pd.array([None, *range(99)], dtype="Int64")),
        "coordinate-null",
        "points.parquet#/y",
    ),
    "an infinite x": (set_column("x", [np.inf, *range(99)]), "coordinate-not-finite", "points.parquet#/x"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_one_broken_must_is_told_by_the_code_that_names_it(tmp_path, name):
    change, code, where = BROKEN[name]
    path = tmp_path / "points.parquet"
    change(build_frame()).to_parquet(path)
    assert list_errors(check_points_here, path) == [(code, where)]


def test_files_of_one_table_must_be_alike(tmp_path):
    build_frame().to_parquet(tmp_path / "part.0.parquet")
    build_frame().drop(columns="gene").to_parquet(tmp_path / "part.1.parquet")
    assert list_errors(check_points_here, tmp_path) == [("parquet-schema-differs", "part.1.parquet#")]


def test_a_damaged_file_among_others_is_told(tmp_path):
    build_frame().to_parquet(tmp_path / "part.0.parquet")
    content = (tmp_path / "part.0.parquet").read_bytes()
    (tmp_path / "part.1.parquet").write_bytes(content[:-50])
    assert list_errors(check_points_here, tmp_path) == [("parquet-unreadable", "part.1.parquet#")]


def test_a_column_behind_the_end_is_told(tmp_path):
    """The footer is kept, the pages before it are cut out, so that it speaks of bytes that are not there."""
    path = tmp_path / "points.parquet"
    build_frame(10_000).to_parquet(path, compression=None)
    content = path.read_bytes()
    n_footer = int.from_bytes(content[-8:-4], "little") + 8
    path.write_bytes(content[:8] + content[-n_footer:])
    assert {code for code, _ in list_errors(check_points_here, path)} == {"parquet-outside"}


def test_a_table_without_rows_is_a_warning(tmp_path):
    path = tmp_path / "points.parquet"
    pq.write_table(pa.table({"x": pa.array([], pa.float64()), "y": pa.array([], pa.float64())}), path)
    assert list_codes(check_points_here, path) == {"element-empty"}
    assert list_errors(check_points_here, path) == []


@pytest.mark.parametrize("content", [b"", b"hello world", b"PAR1" + bytes(40), b"PAR1" + b"\xff" * 40 + b"PAR1"])
def test_what_is_no_parquet_cannot_be_read(tmp_path, content):
    path = tmp_path / "points.parquet"
    path.write_bytes(content)
    with pytest.raises(UnreadableError):
        check_points(open_source(path))


def test_a_folder_without_parquet_cannot_be_read(tmp_path):
    with pytest.raises(UnreadableError):
        check_points(open_source(tmp_path))
