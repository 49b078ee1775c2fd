"""How much a function in the sandbox may use."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one call may use.

    Attributes:
        memory_bytes: Beside what Python and its libraries take before they read anything, and the size of a file, which
            may be mapped.
        cpu_s: Seconds on processors, over all threads.
        wall_s: Seconds in all.
        n_files: Files open at once.
        answer_bytes: Of the answer as JSON.
    """

    memory_bytes: int = 2 * 2**30
    cpu_s: int = 60
    wall_s: float = 120.0
    n_files: int = 1024
    answer_bytes: int = 64 * 2**20


def set_limits(limits: Limits, mapped_bytes: int) -> None:
    """Let the system enforce the limits on this process, but for the one in all, which whoever waits enforces.

    Files cannot grow, so that nothing is written, and no core is dumped.

    Args:
        limits: The limits.
        mapped_bytes: Size of the file that may be mapped.
    """
    import resource

    memory_bytes = _measure_addresses() + limits.memory_bytes + mapped_bytes
    for kind, lower, upper in (
        (resource.RLIMIT_AS, memory_bytes, memory_bytes),
        (resource.RLIMIT_CPU, limits.cpu_s, limits.cpu_s + 1),  # first SIGXCPU, which says what it was, then SIGKILL
        (resource.RLIMIT_NOFILE, limits.n_files, limits.n_files),
        (resource.RLIMIT_FSIZE, 0, 0),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        _, given = resource.getrlimit(kind)
        soft, hard = (value if given == resource.RLIM_INFINITY else min(value, given) for value in (lower, upper))
        resource.setrlimit(kind, (soft, hard))


def _measure_addresses() -> int:
    """Bytes of addresses that this process has already; 0 where the system does not tell.

    Source: https://man7.org/linux/man-pages/man5/proc_pid_statm.5.html
    """
    import resource

    try:
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 not worth an import in the new process
            n_pages = int(file.read().split()[0])
    except OSError:
        return 0
    return n_pages * resource.getpagesize()
