"""Pixels that lie uncompressed in a file, row after row."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from vitrina import compiled

if TYPE_CHECKING:
    import numpy as np

    from vitrina.readers.pixels.axes import Pixels
    from vitrina.readers.pixels.file_bytes import FileBytes

_RGB = 3

_BAND_BYTES = 2**20
"""Rows are read together up to so many bytes, which the cache of a processor holds."""


class Raster:
    """Reads parts of rectangles of pixels: a page, a strip, a tile.

    Args:
        file: The file.
        dtype: Of the pixels in the file, with its byte order.
        n_samples: Interleaved samples per pixel.

    Attributes:
        pixel_bytes: Of a pixel with all of its samples.
    """

    def __init__(self, file: FileBytes, dtype: np.dtype[Any], n_samples: int) -> None:
        self._file = file
        self._dtype = dtype
        self._n_samples = n_samples
        self.pixel_bytes = dtype.itemsize * n_samples
        self._is_final = n_samples == 1 and dtype.isnative
        self._own = threading.local()

    def read(self, offset: int, width: int, x: int, first_sample: int, out_cyx: Pixels) -> None:
        """Fill an array with the part of a rectangle that begins at a column of its first row.

        Args:
            offset: Of the first pixel of the first row.
            width: Of the rectangle.
            x: First column.
            first_sample: Which sample is the first channel.
            out_cyx: Not necessarily contiguous.

        Raises:
            EOFError: The file ends before.
        """
        n_rows, n_columns = out_cyx.shape[1:]
        row_bytes, wanted_bytes = width * self.pixel_bytes, n_columns * self.pixel_bytes
        if row_bytes == wanted_bytes and self._is_final and out_cyx[0].flags.c_contiguous:
            self._file.read_into(offset, out_cyx[0])
        elif row_bytes > 2 * wanted_bytes:  # mapped memory counts as used, so half a row is read whole
            copy_samples(self._map(offset + x * self.pixel_bytes, row_bytes, n_rows, n_columns), first_sample, out_cyx)
        else:
            step = max(1, _BAND_BYTES // row_bytes)
            for row in range(0, n_rows, step):
                band = self._lend(min(step, n_rows - row), width)
                self._file.read_into(offset + row * row_bytes, band)
                copy_samples(band[:, x : x + n_columns], first_sample, out_cyx[:, row : row + step])

    def _map(self, offset: int, row_bytes: int, n_rows: int, n_columns: int) -> Pixels:
        """A narrow part of a wide rectangle, rows x columns x samples: a call of the system per row would cost more."""
        import numpy as np

        n_bytes = (n_rows - 1) * row_bytes + n_columns * self.pixel_bytes
        strides = (row_bytes, self.pixel_bytes, self._dtype.itemsize)
        shape = (n_rows, n_columns, self._n_samples)
        return np.ndarray(shape, self._dtype, self._file.view(offset, n_bytes), strides=strides)

    def _lend(self, n_rows: int, n_columns: int) -> Pixels:
        """Memory of this thread, rows x columns x samples, overwritten by its next use."""
        import numpy as np

        n_bytes = n_rows * n_columns * self.pixel_bytes
        scratch: Pixels | None = getattr(self._own, "scratch", None)
        if scratch is None or scratch.nbytes < n_bytes:
            scratch = self._own.scratch = np.empty(n_bytes, np.uint8)
        lent: Pixels = scratch[:n_bytes].view(self._dtype).reshape(n_rows, n_columns, self._n_samples)
        return lent


def warm_up(dtype: np.dtype[Any], n_samples: int) -> None:
    """Begin to compile what takes the samples of many pixels apart, where a loop does that faster than NumPy."""
    import numpy as np

    if dtype == np.uint8 and n_samples == _RGB:
        rows = np.zeros((1, 3), dtype)
        rows.flags.writeable = False
        compiled.warm_up(split_rgb, rows, np.zeros((3, 1, 2), dtype)[..., :1])


def copy_samples(rows_yxs: Pixels, first_sample: int, out_cyx: Pixels) -> None:
    """Take interleaved samples apart, each into its channel."""
    import numpy as np

    is_rgb = len(out_cyx) == _RGB == rows_yxs.shape[2] and rows_yxs.flags.c_contiguous
    if is_rgb and compiled.run(split_rgb, rows_yxs.reshape(len(rows_yxs), -1), out_cyx):
        return
    for channel in range(len(out_cyx)):
        np.copyto(out_cyx[channel], rows_yxs[..., first_sample + channel])


def split_rgb(rows: Any, out_cyx: Any) -> None:
    """Red, green and blue apart, written to be compiled; the rows are contiguous."""
    for y in range(out_cyx.shape[1]):
        row = rows[y]
        for c in range(3):
            out = out_cyx[c, y]
            for x in range(len(out)):
                out[x] = row[3 * x + c]
