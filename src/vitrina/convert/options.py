"""What can be chosen when a pyramid is written."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitrina.errors import InputError
from vitrina.pyramid.plan import DEFAULT_MIN_SIZE_PX

if TYPE_CHECKING:
    from vitrina.pyramid.downsample import Method
    from vitrina.pyramid.plan import Zyx
    from vitrina.pyramid.resample import Filter

type Downsampling = Method | Filter

BLENDING = frozenset({"mean", "gaussian", "linear", "cubic", "lanczos"})
"""Methods that make new values of old ones, which labels do not survive."""


def count_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PyramidOptions:
    """How levels are made, for every format.

    Attributes:
        n_levels: Levels in all; None for as many as it takes to come down to ``min_size_px``.
        min_size_px: The coarsest level is at most so high and wide.
        downsampling: How pixels of images become one.
        label_downsampling: How label ids become one: ``nearest`` or ``mode``.
        shrinks_z: Whether depth is halved with height and width.
        uses_levels: Whether levels that the source has are kept, instead of being made anew.
        chunk_zyx: Depth, height and width of a chunk or tile.
        n_threads: Threads that work; None for as many as there are cores.
        max_memory_bytes: What blocks in memory may take together; None for no limit.

    Raises:
        InputError: A value makes no sense.
    """

    n_levels: int | None = None
    min_size_px: int = DEFAULT_MIN_SIZE_PX
    downsampling: Downsampling = "mean"
    label_downsampling: Downsampling = "nearest"
    shrinks_z: bool = False
    uses_levels: bool = False
    chunk_zyx: Zyx = (1, 512, 512)
    n_threads: int | None = None
    max_memory_bytes: int | None = None

    def __post_init__(self) -> None:
        if self.label_downsampling in BLENDING:
            raise InputError(
                "labels-blended",
                f"Label ids cannot be made smaller by {self.label_downsampling}: it would invent ids.",
                hint="Choose nearest or mode.",
            )
        if min(*self.chunk_zyx, self.min_size_px, self.n_levels or 1, self.n_threads or 1) < 1:
            raise InputError(
                "options-not-positive",
                "Sizes of chunks and levels are at least 1, and so are the numbers of levels and threads.",
            )

    def choose_method(self, *, is_labels: bool) -> Downsampling:
        """How pixels of an image become one."""
        return self.label_downsampling if is_labels else self.downsampling

    def choose_n_threads(self) -> int:
        """Threads that work."""
        return count_cores() if self.n_threads is None else self.n_threads
