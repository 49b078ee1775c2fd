"""Ids of cells and barcodes, as bytes, text, numbers or pairs of numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

UNASSIGNED = "UNASSIGNED"
"""What transcripts outside of cells have where ids are text; -1 where they are numbers.

Source: https://www.10xgenomics.com/support/software/xenium-onboard-analysis/latest/analysis/xoa-output-understanding-outputs
"""


def decode_ids(values: npt.NDArray[Any]) -> npt.NDArray[np.object_]:
    """Ids as text, whatever they were: bytes (without their padding), numbers, text; empty for missing ones."""
    import numpy as np
    import pandas as pd

    if values.dtype.kind in "iu":
        return np.asarray(values.astype(str), dtype=object)
    if values.dtype.kind == "f":
        is_whole = np.isfinite(values) & (values == np.round(values))
        texts = [str(int(value)) if whole else "" for value, whole in zip(values, is_whole, strict=True)]
        return np.asarray(texts, dtype=object)
    if values.dtype.kind == "S":
        return np.char.decode(values, "utf-8", "replace").astype(object)
    return np.asarray([_decode(value) if not _is_missing(value, pd) else "" for value in values], dtype=object)


def format_cell_ids(pairs: npt.NDArray[Any]) -> npt.NDArray[np.object_]:
    """Ids of Xenium from the pairs of numbers that its Zarr files hold.

    Each of the eight hexadecimal digits of the first number becomes a letter from ``a`` to ``p``; the second number
    follows a hyphen. A list of single numbers, as before version 1.3, stays numbers.

    Example:
        >>> import numpy as np
        >>> format_cell_ids(np.array([[1437536272, 1]], dtype=np.uint32)).tolist()
        ['ffkpbaba-1']

    Source: https://www.10xgenomics.com/support/software/xenium-onboard-analysis/latest/analysis/xoa-output-zarr#cellID
    """
    import numpy as np

    if pairs.ndim == 1:
        return decode_ids(pairs)
    first = pairs[:, 0].astype(np.uint32)
    digits = (first[:, None] >> np.arange(28, -4, -4, dtype=np.uint32)) & np.uint32(15)
    letters = (digits + ord("a")).astype(np.uint8)
    prefixes = np.ascontiguousarray(letters).view("S8").ravel().astype("U8")
    joined = np.char.add(np.char.add(prefixes, "-"), pairs[:, 1].astype(str))
    return np.asarray(joined, dtype=object)


def _decode(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _is_missing(value: object, pd: Any) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and value != value)  # noqa: PLR0124 NaN
