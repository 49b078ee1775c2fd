"""Where the kernel refuses nothing, Python does: what its own functions would do outside of the process."""

from __future__ import annotations

import os
import sys
from typing import Any

_REFUSED = frozenset({
    "socket.__new__", "socket.connect", "os.fork", "os.forkpty", "os.exec", "os.posix_spawn", "os.spawn", "os.system",
    "os.kill", "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate", "os.chmod",
    "subprocess.Popen",
})  # fmt: skip
"""Source: https://docs.python.org/3/library/audit_events.html"""

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def refuse_in_python() -> None:
    """Refuse sockets, processes and changes of files to all Python code of this process, for good."""
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    is_writing = event == "open" and isinstance(arguments[2], int) and bool(arguments[2] & _WRITING)
    if event in _REFUSED or is_writing:
        raise PermissionError(f"{event} is refused in the sandbox")
