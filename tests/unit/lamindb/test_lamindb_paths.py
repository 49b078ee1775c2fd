"""Where LaminDB keeps bytes. Expected values are from its ``auto_storage_key_from_artifact``, worked out by hand."""

from __future__ import annotations

import pytest

from vitrina.lamindb.artifacts import build_storage_key

UID = "QJIEPniRe24YZD510002"


def build(**changes):
    fields = {
        "uid": UID,
        "key": "tables/a.parquet",
        "suffix": ".parquet",
        "real_key": None,
        "key_is_virtual": True,
        "overwrites": False,
    }
    return build_storage_key(**(fields | changes))


def test_bytes_lie_under_the_uid_and_suffix_while_the_key_is_only_a_name():
    assert build() == f".lamindb/{UID}.parquet"


def test_versions_that_overwrite_each_other_share_the_path_of_their_family():
    assert build(overwrites=True, suffix="") == ".lamindb/QJIEPniRe24YZD51"


def test_a_key_that_is_a_path_is_where_the_bytes_lie():
    assert build(key_is_virtual=False) == "tables/a.parquet"


def test_an_artifact_without_a_key_lies_under_its_uid_whatever_its_key_would_have_been():
    assert build(key=None, key_is_virtual=False) == f".lamindb/{UID}.parquet"


@pytest.mark.parametrize("is_virtual", [True, False])
def test_a_recorded_path_wins_over_everything(is_virtual):
    assert build(real_key="raw/b.parquet", key_is_virtual=is_virtual, overwrites=True) == "raw/b.parquet"
