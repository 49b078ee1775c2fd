"""Collections through the notebook door."""

from __future__ import annotations

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from spatialdata.datasets import blobs

import vitrina as vt
from vitrina.api.connection import connect
from vitrina.errors import ConflictError, InputError, NotFoundError, UnsupportedError
from vitrina.verbs.init import init


@pytest.fixture(autouse=True)
def instance(tmp_path):
    instance = init(tmp_path / "lab").instance
    connect(tmp_path / "lab")
    return instance


def save_adata(key, genes=("g0", "g1")):
    adata = ad.AnnData(
        np.ones((2, len(genes)), dtype=np.float32),
        obs=pd.DataFrame(index=[f"{key}-c0", f"{key}-c1"]),
        var=pd.DataFrame(index=list(genes)),
    )
    return vt.Artifact(adata, key=f"{key}.h5ad").save()


@pytest.fixture
def artifacts():
    return [save_adata("a"), save_adata("b", ("g1", "g2"))]


def test_a_collection_is_saved_and_found_again(artifacts):
    cohort = vt.Collection(artifacts, key="cohort", description="Both").save()
    found = vt.Collection.get("cohort")
    assert (found.uid, found.description, len(found)) == (cohort.uid, "Both", 2)
    assert [one.uid for one in found] == [one.uid for one in artifacts]
    assert vt.Collection.filter(key__startswith="coh").one().uid == cohort.uid
    assert vt.Collection.to_dataframe().loc[cohort.uid, "n_artifacts"] == 2
    assert repr(found) == f"Collection(uid={cohort.uid!r}, key='cohort', 2 artifacts)"
    assert cohort.save().uid == cohort.uid


def test_its_artifacts_can_be_queried(artifacts):
    cohort = vt.Collection(vt.Artifact.filter(key="a.h5ad"), key="cohort").save()
    assert cohort.artifacts.one().key == "a.h5ad"
    assert cohort.artifacts.filter(key="b.h5ad").count() == 0
    save_adata("a", ("g9",))
    assert cohort.artifacts.one().version == "0001"


def test_appending_makes_a_new_version_and_leaves_the_old_one(artifacts):
    first = vt.Collection(artifacts[0], key="cohort", description="Growing").save()
    second = first.append(artifacts[1]).save()
    assert (second.version, second.description, len(second), len(first)) == ("0002", "Growing", 2, 1)
    assert [one.version for one in second.versions] == ["0002", "0001"]
    assert len(vt.Collection.get("cohort@0001")) == 1
    assert second.append(artifacts).save().uid == second.uid
    assert vt.Collection(artifacts, revises=first).save().uid == second.uid


def test_loaded_it_is_one_anndata_that_knows_where_each_cell_came_from(artifacts):
    cohort = vt.Collection(artifacts, key="cohort").save()
    outer, inner = cohort.load(), cohort.load(join="inner")
    assert (outer.shape, inner.shape) == ((4, 3), (4, 1))
    assert list(inner.obs["artifact_uid"]) == [uid for one in artifacts for uid in (one.uid, one.uid)]


def test_loaded_it_is_one_table_or_one_spatialdata():
    tables = [vt.Artifact(pd.DataFrame({name: [1, 2]}), key=f"{name}.parquet").save() for name in "xy"]
    frame = vt.Collection(tables, key="tables").save().load()
    assert (list(frame.columns), len(frame)) == (["x", "artifact_uid", "y"], 4)
    sections = [vt.Artifact(blobs(n_channels=n), key=f"{n}.zarr").save() for n in (2, 3)]
    sdata = vt.Collection(sections, key="sections").save().load()
    assert {f"blobs_image-{one.uid}" for one in sections} <= set(sdata.images)
    assert len(sdata.tables) == 1


def test_what_cannot_be_put_together_says_why(artifacts):
    table = vt.Artifact(pd.DataFrame({"x": [1]}), key="t.parquet").save()
    with pytest.raises(UnsupportedError, match="anndata, table"):
        vt.Collection([*artifacts, table], key="mixed").save().load()


def test_what_makes_no_collection_is_refused(artifacts):
    with pytest.raises(InputError, match="no artifacts"):
        vt.Collection([], key="empty").save()
    with pytest.raises(InputError, match="needs a key"):
        vt.Collection(artifacts)
    with pytest.raises(InputError, match="not saved"):
        vt.Collection([vt.Artifact("x.txt")], key="unsaved").save()
    with pytest.raises(InputError, match="not saved"):
        _ = vt.Collection(artifacts, key="unsaved").uid
    artifacts[0].delete()
    with pytest.raises(ConflictError, match="trash"):
        vt.Collection(artifacts, key="trashed").save()


def test_a_deleted_artifact_stays_in_its_collection_until_that_is_deleted(artifacts):
    cohort = vt.Collection(artifacts, key="cohort").save()
    artifacts[0].delete()
    assert len(list(cohort)) == 2
    assert cohort.artifacts.count() == 1
    with pytest.raises(ConflictError, match="cohort@0001"):
        artifacts[0].delete(permanent=True)
    cohort.delete()
    artifacts[0].delete(permanent=True)
    with pytest.raises(NotFoundError):
        vt.Collection.get("cohort")


def test_another_instance_has_its_own(artifacts, tmp_path):
    vt.Collection(artifacts, key="cohort").save()
    init(tmp_path / "elsewhere")
    assert len(vt.DB(tmp_path / "elsewhere").Collection.filter()) == 0
    assert vt.DB(tmp_path / "lab").Collection.get("cohort").key == "cohort"


def test_an_artifact_goes_to_the_trash_and_comes_back(artifacts):
    artifact = artifacts[0]
    artifact.delete()
    assert vt.Artifact.filter(key="a.h5ad").count() == 0
    assert artifact.restore().is_latest
    assert vt.Artifact.filter(key="a.h5ad").count() == 1
