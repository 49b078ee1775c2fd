"""Batches as tensors: a loader on its own, or the data set of a ``DataLoader``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.utils.data import IterableDataset, get_worker_info

from vitrina.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from vitrina.ml.loader import Batch, Loader
    from vitrina.ml.tiles import Tiles

    type TensorBatch = dict[str, torch.Tensor]

MAX_WORKERS = 1024


class TileBatches(IterableDataset[Any]):
    """Iterates over batches of tensors, epoch after epoch.

    A batch is a dict with ``image`` (tiles x channels x height x width), ``id``, the columns by name, ``mask`` and
    ``genes`` where the tiles have them. Iterate over it itself, which reads in threads and is fastest; in a
    ``DataLoader`` it needs ``batch_size=None``, and each worker reads a part of its own. So does each rank of
    ``torch.distributed``.

    Args:
        tiles: What is read.
        batch_size: Tiles per batch.
        transform: Changes each batch, such as augmentation; what it gives is what the loop gets.
        pin_memory: Whether pixels lie in pinned memory, from where they are copied to a GPU without waiting; None for
            where there is a GPU.
        rank: Number of this process among those that train together; None for what ``torch.distributed`` says.
        world_size: How many processes train together; None as above.
        **options: As for ``Tiles.batches``.
    """

    def __init__(
        self,
        tiles: Tiles,
        batch_size: int = 32,
        *,
        transform: Callable[[TensorBatch], Any] | None = None,
        pin_memory: bool | None = None,
        rank: int | None = None,
        world_size: int | None = None,
        **options: Any,
    ) -> None:
        if {"part", "n_parts"} & set(options):
            raise InputError("loader-option-invalid", "Parts follow from rank and world_size.", where="part")
        self.tiles = tiles
        self._batch_size = batch_size
        self._transform = transform
        self._is_pinned = torch.cuda.is_available() if pin_memory is None else pin_memory
        self._rank, self._world_size = rank, world_size
        self._options = options
        self._epochs = torch.zeros(MAX_WORKERS, dtype=torch.int64).share_memory_()
        self._loader: Loader | None = None

    def __len__(self) -> int:
        """Batches that this rank reads in an epoch."""
        return len(self.loader)

    @property
    def loader(self) -> Loader:
        """What reads in this process when there are no workers."""
        if self._loader is None:
            rank, world_size = self._find_rank()
            self._loader = self._build_loader(rank, world_size)
        return self._loader

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch that the next loop reads; it counts up by itself."""
        self._epochs.fill_(epoch)
        self.loader.epoch = epoch

    def __iter__(self) -> Iterator[Any]:
        worker = get_worker_info()
        if worker is None:
            yield from map(self._convert, self.loader)
            return
        rank, world_size = self._find_rank()
        loader = self._build_loader(rank * worker.num_workers + worker.id, world_size * worker.num_workers)
        loader.epoch = int(self._epochs[worker.id])
        yield from map(self._convert, loader)
        self._epochs[worker.id] += 1

    def state_dict(self) -> dict[str, Any]:
        """Where the loop stands, counted in batches that were handed out."""
        return self.loader.state_dict()

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where another one stood: the next loop gives what remained of the epoch.

        Raises:
            ConflictError: It belongs to other tiles or options.
        """
        self.loader.load_state_dict(state)

    def _find_rank(self) -> tuple[int, int]:
        is_distributed = torch.distributed.is_available() and torch.distributed.is_initialized()
        rank = self._rank if self._rank is not None else torch.distributed.get_rank() if is_distributed else 0
        if self._world_size is not None:
            return rank, self._world_size
        return rank, torch.distributed.get_world_size() if is_distributed else 1

    def _build_loader(self, part: int, n_parts: int) -> Loader:
        allocate = _allocate_pinned if self._is_pinned else None
        return self.tiles.batches(self._batch_size, part=part, n_parts=n_parts, allocate=allocate, **self._options)

    def _convert(self, batch: Batch) -> Any:
        converted = to_tensors(batch)
        return converted if self._transform is None else self._transform(converted)

    def __getstate__(self) -> dict[str, Any]:
        """Without the loader, which each process makes for itself."""
        return {**self.__dict__, "_loader": None}


def to_tensors(batch: Batch) -> TensorBatch:
    """A batch as tensors, pixels and masks without a copy. Types that PyTorch hardly knows become wider ones."""
    tensors = {"image": _to_tensor(batch.pixels), "id": torch.from_numpy(batch.ids)}
    if batch.masks is not None:
        tensors["mask"] = _to_tensor(batch.masks)
    if batch.genes is not None:
        tensors["genes"] = torch.from_numpy(batch.genes)
    return tensors | {name: _to_tensor(np.ascontiguousarray(values)) for name, values in batch.values.items()}


_WIDER = {"uint16": np.int32, "uint32": np.int64, "uint64": np.int64}
"""PyTorch has these types, and next to no operation on them."""


def _to_tensor(array: np.ndarray[Any, Any]) -> torch.Tensor:
    wider = _WIDER.get(array.dtype.name)
    return torch.from_numpy(array if wider is None else array.astype(wider))


def _allocate_pinned(shape: tuple[int, ...], dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    n_bytes = int(np.prod(shape)) * dtype.itemsize
    memory: np.ndarray[Any, Any] = torch.empty(n_bytes, dtype=torch.uint8, pin_memory=True).numpy()
    return memory.view(dtype).reshape(shape)
