"""A real instance, read without LaminDB. Expected values are LaminDB's own answers about it."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess

import pytest
from lamin import PYTHON

from vitrina.errors import NotFoundError, UnreadableError, UnsupportedError
from vitrina.lamindb.artifacts import count_artifacts, read_artifacts, read_storages, read_users
from vitrina.lamindb.database import DATABASE, LaminDatabase, find_database
from vitrina.lamindb.features import read_features, read_schemas
from vitrina.lamindb.hashing import hash_lamin
from vitrina.lamindb.leftovers import count_leftovers
from vitrina.lamindb.lineage import read_collections, read_runs, read_transforms
from vitrina.lamindb.terms import list_registries, read_terms


@pytest.fixture
def database(lamin):
    with LaminDatabase(find_database(lamin.storage)) as opened:
        yield opened


@pytest.fixture
def artifacts(database):
    return {artifact.uid: artifact for artifact in read_artifacts(database, list_registries(database))}


@pytest.fixture
def terms(database):
    return {
        (registry.name, term.id): term
        for registry in list_registries(database)
        for term in read_terms(database, registry)
    }


def test_every_artifact_is_read_with_the_path_that_lamindb_gives_it(lamin, database, artifacts):
    folders = {storage.id: storage.folder for storage in read_storages(database)}
    paths = {uid: str(folders[one.storage_id] / one.storage_key) for uid, one in artifacts.items()}
    assert paths == {uid: one["path"] for uid, one in lamin.artifacts.items()}
    assert count_artifacts(database) == len(lamin.artifacts)


@pytest.mark.parametrize("field", ["key", "description", "kind", "is_latest", "is_trashed"])
def test_fields_of_artifacts_are_those_that_lamindb_gives(lamin, artifacts, field):
    read = {uid: getattr(one, field) for uid, one in artifacts.items()}
    assert read == {uid: one[field] for uid, one in lamin.artifacts.items()}


def test_artifacts_were_made_when_and_by_whom_lamindb_says(lamin, database, artifacts):
    handles = {user.id: user.handle for user in read_users(database)}
    for uid, one in lamin.artifacts.items():
        assert artifacts[uid].created_at.isoformat() == one["created_at"]
        assert handles[artifacts[uid].created_by_id] == one["created_by"]


def test_labels_of_artifacts_are_those_that_lamindb_gives(lamin, artifacts, terms):
    for uid, one in lamin.artifacts.items():
        names = sorted({terms[label.registry, label.term_id].name for label in artifacts[uid].labels})
        assert names == sorted({name for names in one["labels"].values() for name in names})


def test_values_of_features_are_those_that_lamindb_gives(lamin, database, artifacts):
    features = {feature.id: feature for feature in read_features(database)}
    cells = lamin.find(key="cells.h5ad")
    values = {features[id_].name: value for id_, value in artifacts[cells["uid"]].values}
    expected = {name: value for name, value in cells["values"].items() if "cat[" not in dtype_of(features, name)}
    moment = expected.pop("scanned")  # lamindb gives a datetime, and the row has ISO 8601
    assert values.pop("scanned") == moment.replace(" ", "T")
    assert values == expected


def dtype_of(features, name):
    return next(feature.dtype for feature in features.values() if feature.name == name)


def test_terms_come_with_synonyms_ontology_ids_parents_and_types(terms):
    named = {(registry, term.name): term for (registry, _), term in terms.items()}
    lung = named["bionty.Tissue", "lung"]
    assert lung.ontology_id == "UBERON:0002048"
    assert lung.synonyms == ("pulmo", "lungs")
    assert named["bionty.Tissue", "left lung"].parent_ids == (lung.id,)
    assert named["ULabel", "donor 1"].parent_ids == (named["ULabel", "Donor"].id,)
    gene = named["bionty.Gene", "EPCAM"]
    assert gene.ontology_id == "ENSG00000119888"
    assert terms["bionty.Organism", gene.organism_id].name == "human"


def test_schemas_come_with_members_index_optional_members_and_slots_after_their_components(database):
    features = {feature.id: feature.name for feature in read_features(database)}
    schemas = read_schemas(database)
    table = next(schema for schema in schemas if schema.name == "sections")
    assert [features[id_] for id_ in table.feature_ids] == ["section", "tissue", "donor", "age"]
    assert {features[id_] for id_ in table.optional_ids} == {"age"}
    assert features[table.index_id] == "section"
    assert (table.is_minimal, table.is_maximal, table.is_flexible, table.is_coerced) == (True, True, False, True)
    places = {schema.id: place for place, schema in enumerate(schemas)}
    composite = next(schema for schema in schemas if schema.name == "cells by genes")
    assert set(composite.slots) == {"obs", "var.T"}
    assert all(places[component] < places[composite.id] for component in composite.slots.values())


def test_runs_come_with_their_code_parameters_status_and_inputs(lamin, database, artifacts):
    uids = {one.id: uid for uid, one in artifacts.items()}
    transforms = {transform.id: transform for transform in read_transforms(database)}
    read = [
        {
            "uid": run.uid,
            "transform": transforms[run.transform_id].uid,
            "status": run.status,
            "params": dict(run.parameters) or None,
            "inputs": sorted(uids[id_] for id_ in run.input_ids),
            "outputs": sorted(uid for uid, one in artifacts.items() if one.run_id == run.id),
        }
        for run in read_runs(database)
    ]
    assert read == lamin.expected["runs"]


def test_collections_come_with_their_artifacts_in_order(lamin, database, artifacts):
    uids = {one.id: uid for uid, one in artifacts.items()}
    read = [
        {"uid": one.uid, "key": one.key, "artifacts": [uids[id_] for id_ in one.artifact_ids]}
        for one in read_collections(database)
    ]
    assert read == lamin.expected["collections"]


def test_the_hash_of_bytes_is_the_one_that_lamindb_recorded(lamin, artifacts):
    checked = set()
    for uid, one in artifacts.items():
        if not one.is_overwritten and lamin.artifacts[uid]["key"] != "lost.txt":
            assert hash_lamin(lamin.folder / lamin.artifacts[uid]["path"]) == one.hash, one
            checked.add(one.hash_type)
    assert checked == {"md5", "md5-d"}


def test_a_large_file_is_hashed_by_its_ends(tmp_path, lamin):
    """LaminDB's own hash of the same file is the second implementation."""
    file = tmp_path / "large"
    with file.open("wb") as stream:
        stream.write(b"begin")
        stream.truncate(60 * 2**20)
    code = "import sys; from lamindb_setup.core.hashing import hash_file; print(hash_file(sys.argv[1]))"
    done = subprocess.run([PYTHON, "-c", code, file], check=True, capture_output=True, text=True, cwd=tmp_path)
    assert f"'{hash_lamin(file)}', 'sha1-fl'" in done.stdout


def test_only_the_newest_of_versions_that_share_a_path_still_has_its_bytes(artifacts):
    overwritten = {(one.key, uid[-4:]) for uid, one in artifacts.items() if one.is_overwritten}
    assert overwritten == {("scans/one", "0000")}


def test_what_is_not_read_is_counted(database):
    assert count_leftovers(database) == {"lamindb_collectionulabel": 1, "lamindb_collection.run_id": 1}


def test_a_storage_that_was_moved_is_found_by_its_marker(lamin, tmp_path):
    shutil.copytree(lamin.storage, tmp_path / "moved")
    with LaminDatabase(find_database(tmp_path / "moved")) as database:
        own, outside = read_storages(database)
    assert own.folder == tmp_path / "moved"
    assert outside.folder == lamin.folder / "outside"


@pytest.mark.parametrize("named", ["storage", "storage/.lamindb", "storage/.lamindb/lamin.db"])
def test_the_instance_may_be_named_by_its_folder_or_file(lamin, named):
    assert find_database(lamin.folder / named) == lamin.storage / DATABASE


def test_a_path_without_an_instance_is_not_found(tmp_path):
    with pytest.raises(NotFoundError, match=r"lamin\.db"):
        LaminDatabase(find_database(tmp_path))


def test_a_file_that_is_no_database_is_unreadable(tmp_path):
    (tmp_path / "lamin.db").write_bytes(b"no database at all, but long enough to be looked at" * 20)
    with pytest.raises(UnreadableError, match="SQLite"):
        LaminDatabase(tmp_path / "lamin.db")


def test_a_truncated_database_is_unreadable(lamin, tmp_path):
    whole = (lamin.storage / DATABASE).read_bytes()
    (tmp_path / "lamin.db").write_bytes(whole[: len(whole) // 3])
    with pytest.raises(UnreadableError), LaminDatabase(tmp_path / "lamin.db") as database:
        list(read_artifacts(database, list_registries(database)))


def test_an_instance_of_another_time_is_refused_by_what_it_lacks(lamin, tmp_path):
    shutil.copy(lamin.storage / DATABASE, tmp_path / "lamin.db")
    with sqlite3.connect(tmp_path / "lamin.db") as connection:
        connection.execute("ALTER TABLE lamindb_transform RENAME COLUMN source_code TO source")
    with pytest.raises(UnsupportedError, match=r"lamindb_transform\.source_code"):
        LaminDatabase(tmp_path / "lamin.db")


def test_reading_changes_nothing(lamin, database, artifacts):
    before = (lamin.storage / DATABASE).stat().st_mtime_ns
    with pytest.raises(UnreadableError, match="readonly"):
        list(database.select("DELETE FROM lamindb_artifact"))
    assert (lamin.storage / DATABASE).stat().st_mtime_ns == before
