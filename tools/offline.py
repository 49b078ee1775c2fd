"""Run a command without a network: only loopback, where the system allows it.

Where unprivileged user namespaces exist, the command runs in a network namespace of its own that has loopback alone,
which binds every subprocess (Chromium too). Elsewhere the command runs as it is, and the test suite blocks outside
sockets itself. ``VITRINA_TEST_NETWORK`` tells the suite which of the two it is.
"""

from __future__ import annotations

import fcntl
import os
import socket
import struct
import subprocess
import sys

SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 0x1  # linux/sockios.h, net/if.h


def raise_loopback() -> None:
    """Set the loopback interface up, which is down in a new network namespace."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sh14x", b"lo", 0)
        (flags,) = struct.unpack("16xh14x", fcntl.ioctl(control, SIOCGIFFLAGS, request))
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | IFF_UP))


def can_unshare() -> bool:
    """Whether this system lets us make a user and network namespace."""
    try:
        return subprocess.run(["unshare", "-rn", "true"], check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


def main(arguments: list[str]) -> None:
    """Run the command, replacing this process."""
    if arguments[:1] == ["--inside"]:
        raise_loopback()
        os.environ["VITRINA_TEST_NETWORK"] = "namespace"
        os.execvp(arguments[1], arguments[1:])
    if can_unshare():
        os.execvp("unshare", ["unshare", "-rn", sys.executable, __file__, "--inside", *arguments])
    os.environ["VITRINA_TEST_NETWORK"] = "blocked-sockets"
    os.execvp(arguments[0], arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
