"""Coarser levels of an image, each half as large as the one before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

COARSEST_SIDE_PX = 512
"""Levels are added until the image fits into one tile of the viewer."""


def build_image_levels(image_cyx: npt.NDArray[np.generic]) -> list[npt.NDArray[np.generic]]:
    """The image and its coarser levels: each pixel is the rounded mean of two by two."""
    import numpy as np

    levels: list[npt.NDArray[Any]] = [image_cyx]
    while max(levels[-1].shape[-2:]) > COARSEST_SIDE_PX:
        fine = levels[-1][..., : levels[-1].shape[-2] // 2 * 2, : levels[-1].shape[-1] // 2 * 2]
        total = np.full((fine.shape[0], fine.shape[1] // 2, fine.shape[2] // 2), 2, dtype=np.uint32)
        for row in (0, 1):
            for column in (0, 1):
                total += fine[:, row::2, column::2]
        levels.append((total // 4).astype(image_cyx.dtype))
    return list(levels)


def build_label_levels(labels_yx: npt.NDArray[np.generic]) -> list[npt.NDArray[np.generic]]:
    """The label image and its coarser levels: every second pixel of every second row."""
    levels = [labels_yx]
    while max(levels[-1].shape) > COARSEST_SIDE_PX:
        levels.append(levels[-1][: levels[-1].shape[0] // 2 * 2 : 2, : levels[-1].shape[1] // 2 * 2 : 2])
    return levels
