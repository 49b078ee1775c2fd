"""Stores in which one MUST is broken are found broken, by the code that names it.

The stores are written by ome-zarr-py and ngff-zarr; what breaks them follows the text of the specification.
"""

import re

import pytest
from ngff_breaks import list_breaks
from ngff_stores import (
    Store,
    build_collection,
    build_scene,
    find_codes,
    write_image_by_ngff_zarr,
    write_image_by_ome_zarr_py,
    write_plate_by_ome_zarr_py,
)

BREAKS = list_breaks()


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    root = tmp_path_factory.mktemp("stores")
    made = {}
    for version in ("0.4", "0.5"):
        image = write_image_by_ome_zarr_py(root / f"image-{version}", version)
        plate = write_plate_by_ome_zarr_py(root / f"plate-{version}", version)
        stack = write_image_by_ngff_zarr(root / f"stack-{version}", version)
        made["image", version] = Store.read(image, version)
        made["plate", version] = Store.read(plate, version)
        made["stack", version] = Store.read(stack, version)
        made["collection", version] = build_collection(made["stack", version], with_series=True)
        made["numbered", version] = build_collection(made["stack", version], with_series=False)
    made["stack", "0.6"] = Store.read(write_image_by_ngff_zarr(root / "stack-0.6", "0.6"), "0.6")
    made["scene", "0.6"] = build_scene(made["stack", "0.6"])
    return made


def test_the_stores_are_valid_before_they_are_broken(stores):
    assert {key: find_codes(store.check()) for key, store in stores.items()} == {key: set() for key in stores}


def test_there_are_many_kinds_of_breaks():
    assert len({code for *_, code in BREAKS}) >= 60
    assert len(BREAKS) >= 200


@pytest.mark.parametrize("broken", BREAKS, ids=[f"{kind}-{version}-{name}" for kind, version, name, *_ in BREAKS])
def test_a_broken_must_is_named(stores, broken):
    kind, version, _, change, code = broken
    store = stores[kind, version].copy()
    change(store)
    checked = store.check()
    assert code in find_codes(checked)


def test_the_first_error_of_most_breaks_is_the_only_one(stores):
    n_alone = 0
    for kind, version, _, change, code in BREAKS:
        store = stores[kind, version].copy()
        change(store)
        n_alone += find_codes(store.check()) == {code}
    assert n_alone / len(BREAKS) > 0.85


def test_every_finding_is_a_whole_sentence_at_a_place(stores):
    for kind, version, _, change, _ in BREAKS:
        store = stores[kind, version].copy()
        change(store)
        for finding in store.check().findings:
            assert re.fullmatch(r"[^#]*#(/.*)?", finding.path), finding
            assert re.search(r"\b(expected|recommended|usual)\b.*\.$", finding.message), finding
            assert finding.fix is None or finding.fix.endswith("."), finding
