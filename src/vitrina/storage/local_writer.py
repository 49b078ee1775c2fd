"""How a local store saves, deletes and hands out: the steps that wait for the disk."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from vitrina import syscalls
from vitrina.errors import ConflictError, NotFoundError, StorageError
from vitrina.storage.beneath import open_beneath
from vitrina.storage.buffers import Buffers
from vitrina.storage.copying import Stored, build_stored, copy_tree, find_twin, join, store_tree
from vitrina.storage.failures import build_read_error, build_storage_error, build_taken_error
from vitrina.storage.hashing import build_digest, hash_tree
from vitrina.storage.keys import check_key
from vitrina.storage.layout import MANIFESTS, read_manifest, write_manifest
from vitrina.storage.removing import measure_freed, remove
from vitrina.storage.sharing import READ_ONLY, BaseFiles, Sharer
from vitrina.storage.staging import STAGING, Place, borrow_place, open_place
from vitrina.storage.store import Staged
from vitrina.storage.threads import run_on_each
from vitrina.storage.walk import walk_source

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from vitrina.storage.hashing import Digest, HashedFile
    from vitrina.storage.threads import Meter
    from vitrina.storage.walk import SourceFile, SourceTree


class LocalWriter:
    """Writes below one root. Thread-safe.

    Args:
        root: Absolute, without links.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._staging = root / STAGING
        self._places: dict[str, Place] = {}

    def stage(
        self, tree: SourceTree, base_keys: Sequence[str], hashed: Iterable[HashedFile], take: bool, meter: Meter
    ) -> Staged:
        """See ``Store.stage``."""
        try:
            base = self._build_base(tree, base_keys)
            place = open_place(self._staging)
        except OSError as err:
            raise build_storage_error(err, "Writing", self._staging) from err
        try:
            if take and self._can_move(tree):
                stored = _take_tree(tree, place, base, meter)
            else:
                stored = store_tree(tree, place.bytes, base, meter, hashed)
                if take:
                    remove(tree.root)
            if tree.is_folder:
                write_manifest(place.manifest, stored.files)
        except BaseException as err:
            place.close()
            if isinstance(err, OSError) and not isinstance(err, StorageError):
                raise build_storage_error(err, "Staging", tree.root) from err
            raise
        self._places[place.token] = place
        digest = build_digest(stored.files, is_folder=tree.is_folder)
        return Staged(
            token=place.token,
            hash=digest.hash,
            size_bytes=digest.size_bytes,
            n_files=digest.n_files,
            is_folder=digest.is_folder,
            sharing=stored.sharing,
        )

    def commit(self, staged: Staged, key: str) -> None:
        """See ``Store.commit``."""
        place = self._get_place(staged.token)
        target = self._root / key
        manifest = self._root / MANIFESTS / key
        try:
            self._create_parents(key)
            if staged.is_folder:
                manifest.parent.mkdir(parents=True, exist_ok=True)
                syscalls.rename_without_replacing(place.bytes, target)
                place.manifest.replace(manifest)
                syscalls.sync_file_system(target)
            else:
                syscalls.sync_path(place.bytes)
                syscalls.rename_without_replacing(place.bytes, target)
                while target != self._root:
                    target = target.parent
                    syscalls.sync_path(target)
        except (FileExistsError, NotADirectoryError) as err:
            raise ConflictError("key-taken", f"Something is already at {key!r} in {self._root}.", where=key) from err
        except OSError as err:
            raise build_storage_error(err, "Writing", self._root / key) from err
        self.discard(staged.token)

    def discard(self, token: str) -> None:
        """See ``Store.discard``."""
        place = self._get_place(token)
        self._places.pop(token, None)
        place.close()

    def delete(self, key: str) -> int:
        """See ``Store.delete``."""
        parent, _, name = key.rpartition("/")
        try:
            with borrow_place(self._staging) as place:
                descriptor = (
                    open_beneath(str(self._root), parent, os.O_DIRECTORY)
                    if parent
                    else os.open(self._root, os.O_RDONLY)
                )
                try:
                    os.rename(name, place.bytes, src_dir_fd=descriptor)  # gone at once for readers
                finally:
                    os.close(descriptor)
                freed_bytes = measure_freed([place.bytes])
        except StorageError:
            raise
        except OSError as err:
            if isinstance(error := build_read_error(err, key, str(self._root)), NotFoundError):
                return 0
            raise error from err
        remove(self._root / MANIFESTS / key)
        for root in (self._root, self._root / MANIFESTS):
            _remove_empty_folders(root, parent)
        return freed_bytes

    def checkout(self, tree: SourceTree, target: Path, meter: Meter) -> Digest:
        """See ``Store.checkout``; the copy appears at once, when it is complete."""
        try:
            with borrow_place(target.parent) as place:
                files = copy_tree(tree, place.bytes, meter)
                syscalls.rename_without_replacing(place.bytes, target)
        except FileExistsError as err:
            raise build_taken_error(target) from err
        except StorageError:
            raise
        except OSError as err:
            raise build_storage_error(err, "Writing", target) from err
        return build_digest(files, is_folder=tree.is_folder)

    def _get_place(self, token: str) -> Place:
        return self._places.get(token) or Place(self._staging / check_key(token))

    def _build_base(self, tree: SourceTree, keys: Sequence[str]) -> BaseFiles:
        """The stored files that files of a tree may be equal to."""
        known: list[tuple[str, HashedFile]] = []
        unknown: list[SourceFile] = []
        for key in keys:
            path = self._root / key
            files = read_manifest(self._root / MANIFESTS / key)
            if files is not None:
                known += [(join(path, file.name), file) for file in files]
            elif path.is_dir() == tree.is_folder and path.exists():
                unknown += walk_source(path).files
        return BaseFiles(known, unknown)

    def _can_move(self, tree: SourceTree) -> bool:
        """Whether a rename would leave exactly the walked files in the store, with no second name elsewhere."""
        if tree.has_links or tree.root.stat().st_dev != self._staging.stat().st_dev:
            return False
        return all(os.stat(file.path).st_nlink == 1 for file in tree.files)  # noqa: PTH116 (it is text)

    def _create_parents(self, key: str) -> None:
        """Folders above a key, one by one, so that none is created through a link."""
        folder = self._root
        for part in key.split("/")[:-1]:
            folder /= part
            folder.mkdir(exist_ok=True)
            if folder.is_symlink():
                raise NotADirectoryError(str(folder))


def walk_key(root: Path, key: str) -> SourceTree:
    """The files at a key.

    Raises:
        NotFoundError: There is nothing.
        StorageError: They cannot be read.
    """
    try:
        os.close(open_beneath(str(root), key))
    except OSError as err:
        raise build_read_error(err, key, str(root)) from err
    return walk_source(root / key)


def _take_tree(tree: SourceTree, place: Place, base: BaseFiles, meter: Meter) -> Stored:
    """Move a tree to its place; then let its files share the bytes of their twins."""
    hashed = hash_tree(tree, meter)
    buffers = Buffers()
    twins = run_on_each(lambda file: find_twin(file, base, meter.without_progress(), buffers), hashed)
    tree.root.rename(place.bytes)  # last of what can fail, so that a failure leaves the source where it was
    sharer = Sharer()
    draft = str(place.path / "shared")
    shared: list[tuple[HashedFile, bool | None]] = []
    for file, twin in zip(hashed, twins, strict=True):
        path = join(place.bytes, file.name)
        is_shared = None if twin is None else sharer.share(twin, draft)
        if is_shared:
            os.replace(draft, path)  # noqa: PTH105 (they are text)
        else:
            os.chmod(path, READ_ONLY)  # noqa: PTH101 (it is text)
        shared.append((file, is_shared))
    return build_stored(shared)


def _remove_empty_folders(root: Path, key: str) -> None:
    while key:
        try:
            (root / key).rmdir()
        except OSError:  # absent, not empty, or not a folder of ours
            return
        key = key.rpartition("/")[0]
