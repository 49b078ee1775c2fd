"""The files of a bundle: regular files that lie inside its folder, whatever links say."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from vitrina.model.finding import Finding

if TYPE_CHECKING:
    import re
    from pathlib import Path

MAX_ENTRIES = 100_000
"""Names of one folder that are looked at; a slide has a few thousand files."""


class BundleFolder:
    """A folder that is listed and never left: links out of it, devices and pipes count as absent.

    Args:
        root: The folder.

    Attributes:
        findings: What was passed over.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.findings: list[Finding] = []
        self._real = root.resolve()

    def list_files(self, folder: str = "") -> list[str]:
        """Names of the regular files directly in a folder below the root, sorted; none when it is absent."""
        return [name for name, is_folder in self._list(folder) if not is_folder]

    def list_folders(self, folder: str = "") -> list[str]:
        """Names of the folders directly in a folder below the root that are not hidden, sorted."""
        return [name for name, is_folder in self._list(folder) if is_folder and not name.startswith(".")]

    def find_files(self, pattern: re.Pattern[str], folder: str = "") -> list[str]:
        """Keys of the files whose whole name fits, sorted by name."""
        return [join(folder, name) for name in self.list_files(folder) if pattern.fullmatch(name)]

    def get_path(self, key: str) -> Path:
        """Where the file of a key is."""
        return self.root / key

    def _list(self, folder: str) -> list[tuple[str, bool]]:
        where = self.root / folder
        if not self._is_inside(where):
            return []
        try:
            with os.scandir(where) as entries:
                names = sorted(entry.name for entry, _ in zip(entries, range(MAX_ENTRIES), strict=False))
        except OSError:
            return []
        kinds = ((name, self._find_kind(join(folder, name))) for name in names)
        return [(name, kind == "folder") for name, kind in kinds if kind is not None]

    def _find_kind(self, key: str) -> str | None:
        path = self.root / key
        try:
            mode = path.stat().st_mode
        except OSError:
            return None
        if path.is_symlink() and not self._is_inside(path):
            self._pass_over(key)
            return None
        return "folder" if stat.S_ISDIR(mode) else "file" if stat.S_ISREG(mode) else None

    def _is_inside(self, path: Path) -> bool:
        try:
            return path.resolve().is_relative_to(self._real)
        except (OSError, RuntimeError):  # a loop of links
            return False

    def _pass_over(self, key: str) -> None:
        finding = Finding(
            code="link-outside",
            severity="warning",
            path=f"{key}#",
            message=f"{key} is a link to something outside of the folder, so it was not read.",
            fix="Copy the file into the folder.",
        )
        if finding not in self.findings:
            self.findings.append(finding)


def join(folder: str, name: str) -> str:
    """The key of a name in a folder."""
    return f"{folder}/{name}" if folder else name
