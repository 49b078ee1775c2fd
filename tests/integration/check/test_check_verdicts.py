"""The verdicts that docs/reference/verdicts.md lists, with reasons, are those of the program.

Each was compared with what a reader of the specification finds in the metadata; the reason is in the last column.
"""

import json
import os
import re
from pathlib import Path

import pytest
import samples

from vitrina.checks.ngff.check import check_attributes
from vitrina.errors import UnreadableError, UnsupportedError
from vitrina.verbs.check import check

PAGE = Path(__file__).resolve().parents[3] / "docs/reference/verdicts.md"
FILES = {".tif", ".tiff", ".svs", ".czi", ".jpg", ".png", ".h5ad", ".h5mu", ".h5", ".loom", ".parquet", ".zip"}
SAME_STORES = "ome-zarr-conformance", "bioimagetools-examples"


def read_tables():
    """The rows of each table of the page, as the text of their cells."""
    tables = []
    for block in re.findall(r"(?:^\|.*\n)+", PAGE.read_text(encoding="utf-8"), re.MULTILINE):
        rows = [[cell.strip().replace("`", "") for cell in line.strip("|\n").split("|")] for line in block.splitlines()]
        tables.append(rows[2:])
    return tables


DATASETS, DOCUMENTS = read_tables()


def tell_specification(checked):
    errors = dict.fromkeys(finding.code for finding in checked.findings if finding.severity == "error")
    n_warnings = sum(finding.severity == "warning" for finding in checked.findings)
    said = f"not valid: {', '.join(errors)}" if errors else "valid"
    return said + (f"; {n_warnings} warning{'s' * (n_warnings > 1)}" if n_warnings else "")


def tell_kind(checked):
    return " ".join(filter(None, (checked.kind, checked.version))) or "none"


def tell_viewer(path):
    try:
        findings = check(path, purpose="viewer").findings
    except (UnreadableError, UnsupportedError) as err:
        return f"not opened: {err.code}"
    said = []
    for severity in ("error", "warning", "info"):
        codes = dict.fromkeys(finding.code for finding in findings if finding.severity == severity)
        said += [f"{severity}: {', '.join(codes)}"] if codes else []
    return "; ".join(said) or "nothing"


def tell(path):
    """Kind and version, the verdict for the specification, and that for the viewer."""
    try:
        report = check(path)
    except UnsupportedError:
        return ["none", "not checked", tell_viewer(path)]
    return [tell_kind(report), tell_specification(report), tell_viewer(path)]


def get_conformance():
    folder = samples.SHARED / "conformance"
    if not folder.exists() and not os.environ.get("CI"):
        pytest.skip("../shared/conformance is not here")
    return folder


def list_datasets(data):
    """Every image, table and store below the folder of samples."""
    for folder, folders, names in os.walk(data):
        stores = [name for name in folders if name.endswith(".zarr")]
        yield from (Path(folder, name).relative_to(data) for name in stores)
        folders[:] = [name for name in folders if name not in stores]
        yield from (Path(folder, name).relative_to(data) for name in names if Path(name).suffix.lower() in FILES)


@pytest.mark.parametrize("row", DATASETS, ids=[row[0] for row in DATASETS])
def test_a_dataset_gets_the_verdict_of_the_page(row):
    pattern, *expected, _ = row
    data = samples.get(pattern.split("/")[0]).parent
    paths = sorted(data.glob(pattern))
    assert paths
    assert {path.relative_to(data).as_posix(): tell(path) for path in paths} == {
        path.relative_to(data).as_posix(): expected for path in paths
    }


@pytest.mark.parametrize("row", DOCUMENTS, ids=[row[0] for row in DOCUMENTS])
def test_an_example_gets_the_verdict_of_the_page(row):
    name, *expected, _ = row
    checked = check_attributes(json.loads((get_conformance() / name).read_text(encoding="utf-8")))
    assert [tell_kind(checked), tell_specification(checked)] == expected


def test_stores_without_pixels_get_the_same_verdicts():
    folder, (name, twin) = get_conformance(), SAME_STORES
    rows = [row for row in DATASETS if row[0].startswith(name)]
    assert len(rows) == 10
    for path, *expected, _ in rows:
        assert tell(folder / path.replace(name, twin)) == expected


def test_each_dataset_and_each_example_is_in_exactly_one_row():
    data = samples.get("LICENSES").parent
    found = [path.relative_to(data) for row in DATASETS for path in data.glob(row[0])]
    assert sorted(found) == sorted(list_datasets(data))
    folder = get_conformance()
    documents = [
        path for name in ("ngff-spec-0.4-examples", "ome-zarr-models-data") for path in folder.glob(f"{name}/**/*.json")
    ]
    assert sorted(folder / row[0] for row in DOCUMENTS) == sorted(documents)


def test_what_is_not_simply_valid_has_a_reason():
    unexplained = [
        row[0]
        for row in (*DATASETS, *DOCUMENTS)
        if not row[-1] and (row[2] != "valid" or any(word in row[3] for word in ("error", "warning", "not opened")))
    ]
    assert unexplained == []
