"""Expected: made-up tables in the form that fstab(5) describes."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from vitrina.catalog.mounts import find_network_type, find_type, is_network

TABLE = r"""
overlay / overlay rw,relatime 0 0
/dev/sda1 /home ext4 rw 0 0
server:/export /home/shared nfs4 rw,vers=4.2 0 0
//nas/lab /mnt/my\040lab cifs rw 0 0
sshfs#me@host: /mnt/remote fuse.sshfs rw 0 0
/dev/sdb1 /mnt/usb fuseblk rw 0 0
tmpfs /mnt/remote/local tmpfs rw 0 0
/dev/sdc /data xfs rw 0 0
home /data lustre rw 0 0
broken
"""


@pytest.mark.parametrize(
    ("path", "fs_type"),
    [
        ("/", "overlay"),
        ("/etc/x", "overlay"),
        ("/home/ada/lab", "ext4"),
        ("/home/shared", "nfs4"),
        ("/home/shared/lab/.vitrina", "nfs4"),
        ("/home/shared2/lab", "ext4"),
        ("/mnt/my lab/x", "cifs"),
        ("/mnt/remote/x", "fuse.sshfs"),
        ("/mnt/remote/local/x", "tmpfs"),
        ("/mnt/usb/x", "fuseblk"),
        ("/data/x", "lustre"),
    ],
)
def test_the_innermost_and_last_mount_around_a_path_counts(path, fs_type):
    assert find_type(PurePosixPath(path), TABLE) == fs_type


def test_an_empty_table_knows_nothing():
    assert find_type(PurePosixPath("/x"), "") is None


@pytest.mark.parametrize(
    "fs_type", ["nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "fuse.s3fs", "lustre", "9p", "virtiofs"]
)
def test_shared_file_systems_are_network(fs_type):
    assert is_network(fs_type)


@pytest.mark.parametrize("fs_type", ["ext4", "xfs", "btrfs", "zfs", "tmpfs", "overlay", "fuseblk"])
def test_local_file_systems_are_not(fs_type):
    assert not is_network(fs_type)


def test_without_a_table_of_mounts_a_path_counts_as_local(tmp_path):
    assert find_network_type(tmp_path, tmp_path / "absent") is None
