"""Seccomp: the kernel refuses calls that no parser needs: sockets, new processes and programs, looking into others.

Threads stay possible. Source: https://docs.kernel.org/userspace-api/seccomp_filter.html; the numbers of calls from
``asm/unistd_64.h`` (x86-64) and ``asm-generic/unistd.h`` (ARM 64).
"""

from __future__ import annotations

import ctypes
import errno
import platform
import sys
from dataclasses import dataclass

_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 22, 38
_MODE_FILTER = 2

_LOAD, _IF_EQUAL, _IF_AT_LEAST, _IF_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
"""Instructions of the filter. Source: ``linux/bpf_common.h``"""

_NUMBER_AT, _ARCHITECTURE_AT, _FIRST_ARGUMENT_AT = 0, 4, 16
"""Where a filter finds what was called. Source: ``struct seccomp_data`` in ``linux/seccomp.h``"""

_ALLOW, _FAIL = 0x7FFF0000, 0x00050000
_CLONE_THREAD = 0x00010000
_FOREIGN_CALLS_FROM = 0x40000000
"""Calls of the x32 interface, which would pass for others."""


@dataclass(frozen=True, slots=True)
class _Machine:
    architecture: int
    clone: int
    clone3: int
    refused: tuple[int, ...]


_MACHINES = {
    # socket, fork, vfork, execve, kill, ptrace, rt_sigqueueinfo, mount, tkill, unshare, rt_tgsigqueueinfo,
    # perf_event_open, open_by_handle_at, setns, process_vm_readv, process_vm_writev, bpf, execveat, pidfd_send_signal,
    # io_uring_setup, pidfd_getfd
    "x86_64": _Machine(
        0xC000003E,
        56,
        435,
        (41, 57, 58, 59, 62, 101, 129, 165, 200, 272, 297, 298, 304, 308, 310, 311, 321, 322, 424, 425, 438),
    ),
    # the same, but for fork and vfork, which ARM 64 does not have
    "aarch64": _Machine(
        0xC00000B7,
        220,
        435,
        (198, 221, 129, 117, 138, 40, 130, 97, 240, 241, 265, 268, 270, 271, 280, 281, 424, 425, 438),
    ),
}


class _Instruction(ctypes.Structure):
    _fields_ = (("code", ctypes.c_uint16), ("yes", ctypes.c_uint8), ("no", ctypes.c_uint8), ("value", ctypes.c_uint32))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint16), ("instructions", ctypes.POINTER(_Instruction)))


def refuse_calls() -> bool:
    """Have the kernel refuse them to this process, for good. To be called while it has one thread.

    Returns:
        False where the system or machine does not offer it.
    """
    machine = _MACHINES.get(platform.machine())
    if sys.platform != "linux" or machine is None:
        return False
    steps = _plan_filter(machine)
    instructions = (_Instruction * len(steps))(*(_Instruction(*step) for step in steps))
    program = _Program(len(steps), instructions)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    return bool(libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program), 0, 0) == 0)


def _plan_filter(machine: _Machine) -> list[tuple[int, int, int, int]]:
    """Instructions as code, steps to skip where it holds, where it does not, and value."""
    denied = (_RETURN, 0, 0, _FAIL | errno.EPERM)
    steps = [
        (_LOAD, 0, 0, _ARCHITECTURE_AT),
        (_IF_EQUAL, 1, 0, machine.architecture),
        denied,
        (_LOAD, 0, 0, _NUMBER_AT),
        (_IF_AT_LEAST, 0, 1, _FOREIGN_CALLS_FROM),
        denied,
    ]
    for number in machine.refused:
        steps += [(_IF_EQUAL, 0, 1, number), denied]
    # threads are made by clone3, and by clone where that is not there, which says in its flags what it makes
    steps += [(_IF_EQUAL, 0, 1, machine.clone3), (_RETURN, 0, 0, _FAIL | errno.ENOSYS)]
    steps += [(_IF_EQUAL, 0, 3, machine.clone), (_LOAD, 0, 0, _FIRST_ARGUMENT_AT), (_IF_ANY_BIT, 1, 0, _CLONE_THREAD)]
    return [*steps, denied, (_RETURN, 0, 0, _ALLOW)]
