"""Batches as tensors, workers and ranks, Lightning: what a training reads, resumes, and leaves in the catalog."""

from __future__ import annotations

import lightning
import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

import vitrina as vt
from vitrina.errors import ConflictError, InputError
from vitrina.ml.choices import TileOptions
from vitrina.ml.cohort import build_tiles
from vitrina.ml.torch import ArtifactCheckpoint, TileBatches, TilesDataModule
from vitrina.ml.torch.checkpoint import tell_loggers, to_json
from vitrina.verbs.init import init

pytestmark = [
    pytest.mark.filterwarnings(f"ignore::{kind}") for kind in ("UserWarning", "FutureWarning", "DeprecationWarning")
]
"""Lightning gives advice on workers and loggers, and uses what PyTorch has deprecated."""


@pytest.fixture(scope="module")
def tiles(datasets):
    return build_tiles(
        datasets,
        TileOptions(size_px=16, image="he", columns=("cell_type",), masks="cell_labels", genes=("EPCAM", "CD3E")),
    )


class Linear(lightning.LightningModule):
    """Colours to cell types: the smallest model that learns; keeps the numbers of the tiles that it saw."""

    def __init__(self, n_classes, lr=0.1, stop_at=None):  # noqa: ARG002 a hyperparameter
        super().__init__()
        torch.manual_seed(0)
        self.save_hyperparameters()
        self.model = torch.nn.Linear(3, n_classes)
        self.stop_at = stop_at
        self.seen = []

    def compute_loss(self, batch):
        scores = self.model(batch["image"].float().mean(dim=(2, 3)) / 255)
        return torch.nn.functional.cross_entropy(scores, batch["cell_type"])

    def training_step(self, batch, _):
        if self.stop_at is not None and self.global_step >= self.stop_at:
            raise RuntimeError("power cut")
        self.seen.append(batch["id"].tolist())
        return self.compute_loss(batch)

    def validation_step(self, batch, _):
        self.log("val_loss", self.compute_loss(batch), batch_size=len(batch["id"]))

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=self.hparams.lr)


def build_trainer(tmp_path, **options):
    options = {"max_epochs": 2, "logger": False, "enable_checkpointing": True} | options
    return lightning.Trainer(
        default_root_dir=tmp_path, accelerator="cpu", enable_progress_bar=False, enable_model_summary=False, **options
    )


def test_a_batch_is_tensors_of_the_same_cells(tiles):
    batches = TileBatches(tiles, 32)
    batch = next(iter(batches))
    plain = next(iter(tiles.batches(32)))
    assert batch["image"].dtype == torch.uint8
    np.testing.assert_array_equal(batch["image"].numpy(), plain.pixels)
    np.testing.assert_array_equal(batch["mask"].numpy(), plain.masks)
    np.testing.assert_array_equal(batch["cell_type"].numpy(), plain.values["cell_type"])
    np.testing.assert_array_equal(batch["genes"].numpy(), plain.genes)
    np.testing.assert_array_equal(batch["id"].numpy(), plain.ids)
    assert len(batches) == -(-900 // 32)


def test_a_transform_makes_what_the_loop_gets(tiles):
    batches = TileBatches(tiles, 32, transform=lambda batch: (batch["image"].float() / 255, batch["cell_type"]))
    image, label = next(iter(batches))
    assert image.max() <= 1
    assert label.shape == (32,)


def test_ranks_see_disjoint_complete_data(tiles):
    ranks = [TileBatches(tiles, 32, rank=rank, world_size=2, memory_bytes=2**23) for rank in range(2)]
    for _ in range(2):
        seen = [torch.cat([batch["id"] for batch in rank]) for rank in ranks]
        assert torch.equal(torch.cat(seen).sort().values, torch.arange(900))
        assert len(seen[0]) == len(seen[1]) == 450


def test_workers_of_a_data_loader_read_parts_that_are_disjoint_and_complete_and_change_each_epoch(tiles):
    loader = DataLoader(TileBatches(tiles, 32, threads=1), batch_size=None, num_workers=2)
    epochs = [torch.cat([batch["id"] for batch in loader]) for _ in range(2)]
    for seen in epochs:
        assert torch.equal(seen.sort().values, torch.arange(900))
    assert not torch.equal(*epochs)


def test_parts_are_not_given_by_hand(tiles):
    with pytest.raises(InputError, match="world_size"):
        TileBatches(tiles, 32, part=1, n_parts=2)


def test_a_training_that_was_cut_off_goes_on_with_the_same_remaining_batches(tiles, tmp_path):
    train, val = tiles.split((0.6, 0.3), seed=1)

    def build():
        return TilesDataModule(train, val, batch_size=16, seed=3)

    whole = Linear(12)
    build_trainer(tmp_path / "whole").fit(whole, build())
    options = {"dirpath": tmp_path / "cut", "every_n_train_steps": 1, "save_top_k": -1}
    cut = Linear(12, stop_at=20)
    keep = lightning.pytorch.callbacks.ModelCheckpoint(**options)
    with pytest.raises(RuntimeError, match="power cut"):
        build_trainer(tmp_path / "cut", callbacks=[keep]).fit(cut, build())
    assert cut.seen == whole.seen[:20]
    resumed = Linear(12)
    build_trainer(tmp_path / "resumed").fit(resumed, build(), ckpt_path=keep.best_model_path, weights_only=False)
    assert resumed.seen == whole.seen[20:]
    for name, weights in whole.state_dict().items():
        torch.testing.assert_close(resumed.state_dict()[name], weights)


def test_a_state_of_other_tiles_is_refused(tiles):
    state = TileBatches(tiles, 32).state_dict()
    with pytest.raises(ConflictError):
        TileBatches(tiles, 32, memory_bytes=2**23, seed=1).load_state_dict(state)


def test_balanced_training_batches_hold_each_class_equally_often(tiles):
    module = TilesDataModule(tiles, batch_size=50, balance="cell_type")
    counts = torch.bincount(torch.cat([batch["cell_type"] for batch in module.train_dataloader()]))
    assert counts[counts > 0].max() - counts[counts > 0].min() <= 3
    with pytest.raises(InputError, match="balance"):
        TilesDataModule(tiles, balance="cell_type", sampler=object())


@pytest.fixture
def lab(tmp_path, sections):
    vt.connect(init(tmp_path / "lab").instance.settings.folder.parent)
    for path in sections:
        vt.Artifact(path, key=f"sections/{path.name}").save()
    return vt.connect(tmp_path / "lab")


def fit(lab, tmp_path, model, **options):
    tiles = vt.Artifact.filter().tiles(size_px=16, image="he", columns=["cell_type"])
    train, val = tiles.split((0.6, 0.3), seed=1)
    checkpoint = ArtifactCheckpoint(
        "models/linear",
        dirpath=tmp_path / "checkpoints",
        monitor="val_loss",
        save_top_k=2,
        save_last=True,
        filename="{epoch}",
    )
    trainer = build_trainer(tmp_path, callbacks=[checkpoint], **options)
    trainer.fit(model, TilesDataModule(train, val, batch_size=32, seed=7))
    return checkpoint, train


def test_checkpoints_are_artifacts_of_a_run_that_says_what_they_were_trained_on(lab, tmp_path):
    checkpoint, train = fit(lab, tmp_path, Linear(12), max_epochs=4)
    models = {artifact.key: artifact for artifact in vt.Artifact.filter(kind="model")}
    kept = {path.rsplit("/", 1)[-1] for path in checkpoint.best_k_models}
    assert set(models) == {f"models/linear/{name}" for name in [*kept, "last.ckpt"]}

    best = models["models/linear/" + checkpoint.best_model_path.rsplit("/", 1)[-1]]
    assert checkpoint.get_artifact_uid(checkpoint.best_model_path) == best.uid
    values = best.features.get_values()
    assert values["is_best_model"] is True
    assert values["model_rank"] == 0
    assert values["metric"] == "val_loss"
    assert values["score"] == pytest.approx(float(checkpoint.best_model_score))
    ranks = {key: artifact.features.get_values().get("model_rank") for key, artifact in models.items()}
    assert sorted(rank for rank in ranks.values() if rank is not None) == [0, 1]
    with torch.serialization.safe_globals([]):
        weights = torch.load(best.cache(), weights_only=False)["state_dict"]
    assert set(weights) == set(Linear(12).state_dict())

    (run,) = lab.find_runs(output_uid=best.uid).items
    assert run.status == "completed"
    assert run.transform.key == "models/linear"
    parameters = run.parameters
    assert parameters["hparams"] == {"n_classes": 12, "lr": 0.1, "stop_at": None}
    assert parameters["parts"]["train"]["hash"] == train.hash
    assert parameters["parts"]["train"]["history"][1]["fractions"] == [0.6, 0.3]
    assert parameters["loader"]["seed"] == 7
    assert parameters["loader"]["plan_hash"] == train.batches(32, seed=7, drop_last=True).plan(0).hash
    assert {one["uid"] for one in parameters["datasets"]} == set(run.input_uids)
    assert parameters["trainer"]["max_epochs"] == 4


def test_the_last_checkpoint_gets_a_version_each_time_it_is_written(lab, tmp_path):
    fit(lab, tmp_path, Linear(12), max_epochs=3)
    assert len(vt.Artifact.get("models/linear/last.ckpt").versions) >= 2


def test_a_training_that_fails_is_a_run_that_says_why(lab, tmp_path):
    with pytest.raises(RuntimeError, match="power cut"):
        fit(lab, tmp_path, Linear(12, stop_at=3))
    (run,) = lab.find_runs(transform="models/linear").items
    assert run.status == "errored"
    assert "power cut" in run.error


def test_a_training_inside_of_a_tracked_function_is_a_part_of_its_run(lab, tmp_path):
    @vt.flow
    def train_linear():
        fit(lab, tmp_path, Linear(12), max_epochs=1)

    train_linear()
    runs = {run.transform.key: run for run in lab.find_runs().items}
    outer = next(run for key, run in runs.items() if "train_linear" in key)
    assert runs["models/linear"].parent_uid == outer.uid


def test_tiles_that_come_from_no_catalog_or_are_unknown_are_told(tiles, tmp_path):
    for module, match in ((TilesDataModule(tiles, batch_size=32), "no catalog"), (None, "not known")):
        trainer = build_trainer(tmp_path, callbacks=[ArtifactCheckpoint("models/x")], max_epochs=1)
        given = {"datamodule": module} if module else {"train_dataloaders": TileBatches(tiles, 32)}
        with pytest.raises(InputError, match=match):
            trainer.fit(Linear(12), **given)


def test_mlflow_and_wandb_are_told_the_address_and_others_nothing():
    from lightning.pytorch.loggers import CSVLogger, MLFlowLogger, WandbLogger

    told = {}

    class Mlflow(MLFlowLogger):
        def __init__(self):
            pass

        run_id = "r1"

        @property
        def experiment(self):
            return self

        def set_tag(self, run, name, value):
            told["mlflow"] = (run, name, value)

    class Wandb(WandbLogger):
        def __init__(self):
            pass

        @property
        def experiment(self):
            return self

        config = property(lambda self: self)

        def update(self, values, *, allow_val_change):
            told["wandb"] = values if allow_val_change else None

    class Trainer:
        loggers = (Mlflow(), Wandb(), CSVLogger("unused"))

    tell_loggers(Trainer(), "http://hub/api/v1/runs/1")
    assert told == {
        "mlflow": ("r1", "vitrina.run", "http://hub/api/v1/runs/1"),
        "wandb": {"vitrina_run": "http://hub/api/v1/runs/1"},
    }


def test_hyperparameters_become_json():
    assert to_json({"a": (1, float("nan")), "b": torch.nn.ReLU(), 3: {"c": True}}) == {
        "a": [1, "nan"],
        "b": "ReLU()",
        "3": {"c": True},
    }
