"""The files of an artifact as they were saved, with their hashes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.storage.hashing import HashedFile, build_digest
from vitrina.storage.run import run

if TYPE_CHECKING:
    from vitrina.model.artifact import Artifact
    from vitrina.verbs.instance import Instance


def find_manifest(instance: Instance, artifact: Artifact) -> tuple[HashedFile, ...] | None:
    """The files with their paths inside the artifact, of which a single file is the empty one.

    Returns:
        None when they were not written down, as for folders registered in place, or when what was written down does not
        have the artifact's hash.
    """
    if not artifact.is_folder:
        return (HashedFile(name="", size_bytes=artifact.size_bytes, hash=artifact.hash),)
    files = run(instance.store_for(artifact).read_manifest(artifact.storage_key))
    if files is None or build_digest(files, is_folder=True).hash != artifact.hash:
        return None
    return files


def read_files(instance: Instance, artifact: Artifact) -> tuple[HashedFile, ...]:
    """The files as ``find_manifest`` gives them; read anew where they were not written down.

    Raises:
        NotFoundError: The bytes are gone.
        StorageError: The bytes cannot be read.
    """
    files = find_manifest(instance, artifact)
    if files is None:
        files = run(instance.store_for(artifact).upkeep.hash_files(artifact.storage_key))
    return files
