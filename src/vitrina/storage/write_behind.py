"""Have the disk write what was copied while the rest is still being copied.

Else the disk waits for the copying and then the caller for the disk: 200 MB in 1,600 files took a quarter longer.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Self

from vitrina import syscalls

if TYPE_CHECKING:
    from pathlib import Path

STEP_BYTES = 64 * 2**20


class WriteBehind:
    """Asks for what lies below a folder to be written each time another STEP_BYTES were copied.

    Args:
        folder: On the file system that is written to. Nothing happens where syncing a file system is not one call.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pool = ThreadPoolExecutor(1) if syscalls.has_file_system_sync() else None
        self._lock = threading.Lock()
        self._waiting_bytes = 0
        self._writing: Future[None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._pool is None:
            return
        self._pool.shutdown()
        if kind is None and self._writing is not None:
            self._writing.result()

    def advance(self, n_bytes: int) -> None:
        """Count bytes as copied; from any thread.

        Raises:
            OSError: The disk could not write what was copied before.
        """
        if self._pool is None:
            return
        with self._lock:
            self._waiting_bytes += n_bytes
            if self._waiting_bytes < STEP_BYTES or (self._writing is not None and not self._writing.done()):
                return
            if self._writing is not None:
                self._writing.result()  # an error is told once, so it must not be passed over
            self._waiting_bytes = 0
            self._writing = self._pool.submit(syscalls.sync_file_system, self._folder)
