"""Names for the arrays that the steps of the simulation hand to each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

type Floats = npt.NDArray[np.floating[Any]]
type Ints = npt.NDArray[np.integer[Any]]
type Mask = npt.NDArray[np.bool_]
