"""Tiles for PyTorch: batches as tensors, a Lightning data module and callback, SpatialData's ``ImageTilesDataset``.

Needs the extra ``vitrina[torch]``. Names are imported when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from vitrina.errors import MissingExtraError

if TYPE_CHECKING:
    from vitrina.ml.torch.batches import TileBatches
    from vitrina.ml.torch.checkpoint import ArtifactCheckpoint
    from vitrina.ml.torch.data_module import TilesDataModule
    from vitrina.ml.torch.image_tiles import ImageTilesDataset
    from vitrina.ml.torch.tables import build_table_loader

__all__ = ["ArtifactCheckpoint", "ImageTilesDataset", "TileBatches", "TilesDataModule", "build_table_loader"]

_HOMES = {
    "ArtifactCheckpoint": "checkpoint",
    "ImageTilesDataset": "image_tiles",
    "TileBatches": "batches",
    "TilesDataModule": "data_module",
    "build_table_loader": "tables",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'vitrina.ml.torch' has no attribute {name!r}")
    try:
        return getattr(import_module(f"vitrina.ml.torch.{_HOMES[name]}"), name)
    except ModuleNotFoundError as err:
        if err.name is None or err.name.split(".")[0] not in {"torch", "lightning", "annbatch"}:
            raise
        raise MissingExtraError(
            "extra-missing",
            f"{name} needs {err.name}, which is not installed.",
            hint='Install it: pip install "vitrina[torch]".',
            where="torch",
        ) from err


def __dir__() -> list[str]:
    return sorted(__all__)
