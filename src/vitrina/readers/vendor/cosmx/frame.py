"""Where the fields of view of a slide lie, and how large their pixels are.

Every field of view has local coordinates in pixels, and the slide has global ones. Releases of the vendor differ in
which way the local axes run along the global ones, so this is measured on the transcripts or cells, which state both.
Source: https://nanostring.com/wp-content/uploads/2023/09/SMI-ReadMe-BETA_humanBrainRelease.html (both coordinates)
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    from vitrina.model.content import AffineXY

FRAME_SIZES_UM = {5472.0: 0.18, 3648.0: 0.18, 4256.0: 0.12028}
"""Pixel size in micrometres by the side of a field of view in pixels.

Source: https://giottosuite.com/reference/importCosMx.html (0.12028, of 4256 pixels); the first instruments had
5472 x 3648 pixels for 0.985 x 0.657 mm. Source: https://doi.org/10.1038/s41587-022-01483-z (Methods)
"""

SIZE_TOLERANCE = 0.01
MIN_PAIRS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """How local coordinates of a field of view become global ones, in pixels: ``x' = ox + sx*x, y' = oy + sy*y``.

    Attributes:
        origins: ``(ox, oy)`` by number of the field of view.
        sign_x: 1, or -1 where the axes run against each other.
        sign_y: The same for y.
        pixel_size_um: None when unknown; global coordinates are then pixels.
        is_laid_out: Whether nothing says where fields of view lie, and they were put side by side.
    """

    origins: Mapping[int, tuple[float, float]]
    sign_x: int = 1
    sign_y: int = 1
    pixel_size_um: float | None = None
    is_laid_out: bool = False

    @property
    def scale(self) -> float:
        """Micrometres per pixel, 1.0 when unknown."""
        return self.pixel_size_um or 1.0

    @property
    def affine_xy(self) -> AffineXY:
        """From global pixels of the vendor, whose y points up, to the coordinate system, whose y points down."""
        return (self.scale, 0.0, 0.0, 0.0, -self.scale, 0.0)


def plan_origins(
    positions: Mapping[int, tuple[float, float]], pairs: pd.DataFrame | None
) -> tuple[dict[int, tuple[float, float]], int, int]:
    """Origins of all fields of view and the signs of x and y.

    Args:
        positions: Where the positions file puts each field of view; empty without one.
        pairs: Columns ``fov``, ``lx``, ``ly``, ``gx``, ``gy``: local and global coordinates of the same things.
    """
    if pairs is None or pairs.empty:
        return dict(positions), 1, 1
    sign_x, offset_x = _measure_axis(pairs["fov"], pairs["lx"], pairs["gx"], {f: p[0] for f, p in positions.items()})
    sign_y, offset_y = _measure_axis(pairs["fov"], pairs["ly"], pairs["gy"], {f: p[1] for f, p in positions.items()})
    origins = {fov: (x + offset_x, y + offset_y) for fov, (x, y) in positions.items()}
    for fov in () if positions else pairs["fov"].unique().tolist():
        rows = pairs[pairs["fov"] == fov]
        x, y = (rows["gx"] - sign_x * rows["lx"]).median(), (rows["gy"] - sign_y * rows["ly"]).median()
        origins[int(fov)] = (float(x), float(y))
    return origins, sign_x, sign_y


def guess_pixel_size(sides_px: Iterable[float]) -> float | None:
    """The pixel size by the size of the fields of view in pixels, None when they have no known size."""
    for side in sides_px:
        for known, size_um in FRAME_SIZES_UM.items():
            if abs(side - known) <= SIZE_TOLERANCE * known:
                return size_um
    return None


def measure_pixel_size(px: Any, mm: Any) -> float | None:
    """Micrometres per pixel from positions that are given in both; None when they are not proportional."""
    import numpy as np

    px, mm = np.asarray(px, dtype=np.float64), np.asarray(mm, dtype=np.float64)
    usable = np.isfinite(px) & np.isfinite(mm)
    px, mm = px[usable], mm[usable]
    if px.size < 1:
        return None
    spread = px - px.mean() if px.size > 1 and np.ptp(px) else px
    size_um = float(1000 * (spread @ (mm - mm.mean() if spread is not px else mm)) / (spread @ spread or math.inf))
    return float(f"{size_um:.7g}") if 0.01 < size_um < 10 else None  # positions have seven digits at most


def find_spacing(positions: Iterable[tuple[float, float]]) -> list[float]:
    """Smallest distances between neighbouring fields of view along x and y, in pixels."""
    import numpy as np

    found = []
    places = np.array(list(positions), dtype=np.float64).reshape(-1, 2)
    for axis in (0, 1):
        steps = np.diff(np.unique(places[:, axis][np.isfinite(places[:, axis])]))
        steps = steps[steps > 100]
        if steps.size:
            found.append(float(steps.min()))
    return found


def _measure_axis(fovs: Any, local: Any, global_: Any, positions: Mapping[int, float]) -> tuple[int, float]:
    """The sign with which one axis runs along the other, and what is to be added to the stated positions."""
    import numpy as np
    import pandas as pd

    spreads = {}
    for sign in (1, -1):
        origin = pd.Series(np.asarray(global_) - sign * np.asarray(local)).groupby(np.asarray(fovs))
        spreads[sign] = float((origin.max() - origin.min()).max())
    sign = 1 if spreads[1] <= spreads[-1] else -1
    stated = np.array([positions.get(int(fov), np.nan) for fov in fovs], dtype=np.float64)
    offsets = np.asarray(global_) - sign * np.asarray(local) - stated
    offsets = offsets[np.isfinite(offsets)]
    return sign, float(np.median(offsets)) if offsets.size >= MIN_PAIRS else 0.0
