"""Get a writable copy of an artifact."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.errors import DataError
from vitrina.storage.removing import remove
from vitrina.storage.run import run

if TYPE_CHECKING:
    import os
    from pathlib import Path

    from vitrina.model.artifact import Artifact
    from vitrina.storage.store import Progress
    from vitrina.verbs.instance import Instance


def checkout(
    instance: Instance, artifact: Artifact, folder: str | os.PathLike[str], *, progress: Progress | None = None
) -> Path:
    """Copy an artifact's file or folder into a folder, as files that may be written to.

    The copy shares nothing that a write could reach: copies, or reflinks where the file system has them, never hard
    links. Its hash is held against the artifact's on the way.

    Args:
        instance: Where the artifact is.
        artifact: What to copy.
        folder: Where the copy goes, under the artifact's own name; made when it does not exist.
        progress: Called with bytes done and bytes in all.

    Returns:
        The path of the copy.

    Raises:
        ConflictError: There is already something of that name.
        NotFoundError: The bytes are gone.
        DataError: The stored bytes are not what was saved; no copy is made.
        StorageError: The bytes cannot be copied.
    """
    from pathlib import Path

    target = Path(folder).expanduser().resolve() / artifact.basename
    digest = run(instance.store_for(artifact).checkout(artifact.storage_key, target, progress=progress))
    if digest.hash != artifact.hash:
        remove(target)
        raise DataError(
            "bytes-changed",
            f"The stored bytes of {artifact.key}@{artifact.version} are not what was saved.",
            hint=f"See which files have changed: vitrina verify {artifact.uid}.",
            where=artifact.uid,
        )
    return target
