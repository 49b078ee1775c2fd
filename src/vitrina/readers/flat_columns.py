"""What becomes of columns that a viewer cannot read: the one decision for what is served and for what is written.

Missing numbers become NaN; missing truth values and texts become the text ``NA``; numbers that name categories become
text, since the viewer shows their codes otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    import numpy.typing as npt

MISSING = "NA"


def flatten_numbers(values: npt.NDArray[Any], is_missing: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Numbers with gaps as decimal numbers with NaN."""
    import numpy as np

    return np.where(is_missing, np.nan, values.astype(np.float64))


def flatten_texts(texts: Iterable[str], is_missing: Iterable[bool]) -> list[str]:
    """Texts with gaps as texts."""
    return [MISSING if missing else text for text, missing in zip(texts, is_missing, strict=True)]
