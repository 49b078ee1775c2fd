"""The process that starts others: with all modules imported that it was told, it forks itself for each call.

A fork takes milliseconds where a new Python takes seconds, and each call has a process of its own, so that nothing of
one file is there when the next is read. It reads a request per line from its standard input, and writes a reply per
line to its standard output. It has one thread, since only the thread that forks lives on in the fork.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vitrina.errors import VitrinaError
from vitrina.sandbox.answers import describe_error
from vitrina.sandbox.confine import confine
from vitrina.sandbox.limits import Limits

if TYPE_CHECKING:
    from collections.abc import Callable

_PIECE_BYTES = 2**16


@dataclass(frozen=True, slots=True)
class Request:
    """A call: ``module:function``, the file or folder, further arguments, limits."""

    task: str
    path: str
    arguments: dict[str, Any]
    limits: Limits


def main() -> None:
    """Answer requests until there are no more."""
    replies = os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 1)
    for name in sys.argv[1:]:
        import_module(name)
    for line in sys.stdin.buffer:
        value = json.loads(line)
        request = Request(value["task"], value["path"], value["arguments"], Limits(**value["limits"]))
        reply = json.dumps(_answer(request, nothing)).encode() + b"\n"
        while reply:
            reply = reply[os.write(replies, reply) :]


def _answer(request: Request, nothing: int) -> dict[str, Any]:
    """What came of a call: its output, and the signal that ended it if one did."""
    module, _, name = request.task.partition(":")
    function = getattr(import_module(module), name)
    source, sink = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            for number in range(3):
                os.dup2(nothing, number)
            os.closerange(3, sink)
            os.closerange(sink + 1, 2**16)
            _work(function, request, sink)
        finally:
            os._exit(0)
    os.close(sink)
    try:
        output, is_late = _collect(source, request.limits)
    finally:
        os.close(source)
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    return {
        "output": None if output is None else output.decode("utf-8", "replace"),
        "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else None,
        "is_late": is_late,
    }


def _collect(source: int, limits: Limits) -> tuple[bytes | None, bool]:
    """All that a call writes until it ends, and whether it took too long; nothing where it writes too much."""
    written = bytearray()
    end = time.monotonic() + limits.wall_s
    while (left := end - time.monotonic()) > 0:
        ready, _, _ = select.select([source], [], [], left)
        piece = os.read(source, _PIECE_BYTES) if ready else b""
        if ready and not piece:
            return bytes(written), False
        written += piece
        if len(written) > limits.answer_bytes:
            return None, False
    return None, True


def _work(function: Callable[..., Any], request: Request, sink: int) -> None:
    """Call the function in the process that was made for it."""
    result: dict[str, Any]
    try:
        confine(request.path, request.limits)
        result = {"answer": function(Path(request.path), **request.arguments)}
        text = json.dumps(result)
    except VitrinaError as err:
        text = json.dumps({"error": describe_error(err)})
    except MemoryError:
        text = '{"is_full": true}'
    except BaseException as err:  # noqa: BLE001 whatever it is, it is told
        text = json.dumps({"failure": f"{type(err).__name__}: {err}"})
    data = text.encode()
    while data:
        data = data[os.write(sink, data) :]


if __name__ == "__main__":
    main()
