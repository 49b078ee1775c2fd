"""How chunks lie in a file that a Zarr array would have just so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

type Compression = Literal["zlib"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredChunks:
    """The chunks of one level of an image.

    A chunk is one channel of one plane, row by row in little-endian order, whole also at the edge of the image.

    Attributes:
        side_px: Height and width.
        compression: Of each chunk; None for the pixels as they are.
    """

    side_px: int
    compression: Compression | None
