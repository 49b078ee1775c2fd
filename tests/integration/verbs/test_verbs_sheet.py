from __future__ import annotations

from datetime import datetime

import pytest
import samples
from openpyxl import Workbook

from vitrina.errors import InputError, NotFoundError
from vitrina.model.feature import FeatureDraft
from vitrina.model.finding import Finding
from vitrina.readers.sheet import read_sheet
from vitrina.verbs.init import init
from vitrina.verbs.sheet import add_new_features, add_sheet, plan_sheet

HEADER = "Path,Key,Tissue,assay,Cell type,note\n"


@pytest.fixture
def instance(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    instance = init(tmp_path / "lab").instance
    instance.catalog.features.add(FeatureDraft(name="note", dtype="str"), created_by="ada")
    yield instance
    instance.catalog.close()


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "incoming"
    folder.mkdir()
    for name in ("a.csv", "b.csv", "c.csv"):
        (folder / name).write_text(f"cell,count\n{name},1\nx,2\n")
    return folder


def write(folder, text, name="samples.csv"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def get_codes(plan):
    return [(finding.code, finding.path) for finding in plan.findings]


def test_a_sheet_adds_datasets_with_terms_values_and_keys(instance, folder):
    sheet = write(
        folder,
        HEADER
        + "a.csv,run1/a.csv,blood,Xenium Spatial Gene Expression,T cell;B cell,first\n"
        + "b.csv,run1/b.csv,UBERON:0002168,10x Xenium,t cell,\n",
    )
    plan = plan_sheet(instance, sheet)
    assert plan.is_valid
    assert instance.find().total == 0  # planning writes nothing
    done = list(add_sheet(instance, plan))
    assert [one.artifact.key for one in done] == ["run1/a.csv", "run1/b.csv"]
    assert instance.find(where={"tissue": "lung"}).items[0].key == "run1/b.csv"
    assert instance.find(where={"assay": "EFO:0022615"}).total == 2
    assert instance.find(where={"cell_type": "B cell"}).items[0].key == "run1/a.csv"
    assert instance.find(where={"note": "first"}).total == 1


def test_the_same_sheet_again_adds_nothing(instance, folder):
    sheet = write(folder, HEADER + "a.csv,,blood,,,\n")
    list(add_sheet(instance, plan_sheet(instance, sheet)))
    (again,) = add_sheet(instance, plan_sheet(instance, sheet))
    assert not again.is_new
    assert instance.find(which="all").total == 1


def test_all_that_does_not_match_is_told_at_once_and_each_text_once(instance, folder):
    sheet = write(
        folder,
        "path,tissue,Diseas\n" + "a.csv,lng,normal\n" + "b.csv,lng,normal\n" + "missing.csv,blood,normal\n",
    )
    plan = plan_sheet(instance, sheet)
    assert not plan.is_valid
    assert plan.rows == ()
    assert get_codes(plan) == [
        ("column-unknown", "#Diseas"),
        ("path-missing", "row 4#path"),
        ("label-value-unknown", "row 2#tissue"),
    ]
    assert "2 rows: 2, 3" in plan.findings[2].message
    assert "'lung'" in plan.findings[2].fix


def test_unknown_columns_become_features_when_the_user_says_so(instance, folder):
    sheet = write(folder, "path,donor,age\na.csv,D1,40\nb.csv,D2,50.5\n")
    plan = plan_sheet(instance, sheet, allow_new=True)
    assert [(feature.name, feature.dtype) for feature in plan.new_features] == [
        ("donor", "cat[ULabel]"),
        ("age", "float"),
    ]
    whole = add_new_features(instance, plan, sheet)
    assert whole.new_features == ()
    list(add_sheet(instance, whole))
    assert instance.find(where={"age__gt": 45}).items[0].key == "b.csv"
    assert instance.find(where={"donor": "D1"}).items[0].key == "a.csv"


def test_two_rows_with_one_key_are_refused(instance, folder):
    plan = plan_sheet(instance, write(folder, "path,key\na.csv,x.csv\nb.csv,x.csv\n"))
    assert get_codes(plan) == [("key-repeated", "row 3#key")]


def test_a_dataset_that_cannot_be_added_does_not_stop_the_others(instance, folder):
    (folder / "b.h5ad").write_bytes(b"\x89HDF\r\n\x1a\n")  # begins like HDF5 and ends there
    plan = plan_sheet(instance, write(folder, "path\na.csv\nb.h5ad\nc.csv\n"))
    first, second, third = add_sheet(instance, plan)
    assert isinstance(second, Finding)
    assert second.path == "row 3"
    assert (first.artifact.key, third.artifact.key) == ("a.csv", "c.csv")


def test_hundreds_of_rows_ask_little_of_the_reference(instance, folder, monkeypatch):
    sheet = write(folder, "path,key,tissue\n" + "".join(f"a.csv,{n}.csv,lung\n" for n in range(300)))
    asked = []
    ask = instance.reference.find_terms

    def note(registry, values, **options):
        asked.append(list(values))
        return ask(registry, values, **options)

    monkeypatch.setattr(instance.reference, "find_terms", note)
    assert len(plan_sheet(instance, sheet).rows) == 300
    assert len(asked) <= 3


def test_a_workbook_is_read_as_it_looks(tmp_path):
    workbook = Workbook()
    workbook.active.append(["path", "age", "day", "note", None])
    workbook.active.append(["a.csv", 40, datetime(2026, 1, 31), None, None])  # noqa: DTZ001 - Excel has no zones
    workbook.active.append([None, None, None, None, None])
    workbook.active.append(["b.csv", 50.5, None, "x", None])
    workbook.save(tmp_path / "samples.xlsx")
    sheet = read_sheet(tmp_path / "samples.xlsx")
    assert sheet.columns == ("path", "age", "day", "note")
    assert [row.number for row in sheet.rows] == [2, 4]
    assert sheet.rows[0].cells == {"path": "a.csv", "age": "40", "day": "2026-01-31"}
    assert sheet.rows[1].cells == {"path": "b.csv", "age": "50.5", "note": "x"}


@pytest.mark.parametrize(
    "text", ["path;tissue\na.csv;lung\n", "path\ttissue\na.csv\tlung\n", "\ufeffpath,tissue\na.csv,lung\n"]
)
def test_any_separator_and_a_byte_order_mark_are_understood(folder, text):
    assert read_sheet(write(folder, text)).rows[0].cells == {"path": "a.csv", "tissue": "lung"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "sheet-empty"),
        ("path,tissue\n", "sheet-empty"),
        ("path,path\na,b\n", "sheet-columns"),
        ("path,,tissue\na,b,c\n", "sheet-columns"),
        ("path,tissue\na,b,c\n", "sheet-unreadable"),
        ('path,tissue\n"a,b\n', "sheet-unreadable"),
    ],
)
def test_what_is_no_sheet_is_refused(folder, text, code):
    with pytest.raises(InputError) as caught:
        read_sheet(write(folder, text))
    assert caught.value.code == code


def test_a_sheet_without_paths_and_one_that_is_no_workbook_are_refused(instance, folder):
    with pytest.raises(InputError, match="tissue"):
        plan_sheet(instance, write(folder, "tissue\nlung\n"))
    with pytest.raises(InputError, match="workbook"):
        read_sheet(write(folder, "not a zip", "samples.xlsx"))
    (folder / "latin.csv").write_bytes("path,note\na.csv,\xe9\n".encode("latin-1"))
    with pytest.raises(InputError, match="utf-8"):
        read_sheet(folder / "latin.csv")
    with pytest.raises(NotFoundError):
        read_sheet(folder / "nothing.csv")


def test_a_real_file_of_a_sheet_is_added_whole(instance, folder):
    path = samples.get("h5ad-pbmc68k/10x_pbmc68k_reduced.h5ad")
    plan = plan_sheet(instance, write(folder, f"path,tissue\n{path},blood\n"))
    (done,) = add_sheet(instance, plan)
    assert done.artifact.format == "anndata"
