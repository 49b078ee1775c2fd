"""Whatever the documents hold, the checker tells it in a few findings and raises nothing."""

import copy
import json
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ngff_documents import STORES, MemoryTree, make_group, make_image, make_image_store, make_plate_store

from vitrina.checks.limits import MAX_PER_CODE
from vitrina.checks.ngff.check import check_attributes, check_ngff
from vitrina.checks.ngff.codes import CODES
from vitrina.errors import UnreadableError

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 70),
    st.integers(min_value=10**300, max_value=10**320),
    st.floats(),
    st.text(max_size=6),
    st.sampled_from(
        ["", ".", "..", "../..", "/", "/etc", "a/../b", "x\0y", "\ud800", "C:\\x", "0", "scale", "affine", "physical"]
    ),
    st.just("n" * 5000),
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4) | st.just("type"), inner, max_size=3)
    ),
    max_leaves=5,
)


def list_places(value, place=()):
    yield place
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield from list_places(part, (*place, key))


def change(document, place, value, how):
    """Replace, remove or repeat the value at a place."""
    target = document
    for key in place[:-1]:
        target = target[key]
    if how == "remove":
        del target[place[-1]]
    elif how == "repeat" and isinstance(target, list):
        target.extend([target[place[-1]]] * 3)
    else:
        target[place[-1]] = value


def check_bounded(checked):
    assert len(checked.findings) <= (MAX_PER_CODE + 1) * 40
    assert all(finding.code in CODES and len(finding.message) < 3000 for finding in checked.findings)
    assert len({(finding.code, finding.path, finding.message) for finding in checked.findings}) == len(checked.findings)


@pytest.mark.parametrize("name", STORES)
def test_the_stores_are_valid_before_they_are_changed(name):
    checked = check_ngff(MemoryTree(STORES[name]))
    assert [finding for finding in checked.findings if finding.severity != "info"] == []


@settings(max_examples=250, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_changed_stores_raise_nothing(data):
    store = copy.deepcopy(STORES[data.draw(st.sampled_from(sorted(STORES)))])
    documents = [key for key in sorted(store) if not isinstance(store[key], bytes)]
    for _ in range(data.draw(st.integers(1, 3))):
        key = data.draw(st.sampled_from(documents))
        places = [place for place in list_places(store[key]) if place]
        if places:
            place = data.draw(st.sampled_from(places))
            how = data.draw(st.sampled_from(["replace", "remove", "repeat"]))
            change(store[key], place, data.draw(values), how)
    check_bounded(check_ngff(MemoryTree(store, can_list=data.draw(st.booleans()))))
    check_bounded(check_ngff(MemoryTree(store), is_metadata_only=True))


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(["ome", "multiscales", "plate", "well", "labels", "series", "omero"]), values))
def test_any_attributes_raise_nothing(attrs):
    check_bounded(check_attributes(attrs))
    check_bounded(check_attributes({"ome": attrs}, version="0.6"))


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(STORES)), st.randoms(use_true_random=False))
def test_damaged_bytes_raise_nothing(name, chance):
    store = {
        key: value if isinstance(value, bytes) else json.dumps(value).encode() for key, value in STORES[name].items()
    }
    key = chance.choice(sorted(store))
    damaged = bytearray(store[key])
    for _ in range(chance.randint(1, 4)):
        damaged[chance.randrange(len(damaged))] = chance.randrange(256)
    store[key] = bytes(damaged[: chance.randint(0, len(damaged))]) if chance.random() < 0.3 else bytes(damaged)
    check_bounded(check_ngff(MemoryTree(store)))


TEXTS = {
    "json-invalid": [b"", b"{", b"{'a': 1}", b"\xef\xbb\xbf{}", b'{"a": ' + b"9" * 5000 + b"}"],
    "json-not-utf8": [b'{"a": "\xff"}', '{"a": 1}'.encode("utf-16")],
    "json-too-deep": [b"[" * 100_000, b'{"a":' * 5000 + b"1" + b"}" * 5000, b"[" * 200 + b"]" * 200],
    "json-not-object": [b"[]", b"3", b"null", b'"x"'],
    "json-not-finite": [b'{"node_type": "group", "zarr_format": 3, "x": NaN}'],
    "json-key-repeated": [b'{"zarr_format": 3, "node_type": "array", "node_type": "group"}'],
}


@pytest.mark.parametrize(("code", "text"), [(code, text) for code, texts in TEXTS.items() for text in texts])
def test_a_text_that_is_no_json_is_told(code, text):
    for key in ("zarr.json", "0/zarr.json", "labels/cells/zarr.json"):
        checked = check_ngff(MemoryTree(make_image_store() | {key: text}))
        assert code in {finding.code for finding in checked.findings}


def test_attributes_that_are_nested_too_deeply_are_told():
    nested = []
    for _ in range(50_000):
        nested = [nested]
    assert [finding.code for finding in check_attributes({"multiscales": nested}).findings] == ["json-too-deep"]


def test_huge_lists_take_no_more_than_a_look_at_each_entry():
    """Twice the entries would be four times the work if each were compared with each."""
    names = [{"name": f"a{i}"} for i in range(30_000)]
    wells = [{"path": f"a{i}/a{29_999 - i}", "rowIndex": i, "columnIndex": i} for i in range(30_000)]
    checked = check_attributes({"plate": {"version": "0.4", "rows": names, "columns": names, "wells": wells}})
    assert [finding.code for finding in checked.findings].count("well-index-differs") == MAX_PER_CODE
    colors = [{"label-value": i % 15_000, "rgba": [i % 256] * 4} for i in range(30_000)]
    codes = {
        finding.code for finding in check_attributes({"image-label": {"version": "0.4", "colors": colors}}).findings
    }
    assert "label-value-repeated" in codes


def test_nothing_at_the_root_is_refused():
    with pytest.raises(UnreadableError, match="no Zarr group"):
        check_ngff(MemoryTree({"a/zarr.json": {}}))


def test_a_tree_that_fails_to_read_is_told():
    class Broken(MemoryTree):
        def get(self, key):
            if key.startswith("0/"):
                raise UnreadableError("file-unreadable", "It cannot be read: Input/output error.")
            return super().get(key)

    checked = check_ngff(Broken(make_image_store()))
    assert "metadata-unreadable" in {finding.code for finding in checked.findings}


def test_no_path_is_followed_out_of_the_store():
    store = make_image_store()
    block = store["zarr.json"]["attributes"]["ome"]
    for path in ("../secret", "/etc/passwd", "a/../../b", "C:/x", "..", "a\\..\\b", "x\0"):
        block["multiscales"][0]["datasets"][0]["path"] = path
        tree = MemoryTree(store)
        codes = {finding.code for finding in check_ngff(tree).findings}
        assert "path-illegal" in codes
        assert not any(".." in key or key.startswith("/") or ":" in key or "\0" in key for key in tree.reads)


def test_labels_of_labels_are_not_walked_forever():
    store = make_image_store()
    store["labels/zarr.json"]["attributes"]["ome"]["labels"] = ["cells", "cells/labels", ".", "cells/"]
    store["labels/cells/labels/zarr.json"] = make_group(labels=["../cells"], multiscales=[make_image()])
    tree = MemoryTree(store, can_list=True)
    check_bounded(check_ngff(tree))
    assert len(tree.reads) < 100


def test_thousands_of_wells_are_walked_once_each():
    store = make_plate_store(26, 60, 1)
    tree = MemoryTree(store)
    checked = check_ngff(tree)
    assert {finding.severity for finding in checked.findings} <= {"info"}
    assert len(tree.reads) < 8 * 26 * 60


def test_thousands_of_missing_wells_are_a_few_findings():
    store = make_plate_store(26, 60, 1)
    checked = check_ngff(MemoryTree({"zarr.json": store["zarr.json"]}))
    codes = [finding.code for finding in checked.findings]
    assert codes.count("well-missing") == MAX_PER_CODE
    assert any("1,540 further findings with the code well-missing" in finding.message for finding in checked.findings)


def test_the_same_store_gives_the_same_findings():
    store = make_image_store()
    places = [place for place in list_places(store["zarr.json"]) if place]
    for place in random.Random(0).sample(places, 10):  # noqa: S311 a sample, no secret
        broken = copy.deepcopy(store)
        change(broken["zarr.json"], place, None, "replace")
        assert check_ngff(MemoryTree(broken)) == check_ngff(MemoryTree(broken))
