"""The machine that figures were measured on, in words and without names of hosts or folders."""

from __future__ import annotations

import os
import platform
import sysconfig
from pathlib import Path


def describe_machine(folder: Path) -> str:
    """Processor, cores, memory, kernel, Python, and the file system that a folder lies on."""
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return ", ".join(
        (
            find_processor(),
            f"{len(os.sched_getaffinity(0))} cores",
            f"{memory_gib:.0f} GiB of memory",
            f"Linux {platform.release().split('-')[0]}",
            find_file_system(folder),
            f"Python {platform.python_version()}",
            *(() if is_optimized() else ("built without profile-guided optimization",)),
        )
    )


def is_optimized() -> bool:
    """Whether Python was built with profile-guided optimization, as most are that are not built by hand.

    Source: https://docs.python.org/3/using/configure.html#cmdoption-enable-optimizations
    """
    return "--enable-optimizations" in (sysconfig.get_config_var("CONFIG_ARGS") or "")


def find_processor() -> str:
    """Model of the processor."""
    for line in Path("/proc/cpuinfo").read_text(errors="replace").splitlines():
        if line.startswith("model name"):
            return " ".join(line.partition(":")[2].split())
    return platform.machine()


def find_file_system(folder: Path) -> str:
    """Type of the file system that a folder lies on, such as ``ext4``: that of the longest mount point above it."""
    mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text(errors="replace").splitlines()]
    above = [(point, type_) for point, type_ in mounts if folder.resolve().is_relative_to(point)]
    return max(above, key=lambda mount: len(mount[0]))[1]
