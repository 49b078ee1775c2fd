"""Move artifacts to the trash, or remove them for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.errors import NotFoundError
from vitrina.model.upkeep import Deleted
from vitrina.storage.run import run
from vitrina.verbs.view import forget_trees

if TYPE_CHECKING:
    from vitrina.model.artifact import Artifact
    from vitrina.verbs.instance import Instance


def delete(instance: Instance, ref: str, *, permanent: bool = False) -> Deleted:
    """Move an artifact to the trash, where nobody finds it and from where ``restore`` brings it back.

    Args:
        instance: Where it is.
        ref: A key, ``key@0001`` for a version, a uid, or the start of one.
        permanent: Remove it for good instead, also when it is in the trash already, with all that was said of it.
            Bytes that were registered in place are the user's and stay.

    Raises:
        NotFoundError: Nothing fits, or several do.
        ConflictError: ``permanent``, and a collection holds it.
    """
    if permanent:
        return remove(instance, _find_anywhere(instance, ref))
    return Deleted(artifact=instance.catalog.trash.put(instance.show(ref).uid), is_permanent=False)


def remove(instance: Instance, artifact: Artifact) -> Deleted:
    """Remove an artifact for good: first its row, so that there is never a row without bytes, then its bytes.

    Raises:
        NotFoundError: It is gone already.
        ConflictError: A collection holds it.
    """
    removed = instance.catalog.trash.remove(artifact.uid)
    forget_trees(instance, removed.uid)
    (instance.settings.cache / "thumbnails" / f"{removed.uid}.webp").unlink(missing_ok=True)
    freed_bytes = run(instance.store.delete(removed.storage_key)) if owns_bytes(instance, removed) else 0
    return Deleted(artifact=removed, is_permanent=True, freed_bytes=freed_bytes)


def owns_bytes(instance: Instance, artifact: Artifact) -> bool:
    """Whether the bytes were put into the instance's storage for this artifact, so that they go with it."""
    return instance.is_managed(artifact) and artifact.storage_key.startswith(f"{artifact.uid}/")


def _find_anywhere(instance: Instance, ref: str) -> Artifact:
    try:
        return instance.show(ref)
    except NotFoundError as err:
        if err.code != "ref-not-found":
            raise
    return instance.catalog.trash.get(ref)
