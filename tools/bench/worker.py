"""Processes that convert when they are told to, and what one conversion took.

A worker imports what it needs, converts a tiny image so that nothing is done for the first time later, and then waits
for the names of targets on its standard input. The starting process stays small: on Linux the peak memory of a child
begins at that of the process that started it.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What one conversion took.

    Attributes:
        wall: Seconds.
        cpu: Processor seconds of all threads and children.
        others: Processor seconds that everything else on the machine used meanwhile.
        codec: Seconds within the codec, of all threads, by their number; 0 where they were not counted.
        again: The same when each call was made once more right after it; 0 where none was.
    """

    wall: float
    cpu: float
    others: float
    codec: float = 0
    again: float = 0


class FailedError(Exception):
    """A side did not convert; the message says why, in one line."""


class Worker:
    """The end of the pipe at which conversions are asked for.

    Args:
        command: Runs ``serve``.
        log: Where its standard error goes.
    """

    def __init__(self, command: Sequence[str], log: Path, env: dict[str, str]) -> None:
        self._log = log
        self._uses: str | None = None
        with log.open("w") as errors:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True, env=env
            )

    def wait_ready(self) -> str:
        """Wait until it has warmed up; what it uses, such as names and versions of packages."""
        if self._uses is None:
            self._uses = str(self._read()["uses"])
        return self._uses

    def convert(self, target: str) -> Taken:
        """Have it convert once."""
        before = read_busy()
        print(target, file=self._process.stdin, flush=True)
        reply = self._read()
        used = read_busy() - before
        return Taken(others=max(0.0, used - reply["cpu"]), **reply)

    def close(self) -> float:
        """End it; its peak memory in bytes."""
        self._process.stdin.close()
        _, _, usage = wait_for(self._process)
        return usage.ru_maxrss * 1024

    def _read(self) -> dict[str, Any]:
        line = self._process.stdout.readline()
        if not line:
            lines = self._log.read_text(errors="replace").strip().splitlines()
            raise FailedError(lines[-1] if lines else "ended without a word")
        reply = json.loads(line)
        if "failed" in reply:
            raise FailedError(reply["failed"])
        return reply


def run_command(command: Sequence[str], log: Path, env: dict[str, str]) -> tuple[Taken, float]:
    """Run a command to its end; also its peak memory in bytes.

    Raises:
        FailedError: It does not end with 0.
    """
    with log.open("w") as output:
        before, started = read_busy(), time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=env)
        _, status, usage = wait_for(process)
        wall = time.perf_counter() - started
    if status != 0:
        lines = log.read_text(errors="replace").strip().splitlines()
        raise FailedError(lines[-1] if lines else f"ended with {status}")
    cpu = usage.ru_utime + usage.ru_stime
    return Taken(wall=wall, cpu=cpu, others=max(0.0, read_busy() - before - cpu)), usage.ru_maxrss * 1024


def wait_for(process: subprocess.Popen[Any]) -> tuple[int, int, resource.struct_rusage]:
    """Wait for the end of a child, and what it used."""
    pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return pid, process.returncode, usage


def read_busy() -> float:
    """Seconds that the processors of this machine have worked since it started."""
    with Path("/proc/stat").open() as file:
        user, nice, system, _, _, irq, softirq, *_ = (int(word) for word in file.readline().split()[1:])
    return (user + nice + system + irq + softirq) / TICK


def serve(convert: Callable[[str], dict[str, float] | None], warm_up: Callable[[], object], uses: str) -> None:
    """Warm up, say so, and convert for each line of the standard input; what is printed otherwise goes to the log.

    Args:
        convert: Takes the line; gives what it counted beside the time, see ``Taken``.
        warm_up: Called once before.
        uses: What is measured, in words.
    """
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    try:
        warm_up()
        print(json.dumps({"uses": uses}), file=replies, flush=True)
        for line in sys.stdin:
            wall, cpu = time.perf_counter(), count_cpu()
            counted = convert(line.rstrip("\n")) or {}
            taken = {"wall": time.perf_counter() - wall, "cpu": count_cpu() - cpu}
            print(json.dumps(taken | counted), file=replies, flush=True)
    except Exception as err:  # noqa: BLE001 (whatever a peer raises is what the table tells)
        words = " ".join(str(err).split())
        print(json.dumps({"failed": f"{type(err).__name__}: {words}"[:200]}), file=replies, flush=True)
        sys.excepthook(type(err), err, err.__traceback__)


def count_cpu() -> float:
    """Processor seconds of this process and of the children that it has waited for."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime
