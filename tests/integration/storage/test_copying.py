"""Copying into a store: whole whatever the disk gives at a time, read-only to all, with few calls."""

from __future__ import annotations

import os
from collections import Counter

import pytest
from blake3 import blake3

from vitrina.storage.local import LocalStore
from vitrina.storage.run import run

SIZES = (0, 1, 9, 10, 11, 20, 25)


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "source"
    folder.mkdir()
    for size in SIZES:
        (folder / str(size)).write_bytes(os.urandom(size))
    return folder


def save(source, root, uid="u1"):
    store = LocalStore(root)
    run(store.commit(run(store.stage(source)), f"{uid}/saved"))
    return store.root / uid / "saved", run(store.read_manifest(f"{uid}/saved"))


@pytest.mark.parametrize("most", [3, 10, 100])
def test_files_of_any_size_are_whole_however_little_is_read_at_once(tmp_path, source, monkeypatch, most):
    monkeypatch.setattr("vitrina.storage.buffers.PART_BYTES", 10)
    readv = os.readv
    monkeypatch.setattr(os, "readv", lambda descriptor, parts: readv(descriptor, [part[:most] for part in parts]))
    saved, manifest = save(source, tmp_path / "root")
    assert {file.name: (file.size_bytes, file.hash) for file in manifest} == {
        str(size): (size, blake3((source / str(size)).read_bytes()).hexdigest()) for size in SIZES
    }
    assert all((saved / str(size)).read_bytes() == (source / str(size)).read_bytes() for size in SIZES)


def test_a_file_of_which_no_size_is_told_is_whole(tmp_path, source, monkeypatch):
    fstat = os.fstat

    def tell_no_size(descriptor):
        return os.stat_result([0 if field == 6 else value for field, value in enumerate(fstat(descriptor)[:10])])

    monkeypatch.setattr("vitrina.storage.buffers.PART_BYTES", 10)
    monkeypatch.setattr(os, "fstat", tell_no_size)
    saved, _ = save(source, tmp_path / "root")
    assert all((saved / str(size)).read_bytes() == (source / str(size)).read_bytes() for size in SIZES)


@pytest.mark.parametrize("umask", [0o022, 0o027, 0o077])
def test_all_may_read_and_none_may_write_whatever_the_umask_is(tmp_path, source, umask):
    before = os.umask(umask)
    try:
        folder, _ = save(source, tmp_path / "root")
        single, _ = save(source / "25", tmp_path / "root", "u2")
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o777 for path in (*folder.iterdir(), single)} == {0o444}


def test_a_small_file_in_a_folder_is_read_once_and_written_once(tmp_path, monkeypatch):
    source = tmp_path / "source"
    source.mkdir()
    for number in range(50):
        (source / str(number)).write_bytes(b"x" * 1000)
    counts: Counter[str] = Counter()

    def count(name):
        call = getattr(os, name)

        def counted(*args, **options):
            counts[name] += 1
            return call(*args, **options)

        monkeypatch.setattr(os, name, counted)

    for name in ("readv", "preadv", "write", "copy_file_range", "fchmod"):
        count(name)
    run(LocalStore(tmp_path / "root").stage(source))
    assert counts == {"readv": 50, "write": 50}
