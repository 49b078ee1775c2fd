"""Images and labels as SpatialData allows them: channels, maybe depth, rows and columns, in pixels."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnsupportedError
from vitrina.model.content import Axis, Channel
from vitrina.model.finding import Finding

if TYPE_CHECKING:
    import numpy as np

    from vitrina.convert.image import ConvertedImage
    from vitrina.pyramid.source import Pixels, PixelSource, ShapeTczyx

_ONE = (1.0, 1.0, 1.0, 1.0, 1.0)
_ZERO = (0.0, 0.0, 0.0, 0.0, 0.0)


class FirstPixels:
    """The first time point of an image, and of labels the first channel.

    Args:
        source: All of it.
        n_channels: How many of its channels.
    """

    def __init__(self, source: PixelSource, n_channels: int) -> None:
        self._source = source
        _, _, z, y, x = source.shape_tczyx
        self.shape_tczyx: ShapeTczyx = (1, n_channels, z, y, x)
        self.dtype: np.dtype[Any] = source.dtype
        self.n_joint_channels = source.n_joint_channels
        self.chunk_shape_tczyx = source.chunk_shape_tczyx

    def read_into(self, start_tczyx: ShapeTczyx, out_czyx: Pixels) -> None:
        """Fill an array with the window that starts at a pixel."""
        self._source.read_into(start_tczyx, out_czyx)

    def close(self) -> None:
        """Close the source."""
        self._source.close()


def fit_image(image: ConvertedImage, name: str, path: str) -> tuple[ConvertedImage, tuple[Finding, ...]]:
    """The image as SpatialData allows it, and what is left out.

    Args:
        image: With any of the axes t, c, z, y and x.
        name: That it gets.
        path: Of the element in the source, for findings.

    Raises:
        UnsupportedError: It is labels whose channels lie interleaved.
    """
    n_times, n_channels = image.finest.shape_tczyx[:2]
    kept_channels = 1 if image.is_labels else n_channels
    findings = []
    if n_times > 1:
        findings.append(_left_out(path, "time-left-out", f"{n_times} time points", "one at a time"))
    if kept_channels < n_channels:
        if image.finest.n_joint_channels > 1:
            raise UnsupportedError("labels-interleaved", f"The labels {image.name!r} have interleaved channels.")
        findings.append(_left_out(path, "label-channels-left-out", f"{n_channels} channels", "without channels"))
    sources = tuple(FirstPixels(source, kept_channels) for source in image.sources) if findings else image.sources
    names = ("" if image.is_labels else "c") + ("z" if "z" in image.axis_names else "") + "yx"
    channels = image.channels if len(image.channels) == n_channels else _name_channels(n_channels)
    fitted = replace(
        image,
        name=name,
        sources=sources,
        axes=tuple(Axis(name=axis, type="channel" if axis == "c" else "space") for axis in names),
        pixel_size_tczyx=_ONE,
        origin_tczyx=_ZERO,
        channels=() if image.is_labels else channels,
    )
    return fitted, tuple(findings)


def _name_channels(n_channels: int) -> tuple[Channel, ...]:
    return tuple(Channel(name=f"Channel {number}") for number in range(n_channels))


def _left_out(path: str, code: str, what: str, how: str) -> Finding:
    return Finding(
        code=code,
        severity="warning",
        path=path,
        message=f"Of {what}, only the first is kept: SpatialData has images {how}.",
        fix="Convert to OME-Zarr to keep them all.",
    )
