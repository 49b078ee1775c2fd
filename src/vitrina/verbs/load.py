"""Load an artifact into memory, or open it lazily."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.errors import UnsupportedError
from vitrina.model.content import ImageElement, LabelsElement
from vitrina.readers.data_array import build_data_array
from vitrina.readers.registry import get_reader

if TYPE_CHECKING:
    from vitrina.model.artifact import Artifact
    from vitrina.readers.reader import Reader
    from vitrina.verbs.instance import Instance


def load(instance: Instance, artifact: Artifact) -> object:
    """The dataset in memory, detached from the stored bytes: AnnData, SpatialData, DataFrame or DataArray.

    Raises:
        UnsupportedError: No reader knows the format.
        UnreadableError: The bytes are damaged.
    """
    loaded = _get_reader(artifact).read_object(instance.get_source(artifact))
    return _override(loaded, artifact) if artifact.overrides else loaded


def open_lazily(instance: Instance, artifact: Artifact) -> object:
    """A lazy, read-only handle on the stored bytes.

    Raises:
        UnsupportedError: No reader knows the format.
        UnreadableError: The bytes are damaged.
    """
    return _get_reader(artifact).open_object(instance.get_source(artifact))


def _override(loaded: object, artifact: Artifact) -> object:
    """A data array with the axes, channels and pixel sizes that its image has now; other objects are as they lie."""
    from xarray import DataArray

    if not isinstance(loaded, DataArray):
        return loaded
    fitting = (
        element
        for element in artifact.content.elements
        if isinstance(element, ImageElement | LabelsElement)
        and element.levels
        and (loaded.name is None or element.name == loaded.name)
        and element.levels[0].shape == loaded.shape
    )
    element = next(fitting, None)
    return loaded if element is None else build_data_array(element, loaded.data)


def _get_reader(artifact: Artifact) -> Reader:
    if not artifact.content.is_recognized:
        raise UnsupportedError(
            "format-unknown",
            f"{artifact.key} is stored as it is, because no reader knows its format.",
            hint="Use its local path: artifact.cache().",
            where=artifact.uid,
        )
    return get_reader(artifact.format)
