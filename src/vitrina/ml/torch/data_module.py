"""Tiles for PyTorch Lightning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import lightning

from vitrina.errors import InputError
from vitrina.ml.torch.batches import TileBatches

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch

    from vitrina.ml.tiles import Tiles


class TilesDataModule(lightning.LightningDataModule):
    """Training, validation and test tiles, read in threads; a training that goes on gets the batches that remained.

    Args:
        train: Tiles to train on, shuffled.
        val: To validate on after each epoch, or None.
        test: To test on, or None.
        batch_size: Tiles per batch.
        balance: Column of which each category is to come equally often in training, or None.
        train_transform: Changes each training batch; see ``TileBatches``.
        transform: Changes each other batch.
        seed: Of the order.
        **options: As for ``Tiles.batches``.
    """

    def __init__(
        self,
        train: Tiles,
        val: Tiles | None = None,
        test: Tiles | None = None,
        *,
        batch_size: int = 32,
        balance: str | None = None,
        train_transform: Callable[[dict[str, torch.Tensor]], Any] | None = None,
        transform: Callable[[dict[str, torch.Tensor]], Any] | None = None,
        seed: int = 0,
        **options: Any,
    ) -> None:
        super().__init__()
        sampler = options.pop("sampler", None)
        if balance is not None and sampler is not None:
            raise InputError("loader-option-invalid", "Give either balance or a sampler.", where="balance")
        self.parts = {name: part for name, part in (("train", train), ("val", val), ("test", test)) if part is not None}
        self._transforms = {"train": train_transform, "val": transform, "test": transform}
        self._batch_size = batch_size
        self._seed = seed
        self._sampler = train.build_balanced_sampler(balance) if balance is not None else sampler
        self._options = options
        self._batches: dict[str, TileBatches] = {}

    def get_batches(self, name: str) -> TileBatches:
        """The loader of a part: ``train``, ``val`` or ``test``."""
        if name not in self._batches:
            is_train = name == "train"
            more = {"drop_last": True, "sampler": self._sampler} if is_train else {}
            self._batches[name] = TileBatches(
                self.parts[name],
                self._batch_size,
                transform=self._transforms[name],
                shuffle=is_train,
                seed=self._seed,
                **{**more, **self._options},
            )
        return self._batches[name]

    def train_dataloader(self) -> TileBatches:
        """What to train on."""
        return self.get_batches("train")

    def val_dataloader(self) -> Any:
        """What to validate on; nothing without validation tiles."""
        return self.get_batches("val") if "val" in self.parts else []

    def test_dataloader(self) -> Any:
        """What to test on; nothing without test tiles."""
        return self.get_batches("test") if "test" in self.parts else []

    def predict_dataloader(self) -> Any:
        """The test tiles, in order."""
        return self.test_dataloader()

    def describe(self) -> dict[str, Any]:
        """The tiles of all parts and the order of the training tiles, as JSON values."""
        return {
            "parts": {name: part.describe() for name, part in self.parts.items()},
            "loader": self.get_batches("train").loader.describe(),
        }
