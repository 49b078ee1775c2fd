"""Whether a path lies on a network file system, judged by the table of mounts."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

MOUNTS = Path("/proc/mounts")

NETWORK_TYPES = frozenset(
    {"9p", "afpfs", "afs", "beegfs", "ceph", "cifs", "davfs", "fuse", "gfs2", "glusterfs", "gpfs", "lustre", "ncpfs"}
    | {"nfs", "nfs4", "ocfs2", "orangefs", "pvfs2", "smb2", "smb3", "smbfs", "sshfs", "vboxsf", "virtiofs", "vmhgfs"}
    | {"wekafs"}
)
"""Shared by several machines, or by a host and its guests: memory that is mapped on one is not the other's."""

_ESCAPE = re.compile(r"\\([0-7]{3})")


def find_network_type(path: Path, mounts: Path = MOUNTS) -> str | None:
    """The type of the network file system that an absolute path lies on; None when it is local or cannot be known."""
    try:
        table = mounts.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:  # no Linux
        return None
    found = find_type(PurePosixPath(path), table)
    return found if found is not None and is_network(found) else None


def find_type(path: PurePosixPath, table: str) -> str | None:
    r"""The file system type of the innermost mount around a path; of two on the same place the later one counts.

    Args:
        path: Absolute, without links.
        table: Lines of device, mount point, type and more; blanks in names are octal escapes such as ``\040``.

    Source: https://man7.org/linux/man-pages/man5/fstab.5.html
    """
    found: str | None = None
    depth = 0
    for line in table.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = PurePosixPath(_ESCAPE.sub(lambda match: chr(int(match[1], 8)), fields[1]))
        if path.is_relative_to(point) and len(point.parts) >= depth:
            found, depth = fields[2], len(point.parts)
    return found


def is_network(fs_type: str) -> bool:
    """Whether files of this type may change behind the kernel's back. ``fuseblk`` is a local disk (NTFS)."""
    return fs_type in NETWORK_TYPES or fs_type.startswith("fuse.")
