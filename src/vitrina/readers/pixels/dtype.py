"""Which values are pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.errors import UnsupportedError

if TYPE_CHECKING:
    import numpy as np


def check_dtype(dtype: Any, where: str) -> np.dtype[Any]:
    """The type of the pixels in the byte order of this machine: integer, float or bool.

    Args:
        dtype: As NumPy understands it.
        where: What is read, for the error.

    Raises:
        UnsupportedError: They are complex numbers, text or records.
    """
    import numpy as np

    own: np.dtype[Any] = np.dtype(dtype)
    if own.kind not in "buif":
        raise UnsupportedError(
            "pixels-unsupported",
            f"The values in {where} are of the type {own}; pixels are integers, floating-point numbers or bool.",
            hint="Save real and imaginary part as two channels." if own.kind == "c" else None,
            where=where,
        )
    native: np.dtype[Any] = own.newbyteorder("=")
    return native
