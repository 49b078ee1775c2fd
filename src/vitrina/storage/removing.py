"""Remove files and folders, and say how many bytes that frees."""

from __future__ import annotations

import os
import shutil
import stat
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vitrina.storage.failures import build_storage_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


def remove(path: Path) -> None:
    """Remove a file, link or whole folder, without following links; nothing happens when it is absent.

    Raises:
        StorageError: The system refuses.
    """

    def unlock_and_retry(function: Callable[..., Any], name: str, err: BaseException) -> None:
        if isinstance(err, FileNotFoundError):
            return
        if not isinstance(err, PermissionError):
            raise err
        parent = Path(name).parent if function is not os.scandir else Path(name)
        parent.chmod(0o700)
        function(name)

    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, onexc=unlock_and_retry)
        else:
            path.unlink(missing_ok=True)
    except OSError as err:
        raise build_storage_error(err, "Removing", path) from err


def measure_freed(paths: Iterable[Path]) -> int:
    """The bytes that removing all of these together frees.

    A file with hard links elsewhere frees nothing. Blocks that reflinks share cannot be told apart and count in full.
    """
    sizes: dict[tuple[int, int], tuple[int, int]] = {}
    names: Counter[tuple[int, int]] = Counter()
    for path in paths:
        for info in _iter_files(path):
            file = (info.st_dev, info.st_ino)
            names[file] += 1
            sizes[file] = (info.st_size, info.st_nlink)
    return sum(size_bytes for file, (size_bytes, n_links) in sizes.items() if names[file] >= n_links)


def _iter_files(path: Path) -> Iterator[os.stat_result]:
    try:
        info = path.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISDIR(info.st_mode):
        yield info
        return
    for folder, _, names in os.walk(path):
        for name in names:
            yield os.lstat(os.path.join(folder, name))  # noqa: PTH118 (text: 100,000 files are common)
