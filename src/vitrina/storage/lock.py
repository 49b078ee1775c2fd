"""One process at a time in a folder; the system releases the lock when the process ends, however it ends."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

from vitrina.errors import ConflictError

if TYPE_CHECKING:
    from pathlib import Path

NAME = "lock"


def lock_folder(folder: Path, target: Path) -> int:
    """Hold a folder in which a target is made, until the descriptor is closed.

    Raises:
        ConflictError: Another process holds it.
    """
    file = os.open(folder / NAME, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as err:
        os.close(file)
        raise ConflictError(
            "target-being-made",
            f"Another process works at {target} at this moment.",
            hint="Wait until it has finished.",
            where=str(target),
        ) from err
    return file
