"""Whether three channels are red, green and blue of one colour image."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitrina.ngff.omero import OmeroChannel
    from vitrina.readers.plane import Pixels

_RGB_NAMES = (("r", "g", "b"), ("red", "green", "blue"))
_RGB_COLORS = ((255, 0, 0), (0, 255, 0), (0, 0, 255))
_NO_NAME = re.compile(r"(channel[ _:]?)*\d*", re.IGNORECASE)

BRIGHT = 127
"""Brightfield tissue lies on white, fluorescence on black: the median tells them apart."""


def guess_is_rgb(
    dtype: str, n_channels: int, declared: Sequence[OmeroChannel], sample: Pixels | None
) -> tuple[bool, bool]:
    """Whether the image is a colour image, and whether that is a guess from its pixels.

    Args:
        dtype: NumPy name; colour images are ``uint8``.
        n_channels: Number of channels.
        declared: What the metadata says of the channels, possibly nothing.
        sample: Channel x pixel, or None when the image is empty.
    """
    if dtype != "uint8" or n_channels != 3:
        return False, False
    names = tuple((channel.label or "").strip().lower() for channel in declared)
    colors = tuple(channel.color_rgb for channel in declared)
    if names in _RGB_NAMES:
        return True, False
    is_nameless = all(_NO_NAME.fullmatch(name) for name in names)
    if not is_nameless or sample is None:
        return False, False
    if colors not in {_RGB_COLORS, (), (None, None, None)}:
        return False, False
    import numpy as np

    is_bright = bool(np.all(np.median(sample.astype(np.uint8), axis=1) > BRIGHT))
    return is_bright, is_bright
