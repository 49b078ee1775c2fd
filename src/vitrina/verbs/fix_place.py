"""Where a repaired copy grows, and the one step in which it takes its place.

It grows in a hidden folder beside its place, ``.NAME.part``. What stays as it is, is there as a link to the original's
file, or as a copy; what changes is always a new file, so that nothing that is written reaches the original. In place,
the last step exchanges the two names at once, and the original becomes ``NAME.backup``.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Self

from vitrina.errors import ConflictError
from vitrina.storage.lock import lock_folder
from vitrina.storage.removing import remove
from vitrina.storage.walk import walk_source
from vitrina.syscalls import exchange, rename_without_replacing, sync_file_system, sync_path

if TYPE_CHECKING:
    from collections.abc import Collection

MARK = "exchanging"
"""File that tells, by the inode of the result, whether an exchange has happened."""


class Repairing:
    """The place where one dataset is repaired, held by one process at a time. A context; left early, nothing changes.

    Args:
        original: The dataset.
        target: Where the result goes: the dataset itself, or a place where nothing is.

    Attributes:
        path: Where the result is to be written.
        scratch: A folder for what is not complete.
        backup: Where the original goes; None when it stays where it is.

    Raises:
        ConflictError: There is a backup already, something is at the target, or another process repairs it.
    """

    def __init__(self, original: Path, target: Path) -> None:
        self._original = original
        self._target = target
        self.backup = _get_backup(target) if original == target else None
        self._folder = _get_folder(target)
        self.path = self._folder / target.name
        self.scratch = self._folder / "scratch"
        self._check_free()
        target.parent.mkdir(parents=True, exist_ok=True)
        self._folder.mkdir(exist_ok=True)
        self._lock = lock_folder(self._folder, target)
        try:
            _finish_exchange(self._folder, target)
            self._check_free()
            self._clear()
            self.scratch.mkdir()
        except BaseException:
            os.close(self._lock)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            _finish_exchange(self._folder, self._target)
            remove(self._folder)
        finally:
            os.close(self._lock)

    def mirror(self, left_out: Collection[str] = ()) -> None:
        """Make the result as the original is, by links where it stays beside it, else by copies.

        Args:
            left_out: Folders below the root that are written anew.

        Raises:
            StorageError: A link in it leads out of it, or something is no file.
        """
        tree = walk_source(self._original)
        if not tree.is_folder:
            self._mirror_file(self._original, self.path)
            return
        below = tuple(f"{folder}/" for folder in left_out)
        self.path.mkdir()
        for folder in tree.folders:
            if not f"{folder}/".startswith(below):
                (self.path / folder).mkdir()
        for file in tree.files:
            if not file.name.startswith(below):
                self._mirror_file(Path(file.path), self.path / file.name)

    def commit(self) -> None:
        """Put the complete result where it belongs.

        Raises:
            ConflictError: Something has come there meanwhile.
            OSError: The disk refuses.
        """
        if self.path.is_dir():
            sync_file_system(self.path)
        else:
            sync_path(self.path)
        self._check_free()
        if self.backup is None:
            rename_without_replacing(self.path, self._target)
            return
        (self._folder / MARK).write_text(str(self.path.stat().st_ino))
        exchange(self.path, self._target, _get_backup(self._target))
        _finish_exchange(self._folder, self._target)

    def _mirror_file(self, source: Path, target: Path) -> None:
        if self.backup is not None:
            try:
                os.link(source, target)
            except OSError:  # EXDEV, EMLINK, EPERM, ...: a copy serves as well
                shutil.copy2(source, target)
        else:
            shutil.copyfile(source, target)

    def _check_free(self) -> None:
        taken = self.backup or self._target
        if not os.path.lexists(taken):
            return
        if self.backup is not None:
            raise ConflictError(
                "backup-exists",
                f"{taken} is there already, from an earlier repair.",
                hint="Remove it when it is not needed any more, or write a repaired copy with --out.",
                where=str(taken),
            )
        raise ConflictError(
            "target-exists", f"{taken} exists already.", hint="Give another name.", where=str(self._target)
        )

    def _clear(self) -> None:
        for entry in self._folder.iterdir():
            if entry.name != "lock":
                remove(entry)


def finish_interrupted(target: Path) -> None:
    """Finish a repair in place that was stopped in its last step, when its result was complete.

    Raises:
        ConflictError: Another process works at the target.
    """
    folder = _get_folder(target)
    if not (folder / MARK).exists():
        return
    lock = lock_folder(folder, target)
    try:
        _finish_exchange(folder, target)
        remove(folder)
    finally:
        os.close(lock)


def _finish_exchange(folder: Path, target: Path) -> None:
    """After the exchange the original lies where the result was; it is put where the backup belongs."""
    mark, path, backup = folder / MARK, folder / target.name, _get_backup(target)
    if not mark.exists():
        return
    result = int(mark.read_text() or 0)
    if target.exists() and target.stat().st_ino == result and path.exists():
        rename_without_replacing(path, backup)
    elif not target.exists() and backup.exists() and path.exists():
        path.rename(target)  # the second of two renames, where there is no exchange
    mark.unlink()


def _get_folder(target: Path) -> Path:
    return target.with_name(f".{target.name}.part")


def _get_backup(target: Path) -> Path:
    return target.with_name(f"{target.name}.backup")
