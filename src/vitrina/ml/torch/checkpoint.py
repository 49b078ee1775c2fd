"""Checkpoints of a Lightning training as artifacts, linked to the data that they were trained on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lightning.pytorch.callbacks import ModelCheckpoint

from vitrina.errors import InputError
from vitrina.ml.record import Checkpoint, SavedModel
from vitrina.ml.torch.data_module import TilesDataModule

if TYPE_CHECKING:
    import lightning

    from vitrina.ml.record import Recorder
    from vitrina.ml.tiles import Tiles

MAX_DEPTH = 6
"""Hyperparameters nested deeper are kept as text."""


class ArtifactCheckpoint(ModelCheckpoint):
    """Lightning's ``ModelCheckpoint`` whose checkpoints become artifacts of kind ``model``.

    A training is a run with what it read: the query or collection, versions and hashes of the datasets, how they were
    split, seed and hash of the batch plan, hyperparameters and trainer settings. Each checkpoint gets its score, rank
    and whether it is the best; one that Lightning drops goes to the trash. MLflow and Weights & Biases are told the
    address of the run.

    Args:
        key: Name of the training; the checkpoints' keys begin with it.
        tiles: What is trained on; that of a ``TilesDataModule`` unless given.
        recorder: The catalog; that of the tiles unless given.
        **options: As for ``ModelCheckpoint``: ``monitor``, ``mode``, ``save_top_k``, ``save_last``, ...
    """

    def __init__(
        self, key: str, *, tiles: Tiles | None = None, recorder: Recorder | None = None, **options: Any
    ) -> None:
        super().__init__(**options)
        self.key = key.strip("/")
        self.run_uid: str | None = None
        self._tiles = tiles
        self._recorder = recorder
        self._saved: dict[str, tuple[SavedModel, tuple[int, int]]] = {}
        self._told: dict[str, dict[str, Any]] = {}

    @property
    def state_key(self) -> str:
        """Under which a checkpoint keeps the state of this callback."""
        return f"{type(self).__qualname__}[{self.key}]"

    def on_fit_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """Begin the run."""
        super().on_fit_start(trainer, pl_module)
        if not trainer.is_global_zero:
            return
        recorder, tiles, told = self._find_tiles(trainer)
        parameters = {
            **told,
            "hparams": to_json(dict(pl_module.hparams)),
            "model": f"{type(pl_module).__module__}.{type(pl_module).__qualname__}",
            "trainer": {
                "max_epochs": trainer.max_epochs,
                "max_steps": trainer.max_steps,
                "precision": str(trainer.precision),
                "accelerator": type(trainer.accelerator).__name__,
                "num_devices": trainer.num_devices,
                "world_size": trainer.world_size,
            },
            "checkpoint": {"monitor": self.monitor, "mode": self.mode, "save_top_k": self.save_top_k},
        }
        uids = dict.fromkeys(uid for part in tiles for uid in part.list_uids())
        self._recorder = recorder
        self.run_uid = recorder.start(self.key, parameters, list(uids))
        tell_loggers(trainer, recorder.build_run_uri(self.run_uid))

    def on_train_batch_end(self, trainer: lightning.Trainer, *args: Any, **kwargs: Any) -> None:
        """Save what Lightning has written."""
        super().on_train_batch_end(trainer, *args, **kwargs)
        self._follow(trainer)

    def on_train_epoch_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """Save what Lightning has written."""
        super().on_train_epoch_end(trainer, pl_module)
        self._follow(trainer)

    def on_validation_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """Save what Lightning has written."""
        super().on_validation_end(trainer, pl_module)
        self._follow(trainer)

    def on_train_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """Save what Lightning has written."""
        super().on_train_end(trainer, pl_module)
        self._follow(trainer)

    def on_fit_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """End the run."""
        super().on_fit_end(trainer, pl_module)
        if self.run_uid is not None and self._recorder is not None:
            self._recorder.finish(self.run_uid, "completed")
            self.run_uid = None

    def on_exception(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, exception: BaseException
    ) -> None:
        """End the run that did not end well."""
        super().on_exception(trainer, pl_module, exception)
        if self.run_uid is not None and self._recorder is not None:
            run, self.run_uid = self.run_uid, None
            self._recorder.finish(
                run,
                "aborted" if isinstance(exception, KeyboardInterrupt) else "errored",
                f"{type(exception).__name__}: {exception}",
            )

    def get_artifact_uid(self, path: str) -> str | None:
        """The artifact of a checkpoint, by its path such as ``best_model_path``; None for what was not saved."""
        known = self._saved.get(path)
        return None if known is None else known[0].uid

    def _follow(self, trainer: lightning.Trainer) -> None:
        """Bring the catalog to what Lightning keeps: new files, dropped files, ranks."""
        if self.run_uid is None or self._recorder is None or trainer.sanity_checking:
            return
        kept = {path for path in (*self.best_k_models, self.best_model_path, self.last_model_path) if path}
        for path in sorted(kept):
            stat = Path(path).stat() if Path(path).is_file() else None
            mark = (stat.st_mtime_ns, stat.st_size) if stat is not None else None
            if mark is None or (path in self._saved and self._saved[path][1] == mark):
                continue
            facts = self._build_facts(path, trainer)
            checkpoint = Checkpoint(path=Path(path), key=f"{self.key}/{Path(path).name}", facts=facts)
            self._saved[path] = self._recorder.save(self.run_uid, checkpoint), mark
            self._told[path] = facts
        for path in [path for path in self._saved if path not in kept and not Path(path).exists()]:
            saved, _ = self._saved.pop(path)
            del self._told[path]
            self._recorder.drop(saved)
        for path, (saved, _) in self._saved.items():
            facts = {**self._told[path], **self._build_rank(path)}
            if facts != self._told[path]:
                self._recorder.describe(saved, facts)
                self._told[path] = facts

    def _build_facts(self, path: str, trainer: lightning.Trainer) -> dict[str, Any]:
        score = self.best_k_models.get(path)
        return {
            "score": None if score is None else float(score),
            "metric": self.monitor,
            "epoch": int(trainer.current_epoch),
            "step": int(trainer.global_step),
            **self._build_rank(path),
        }

    def _build_rank(self, path: str) -> dict[str, Any]:
        """Rank among the checkpoints that are ranked; a checkpoint that is not, such as the last, has none."""
        sign = 1 if self.mode == "min" else -1
        ranked = sorted(self.best_k_models, key=lambda one: sign * float(self.best_k_models[one]))
        return {
            "is_best_model": path == self.best_model_path,
            "model_rank": ranked.index(path) if path in ranked else None,
        }

    def _find_tiles(self, trainer: lightning.Trainer) -> tuple[Recorder, list[Tiles], dict[str, Any]]:
        module = getattr(trainer, "datamodule", None)
        if self._tiles is not None:
            parts, told = [self._tiles], {"parts": {"train": self._tiles.describe()}}
        elif isinstance(module, TilesDataModule):
            parts, told = list(module.parts.values()), module.describe()
        else:
            raise InputError(
                "tiles-missing",
                "It is not known what is trained on.",
                hint="Train with a TilesDataModule, or pass tiles=...",
                where="tiles",
            )
        recorder = self._recorder or parts[0].recorder
        if recorder is None:
            raise InputError(
                "recorder-missing",
                "The tiles come from no catalog, so there is none to save checkpoints in.",
                hint="Make the tiles with vt.Artifact.filter(...).tiles(...).",
                where="recorder",
            )
        return recorder, parts, told


def tell_loggers(trainer: lightning.Trainer, uri: str) -> None:
    """Tell MLflow and Weights & Biases, where they log, the address of the run; they need no copy of checkpoints."""
    from lightning.pytorch.loggers import MLFlowLogger, WandbLogger

    for logger in trainer.loggers:
        if isinstance(logger, MLFlowLogger):
            logger.experiment.set_tag(logger.run_id, "vitrina.run", uri)
        elif isinstance(logger, WandbLogger):
            logger.experiment.config.update({"vitrina_run": uri}, allow_val_change=True)


def to_json(value: Any, depth: int = 0) -> Any:
    """Hyperparameters as JSON values; what is none becomes text."""
    if value is None or isinstance(value, str | int | bool):
        return value
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else str(value)  # noqa: PLR0124 NaN is no JSON
    if depth < MAX_DEPTH and isinstance(value, Mapping):
        return {str(name): to_json(item, depth + 1) for name, item in value.items()}
    if depth < MAX_DEPTH and isinstance(value, list | tuple | set):
        return [to_json(item, depth + 1) for item in value]
    return str(value)
