from __future__ import annotations

from vitrina.lamindb.drafts import build_transform_uid, list_keys

UID = "QJIEPniRe24YZD510002"


def test_a_family_keeps_its_key_and_falls_back_to_one_with_its_uid():
    assert list_keys(uid=UID, key="tables/a.ome.tif", suffix=".ome.tif") == (
        "tables/a.ome.tif",
        "tables/a~QJIE.ome.tif",
        "tables/a~QJIEPniRe24YZD51.ome.tif",
    )


def test_a_key_without_a_suffix_or_with_a_leading_dot_gets_the_uid_at_its_end():
    assert list_keys(uid=UID, key="scans/one", suffix="")[1] == "scans/one~QJIE"
    assert list_keys(uid=UID, key=".hidden", suffix="")[1] == ".hidden~QJIE"


def test_without_a_key_the_uid_is_the_name():
    assert list_keys(uid=UID, key=None, suffix=".txt") == ("QJIEPniRe24YZD51.txt",)


def test_the_uid_of_code_keeps_its_family_at_the_beginning_and_its_version_at_the_end():
    assert build_transform_uid("Gj7JpfcZHZBZ0001") == "Gj7JpfcZHZBZ" + "0000" + "0001"
