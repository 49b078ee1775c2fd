"""The git commit that a file belongs to."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TIMEOUT_S = 10


@dataclass(frozen=True, slots=True)
class Checkout:
    """A working tree.

    Attributes:
        root: Its folder.
        commit: Checked out, with ``-dirty`` when tracked files, or the file asked for, are not as committed.
    """

    root: Path
    commit: str


@cache
def find_checkout(file: Path) -> Checkout | None:
    """The working tree that a file lies in; None outside of git, before the first commit, and without the program.

    Asked once per file: code that is loaded does not change when the files do.
    """
    root = _run_git(file.parent, "rev-parse", "--show-toplevel")
    commit = _run_git(file.parent, "rev-parse", "--verify", "--quiet", "HEAD")
    if not root or not commit:
        return None
    changes = _run_git(file.parent, "status", "--porcelain", "--untracked-files=no")
    is_tracked = bool(_run_git(file.parent, "ls-files", "--", file.name))
    return Checkout(Path(root), commit if changes == "" and is_tracked else f"{commit}-dirty")


def _run_git(folder: Path, *arguments: str) -> str | None:
    """What git prints, None when it fails."""
    command = ["git", "-C", str(folder), "-c", "core.fsmonitor=false", *arguments]
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program, and no shell
            command, env=environment, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
