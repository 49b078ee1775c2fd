"""What is compared without reading anything."""

from dataclasses import replace

import pytest

from vitrina.model.content import Axis, Channel, Column, Content, ImageElement, Level, TableElement
from vitrina.model.difference import ContentChange, FileChange
from vitrina.model.finding import Finding
from vitrina.storage.hashing import HashedFile
from vitrina.verbs.diff import compare_contents, compare_files

TABLE = TableElement(
    name="table",
    path="tables/table",
    n_obs=10,
    n_vars=3,
    obs_columns=(Column(name="batch", dtype="category"), Column(name="n_counts", dtype="int64")),
    layers=("raw",),
)
IMAGE = ImageElement(
    name="he",
    path="images/he",
    axes=(Axis(name="y", type="space", unit="micrometer"), Axis(name="x", type="space", unit="micrometer")),
    dtype="uint8",
    levels=(Level(path="0", shape=(8, 9), chunk_shape=None, scale=(0.5, 0.5), translation=(0.0, 0.0)),),
    channels=(Channel(name="DAPI", color_rgb=(0, 0, 255), window=(0.0, 255.0)),),
)
CONTENT = Content(format="spatialdata", elements=(TABLE, IMAGE))


def compare(**changes):
    table = replace(TABLE, **changes)
    return [
        (one.kind, one.path, one.old, one.new)
        for one in compare_contents(CONTENT, replace(CONTENT, elements=(table, IMAGE)))
    ]


def hashed(name, size_bytes=1, hash_="aa"):
    return HashedFile(name=name, size_bytes=size_bytes, hash=hash_)


def test_the_same_content_has_no_changes():
    assert list(compare_contents(CONTENT, CONTENT)) == []


def test_a_number_that_changed_is_told_with_both_values():
    assert compare(n_obs=12) == [("changed", "elements/table/n_obs", 10, 12)]


def test_columns_are_matched_by_name_and_not_by_place():
    swapped = tuple(reversed(TABLE.obs_columns))
    assert compare(obs_columns=swapped) == []
    added = (*swapped, Column(name="score", dtype="float32"))
    ((kind, path, old, new),) = compare(obs_columns=added)
    assert (kind, path, old, new["dtype"]) == ("added", "elements/table/obs_columns/score", None, "float32")
    assert compare(obs_columns=(Column(name="batch", dtype="string"), TABLE.obs_columns[1])) == [
        ("changed", "elements/table/obs_columns/batch/dtype", "category", "string")
    ]


def test_the_last_column_that_goes_is_removed_and_not_changed():
    kinds = [(kind, path) for kind, path, _, _ in compare(obs_columns=())]
    assert kinds == [
        ("removed", "elements/table/obs_columns/batch"),
        ("removed", "elements/table/obs_columns/n_counts"),
    ]


def test_plain_lists_are_compared_as_a_whole():
    assert compare(layers=("raw", "norm")) == [("changed", "elements/table/layers", ["raw"], ["raw", "norm"])]


def test_an_element_that_comes_or_goes_is_one_change():
    without = replace(CONTENT, elements=(TABLE,))
    (change,) = compare_contents(without, CONTENT)
    assert (change.kind, change.path, change.new["kind"]) == ("added", "elements/he", "image")
    (change,) = compare_contents(CONTENT, without)
    assert isinstance(change, ContentChange)
    assert (change.kind, change.old["kind"], change.new) == ("removed", "image", None)


def test_findings_are_no_content():
    finding = Finding(code="x", severity="info", path="", message="x")
    assert list(compare_contents(CONTENT, replace(CONTENT, findings=(finding,)))) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([], [], []),
        ([hashed("a")], [hashed("a")], []),
        ([], [hashed("a", 3)], [FileChange(path="a", kind="added", old_size_bytes=None, new_size_bytes=3)]),
        ([hashed("a", 3)], [], [FileChange(path="a", kind="removed", old_size_bytes=3, new_size_bytes=None)]),
        (
            [hashed("a", 3, "aa")],
            [hashed("a", 3, "bb")],
            [FileChange(path="a", kind="changed", old_size_bytes=3, new_size_bytes=3)],
        ),
    ],
)
def test_files_are_matched_by_path_and_compared_by_hash(old, new, expected):
    assert list(compare_files(old, new)) == expected


def test_changes_of_files_come_by_path():
    changes = compare_files([hashed("b"), hashed("d")], [hashed("c"), hashed("a")])
    assert [(one.path, one.kind) for one in changes] == [
        ("a", "added"),
        ("b", "removed"),
        ("c", "added"),
        ("d", "removed"),
    ]
