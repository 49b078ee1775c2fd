"""Our verdicts beside those of the specification's own suites, and beside its schemas on changed documents."""

import copy
import importlib.util
import json
import random
import re
import sys
from pathlib import Path

import jsonschema
import pytest
import referencing
import samples
from referencing.jsonschema import DRAFT202012

from vitrina.checks.ngff.check import check_attributes

ROOT = Path(__file__).resolve().parents[2]
FOLDER = samples.SHARED / "conformance"
PAGE = ROOT / "docs/reference/conformance.md"
SCHEMAS = {
    "image": "image",
    "label": "label",
    "plate": "plate",
    "well": "well",
    "bf2raw": "bf2raw",
    "ome-series": "ome",
}
CHANGED = [None, "text", "", -1, 0, 3, 0.5, True, [], {}]

# Where a schema refuses what the text allows, or the text forbids what a schema does not see.
SCHEMA_ALONE = {
    # an axis without a type counts as one of space in the schemas of 0.4 and 0.5; the text lets one axis have none
    ("image", "axes/#/type", "remove"),
    # without its own key the document is of another kind, and right as that
    ("bf2raw", "bioformats2raw.layout", "remove"),
    ("label", "image-label", "remove"),
}


def load_tool():
    spec = importlib.util.spec_from_file_location("conformance", ROOT / "tools/conformance.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["conformance"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def tool():
    if not (FOLDER / "cases.json").exists():
        pytest.skip("../shared/conformance is not here")
    return load_tool()


@pytest.fixture(scope="module")
def outcomes(tool):
    return tool.judge_cases(FOLDER)


def test_at_least_99_of_100_cases_are_judged_as_their_authors_do(tool, outcomes):
    right, total = tool.count_right(outcomes)
    assert total >= 160
    assert right / total >= 0.99


def test_each_case_that_is_judged_otherwise_is_argued(outcomes):
    page = PAGE.read_text()
    wrong = {outcome.id for outcome in outcomes if not outcome.is_right}
    assert set(re.findall(r"^### `(.+)`$", page, re.MULTILINE)) == wrong


def test_invalid_cases_have_few_errors(outcomes):
    errors = [
        [finding for finding in outcome.checked.findings if finding.severity == "error"]
        for outcome in outcomes
        if outcome.expected == "invalid" and outcome.is_right
    ]
    assert sum(len(found) == 1 for found in errors) > 0.8 * len(errors)
    assert max(len(found) for found in errors) <= 4


def build_registry(version):
    resources = []
    for path in (FOLDER / "schemas" / version).glob("*.schema"):
        content = json.loads(path.read_text())
        resource = referencing.Resource.from_contents(content, default_specification=DRAFT202012)
        address = f"https://ngff.openmicroscopy.org/{version}/schemas/{path.name}"
        resources += [(content["$id"], resource), (address, resource)]
    return referencing.Registry().with_resources(resources)


def list_places(value, place=()):
    yield place
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield from list_places(part, (*place, key))


def change(document, place, how):
    changed = copy.deepcopy(document)
    target = changed
    for key in place[:-1]:
        target = target[key]
    if how == "remove":
        del target[place[-1]]
    else:
        target[place[-1]] = how[0]
    return changed


def list_changes(tool, version):
    """Valid documents of a version, changed in one place; some of all there are."""
    cases = json.loads((FOLDER / "cases.json").read_text())["cases"]
    chance = random.Random(version)  # noqa: S311 a sample, no secret
    for case in cases:
        is_usable = case["version"] == version and case["expect"] == "valid" and not case["contested"]
        if case["layout"] != "attrs" or not is_usable or case["kind"] not in SCHEMAS:
            continue
        document = tool.read_attributes(FOLDER, case)
        document.pop("_conformance", None)
        every = [
            (place, how) for place in list_places(document) if place for how in ["remove", *([one] for one in CHANGED)]
        ]
        for place, how in chance.sample(every, min(len(every), 40)):
            yield case["kind"], place, how, change(document, place, how)


@pytest.mark.parametrize("version", ["0.4", "0.5", "0.6"])
def test_what_the_schema_refuses_is_refused(tool, version):
    """The official schemas are the second opinion; the text asks for more than they do."""
    folder = "0.6rc0" if version == "0.6" else version
    registry = build_registry(folder)
    schemas = {
        kind: jsonschema.Draft202012Validator(
            json.loads((FOLDER / "schemas" / folder / f"{name}.schema").read_text()), registry=registry
        )
        for kind, name in SCHEMAS.items()
    }
    n_refused, missed = 0, []
    for kind, place, how, document in list_changes(tool, version):
        if schemas[kind].is_valid(document):
            continue
        n_refused += 1
        where = "/".join("#" if isinstance(key, int) else key for key in place)
        is_known = any(kind == one and where.endswith(end) and how == way for one, end, way in SCHEMA_ALONE)
        found = check_attributes(document, version=folder).findings
        if not is_known and all(finding.severity != "error" for finding in found):
            missed.append((kind, where, how))
    assert n_refused > 100
    assert missed == []
