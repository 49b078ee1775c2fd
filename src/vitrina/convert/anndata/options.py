"""What can be chosen when tables are written for the web."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from vitrina.convert.options import count_cores
from vitrina.convert.zarr.codecs import Codec
from vitrina.errors import InputError

type MatrixLayout = Literal["auto", "dense", "csc"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnDataOptions:
    """How AnnData is written as Zarr.

    Attributes:
        zarr_format: Version of Zarr.
        layout: How matrices lie: ``dense``, ``csc`` (sparse by columns), or by their size and density.
        max_files: Files of one dense matrix up to which every chunk is a file of its own.
        adds_positions: Whether columns that hold positions also become ``obsm["spatial"]``, where that is missing.
        codec: Compresses matrices.
        max_memory_bytes: What blocks of a matrix may take in memory, together.
        n_threads: Threads that compress; None for as many as there are cores.

    Raises:
        InputError: A value makes no sense.
    """

    format: ClassVar[str] = "anndata-zarr"
    zarr_format: Literal[2, 3] = 3
    layout: MatrixLayout = "auto"
    max_files: int = 2048
    adds_positions: bool = True
    codec: Codec = field(default_factory=Codec)
    max_memory_bytes: int = 512 * 2**20
    n_threads: int | None = None

    def __post_init__(self) -> None:
        if self.zarr_format not in (2, 3) or self.layout not in ("auto", "dense", "csc"):
            raise InputError(
                "options-unknown",
                f"There is no Zarr {self.zarr_format} or no layout {self.layout!r} of matrices.",
                hint="Choose Zarr 2 or 3, and auto, dense or csc.",
            )
        if min(self.max_files, self.max_memory_bytes, 1 if self.n_threads is None else self.n_threads) < 1:
            raise InputError("options-not-positive", "Numbers of files, bytes and threads are at least 1.")

    def choose_n_threads(self) -> int:
        """Threads that compress."""
        return count_cores() if self.n_threads is None else self.n_threads


@dataclass(frozen=True, slots=True, kw_only=True)
class MuDataOptions(AnnDataOptions):
    """How MuData is written as Zarr: each modality as AnnData is."""

    format: ClassVar[str] = "mudata-zarr"
