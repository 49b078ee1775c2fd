"""Names for the arrays that the steps of the simulation hand to each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

type Floats = npt.NDArray[np.float32]
type Doubles = npt.NDArray[np.float64]
type Ints = npt.NDArray[np.int32]
type Longs = npt.NDArray[np.int64]
type Bytes = npt.NDArray[np.uint8]
type Words = npt.NDArray[np.uint16]
type Mask = npt.NDArray[np.bool_]
