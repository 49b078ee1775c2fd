"""From a query or a collection to batches; what a training leaves in the catalog."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import vitrina as vt
from vitrina.errors import InputError
from vitrina.ml.choices import TileKeywords, TileOptions
from vitrina.ml.record import Checkpoint
from vitrina.verbs.init import init


@pytest.fixture
def lab(tmp_path, sections):
    """A connected instance with the three sections, each labelled with its donor."""
    vt.connect(init(tmp_path / "lab").instance.settings.folder.parent)
    vt.Feature(name="patient", dtype="str").save()
    for number, path in enumerate(sections):
        artifact = vt.Artifact(path, key=f"sections/{path.name}").save()
        artifact.features.add_values({"patient": f"P{number % 2}"})
    return vt.connect(tmp_path / "lab")


def test_a_query_gives_tiles_of_all_matches(lab):
    tiles = vt.Artifact.filter(key__startswith="sections/").tiles(size_um=32, image="he", columns=["cell_type"])
    assert len(tiles) == 900
    assert {slide.uid for slide in tiles.slides} == {artifact.uid for artifact in vt.Artifact.filter()}
    (batch,) = tiles.batches(900)
    assert batch.pixels.shape == (900, 3, 32, 32)


def test_a_collection_and_an_artifact_give_tiles_too(lab):
    artifacts = list(vt.Artifact.filter(key__endswith="S1.zarr"))
    collection = vt.Collection(artifacts, key="cohort").save()
    assert len(collection.tiles(size_px=32, image="he")) == len(artifacts[0].tiles(size_px=32, image="he")) == 300


def test_tiles_are_split_by_what_is_said_of_the_artifacts(lab):
    tiles = vt.Artifact.filter().tiles(size_px=32, image="he")
    train, test = tiles.split((0.6, 0.4), by="patient")
    patients = [
        {part.slides[slide].labels["patient"] for slide in np.unique(part.places.slide_of)} for part in (train, test)
    ]
    assert {*patients[0], *patients[1]} == {"P0", "P1"}
    assert not patients[0] & patients[1]


def test_tiles_made_in_a_tracked_run_are_its_inputs(lab):
    @vt.flow
    def look():
        return vt.Artifact.filter().tiles(size_px=32, image="he")

    look()
    (run,) = vt.Run.filter()
    assert len(lab.get_run(run.uid).input_uids) == 3


def test_a_query_without_matches_is_told(lab):
    with pytest.raises(InputError, match="no datasets"):
        vt.Artifact.filter(key="nothing").tiles(size_px=32)


def test_the_keywords_are_the_fields_of_the_options():
    assert list(TileKeywords.__annotations__) == [field.name for field in dataclasses.fields(TileOptions)]


def test_a_training_is_a_run_with_frozen_query_versions_and_checkpoints(lab, tmp_path):
    tiles = vt.Artifact.filter(key__startswith="sections/").tiles(size_px=32, image="he")
    train, _ = tiles.split((0.5, 0.5), by="slide", seed=4)
    recorder = train.recorder
    run = recorder.start("models/types", {"tiles": train.describe(), "seed": 4}, train.list_uids())
    path = tmp_path / "epoch=1.ckpt"
    path.write_bytes(b"weights")
    facts = {"score": 0.5, "metric": "val_loss", "is_best_model": True, "model_rank": 0, "epoch": 1, "step": 9}
    saved = recorder.save(run, Checkpoint(path=path, key="models/types/epoch=1.ckpt", facts=facts))
    recorder.describe(saved, {"is_best_model": False, "model_rank": 1})
    recorder.finish(run, "completed")

    artifact = vt.Artifact.get("models/types/epoch=1.ckpt")
    assert artifact.kind == "model"
    assert artifact.features.get_values() == facts | {"is_best_model": False, "model_rank": 1}
    assert [one.uid for one in vt.Artifact.filter(score__gt=0.4)] == [artifact.uid]
    record = lab.get_run(run)
    assert record.status == "completed"
    assert record.output_uids == (artifact.uid,)
    assert set(record.input_uids) == set(train.list_uids())
    assert record.parameters["query"] == {
        "query": {"text": "", "where": {"and": [{"key__startswith": "sections/"}]}, "which": "latest"}
    }
    assert [one["hash"] for one in record.parameters["datasets"]] == [
        vt.Artifact.get(uid).hash for uid in train.list_uids()
    ]
    assert record.parameters["tiles"]["history"][1]["seed"] == 4
    graph = lab.read_lineage(lab.show(artifact.uid))
    assert {one.uid for one in graph.artifacts} == {artifact.uid, *train.list_uids()}


def test_a_feature_of_the_lab_with_the_same_name_does_not_stop_a_training(lab, tmp_path, caplog):
    vt.Feature(name="score", dtype="str").save()
    recorder = vt.Artifact.filter().tiles(size_px=32, image="he").recorder
    run = recorder.start("models/types", {}, [])
    path = tmp_path / "last.ckpt"
    path.write_bytes(b"weights")
    saved = recorder.save(run, Checkpoint(path=path, key="models/last.ckpt", facts={"score": 0.5, "epoch": 2}))
    assert vt.Artifact.get(saved.uid).features.get_values() == {"epoch": 2}
    assert "score" in caplog.text
