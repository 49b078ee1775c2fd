"""Versions: where the specification has them. https://ngff.openmicroscopy.org/0.4/, https://ngff.openmicroscopy.org/0.5/"""

import pytest

from vitrina.checks.fix.draft import Draft
from vitrina.checks.fix.versions import repair_version

IMAGE = {"axes": [{"name": "y"}, {"name": "x"}], "datasets": []}


def repair(attrs, zarr_format):
    draft = Draft("", attrs)
    repair_version(draft, zarr_format)
    return draft.attrs, [code for one in draft.repairs for code in one.codes]


@pytest.mark.parametrize("stated", [None, 0.4, "0.5"])
def test_zarr_2_states_04_in_each_block(stated):
    version = {} if stated is None else {"version": stated}
    found, codes = repair({"multiscales": [{**IMAGE, **version}], "image-label": version}, 2)
    assert found["multiscales"][0]["version"] == found["image-label"]["version"] == "0.4"
    assert codes == [{None: "version-missing", 0.4: "version-invalid", "0.5": "version-misplaced"}[stated]]


@pytest.mark.parametrize("ome", [{}, {"version": "0.4"}, {"version": 0.5}])
def test_zarr_3_states_05_once(ome):
    found, codes = repair({"ome": {**ome, "multiscales": [IMAGE]}, "other": 1}, 3)
    assert found == {"ome": {"version": "0.5", "multiscales": [IMAGE]}, "other": 1}
    assert len(codes) == 1


def test_a_version_in_a_block_moves_up():
    found, _ = repair({"ome": {"multiscales": [{**IMAGE, "version": "0.5"}]}}, 3)
    assert found == {"ome": {"version": "0.5", "multiscales": [IMAGE]}}


def test_keys_move_under_ome_in_zarr_3():
    found, codes = repair({"multiscales": [{**IMAGE, "version": "0.5"}], "omero": {"version": "0.5"}, "other": 1}, 3)
    assert found == {"ome": {"version": "0.5", "multiscales": [IMAGE], "omero": {}}, "other": 1}
    assert "version-misplaced" in codes


def test_keys_move_out_of_ome_in_zarr_2():
    found, codes = repair({"ome": {"version": "0.5", "multiscales": [IMAGE]}}, 2)
    assert found == {"multiscales": [{**IMAGE, "version": "0.4"}]}
    assert "version-misplaced" in codes


@pytest.mark.parametrize(
    ("attrs", "zarr_format"),
    [
        ({"multiscales": [{**IMAGE, "version": "0.4"}]}, 2),
        ({"ome": {"version": "0.5", "multiscales": [IMAGE]}}, 3),
        ({"multiscales": [{**IMAGE, "version": "0.4-dev-spatialdata"}]}, 2),
        ({"multiscales": [{"axes": ["y", "x"], "datasets": []}]}, 2),  # 0.3 or what else
        ({"plate": {"wells": []}}, 2),
        ({"ome": {"version": "0.6", "multiscales": [{"coordinateSystems": []}]}}, 3),
        ({"ome": {"multiscales": [{"coordinateSystems": []}]}}, 3),
        ({"anything": 1}, 3),
    ],
)
def test_what_is_right_or_unknown_stays(attrs, zarr_format):
    assert repair(attrs, zarr_format) == (attrs, [])
