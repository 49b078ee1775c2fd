"""Moving in from a real instance. Expected values are LaminDB's own answers about it."""

from __future__ import annotations

import json
import shutil
import sqlite3

import pandas as pd
import pytest

from vitrina.cli.main import main
from vitrina.verbs.import_report import NOUNS
from vitrina.verbs.init import init

NOT_BROUGHT = {"lost.txt", ("scans/one", "0000")}
RUN_FILE = "__lamindb_run__"


@pytest.fixture
def instance(tmp_path):
    return init(tmp_path / "ours").instance


@pytest.fixture
def moved(instance, lamin):
    """The instance with everything in it, and the report."""
    return instance, instance.import_lamindb(lamin.storage)


def list_datasets(lamin, *, with_lost=False):
    """What LaminDB says of each dataset that can come, by uid."""
    return {
        uid: one
        for uid, one in lamin.artifacts.items()
        if one["kind"] != RUN_FILE and (with_lost or not ({one["key"], (one["key"], uid[-4:])} & NOT_BROUGHT))
    }


def list_here(instance):
    pages = [instance.find(which=which, limit=1000).items for which in ("all", "trash")]
    return {artifact.uid: artifact for page in pages for artifact in page}


def count(report, noun):
    (found,) = (one for one in report.counts if one.noun == noun)
    return found.found, found.known, found.brought, found.left


def find(lamin, key, version="0000"):
    (uid,) = (uid for uid, one in lamin.artifacts.items() if one["key"] == key and uid.endswith(version))
    return uid


def test_every_version_of_every_dataset_comes_with_its_uid_moment_and_author(moved, lamin):
    instance, _ = moved
    expected = list_datasets(lamin)
    here = list_here(instance)
    assert set(here) == set(expected)
    for uid, artifact in here.items():
        said = expected[uid]
        assert artifact.key == (said["key"] or f"{uid[:16]}.txt")
        assert artifact.description == said["description"]
        assert artifact.kind == (said["kind"] or "dataset")
        assert artifact.size_bytes == said["size"]
        assert artifact.created_at.isoformat() == said["created_at"]
        assert artifact.created_by == said["created_by"]
        assert (artifact.trashed_at is not None) == said["is_trashed"]
        assert artifact.is_latest == (said["is_latest"] and not said["is_trashed"])


def test_bytes_are_registered_where_lamindb_has_them(moved, lamin):
    instance, _ = moved
    for uid, artifact in list_here(instance).items():
        assert str(instance.get_path(artifact)) == lamin.artifacts[uid]["path"]


def test_labels_come_with_the_features_they_are_values_of(moved, lamin):
    instance, _ = moved
    said = instance.catalog.annotations.read(list_datasets(lamin))
    for uid, one in list_datasets(lamin).items():
        names = {label.name for label in said[uid].labels}
        assert names == {name for names in one["labels"].values() for name in names}
    cells = said[find(lamin, "cells.h5ad")]
    by_feature = {(label.feature, label.name) for label in cells.labels if label.feature}
    assert {("assay", "10x Xenium"), ("donors", "donor 1"), ("donors", "donor 2"), ("tissue", "lung")} <= by_feature


def test_values_come_in_the_dtypes_of_their_features(moved, lamin):
    instance, _ = moved
    (said,) = instance.catalog.annotations.read([find(lamin, "cells.h5ad")]).values()
    found = said.values  # noqa: PD011 (not of pandas)
    assert {one.feature: (one.dtype, one.value, one.unit) for one in found} == {
        "age": ("float", 61.5, "year"),
        "n_sections": ("int", 3, None),
        "note": ("str", "Fixed overnight; µm are right.", None),
        "is_ffpe": ("bool", True, None),
        "collected": ("date", "2024-02-29", None),
        "scanned": ("datetime", "2024-03-01T08:15:30", None),
        "settings": ("dict", {"lens": "20x", "z": [1, 2.5, None]}, None),
    }


def test_datasets_are_found_by_their_labels_and_by_terms_above_them(moved):
    instance, _ = moved
    by_niche = instance.find(where={"tissue": "tumour niche 7"}).items
    assert [artifact.key for artifact in by_niche] == ["cells.h5ad"]
    by_lung = {artifact.key for artifact in instance.find(where={"tissue": "lung"}).items}
    assert by_lung == {"cells.h5ad", "tables/sections.parquet", "xenium/cells.csv"}  # left lung is below lung
    by_type = {artifact.key for artifact in instance.find(where={"ulabel": "Donor"}).items}
    assert by_type == {"cells.h5ad", "tables/sections.parquet"}
    by_project = {artifact.key for artifact in instance.find(where={"project": "Lung atlas"}).items}
    assert by_project == {"cells.h5ad", "xenium/cells.csv"}


def test_synonyms_and_gene_symbols_find_too(moved):
    instance, _ = moved
    for where in ({"tissue": "pulmo"}, {"assay": "Xenium Spatial Gene Expression"}, {"gene": "EPCAM"}):
        assert "cells.h5ad" in {artifact.key for artifact in instance.find(where=where).items}, where


def test_schemas_come_with_members_index_slots_and_the_datasets_that_satisfy_them(moved, lamin):
    instance, _ = moved
    table = instance.catalog.schemas.get("sections")
    assert [(one.feature.name, one.is_optional) for one in table.members] == [
        ("tissue", False),
        ("donor", False),
        ("age", True),
    ]
    assert table.index.name == "section"
    assert (table.otype, table.is_maximal, table.is_coerced) == ("DataFrame", True, True)
    cells = instance.catalog.schemas.get("cells by genes")
    assert {slot: one.itype for slot, one in cells.slots.items()} == {"obs": None, "var.T": "Gene.symbol"}
    said = instance.catalog.annotations.read([find(lamin, "tables/sections.parquet", "0002")])
    (annotations,) = said.values()
    assert annotations.schema_uid == table.uid
    assert [slot for slot, _ in annotations.slots] == ["columns"]


def test_runs_come_with_code_parameters_status_texts_inputs_and_outputs(moved, lamin):
    instance, _ = moved
    runs = instance.catalog.runs
    for said in lamin.expected["runs"]:
        run = runs.get(said["uid"])
        assert run.transform.uid == said["transform"][:12] + "0000" + said["transform"][12:]
        assert run.status == ("started" if said["status"] == "scheduled" else said["status"])
        assert dict(run.parameters) == (said["params"] or {})
        assert sorted(run.input_uids) == said["inputs"]
        assert sorted(run.output_uids) == said["outputs"]
    new = runs.find(transform="clean.py", status="completed").items[0]
    assert new.transform.version == "0001"
    assert (new.finished_at - new.started_at).total_seconds() == 300
    assert runs.read_source(new.transform.uid) == "print('cleaner')\n"
    assert runs.read_environment(new.uid) == "numpy==2.2.0\npandas==2.3.3\n"
    assert runs.read_log(new.uid) == "3 sections cleaned\n"
    failed = runs.find(status="errored").items[0]
    assert (failed.created_by, failed.parent_uid) == ("ada", new.uid)


def test_collections_come_whole_and_in_order(moved, lamin):
    instance, _ = moved
    with sqlite3.connect(instance.settings.folder / "catalog.sqlite") as rows:
        found = rows.execute(
            "SELECT c.uid, c.key, c.is_latest, a.uid FROM collection c "
            "JOIN collection_artifact m ON m.collection_id = c.id JOIN artifact a ON a.id = m.artifact_id "
            "ORDER BY c.uid, m.position"
        ).fetchall()
    expected = [
        (one["uid"], one["key"], int(one["uid"].endswith("0001")), uid)
        for one in lamin.expected["collections"]
        for uid in one["artifacts"]
    ]
    assert found == expected


def test_a_new_version_follows_those_that_came(moved, tmp_path):
    instance, _ = moved
    pd.DataFrame({"age": [1.5]}).to_parquet(tmp_path / "sections.parquet")
    added = instance.add(tmp_path / "sections.parquet", key="tables/sections.parquet").artifact
    assert added.version == "0003"
    assert [one.version for one in instance.list_versions(added)] == ["0000", "0001", "0002", "0003"]
    assert instance.load(instance.show("tables/sections.parquet@0001"))["age"].tolist() == [62.0, 48.0, 61.5]


def test_the_report_says_what_could_not_come_and_why(moved):
    _, report = moved
    told = {finding.code: finding for finding in report.findings}
    assert set(told) == {"bytes-missing", "bytes-overwritten", "registry-as-ulabel", "key-made", "lamindb-not-brought"}
    assert "lost.txt" in told["bytes-missing"].message
    assert "scans/one" in told["bytes-overwritten"].message
    assert "bionty.Pathway" in told["registry-as-ulabel"].message
    assert "lamindb_collectionulabel" in told["lamindb-not-brought"].message
    assert not report.is_complete


def test_what_is_counted_adds_up(moved, lamin):
    _, report = moved
    assert [one.noun for one in report.counts] == list(NOUNS)
    n_found = len(list_datasets(lamin, with_lost=True))
    assert count(report, "artifact") == (n_found, 0, n_found - 2, 2)
    assert count(report, "collection") == (2, 0, 2, 0)
    assert count(report, "run") == (4, 0, 4, 0)


def test_a_second_import_adds_nothing(moved, lamin):
    instance, first = moved
    before = read_rows(instance)
    second = instance.import_lamindb(lamin.storage)
    assert read_rows(instance) == before
    for one in first.counts:
        assert count(second, one.noun) == (one.found, one.found - one.left, 0, one.left)


def read_rows(instance):
    """All rows of all tables but the counter of changes."""
    with sqlite3.connect(instance.settings.folder / "catalog.sqlite") as rows:
        tables = [name for (name,) in rows.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: rows.execute(f'SELECT * FROM "{name}"').fetchall()  # noqa: S608 (names from the database itself)
            for name in tables
            if name != "instance"
        }


def test_a_dry_run_writes_nothing_and_counts_what_an_import_would_bring(instance, lamin):
    before = read_rows(instance)
    dry = instance.import_lamindb(lamin.storage, dry_run=True)
    assert read_rows(instance) == before
    real = instance.import_lamindb(lamin.storage)
    assert dry.is_dry_run
    assert dry.counts == real.counts
    assert {finding.code for finding in dry.findings} == {finding.code for finding in real.findings}


def test_copied_bytes_are_ours_and_lamindb_keeps_its_own(instance, lamin):
    before = {path: path.stat().st_mtime_ns for path in lamin.storage.rglob("*")}
    instance.import_lamindb(lamin.storage, copy=True)
    cells = instance.show("cells.h5ad")
    assert instance.is_managed(cells)
    assert cells.storage_key == f"{cells.uid}/cells.h5ad"
    assert instance.get_path(cells).read_bytes() == (lamin.storage / ".lamindb" / f"{cells.uid}.h5ad").read_bytes()
    old = instance.show("scans/kept@0000")
    assert (instance.get_path(old) / "tiles" / "0.raw").read_bytes() == b"old"
    assert {path: path.stat().st_mtime_ns for path in lamin.storage.rglob("*")} == before


@pytest.mark.parametrize("copy", [False, True])
def test_an_interrupted_import_has_whole_artifacts_and_the_next_one_goes_on(instance, lamin, copy):
    calls = []

    def interrupt(done, total):
        calls.append((done, total))
        if len(calls) == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        instance.import_lamindb(lamin.storage, copy=copy, progress=interrupt)
    assert len(list_here(instance)) == 5
    staging = instance.settings.root / "data" / ".staging"
    assert not staging.exists() or not list(staging.iterdir())
    report = instance.import_lamindb(lamin.storage, copy=copy)
    assert set(list_here(instance)) == set(list_datasets(lamin))
    assert count(report, "artifact")[1] == 5


def test_bytes_that_changed_since_come_as_they_are_and_it_is_told(instance, lamin, tmp_path):
    shutil.copytree(lamin.storage, tmp_path / "storage")
    (tmp_path / "storage" / "real" / "notes.txt").write_text("Stored under its KEY.\n")  # as many bytes as before
    report = instance.import_lamindb(tmp_path / "storage")
    (finding,) = (one for one in report.findings if one.code == "bytes-changed")
    assert finding.message.startswith("real/notes.txt")
    assert instance.get_path(instance.show("real/notes.txt")).read_text() == "Stored under its KEY.\n"


def test_a_key_that_is_taken_here_gets_a_part_of_the_uid_and_histories_stay_apart(instance, lamin, tmp_path):
    (tmp_path / "cells.h5ad").write_text("not the same")
    mine = instance.add(tmp_path / "cells.h5ad", key="model.txt").artifact
    report = instance.import_lamindb(lamin.storage)
    uid = find(lamin, "model.txt")
    assert instance.show(uid).key == f"model~{uid[:4]}.txt"
    assert instance.show("model.txt").uid == mine.uid
    assert any(one.code == "key-taken" and uid in one.message for one in report.findings)
    again = instance.import_lamindb(lamin.storage)
    assert count(again, "artifact")[2] == 0


def test_bytes_on_another_machine_are_told_and_nothing_is_asked_of_it(instance, lamin, tmp_path):
    shutil.copytree(lamin.storage, tmp_path / "storage")
    with sqlite3.connect(tmp_path / "storage" / ".lamindb" / "lamin.db") as connection:
        connection.execute("UPDATE lamindb_storage SET root = 's3://bucket/lab' WHERE id = 2")
    report = instance.import_lamindb(tmp_path / "storage")
    (finding,) = (one for one in report.findings if one.code == "bytes-elsewhere")
    assert "s3://bucket/lab" in finding.message
    (incomplete,) = (one for one in report.findings if one.code == "collection-incomplete")
    assert incomplete.message.startswith("collection cohort")


def test_terms_that_the_reference_knows_get_its_hierarchy(moved):
    instance, _ = moved
    lung = instance.catalog.terms.get("Tissue", "lung")
    # UBERON: the lung is a respiration organ
    assert "UBERON:0000171" in instance.catalog.terms.list_keys_above(lung.uid)
    assert {"pulmo", "lungs"} <= set(lung.synonyms)


def test_the_command_prints_what_came_and_ends_with_1_when_something_is_missing(instance, lamin, capsys, monkeypatch):
    monkeypatch.setenv("VITRINA_INSTANCE", str(instance.settings.root))
    with pytest.raises(SystemExit) as done:
        main(["import", "lamindb", str(lamin.storage), "--dry-run"])
    assert done.value.code == 1
    printed = capsys.readouterr()
    assert "would come" in printed.out
    assert "error bytes-missing: lost.txt" in printed.err


def test_the_command_prints_json(instance, lamin, capsys, monkeypatch):
    monkeypatch.setenv("VITRINA_INSTANCE", str(instance.settings.root))
    with pytest.raises(SystemExit):
        main(["import", "lamindb", str(lamin.storage), "--json"])
    report = json.loads(capsys.readouterr().out)
    assert report["counts"][0] == {"noun": "user", "found": 2, "known": 0, "brought": 2}
    assert report["is_dry_run"] is False


def test_a_wrong_path_is_one_clear_message(instance, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("VITRINA_INSTANCE", str(instance.settings.root))
    with pytest.raises(SystemExit) as done:
        main(["import", "lamindb", str(tmp_path)])
    assert done.value.code == 3
    assert "lamindb-not-found" in capsys.readouterr().err
