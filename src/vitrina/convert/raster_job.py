"""What all conversions of images have in common: how the levels are told, and how they are verified."""

from __future__ import annotations

import math
from contextlib import ExitStack
from typing import TYPE_CHECKING

from vitrina.convert.levels import shift_progress
from vitrina.convert.open_images import list_rasters
from vitrina.convert.target import ConvertedLevels, Planned
from vitrina.convert.verify import verify_levels
from vitrina.errors import UnsupportedError
from vitrina.readers.elements import open_pixels
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from vitrina.convert.image import ConvertedImage
    from vitrina.convert.levels import LevelsPlan
    from vitrina.convert.target import Progress
    from vitrina.model.content import Content, ImageElement, LabelsElement
    from vitrina.readers.source import Source

    type Rasters = Sequence[ImageElement | LabelsElement]


def check_images(source: Source, content: Content) -> None:
    """Whether there are images.

    Raises:
        UnsupportedError: There are none.
    """
    if not list_rasters(content):
        raise UnsupportedError(
            "no-images",
            f"{source.path} cannot be converted to images: it is {content.format} without images.",
            hint="Formats with images can be, such as TIFF, OME-Zarr and SpatialData.",
            where=str(source.path),
        )


def plan_rasters(images: Mapping[str, ConvertedImage], plans: Mapping[str, LevelsPlan]) -> Planned:
    """What images and their levels come to.

    Args:
        images: By path in the result.
        plans: The same.
    """
    described, pixel_bytes = [], 0
    for path, image in images.items():
        plan = plans[path]
        element = image.describe(path, plan.levels, (1, 1, *plan.chunk_zyx))
        shapes = tuple(level.shape for level in element.levels)
        pixel_bytes += sum(math.prod(shape) for shape in shapes) * image.finest.dtype.itemsize
        described.append(
            ConvertedLevels(
                path=path,
                name=image.name,
                dtype=element.dtype,
                axes=image.axis_names,
                shapes=shapes,
                chunk_shape=element.levels[0].chunk_shape or (),
            )
        )
    return Planned(
        images=tuple(described),
        pixel_bytes=pixel_bytes,
        memory_bytes=max((plan.memory_bytes for plan in plans.values()), default=0),
        n_threads=max((plan.n_threads for plan in plans.values()), default=1),
        n_steps=sum(plan.n_nodes for plan in plans.values()),
    )


def verify_rasters(
    images: Mapping[str, ConvertedImage],
    plans: Mapping[str, LevelsPlan],
    path: Path,
    find_element: Callable[[Rasters, str], ImageElement | LabelsElement],
    progress: Progress | None,
) -> None:
    """Read all levels of all images back and compare every pixel.

    Args:
        images: By path in the result.
        plans: The same.
        path: The result.
        find_element: Gives the element of the result that lies at a path.
        progress: Called with blocks done and blocks in all.

    Raises:
        DataError: A pixel differs.
    """
    source = open_source(path)
    reader = find_reader(source)
    if reader is None:
        raise UnsupportedError("verify-unreadable", f"No reader reads {path}.", where=str(path))
    content = reader.read_content(source)
    elements = list_rasters(content)
    n_all, n_before = sum(plan.n_nodes for plan in plans.values()), 0
    for name, image in images.items():
        element = find_element(elements, name)
        with ExitStack() as stack:
            written = [open_pixels(source, content, element, level) for level in range(len(element.levels))]
            for one in written:
                stack.callback(one.close)
            verify_levels(image, written, plans[name], progress=shift_progress(progress, n_before, n_all))
        n_before += plans[name].n_nodes


def find_by_path(elements: Rasters, path: str) -> ImageElement | LabelsElement:
    """The element at a path."""
    return next(element for element in elements if element.path == path)
