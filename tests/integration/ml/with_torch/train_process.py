"""A training as its user starts it: a script, one process per device, that notes which tiles each process saw.

    SECTIONS=path:path... python train_process.py FOLDER DEVICES [CHECKPOINT]

``FOLDER/seen-RANK.jsonl`` gets a line per step, written before the weights change; ``FOLDER/weights-RANK.pt`` is
written at the end, and a checkpoint after every step.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from pathlib import Path

import lightning
import torch
from lightning.pytorch.callbacks import ModelCheckpoint

from vitrina.ml.choices import Dataset, TileOptions
from vitrina.ml.cohort import build_tiles
from vitrina.ml.torch import TilesDataModule
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source

N_CLASSES, N_STEPS_BEFORE_WAITING = 12, 7


class Linear(lightning.LightningModule):
    """Colours to cell types."""

    def __init__(self, folder):
        super().__init__()
        torch.manual_seed(0)
        self.model = torch.nn.Linear(3, N_CLASSES)
        self.folder = folder

    def training_step(self, batch, _):
        with (self.folder / f"seen-{self.global_rank}.jsonl").open("a") as log:
            log.write(json.dumps({"epoch": self.current_epoch, "ids": batch["id"].tolist()}) + "\n")
        if "WAIT_TO_BE_KILLED" in os.environ and self.global_step == N_STEPS_BEFORE_WAITING:
            print("waiting", flush=True)
            sys.stdin.read()  # never ends: the test kills this process here
        scores = self.model(batch["image"].float().mean(dim=(2, 3)) / 255)
        return torch.nn.functional.cross_entropy(scores, batch["cell_type"])

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)

    def on_train_end(self):
        torch.save(self.state_dict(), self.folder / f"weights-{self.global_rank}.pt")


def main():
    folder, n_devices, paths = Path(sys.argv[1]), int(sys.argv[2]), os.environ["SECTIONS"].split(os.pathsep)
    warnings.simplefilter("ignore")
    sources = [open_source(Path(path)) for path in paths]
    datasets = [
        Dataset(name=source.path.name, source=source, content=find_reader(source).read_content(source))
        for source in sources
    ]
    tiles = build_tiles(datasets, TileOptions(size_px=16, image="he", columns=("cell_type",)))
    keep = ModelCheckpoint(dirpath=folder / "checkpoints", every_n_train_steps=1, save_top_k=-1, filename="{step}")
    trainer = lightning.Trainer(
        default_root_dir=folder,
        accelerator="cpu",
        devices=n_devices,
        strategy="ddp" if n_devices > 1 else "auto",
        max_epochs=2,
        logger=False,
        callbacks=[keep],
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    checkpoint = sys.argv[3] if len(sys.argv) > 3 else None
    trainer.fit(Linear(folder), TilesDataModule(tiles, batch_size=30, seed=5), ckpt_path=checkpoint, weights_only=False)


if __name__ == "__main__":
    main()
