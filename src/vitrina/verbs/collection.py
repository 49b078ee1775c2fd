"""Collections: make, find, and load frozen sets of artifacts."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Any, Literal

from vitrina.errors import UnsupportedError
from vitrina.model.collection import CollectionDraft

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from vitrina.model.artifact import Artifact
    from vitrina.model.collection import Collection
    from vitrina.verbs.instance import Instance


def add_collection(
    instance: Instance, artifact_uids: Iterable[str], *, key: str, description: str | None = None
) -> Collection:
    """Make a collection; under a known key a new version, unless one of its versions is the same set.

    Args:
        instance: Where it goes.
        artifact_uids: Whole uids; one that comes twice counts once.
        key: Its name.
        description: Free text.

    Raises:
        InputError: The key is malformed, or there are no artifacts.
        NotFoundError: One of the artifacts is not there.
        ConflictError: One of the artifacts is in the trash.
    """
    draft = CollectionDraft(
        key=key, artifact_uids=tuple(artifact_uids), description=description, created_by=getpass.getuser()
    )
    return instance.catalog.collections.add(draft)


def get_collection(instance: Instance, ref: str) -> Collection:
    """The collection that a key, ``key@0001``, a uid or the start of a uid names.

    Raises:
        NotFoundError: Nothing fits, or several do.
    """
    return instance.catalog.collections.get(ref)


def list_collections(instance: Instance, *, latest_only: bool = True) -> tuple[Collection, ...]:
    """All collections, newest first."""
    return instance.catalog.collections.list_all(latest_only=latest_only)


def list_collection_versions(instance: Instance, collection: Collection) -> tuple[Collection, ...]:
    """All versions of a collection, newest first."""
    return instance.catalog.collections.list_versions(collection.key)


def list_collected(instance: Instance, collection: Collection) -> tuple[Artifact, ...]:
    """The artifacts of a collection, in its order, those in the trash too."""
    return instance.catalog.collections.list_artifacts(collection)


def delete_collection(instance: Instance, collection: Collection) -> Collection:
    """Remove one version of a collection and its views; its artifacts stay.

    Raises:
        NotFoundError: It is gone already.
    """
    return instance.catalog.collections.remove(collection.uid)


def load_collection(instance: Instance, collection: Collection, *, join: Literal["inner", "outer"] = "outer") -> object:
    """All datasets of a collection in memory, put together to one: AnnData, DataFrame or SpatialData.

    AnnData and DataFrames get a column ``artifact_uid``; elements of SpatialData get the uid behind their names, and
    their tables become one.

    Args:
        instance: Where the collection is.
        collection: Which.
        join: Which variables or columns the result has: those of all, or those that all have.

    Raises:
        UnsupportedError: The artifacts are of different formats, or of one that cannot be put together.
    """
    artifacts = list_collected(instance, collection)
    formats = sorted({artifact.format for artifact in artifacts})
    if len(formats) > 1 or formats[0] not in ("anndata", "table", "spatialdata"):
        raise UnsupportedError(
            "collection-mixed",
            f"The artifacts of {collection.key} are {', '.join(formats)}; put together can be AnnData, tables and "
            "SpatialData, each with its like.",
            hint="Load them one by one: [artifact.load() for artifact in collection.artifacts].",
            where=collection.uid,
        )
    loaded = {artifact.uid: instance.load(artifact) for artifact in artifacts}
    return _concatenate(formats[0], loaded, join)


def _concatenate(format_name: str, loaded: Mapping[str, Any], join: Literal["inner", "outer"]) -> object:
    if format_name == "anndata":
        import anndata

        return anndata.concat(loaded, join=join, label="artifact_uid")
    if format_name == "table":
        import pandas as pd

        frames = [frame.assign(artifact_uid=uid) for uid, frame in loaded.items()]
        return pd.concat(frames, join=join, ignore_index=True)
    import spatialdata

    return spatialdata.concatenate(dict(loaded), concatenate_tables=True, join=join)
