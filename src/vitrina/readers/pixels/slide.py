"""Pixels of one level of a slide, as OpenSlide gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.readers.damage import reading

if TYPE_CHECKING:
    import numpy as np

    from vitrina.readers.pixels.axes import Pixels, ShapeTczyx
    from vitrina.readers.source import Source

DAMAGE = "slide-damaged", "a slide"

_OPAQUE = 255


class SlidePixels:
    """Red, green and blue; where the scanner took nothing, the colour that the slide names, else white.

    Args:
        source: The slide.
        slide: The same, opened by OpenSlide, which may be asked from many threads; closed with this.
        level: Number of the level.
    """

    def __init__(self, source: Source, slide: Any, level: int) -> None:
        import numpy as np

        self._source = source
        self._slide = slide
        self._level = level
        self._downsample = float(slide.level_downsamples[level])
        color = str(slide.properties.get("openslide.background-color", "ffffff"))
        self._background = np.frombuffer(bytes.fromhex(color)[:3].ljust(3, b"\xff"), np.uint8)
        width, height = slide.level_dimensions[level]
        tile = (slide.properties.get(f"openslide.level[{level}].tile-{side}", 256) for side in ("height", "width"))
        tile_height, tile_width = (int(size) for size in tile)
        self.dtype: np.dtype[Any] = np.dtype(np.uint8)
        self.n_joint_channels = 3
        self.shape_tczyx: ShapeTczyx = (1, 3, 1, height, width)
        self.chunk_shape_tczyx: ShapeTczyx = (1, 3, 1, min(tile_height, height), min(tile_width, width))

    def read_into(self, start_tczyx: ShapeTczyx, out_czyx: Pixels) -> None:
        """Fill an array with the window that starts at a pixel."""
        import numpy as np

        y, x = start_tczyx[3:]
        height, width = out_czyx.shape[2:]
        place = round(x * self._downsample), round(y * self._downsample)
        with reading(self._source, *DAMAGE):
            rgba = np.asarray(self._slide.read_region(place, self._level, (width, height)))
        alpha = rgba[..., 3]
        for channel in range(3):
            own = rgba[..., channel]
            if alpha.min() < _OPAQUE:
                mixed = own.astype(np.uint32) * alpha + int(self._background[channel]) * (
                    _OPAQUE - alpha.astype(np.uint32)
                )
                own = ((mixed + _OPAQUE // 2) // _OPAQUE).astype(np.uint8)
            out_czyx[channel, 0] = own

    def close(self) -> None:
        """Close the slide; nothing is read afterwards."""
        self._slide.close()
