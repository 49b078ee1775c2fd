"""The ids that a label image has, read chunk by chunk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np

MAX_PIXELS: Final = 4_000_000_000
"""Pixels beyond which a label image is not read: at about 200 million a second, twenty seconds."""


def find_label_ids(level: Any) -> np.ndarray[Any, Any] | None:
    """All ids of a label image but 0, the background; None when it has more than ``MAX_PIXELS`` pixels.

    Memory holds one chunk per thread and the ids of each chunk.
    """
    import numpy as np
    from dask.base import compute
    from dask.delayed import delayed

    if level.size > MAX_PIXELS:
        return None
    data = level.data
    if isinstance(data, np.ndarray):
        found = [_list_ids(data)]
    else:
        list_ids: Any = delayed(_list_ids)
        compute_all: Any = compute
        found = list(compute_all(*(list_ids(block) for block in data.to_delayed().ravel())))
    ids: np.ndarray[Any, Any] = np.unique(np.concatenate(found)) if found else np.empty(0, dtype=np.int64)
    background: np.ndarray[Any, Any] = ids == 0
    return np.delete(ids, np.flatnonzero(background))


def _list_ids(block: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The different values of a chunk; neighbours are mostly equal, so that only changes are looked at."""
    import numpy as np
    import pandas as pd

    flat = block.reshape(-1)
    if not flat.size:
        return flat
    changes = np.concatenate(([True], flat[1:] != flat[:-1]))
    return np.asarray(pd.unique(flat[changes]))
