"""TIFF images of an output folder: one file with all channels, or a file for each channel."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vitrina.errors import UnreadableError
from vitrina.model.content import Axis, Channel, ImageElement, LabelsElement
from vitrina.readers.ome_xml import parse_ome_xml
from vitrina.readers.pixels.tiff import open_tiff_pixels
from vitrina.readers.source import Source
from vitrina.readers.tiff_file import open_tiff
from vitrina.readers.tiff_image import read_tiff_image
from vitrina.readers.tiff_metadata import TiffMetadata, build_ome_metadata

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from vitrina.model.content import Level, Placement
    from vitrina.model.finding import Finding
    from vitrina.pyramid.source import Pixels, PixelSource, ShapeTczyx


def describe_tiff(
    path: Path, *, name: str, element_path: str, pixel_size_um: float | None, placements: tuple[Placement, ...]
) -> tuple[ImageElement, tuple[Finding, ...]]:
    """The element of the first image of a TIFF file; label-like pixels are taken for an image all the same.

    Args:
        path: The file.
        name: Of the element.
        element_path: Of the element.
        pixel_size_um: What the output folder says of the size of a pixel, which goes before what the file says.
        placements: Of the element.

    Raises:
        UnreadableError: It is damaged.
    """
    source = Source(path)
    with open_tiff(source) as tiff:
        described = parse_ome_xml(tiff.ome_metadata or "") if tiff.is_ome else ()
        # a file of several names the channels of all; whose own it has is told by the caller
        metadata = build_ome_metadata(described[0]) if described else TiffMetadata()
        found = read_tiff_image(source, tiff.series[0], metadata, name=name, element_path=element_path)
    element = found.element
    if isinstance(element, LabelsElement):
        channels = tuple(Channel(name=channel.name or "Channel 0") for channel in metadata.channels[:1])
        element = ImageElement(
            name=name,
            path=element_path,
            axes=element.axes,
            dtype=element.dtype,
            levels=element.levels,
            channels=channels or (Channel(name="Channel 0"),),
        )
    findings = tuple(
        replace(finding, path=f"{element_path}#") for finding in found.findings if finding.code != "labels-guessed"
    )
    sized = element if pixel_size_um is None else resize_pixels(element, pixel_size_um)
    return replace(sized, name=name, path=element_path, placements=placements), findings


def open_tiff_of_bundle(path: Path, element: ImageElement, level: int) -> PixelSource:
    """One level of the first image of a file."""
    return open_tiff_pixels(Source(path), replace(element, path="0"), level)


def join_channels(elements: Sequence[ImageElement], names: Sequence[str], *, name: str, path: str) -> ImageElement:
    """One image out of images of one channel each.

    Raises:
        UnreadableError: They differ in size or in type.
    """
    first = elements[0]
    plain = [_drop_channel_axis(element) for element in elements]
    shapes = {(element.dtype, *(level.shape for level in element.levels)) for element in plain}
    if len(shapes) > 1:
        raise UnreadableError(
            "channels-differ",
            f"The files of {path} differ in size, number of levels or type, so they are no channels of one image.",
            hint="The folder is probably incomplete or mixed: copy it again.",
            where=path,
        )
    channels = tuple(
        Channel(name=own, window=element.channels[0].window) for own, element in zip(names, plain, strict=True)
    )
    return replace(
        first,
        name=name,
        path=path,
        axes=(Axis(name="c", type="channel"), *plain[0].axes),
        levels=tuple(_add_channel(level, len(elements)) for level in plain[0].levels),
        channels=channels,
        is_rgb=False,
    )


class StackedPixels:
    """Channels that lie in a file each, as one image; a ``PixelSource``.

    Args:
        sources: Of one channel each, all of one shape; closed with this.
    """

    def __init__(self, sources: Sequence[PixelSource]) -> None:
        self._sources = list(sources)
        t, _, z, y, x = sources[0].shape_tczyx
        self.shape_tczyx: ShapeTczyx = (t, len(self._sources), z, y, x)
        self.dtype = sources[0].dtype
        self.n_joint_channels = 1
        self.chunk_shape_tczyx: ShapeTczyx = sources[0].chunk_shape_tczyx

    def read_into(self, start_tczyx: ShapeTczyx, out_czyx: Pixels) -> None:
        """Fill an array with the window that starts at a pixel."""
        t, c, z, y, x = start_tczyx
        self._sources[c].read_into((t, 0, z, y, x), out_czyx)

    def close(self) -> None:
        """Close all files."""
        for source in self._sources:
            source.close()


def read_channel_names(path: Path) -> tuple[str | None, ...]:
    """The names of all channels that the OME-XML of a file tells, those of its sister files too."""
    with open_tiff(Source(path)) as tiff:
        described = parse_ome_xml(tiff.ome_metadata or "") if tiff.is_ome else ()
    return tuple(channel.name for channel in described[0].channels) if described else ()


def resize_pixels(element: ImageElement, pixel_size_um: float) -> ImageElement:
    """The same image with pixels of another size along x and y."""
    axes = tuple(replace(axis, unit="micrometer") if axis.name in {"y", "x"} else axis for axis in element.axes)
    y, x = ([axis.name for axis in axes].index(name) for name in ("y", "x"))
    finest = element.levels[0]
    levels = []
    for level in element.levels:
        scale, translation = list(level.scale), list(level.translation)
        for dim in (y, x):
            ratio = finest.shape[dim] / level.shape[dim]
            scale[dim], translation[dim] = pixel_size_um * ratio, pixel_size_um * (ratio - 1) / 2
        levels.append(replace(level, scale=tuple(scale), translation=tuple(translation)))
    return replace(element, axes=axes, levels=tuple(levels))


def _drop_channel_axis(element: ImageElement) -> ImageElement:
    """Axes of size 1 that are channels do not count; pixels are read without them all the same."""
    kept = [i for i, axis in enumerate(element.axes) if axis.name != "c"]
    if len(kept) == len(element.axes):
        return element
    levels = tuple(
        replace(
            level,
            shape=tuple(level.shape[i] for i in kept),
            chunk_shape=None if level.chunk_shape is None else tuple(level.chunk_shape[i] for i in kept),
            scale=tuple(level.scale[i] for i in kept),
            translation=tuple(level.translation[i] for i in kept),
        )
        for level in element.levels
    )
    return replace(element, axes=tuple(element.axes[i] for i in kept), levels=levels)


def _add_channel(level: Level, n_channels: int) -> Level:
    return replace(
        level,
        shape=(n_channels, *level.shape),
        chunk_shape=None if level.chunk_shape is None else (1, *level.chunk_shape),
        scale=(1.0, *level.scale),
        translation=(0.0, *level.translation),
    )
