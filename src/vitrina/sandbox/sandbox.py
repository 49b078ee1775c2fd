"""Call a function on a file of a stranger, in a process that can do no harm.

Parsers of file formats are large, many are written in C, and damaged or hostile bytes make them crash, hang, fill the
memory, or do what their author never meant. The function runs in a process of its own with limits on memory and time,
without a network, without other processes, and with nothing to read but the file or folder; its answer comes back as
JSON. See ``docs/reference/hostile-files.md``.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
import weakref
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError
from vitrina.sandbox.answers import MAX_TEXT, rebuild_error
from vitrina.sandbox.limits import Limits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

N_AT_ONCE = 2
START_S = 60.0
"""How long the first call waits in addition, for libraries to be imported from a slow disk."""

_KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONWARNINGS")
"""Of the environment, which may hold passwords."""

_OWN_VARIABLES = {
    "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1",  # one thread, so that it can fork
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "MALLOC_ARENA_MAX": "2", "ARROW_DEFAULT_MEMORY_POOL": "system",  # few addresses that are only reserved
    "PYTHONDONTWRITEBYTECODE": "1",
}  # fmt: skip


class Sandbox:
    """Calls functions in processes of their own. Safe to use from several threads; nothing is started before a call.

    Args:
        limits: What each call may use.
        preloaded: Modules that calls need, imported once for all of them; they must start no threads.
    """

    def __init__(self, limits: Limits | None = None, *, preloaded: Sequence[str] = ()) -> None:
        self.limits = limits or Limits()
        self._preloaded = tuple(preloaded)
        self._slots = threading.BoundedSemaphore(N_AT_ONCE)
        self._idle: list[_ForkServer] = []

    def call(self, task: str, path: Path, **arguments: Any) -> Any:
        """The answer of a function.

        Args:
            task: ``module:function``; it gets the path, and what it returns must be JSON values.
            path: The one file or folder that it can read.
            arguments: JSON values.

        Raises:
            UnreadableError: It crashed or was ended (``reader-killed``), needed too much memory
                (``reader-out-of-memory``) or time (``reader-too-slow``), or failed (``reader-failed``).
            VitrinaError: What it raised itself.
        """
        path = path.resolve()
        request = {"task": task, "path": str(path), "arguments": arguments, "limits": asdict(self.limits)}
        with self._lend() as server:
            reply = server.ask(request, self.limits.wall_s + START_S)
        return self._read(reply, path)

    def _read(self, reply: dict[str, Any] | None, path: Path) -> Any:
        if reply is None:
            raise _killed(path, "its process ended")
        if reply["is_late"] or reply["signal"] == signal.SIGXCPU:
            raise UnreadableError(
                "reader-too-slow",
                f"Reading {path} took longer than {self.limits.wall_s:g} seconds, or {self.limits.cpu_s} seconds of a "
                "processor, so it was stopped.",
                hint="The file is damaged or made to be slow; read it elsewhere if you trust whoever made it.",
                where=str(path),
            )
        result = _parse(reply["output"])
        if "answer" in result:
            return result["answer"]
        if "error" in result:
            raise rebuild_error(result["error"])
        if "is_full" in result:
            raise UnreadableError(
                "reader-out-of-memory",
                f"Reading {path} needed more than {self.limits.memory_bytes:,} bytes of memory, so it was stopped.",
                hint="The file is damaged or made to fill the memory; read it elsewhere if you trust whoever made it.",
                where=str(path),
            )
        if "failure" in result:
            raise UnreadableError(
                "reader-failed",
                f"{path} cannot be read: {str(result['failure'])[:MAX_TEXT]}.",
                hint="The file is probably truncated or damaged: copy or download it again.",
                where=str(path),
            )
        raise _killed(path, _name_signal(reply["signal"]))

    @contextmanager
    def _lend(self) -> Iterator[_ForkServer]:
        with self._slots:
            try:
                server = self._idle.pop()
            except IndexError:
                server = _ForkServer(self._preloaded)
            try:
                yield server
            except BaseException:
                server.stop()
                raise
            if server.is_alive:
                self._idle.append(server)


class _ForkServer:
    """The process that forks for each call; ended with this object, and with this process."""

    def __init__(self, preloaded: Sequence[str]) -> None:
        kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
        self._process = subprocess.Popen(  # noqa: S603 our own interpreter and module
            [sys.executable, "-P", "-m", "vitrina.sandbox.fork_server", *preloaded],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**kept, **_OWN_VARIABLES},
            start_new_session=True,  # Ctrl-C is for this process to handle
        )
        self.stop = weakref.finalize(self, _end, self._process)

    @property
    def is_alive(self) -> bool:
        """Whether it takes another call."""
        return self.stop.alive

    def ask(self, request: dict[str, Any], timeout_s: float) -> dict[str, Any] | None:
        """The reply to a request; None when it ended or fell silent, and is ended then."""
        line = self._exchange(json.dumps(request).encode() + b"\n", time.monotonic() + timeout_s)
        if line is None:
            self.stop()
            return None
        reply: dict[str, Any] = json.loads(line)
        return reply

    def _exchange(self, line: bytes, end: float) -> bytes | None:
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            return None
        try:
            stdin.write(line)
            stdin.flush()
        except BrokenPipeError:
            return None
        written = bytearray()
        while not written.endswith(b"\n"):
            ready, _, _ = select.select([stdout], [], [], max(end - time.monotonic(), 0))
            piece = os.read(stdout.fileno(), 2**16) if ready else b""
            if not piece:
                return None
            written += piece
        return bytes(written)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            try:
                pipe.close()
            except BrokenPipeError:  # what was not yet written to it
                continue


def _parse(output: str | None) -> dict[str, Any]:
    try:
        result = json.loads(output or "{}")
    except (ValueError, RecursionError):
        return {}
    return result if isinstance(result, dict) else {}


def _name_signal(number: int | None) -> str:
    if number is None:
        return "its answer makes no sense"
    try:
        return f"its process was ended by {signal.Signals(number).name}"
    except ValueError:
        return f"its process was ended by the signal {number}"


def _killed(path: Path, what: str) -> UnreadableError:
    return UnreadableError(
        "reader-killed",
        f"{path} cannot be read: {what}.",
        hint="The file is damaged or hostile: a library crashed over it. Copy or download it again.",
        where=str(path),
    )
