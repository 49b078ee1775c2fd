"""Smooth random fields: the source of all irregularity in the tissue."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from vitrina.simulate.arrays import Floats

_COARSE_SIGMA = 4.0
"""Smooth fields are made on a grid this many cells per sigma and then enlarged: as smooth, and much faster."""


def build_noise(rng: np.random.Generator, shape_yx: tuple[int, int], sigma: float) -> Floats:
    """Gaussian noise smoothed with ``sigma`` (in grid cells), mean 0 and standard deviation 1."""
    import numpy as np
    from scipy.ndimage import gaussian_filter

    step = max(1.0, sigma / _COARSE_SIGMA)
    pad = int(3 * _COARSE_SIGMA)
    coarse = (int(np.ceil(shape_yx[0] / step)) + 2 * pad, int(np.ceil(shape_yx[1] / step)) + 2 * pad)
    field = gaussian_filter(rng.standard_normal(coarse, dtype=np.float32), sigma / step)
    field = enlarge(field[pad:-pad, pad:-pad], shape_yx)
    return np.asarray((field - field.mean()) / max(float(field.std()), 1e-6), dtype=np.float32)


def build_grain(rng: np.random.Generator, side: int, sigma: float) -> Floats:
    """A square of fine noise that can be repeated without seams, mean 0 and standard deviation 1."""
    import numpy as np
    from scipy.ndimage import gaussian_filter

    grain = rng.standard_normal((side, side), dtype=np.float32)
    if sigma > 0:
        grain = gaussian_filter(grain, sigma, mode="wrap")
    return np.asarray((grain - grain.mean()) / grain.std(), dtype=np.float32)


def tile(grain: Floats, shape_yx: tuple[int, int]) -> Floats:
    """The square repeated until it covers the shape."""
    import numpy as np

    repeats = (-(-shape_yx[0] // grain.shape[0]), -(-shape_yx[1] // grain.shape[1]))
    return np.tile(grain, repeats)[: shape_yx[0], : shape_yx[1]]


def enlarge(field: Floats, shape_yx: tuple[int, int]) -> Floats:
    """The field resampled to another shape by cubic interpolation."""
    import numpy as np
    from PIL import Image

    if field.shape == shape_yx:
        return field
    image = Image.fromarray(np.ascontiguousarray(field, dtype=np.float32))
    return np.asarray(image.resize((shape_yx[1], shape_yx[0]), Image.Resampling.BICUBIC), dtype=np.float32)
