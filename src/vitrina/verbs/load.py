"""Load an artifact into memory, or open it lazily."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.errors import UnsupportedError
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
    return _get_reader(artifact).read_object(instance.get_source(artifact))


def open_lazily(instance: Instance, artifact: Artifact) -> object:
    """A lazy, read-only handle on the stored bytes.

    Raises:
        UnsupportedError: No reader knows the format.
        UnreadableError: The bytes are damaged.
    """
    return _get_reader(artifact).open_object(instance.get_source(artifact))


def _get_reader(artifact: Artifact) -> Reader:
    if not artifact.content.is_recognized:
        raise UnsupportedError(
            "format-unknown",
            f"{artifact.key} is stored as it is, because no reader knows its format.",
            hint="Use its local path: artifact.cache().",
            where=artifact.uid,
        )
    return get_reader(artifact.format)
