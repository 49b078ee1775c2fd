"""What is said of single documents. Expected verdicts come from the text of the specification."""

import pytest
from ngff_documents import STORES, MemoryTree, make_image, make_image_06, make_image_store

from vitrina.checks.ngff.check import check_attributes, check_ngff
from vitrina.checks.ngff.document import find_kind
from vitrina.checks.ngff.paths import explain_illegal, resolve
from vitrina.checks.ngff.value import is_integer, is_number, show
from vitrina.checks.ngff.version import detect_version


def get_codes(checked):
    return {finding.code: finding.severity for finding in checked.findings}


def make_04(**changes):
    return {"multiscales": [{"version": "0.4", **make_image(), **changes}]}


@pytest.mark.parametrize(
    ("attrs", "kind"),
    [
        ({"multiscales": []}, "image"),
        ({"ome": {"multiscales": [], "image-label": {}}}, "labels"),
        ({"image-label": {}}, "labels"),
        ({"plate": {}, "bioformats2raw.layout": 3}, "plate"),
        ({"bioformats2raw.layout": 3}, "bioformats2raw"),
        ({"well": {}}, "well"),
        ({"ome": {"scene": {}}}, "scene"),
        ({"labels": []}, "label-list"),
        ({"series": []}, "series"),
        ({"something": 1}, None),
        ({}, None),
    ],
)
def test_the_kind_follows_from_the_keys(attrs, kind):
    assert find_kind(attrs) == kind
    assert check_attributes(attrs).kind == kind


@pytest.mark.parametrize("version", ["0.5"])
def test_a_right_image_of_0_5_has_no_findings(version):
    assert check_attributes({"ome": {"version": version, "multiscales": [make_image()]}}).findings == ()


@pytest.mark.parametrize("version", ["0.6", "0.6rc0"])
def test_a_right_image_of_0_6_has_no_findings(version):
    assert check_attributes({"ome": {"version": version, "multiscales": [make_image_06()]}}).findings == ()


def test_a_right_image_of_0_4_has_no_findings():
    assert check_attributes(make_04()).findings == ()


@pytest.mark.parametrize(
    ("version", "code", "severity"),
    [
        ("0.6.dev1", "version-draft", "warning"),
        ("0.6rc1", "version-draft", "warning"),
        ("0.7", "version-unknown", "warning"),
        ("1.0", "version-unknown", "warning"),
        ("newest", "version-invalid", "error"),
        ("", "version-invalid", "error"),
        (0.6, "version-invalid", "error"),
        (None, "version-invalid", "error"),
        ("0.4", "version-misplaced", "error"),
    ],
)
def test_the_version_is_judged(version, code, severity):
    checked = check_attributes({"ome": {"version": version, "multiscales": [make_image_06()]}})
    assert get_codes(checked) == {code: severity}


def test_a_draft_may_break_the_rules_of_its_version_but_not_of_all():
    image = make_image_06()
    image["datasets"][0]["coordinateTransformations"][0]["input"] = "0"
    attrs = {"ome": {"version": "0.6.dev2", "multiscales": [image]}}
    assert get_codes(check_attributes(attrs))["transform-reference-invalid"] == "warning"
    attrs["ome"]["version"] = "0.6rc3"
    assert get_codes(check_attributes(attrs))["transform-reference-invalid"] == "error"
    image["datasets"] = []
    attrs["ome"]["version"] = "0.6.dev2"
    assert get_codes(check_attributes(attrs))["datasets-missing"] == "error"


def test_a_version_is_missing_since_0_5_and_recommended_before():
    assert get_codes(check_attributes({"ome": {"multiscales": [make_image()]}})) == {"version-missing": "error"}
    assert get_codes(check_attributes({"multiscales": [make_image()]})) == {"version-missing": "warning"}


def test_keys_outside_of_ome_are_misplaced_since_0_5():
    assert (
        get_codes(check_attributes({"multiscales": [{**make_image(), "version": "0.5"}]}))["version-misplaced"]
        == "error"
    )


def test_a_document_may_be_held_against_another_version_than_its_own():
    checked = check_attributes(make_04(), version="0.3")
    assert get_codes(checked) == {"version-differs": "error", "axes-invalid": "error"}
    assert checked.version == "0.4"


def test_references_are_followed_in_a_store_and_not_in_a_document():
    store = make_image_store("0.6")
    multiscale = store["zarr.json"]["attributes"]["ome"]["multiscales"][0]
    multiscale["coordinateTransformations"][0]["output"]["name"] = "elsewhere"
    alone = get_codes(check_ngff(MemoryTree(store), is_metadata_only=True))
    assert alone == {"transform-reference-unknown": "info", "systems-unconnected": "info"}
    assert get_codes(check_ngff(MemoryTree(store)))["transform-reference-unknown"] == "error"


def test_a_label_image_needs_multiscales_in_a_store_only():
    attrs = {"ome": {"version": "0.5", "image-label": {"colors": [{"label-value": 1}]}}}
    assert check_attributes(attrs).findings == ()
    store = {"zarr.json": {"zarr_format": 3, "node_type": "group", "attributes": attrs}}
    assert "labels-multiscales-missing" in get_codes(check_ngff(MemoryTree(store)))


def test_a_message_has_the_value_the_place_and_the_expectation():
    image = make_image()
    image["datasets"][1]["path"] = 7
    finding = check_attributes({"ome": {"version": "0.5", "multiscales": [image]}}).findings[0]
    assert finding.path == "#/ome/multiscales/0/datasets/1/path"
    assert finding.message == (
        "The level at /ome/multiscales/0/datasets/1 has the path 7; text that names an array is expected."
    )


def test_the_version_above_is_that_of_a_group_that_states_none():
    above = detect_version({"ome": {"version": "0.6", "multiscales": []}})
    assert detect_version({"ome": {"labels": []}}, above).rules == "0.6"
    assert detect_version({"ome": {"labels": []}}).rules == "0.5"
    assert detect_version({"multiscales": [{"axes": ["y", "x"]}]}).rules == "0.3"
    assert detect_version({"multiscales": [{"datasets": [{"path": "0"}]}]}).rules == "0.1"


@pytest.mark.parametrize("path", ["0", "a/b", "a/b/", "A 1", "ä", "..a", "scale0/image", "a.b", "_x"])
def test_paths_that_can_be_followed(path):
    assert explain_illegal(path) is None


@pytest.mark.parametrize(
    "path", ["", "/a", "..", "a/../b", "a//b", "./a", "a/.", "...", "a\\b", "C:/a", "a\0", "n" * 300]
)
def test_paths_that_cannot_be_followed(path):
    assert explain_illegal(path) is not None


def test_relative_paths_end_at_the_root_of_the_store():
    assert resolve("labels/cells", "../../") == ""
    assert resolve("0/labels/cells", "../..") == "0"
    assert resolve("cells", "../../") is None


def test_values_are_shown_shortly():
    assert show({"a": 1}) == "an object with 'a'"
    assert show([1, "x", None]) == "[1, 'x', null]"
    assert show(list(range(1000))) == "a list of 1,000 entries"
    assert show("n" * 1000).endswith("...")
    assert show(10**5000) == "a number of hundreds of digits"


def test_numbers_are_finite_and_whole_numbers_may_end_in_zero():
    assert is_number(1.5)
    assert not any(map(is_number, [True, "1", None, float("nan"), float("inf"), 10**400]))
    assert is_integer(2.0)
    assert not is_integer(2.5)


def test_a_group_read_in_full_gives_more_than_its_root_alone():
    for store in STORES.values():
        broken = {key: value for key, value in store.items() if not key.endswith("0/zarr.json")}
        if len(broken) < len(store):
            assert get_codes(check_ngff(MemoryTree(broken), is_metadata_only=True)) == get_codes(
                check_ngff(MemoryTree(store), is_metadata_only=True)
            )
