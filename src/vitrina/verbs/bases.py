"""Choose what a new version may share bytes with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitrina.storage.hashing import build_digest, hash_tree
from vitrina.storage.walk import walk_source

if TYPE_CHECKING:
    from pathlib import Path

    from vitrina.storage.hashing import HashedFile
    from vitrina.storage.walk import SourceTree
    from vitrina.verbs.instance import Instance


@dataclass(frozen=True, slots=True, kw_only=True)
class Bases:
    """What a file or folder that is about to be added probably has in common with what is stored.

    Attributes:
        tree: The file or folder as it was walked.
        keys: Where it lies in the instance's store.
        unchanged: The uid of the latest version under the same key, when that has the very same bytes.
        hashed: Its files with their hashes, when they had to be read.
    """

    tree: SourceTree
    keys: tuple[str, ...]
    unchanged: str | None = None
    hashed: tuple[HashedFile, ...] = ()


def find_bases(instance: Instance, path: Path, key: str) -> Bases:
    """The version before, whose unchanged files are shared, and what has the very same bytes under any key.

    The source is only read for it when something of the same size and number of files is stored.

    Raises:
        StorageError: The source cannot be read.
    """
    tree = walk_source(path)
    url = instance.store.url
    likely = instance.catalog.bases.find_likely(
        url=url, key=key, size_bytes=tree.size_bytes, n_files=len(tree.files), is_folder=tree.is_folder
    )
    before = (likely.latest_key,) if likely.latest_key and tree.is_folder else ()
    if not likely.may_be_stored:
        return Bases(tree=tree, keys=before)
    hashed = tuple(hash_tree(tree))
    content_hash = build_digest(hashed, is_folder=tree.is_folder).hash
    twin = instance.catalog.bases.find_twin(url=url, content_hash=content_hash, is_folder=tree.is_folder)
    unchanged = likely.latest_uid if likely.latest_hash == content_hash else None
    return Bases(tree=tree, keys=before if twin is None else (twin,), unchanged=unchanged, hashed=hashed)
