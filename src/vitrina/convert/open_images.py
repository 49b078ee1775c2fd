"""Which images of a dataset are converted, and where each goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.convert.image import open_image
from vitrina.errors import InputError
from vitrina.model.content import ImageElement, LabelsElement

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import ExitStack

    from vitrina.convert.image import ConvertedImage
    from vitrina.model.content import Content
    from vitrina.readers.source import Source


def list_rasters(content: Content) -> list[ImageElement | LabelsElement]:
    """The images and label images of a dataset, in its order."""
    return [element for element in content.elements if isinstance(element, ImageElement | LabelsElement)]


def open_images(
    source: Source, content: Content, series: Sequence[int], *, uses_levels: bool, stack: ExitStack
) -> dict[str, ConvertedImage]:
    """Open the images of a dataset to convert them.

    Args:
        source: The dataset.
        content: What its reader found.
        series: Only the images with these numbers; empty for all.
        uses_levels: See ``open_image``.
        stack: Closes them.

    Returns:
        Images by the path that they get: an only image is the root, with its labels below; several get their numbers.

    Raises:
        InputError: There is no such series.
        UnreadableError: The dataset is damaged.
        UnsupportedError: An image cannot be read as pixels.
    """
    elements = list_rasters(content)
    missing = [number for number in series if not 0 <= number < len(elements)]
    if missing:
        raise InputError("series-missing", f"{source.path} has {len(elements)} images; there is no {missing[0]}.")
    elements = [elements[number] for number in series] or elements
    labels_alone = all(element.path.startswith("labels/") for element in elements[1:])
    is_alone = len(elements) == 1 or (elements[0].path == "" and labels_alone)
    images = {}
    for number, element in enumerate(elements):
        name = "" if number == 0 and is_alone else element.path if is_alone else str(number)
        image = open_image(source, content, element, uses_levels=uses_levels)
        stack.callback(image.close)
        images[name] = image
    return images
