"""Looking after a local store: what lies there, whether it is as it was, what may go."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from vitrina.storage.buffers import Buffers
from vitrina.storage.failures import build_storage_error
from vitrina.storage.hashing import HashedFile, hash_file
from vitrina.storage.in_thread import in_thread
from vitrina.storage.layout import OWN_FOLDERS, check_local_key
from vitrina.storage.local_writer import walk_key
from vitrina.storage.removing import measure_freed
from vitrina.storage.staging import STAGING, list_abandoned, release
from vitrina.storage.store import Saved
from vitrina.storage.threads import Meter, run_on_each

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from vitrina.storage.store import Progress
    from vitrina.storage.walk import SourceFile


class LocalUpkeep:
    """The upkeep of one root.

    Args:
        root: Absolute, without links.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    async def hash_files(
        self, key: str, *, seen: dict[tuple[int, int], str] | None = None, progress: Progress | None = None
    ) -> tuple[HashedFile, ...]:
        tree = await in_thread(walk_key, self._root, check_local_key(key))
        meter = Meter(tree.size_bytes, progress)
        hashes = {} if seen is None else seen
        buffers = Buffers()

        def hash_all() -> list[HashedFile]:
            return run_on_each(lambda file: _hash_once(file, hashes, meter, buffers), tree.files)

        return tuple(await in_thread(hash_all, on_cancel=meter.stop))

    async def list_saved(self) -> list[Saved]:
        return await in_thread(self._list_saved)

    async def measure(self, keys: Sequence[str]) -> int:
        paths = [self._root / check_local_key(key) for key in keys]
        return await in_thread(measure_freed, paths)

    async def sweep(self, *, dry_run: bool = False) -> int:
        return await in_thread(self._sweep, dry_run)

    def _list_saved(self) -> list[Saved]:
        try:
            paths = [path for path in self._root.iterdir() if path.name not in OWN_FOLDERS]
            moments = [path.lstat().st_mtime for path in paths]
        except FileNotFoundError:
            return []
        except OSError as err:
            raise build_storage_error(err, "Listing", self._root) from err
        saved = [
            Saved(name=path.name, saved_at=datetime.fromtimestamp(moment, UTC))
            for path, moment in zip(paths, moments, strict=True)
        ]
        return sorted(saved, key=lambda one: one.name)

    def _sweep(self, dry_run: bool) -> int:
        places = list_abandoned(self._root / STAGING)
        freed_bytes = measure_freed([place.bytes for place in places])
        for place in places:
            if dry_run:
                release(place)
            else:
                place.close()
        return freed_bytes


def _hash_once(file: SourceFile, hashes: dict[tuple[int, int], str], meter: Meter, buffers: Buffers) -> HashedFile:
    """Names of the same bytes (hard links) are read once."""
    try:
        info = os.stat(file.path)  # noqa: PTH116 (it is text)
    except OSError as err:
        raise build_storage_error(err, "Reading", file.path) from err
    known = hashes.get((info.st_dev, info.st_ino)) if info.st_nlink > 1 else None
    if known is not None:
        meter.advance(info.st_size)
        return HashedFile(name=file.name, size_bytes=info.st_size, hash=known)
    hashed = hash_file(file, meter, buffers)
    if info.st_nlink > 1:
        hashes[info.st_dev, info.st_ino] = hashed.hash
    return hashed
