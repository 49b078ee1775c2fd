"""The disk writes while the rest is copied; what it cannot write is told."""

import errno
import os
import threading

import pytest

from vitrina import syscalls
from vitrina.errors import StorageError
from vitrina.storage import write_behind
from vitrina.storage.local import LocalStore
from vitrina.storage.run import run
from vitrina.storage.staging import STAGING


@pytest.fixture
def source(tmp_path, monkeypatch):
    monkeypatch.setattr(write_behind, "STEP_BYTES", 100)
    folder = tmp_path / "source"
    folder.mkdir()
    for number in range(10):
        (folder / str(number)).write_bytes(b"x" * 60)
    return folder


def test_it_is_asked_for_from_a_thread_of_its_own_and_at_most_every_so_many_bytes(tmp_path, source, monkeypatch):
    threads = []
    monkeypatch.setattr(syscalls, "sync_file_system", lambda _: threads.append(threading.get_ident()))
    run(LocalStore(tmp_path / "root").stage(source))
    assert 1 <= len(threads) <= 5  # 600 bytes, 120 at a time
    assert len(set(threads)) == 1


def test_a_disk_that_cannot_write_is_told_of_and_nothing_stays(tmp_path, source, monkeypatch):
    def fail(_):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(syscalls, "sync_file_system", fail)
    with pytest.raises(StorageError, match="Input/output error"):
        run(LocalStore(tmp_path / "root").stage(source))
    assert list((tmp_path / "root" / STAGING).iterdir()) == []


def test_little_is_left_to_the_end(tmp_path, source, monkeypatch):
    monkeypatch.setattr(write_behind, "STEP_BYTES", 601)
    monkeypatch.setattr(syscalls, "sync_file_system", pytest.fail)
    assert run(LocalStore(tmp_path / "root").stage(source)).size_bytes == 600


def test_where_a_file_system_is_not_synced_in_one_call_it_waits_for_the_end(tmp_path, source, monkeypatch):
    monkeypatch.setattr(syscalls, "_load_libc", lambda: None)
    monkeypatch.setattr(syscalls, "sync_file_system", pytest.fail)
    assert run(LocalStore(tmp_path / "root").stage(source)).n_files == 10
