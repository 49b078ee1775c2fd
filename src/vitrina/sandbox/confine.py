"""Make this process one that can do nothing but read one file or folder, for good."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

from vitrina.sandbox.audit import refuse_in_python
from vitrina.sandbox.landlock import allow_reading_only
from vitrina.sandbox.limits import Limits, set_limits
from vitrina.sandbox.seccomp import refuse_calls

_PR_SET_PDEATHSIG = 1

_SYSTEM_PATHS = (
    "/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/localtime", "/dev/null", "/dev/zero", "/dev/urandom",
    "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/sys/devices/system/cpu",
)  # fmt: skip
"""What libraries read of a system when they are loaded; nothing of its users."""


def confine(path: str, limits: Limits) -> None:
    """Limit this process, which must have one thread.

    Args:
        path: The file or folder that it may read.
        limits: What it may use.
    """
    if sys.platform == "linux":  # end with the process that waits
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    set_limits(limits, os.stat(path).st_size if os.path.isfile(path) else 0)  # noqa: PTH113, PTH116 as in limits
    own = [entry for entry in sys.path if entry]
    is_shut_in = allow_reading_only([path, sys.prefix, sys.base_prefix, *own, *_SYSTEM_PATHS])
    is_refused = refuse_calls()
    if not (is_shut_in and is_refused):
        refuse_in_python()
