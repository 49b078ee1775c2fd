"""Show one artifact."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.errors import NotFoundError
from vitrina.storage.run import run
from vitrina.storage.store import Entry

if TYPE_CHECKING:
    from vitrina.model.artifact import Artifact
    from vitrina.verbs.instance import Instance


def show(instance: Instance, ref: str) -> Artifact:
    """The artifact that a reference names: a key, ``key@0001``, a uid, its first 16 or at least 4 characters.

    Raises:
        NotFoundError: Nothing fits, or several do.
    """
    return instance.catalog.get_artifact(ref)


def list_versions(instance: Instance, artifact: Artifact) -> tuple[Artifact, ...]:
    """All versions of the artifact, oldest first."""
    return instance.catalog.list_versions(artifact.uid[:16])


def list_files(instance: Instance, artifact: Artifact, folder: str = "") -> list[Entry]:
    """What lies directly in a folder of the artifact, sorted by name.

    Args:
        instance: Where the artifact is.
        artifact: Any artifact; one that is a single file lists itself.
        folder: Path inside the artifact, empty for its root.

    Raises:
        NotFoundError: There is no such folder in it.
        InputError: The path could leave the artifact.
    """
    store = instance.store_for(artifact)
    if artifact.is_folder:
        key = f"{artifact.storage_key}/{folder}" if folder else artifact.storage_key
        return run(store.list_folder(key))
    if folder:
        raise NotFoundError(
            "folder-missing", f"{artifact.key} is a single file and has no folder {folder!r}.", where=artifact.uid
        )
    return [Entry(name=artifact.basename, is_folder=False, size_bytes=artifact.size_bytes)]
