"""Faults of metadata, repaired: the checkers find them before and not after, other readers open the result."""

import json
import warnings

import numpy as np
import ome_zarr_models
import pytest
import zarr
from fixable import edit, fix_and_check, list_codes, make_pixels, read_block, write_store

from vitrina.verbs.fix import fix

VERSIONS = pytest.mark.parametrize("zarr_format", [2, 3])
PIXELS = make_pixels()
LEVELS = PIXELS, PIXELS[:, ::2, ::2]
FULL = {
    "channels": [
        {"active": True, "label": name, "color": "FF0000", "window": {"start": 0, "end": 99, "min": 0, "max": 255}}
        for name in "abc"
    ],
    "rdefs": {"model": "color", "defaultT": 0, "defaultZ": 0},
}


@pytest.fixture
def store(tmp_path, zarr_format):
    return write_store(tmp_path / "it.zarr", zarr_format, *LEVELS, omero=FULL)


def consolidate(path, zarr_format):
    with warnings.catch_warnings(action="ignore"):  # it is no part of Zarr 3 yet
        zarr.consolidate_metadata(path, zarr_format=zarr_format)


def assert_opens(path):
    """ome-zarr-models reads it, and zarr-python finds the same pixels."""
    opened = ome_zarr_models.open_ome_zarr(zarr.open_group(path, mode="r"))
    assert len(opened.ome_attributes.multiscales[0].datasets) == 2 if hasattr(opened, "ome_attributes") else opened
    for i, pixels in enumerate(LEVELS):
        np.testing.assert_array_equal(zarr.open_array(path / str(i), mode="r")[...], pixels)


@VERSIONS
def test_a_valid_store_stays_as_it_is(store):
    assert list_codes(store) == set()
    done = fix(store)
    assert (done.repairs, done.out, done.backup, done.left) == ((), None, None, ())


def drop_type(block):
    del block["multiscales"][0]["axes"][0]["type"]


def misspell_unit(block):
    block["multiscales"][0]["axes"][1]["unit"] = "µm"


def set_odd_unit(block):
    block["multiscales"][0]["axes"][1]["unit"] = 7


def name_axes(block):
    block["multiscales"][0]["axes"] = ["c", "y", "x"]


def drop_scale(block):
    del block["multiscales"][0]["datasets"][1]["coordinateTransformations"]


def empty_scale(block):
    block["multiscales"][0]["datasets"][1]["coordinateTransformations"] = []


def drop_version(block):
    (block if "version" in block else block["multiscales"][0]).pop("version")


def number_version(block):
    owner = block if "version" in block else block["multiscales"][0]
    owner["version"] = float(owner["version"])


def drop_color(block):
    del block["omero"]["channels"][1]["color"]


def hash_color(block):
    block["omero"]["channels"][1]["color"] = "#00ff00"


def drop_window(block):
    del block["omero"]["channels"][0]["window"]


def cut_window(block):
    del block["omero"]["channels"][0]["window"]["max"]


def drop_channels(block):
    del block["omero"]["channels"]


def cut_channels(block):
    del block["omero"]["channels"][2]


FAULTS = [
    (drop_type, "axis-type-unknown"),
    (misspell_unit, "axis-unit-unknown"),
    (set_odd_unit, "axis-unit-invalid"),
    (name_axes, "axes-invalid"),
    (drop_scale, "transforms-missing"),
    (empty_scale, "scale-missing"),
    (drop_version, "version-missing"),
    (number_version, "version-invalid"),
    (drop_color, "omero-color-missing"),
    (hash_color, "omero-color-invalid"),
    (drop_window, "omero-window-missing"),
    (cut_window, "omero-window-incomplete"),
    (drop_channels, "omero-channels-missing"),
    (cut_channels, "omero-channel-count"),
]


@VERSIONS
@pytest.mark.parametrize(("break_it", "code"), FAULTS, ids=[code for _, code in FAULTS])
def test_a_fault_of_metadata_is_repaired(store, zarr_format, break_it, code):
    edit(store, zarr_format, break_it)
    assert code in list_codes(store)
    fix_and_check(store, code)
    assert_opens(store)


@VERSIONS
def test_display_settings_are_measured_where_there_are_none(store, zarr_format):
    edit(store, zarr_format, lambda block: block.pop("omero"))
    fix_and_check(store, "ngff-omero-missing")
    channels = read_block(store, zarr_format)["omero"]["channels"]
    for channel, pixels in zip(channels, LEVELS[1], strict=True):  # measured on the coarsest level
        low, high = np.percentile(pixels, [1, 99.8])
        assert (channel["window"]["start"], channel["window"]["end"]) == pytest.approx((low, high))
    assert_opens(store)


def test_keys_that_lie_beside_ome_in_zarr_3_move(tmp_path):
    store = write_store(tmp_path / "it.zarr", 3, *LEVELS, omero=FULL)
    root = zarr.open_group(store, mode="r+")
    ome = root.attrs["ome"]
    root.attrs.clear()
    root.attrs.update({"multiscales": [{**ome["multiscales"][0], "version": "0.4"}], "omero": ome["omero"], "own": 1})
    assert "zarr-format-mismatch" in list_codes(store)
    fix_and_check(store, "zarr-format-mismatch")
    assert set(zarr.open_group(store, mode="r").attrs) == {"ome", "own"}
    assert_opens(store)


@pytest.mark.parametrize("names", [None, ["a", "b", "d"]])
def test_dimensions_get_the_names_of_the_axes(tmp_path, names):
    store = write_store(tmp_path / "it.zarr", 3, *LEVELS, omero=FULL)
    for i in "01":
        document = json.loads((store / i / "zarr.json").read_text())
        document["dimension_names"] = names
        (store / i / "zarr.json").write_text(json.dumps(document))
    code = "dimension-names-missing" if names is None else "dimension-names-differ"
    assert code in list_codes(store)
    fix_and_check(store, code)
    assert zarr.open_array(store / "1", mode="r").metadata.dimension_names == ("c", "y", "x")
    assert_opens(store)


def test_names_that_contradict_the_axes_are_left(tmp_path):
    store = write_store(tmp_path / "it.zarr", 3, *LEVELS, omero=FULL)
    document = json.loads((store / "0/zarr.json").read_text())
    document["dimension_names"] = ["c", "x", "y"]
    (store / "0/zarr.json").write_text(json.dumps(document))
    done = fix(store)
    assert done.repairs == ()
    (left,) = done.left
    assert left.code == "dimension-names-differ"
    assert "one of them is wrong" in left.fix


def test_a_group_of_zarr_2_gets_its_document(tmp_path):
    store = write_store(tmp_path / "it.zarr", 2, *LEVELS, omero=FULL)
    (store / ".zgroup").unlink()
    fix_and_check(store, "zarr-group-missing")
    assert_opens(store)


@VERSIONS
@pytest.mark.parametrize("state", ["no-list", "incomplete", "repeated", "no-group"])
def test_label_images_are_listed(store, zarr_format, state):
    ids = np.zeros(PIXELS.shape[1:], "uint32")
    for name in "ab":
        label = {"image-label": {"colors": [{"label-value": 1}], **({"version": "0.4"} if zarr_format == 2 else {})}}
        write_store(
            store / "labels" / name, zarr_format, ids, ids[::2, ::2], axes="yx", chunks=(32, 32),
            scales=([0.5, 0.5], [1, 1]), **label,
        )  # fmt: skip
    group = zarr.open_group(store, path="labels", mode="a", zarr_format=zarr_format)
    listed = {"incomplete": ["b"], "repeated": ["a", "b", "a"]}.get(state)
    if listed is not None:
        group.attrs.update({"labels": listed} if zarr_format == 2 else {"ome": {"version": "0.5", "labels": listed}})
    elif state == "no-group":
        for document in (store / "labels").glob("*zarr.json" if zarr_format == 3 else ".z*"):
            document.unlink()
    code = {"incomplete": "labels-unlisted", "repeated": "labels-repeated"}.get(state, "labels-without-list")
    fix_and_check(store, code)
    expected = ["b", "a"] if state == "incomplete" else ["a", "b"]
    assert read_block(store, zarr_format, "labels")["labels"] == expected
    edit(store, zarr_format, lambda block: block.pop("image-label"), node="labels/a")
    done = fix(store, out=store.with_name("out.zarr"))
    assert [code for repair in done.repairs for code in repair.codes] == ["label-image-unmarked", "image-label-missing"]
    assert "label-image-unmarked" not in list_codes(done.out)


@VERSIONS
def test_stale_copies_of_metadata_are_made_anew(store, zarr_format):
    consolidate(store, zarr_format)
    assert list_codes(store) == set()
    edit(store, zarr_format, lambda block: block.update(omero={**FULL, "name": "new"}))
    if zarr_format == 3:  # zarr-python writes attributes into the document that holds the copy, which stays as it was
        document = json.loads((store / "zarr.json").read_text())
        document.setdefault("consolidated_metadata", {"kind": "inline", "must_understand": False, "metadata": {}})
        document["consolidated_metadata"]["metadata"] = {"0": {"zarr_format": 3, "node_type": "group"}}
        (store / "zarr.json").write_text(json.dumps(document))
    assert "zarr-consolidated-stale" in list_codes(store)
    fix_and_check(store, "zarr-consolidated-stale")
    opened = zarr.open_consolidated(store, zarr_format=zarr_format)
    assert sorted(opened.array_keys()) == ["0", "1"]
    np.testing.assert_array_equal(opened["1"][...], LEVELS[1])


@VERSIONS
def test_a_copy_of_metadata_follows_other_repairs(store, zarr_format):
    consolidate(store, zarr_format)
    edit(store, zarr_format, misspell_unit)
    consolidate(store, zarr_format)
    fix_and_check(store, "axis-unit-unknown")
    assert zarr.open_consolidated(store, zarr_format=zarr_format)["0"].shape == PIXELS.shape


@VERSIONS
def test_channel_names_come_from_ome_xml(store, zarr_format):
    edit(store, zarr_format, lambda block: block.pop("omero"))
    channels = "".join(f'<Channel ID="Channel:0:{i}" Name="{name}"/>' for i, name in enumerate(("DAPI", "CD3", "CD8")))
    pixels = f'<Pixels SizeX="70" SizeY="90" SizeZ="1" SizeC="3" SizeT="1">{channels}</Pixels>'
    (store / "OME").mkdir()
    (store / "OME/METADATA.ome.xml").write_text(f"<OME><Image ID='Image:0'>{pixels}</Image></OME>")
    fix(store)
    labels = [one["label"] for one in read_block(store, zarr_format)["omero"]["channels"]]
    assert labels == ["DAPI", "CD3", "CD8"]


@VERSIONS
def test_what_would_be_a_guess_is_left_with_its_reason(store, zarr_format):
    def break_it(block):
        block["multiscales"][0]["axes"][2]["unit"] = "furlong"
        block["multiscales"][0]["axes"][1]["unit"] = "pixel"
        block["omero"]["channels"].append(block["omero"]["channels"][0])

    edit(store, zarr_format, break_it)
    done = fix(store)
    assert [repair.codes for repair in done.repairs] == [("axis-unit-unknown",)]
    assert {finding.code: finding.fix for finding in done.left} == {
        "axis-unit-missing": "Not repaired: Nothing says which unit the sizes are in.",
        "axis-unit-unknown": "Not repaired: Nothing says what the unit 'furlong' stands for.",
        "omero-channel-count": "Not repaired: Nothing says which of the 4 channels in omero are those of the 3 in the "
        "pixels.",
    }
