"""How versions share bytes on a real disk, and that nothing reaches them from outside. Run as root too, who may write
to read-only files: what protects a version then is that no name of its bytes is given away.
"""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from vitrina.errors import ConflictError
from vitrina.storage import sharing
from vitrina.storage.layout import MANIFESTS
from vitrina.storage.local import LocalStore
from vitrina.storage.run import run
from vitrina.storage.staging import STAGING, list_abandoned, open_place

FILES = {"zarr.json": b"{}", "c/0": b"zero", "c/1": b"one", "c/2": b"two", "empty": b""}


@pytest.fixture
def store(tmp_path):
    """A store of which ``u1/tree`` is the first version; by hard links, whatever the test's file system has."""
    store = LocalStore(tmp_path / "root")
    run(store.commit(run(store.stage(write(tmp_path / "source", FILES))), "u1/tree"))
    return store


@pytest.fixture(autouse=True)
def _no_reflinks(request, monkeypatch):
    if "reflinks" not in request.fixturenames:
        monkeypatch.setattr(sharing, "clone_file", lambda *_: False)


@pytest.fixture
def reflinks(monkeypatch):
    """A file system with reflinks, played by copying: which calls come is what the tests look at."""
    cloned = []

    def clone(stored, target):
        cloned.append((stored, target))
        Path(target).write_bytes(Path(stored).read_bytes())
        Path(target).chmod(0o444)
        return True

    monkeypatch.setattr(sharing, "clone_file", clone)
    return cloned


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def add(store, source, key, **options):
    staged = run(store.stage(source, base_keys=["u1/tree"], **options))
    run(store.commit(staged, key))
    return staged.sharing


def is_shared(store, first, second):
    return (store.root / first).samefile(store.root / second)


class TestHardLinks:
    def test_unchanged_files_are_the_same_file_and_changed_ones_are_not(self, store, tmp_path):
        source = write(tmp_path / "next", FILES | {"c/1": b"ONE", "new": b"new"})
        shared = add(store, source, "u2/tree")
        assert (shared.n_files, shared.size_bytes, shared.n_copied) == (3, 2 + 4 + 3, 0)
        assert is_shared(store, "u1/tree/c/0", "u2/tree/c/0")
        assert not is_shared(store, "u1/tree/c/1", "u2/tree/c/1")
        assert (store.root / "u1/tree/c/1").read_bytes() == b"one"
        assert (store.root / "u2/tree/c/1").read_bytes() == b"ONE"

    def test_a_moved_file_is_shared(self, store, tmp_path):
        source = write(tmp_path / "next", FILES | {"moved/0": b"zero"})
        assert add(store, source, "u2/tree").n_files == 5
        assert is_shared(store, "u1/tree/c/0", "u2/tree/moved/0")

    def test_of_equal_files_the_one_with_the_same_name_is_shared(self, store, tmp_path):
        source = write(tmp_path / "twins", {"a": b"same", "b": b"same"})
        run(store.commit(run(store.stage(source)), "u2/twins"))
        run(store.commit(run(store.stage(source, base_keys=["u1/tree", "u2/twins"])), "u3/twins"))
        for name in ("a", "b"):
            assert is_shared(store, f"u2/twins/{name}", f"u3/twins/{name}")

    def test_the_users_files_are_never_linked(self, store, tmp_path):
        source = write(tmp_path / "next", FILES)
        add(store, source, "u2/tree")
        assert {path.stat().st_nlink for path in source.rglob("*") if path.is_file()} == {1}
        source_files = {path.stat().st_ino for path in source.rglob("*")}
        assert not source_files & {path.stat().st_ino for path in store.root.rglob("*")}

    def test_a_taken_folder_shares_too_and_is_moved(self, store, tmp_path):
        source = write(tmp_path / "next", FILES | {"new": b"new"})
        inode = (source / "new").stat().st_ino
        shared = add(store, source, "u2/tree", take=True)
        assert (shared.n_files, source.exists()) == (4, False)
        assert is_shared(store, "u1/tree/c/0", "u2/tree/c/0")
        assert (store.root / "u2/tree/new").stat().st_ino == inode
        assert {path.stat().st_mode & 0o777 for path in (store.root / "u2").rglob("*") if path.is_file()} == {0o444}

    def test_only_what_is_new_takes_space(self, store, tmp_path):
        write(tmp_path / "next", FILES | {"big": b"x" * 100_000})
        add(store, tmp_path / "next", "u2/tree")
        assert run(store.upkeep.measure(["u2"])) == 100_000
        assert run(store.upkeep.measure(["u1", "u2"])) == 100_012
        assert run(store.delete("u1")) == 0
        assert run(store.delete("u2")) == 100_012

    def test_damaged_bytes_are_not_passed_on(self, store, tmp_path):
        path = store.root / "u1/tree/c/0"
        path.chmod(0o644)
        path.write_bytes(b"ZERO")
        shared = add(store, write(tmp_path / "next", FILES), "u2/tree")
        assert shared.n_files == 3
        assert (store.root / "u2/tree/c/0").read_bytes() == b"zero"

    def test_without_a_manifest_files_are_found_by_name_and_size(self, store, tmp_path):
        (store.root / MANIFESTS / "u1/tree").unlink()
        shared = add(store, write(tmp_path / "next", FILES | {"c/1": b"ONE", "moved": b"zero"}), "u2/tree")
        assert shared.n_files == 3

    def test_shared_bytes_are_read_once_when_they_are_verified(self, store, tmp_path, monkeypatch):
        add(store, write(tmp_path / "next", FILES), "u2/tree")
        read = []
        monkeypatch.setattr("vitrina.storage.local_upkeep.hash_file", _spy(read))
        seen = {}
        first = run(store.upkeep.hash_files("u1/tree", seen=seen))
        second = run(store.upkeep.hash_files("u2/tree", seen=seen))
        assert [(file.name, file.hash) for file in first] == [(file.name, file.hash) for file in second]
        assert sorted(read) == ["c/0", "c/1", "c/2", "empty", "empty", "zarr.json"]  # what has no bytes is not shared

    @pytest.mark.parametrize("error", [errno.EMLINK, errno.EXDEV, errno.EPERM])
    def test_what_cannot_be_linked_is_copied_and_counted(self, store, tmp_path, monkeypatch, error):
        def refuse(*_args, **_options):
            raise OSError(error, os.strerror(error))

        monkeypatch.setattr(os, "link", refuse)
        for take in (False, True):
            source = write(tmp_path / f"next-{take}", FILES)
            shared = add(store, source, f"{take}/tree", take=take)
            assert (shared.n_files, shared.size_bytes, shared.n_copied) == (0, 0, 4)
            assert (store.root / f"{take}/tree/c/0").read_bytes() == b"zero"
            assert (store.root / f"{take}/tree/c/0").stat().st_nlink == 1

    def test_a_link_put_in_the_place_of_a_file_is_not_shared(self, store, tmp_path):
        (tmp_path / "secret").write_bytes(b"zero")
        path = store.root / "u1/tree/c/0"
        path.unlink()
        path.symlink_to(tmp_path / "secret")
        add(store, write(tmp_path / "next", FILES), "u2/tree")
        assert not (store.root / "u2/tree/c/0").is_symlink()
        assert (tmp_path / "secret").stat().st_nlink == 1


class TestReflinks:
    def test_they_come_before_hard_links(self, reflinks, store, tmp_path):
        shared = add(store, write(tmp_path / "next", FILES), "u2/tree")
        assert (shared.n_files, len(reflinks)) == (4, 4)
        assert not is_shared(store, "u1/tree/c/0", "u2/tree/c/0")
        assert (store.root / "u2/tree/c/0").stat().st_mode & 0o777 == 0o444

    def test_where_there_are_none_nothing_is_left_of_the_attempt(self, tmp_path, monkeypatch):
        import fcntl

        def refuse(*_):
            raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))

        monkeypatch.undo()
        monkeypatch.setattr(fcntl, "ioctl", refuse)
        (tmp_path / "stored").write_bytes(b"x")
        assert not sharing.clone_file(str(tmp_path / "stored"), str(tmp_path / "target"))
        assert not (tmp_path / "target").exists()
        assert sharing.Sharer().share(str(tmp_path / "stored"), str(tmp_path / "target"))
        assert (tmp_path / "stored").stat().st_nlink == 2


class TestCheckout:
    def test_writing_to_it_reaches_no_version(self, store, tmp_path):
        add(store, write(tmp_path / "next", FILES), "u2/tree")
        run(store.checkout("u2/tree", tmp_path / "work"))
        for path in (tmp_path / "work").rglob("*"):
            if path.is_file():
                assert path.stat().st_nlink == 1
                assert os.access(path, os.W_OK)
                with path.open("r+b") as stream:
                    stream.write(b"overwritten")
        for key in ("u1/tree", "u2/tree"):
            assert run(store.upkeep.hash_files(key)) == run(store.read_manifest(key))

    def test_a_failure_leaves_nothing_behind(self, store, tmp_path):
        def fail(_done, _total):
            raise ValueError("stop")

        (tmp_path / "there").mkdir()
        with pytest.raises(ValueError, match="stop"):
            run(store.checkout("u1/tree", tmp_path / "there" / "work", progress=fail))
        assert list((tmp_path / "there").iterdir()) == []

    def test_something_that_comes_meanwhile_is_kept(self, store, tmp_path):
        target = tmp_path / "work"

        def come(_done, _total):
            target.mkdir(exist_ok=True)

        with pytest.raises(ConflictError):
            run(store.checkout("u1/tree", target, progress=come))
        assert list(target.iterdir()) == []


class TestSweep:
    def test_what_a_killed_process_left_goes_and_what_runs_stays(self, store, tmp_path):
        script = (
            "import sys, time\n"
            "from pathlib import Path\n"
            "from vitrina.storage.local import LocalStore\n"
            "from vitrina.storage.run import run\n"
            "store = LocalStore(Path(sys.argv[2]))\n"
            "staged = run(store.stage(Path(sys.argv[1])))\n"
            "print(staged.token, flush=True)\n"
            "time.sleep(60)\n"
        )
        source = write(tmp_path / "big", {"data": b"x" * 5000})
        command = [sys.executable, "-c", script, str(source), str(store.root)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            token = process.stdout.readline().strip()
            staged = run(store.stage(source))
            assert run(store.upkeep.sweep()) == 0
            assert sorted(path.name for path in (store.root / STAGING).iterdir()) == sorted([token, staged.token])
            process.kill()
        assert run(store.upkeep.sweep(dry_run=True)) == 5000
        assert run(store.upkeep.sweep()) == 5000
        assert [path.name for path in (store.root / STAGING).iterdir()] == [staged.token]
        run(store.commit(staged, "u2/big"))

    def test_a_place_taken_before_it_was_locked_is_given_up_for_another(self, tmp_path, monkeypatch):
        """A sweep comes between making a place and locking it."""
        (tmp_path / "staging").mkdir()
        made = []
        mkdir = type(tmp_path).mkdir

        def sweep_once(path, *args, **options):
            mkdir(path, *args, **options)
            made.append(path)
            if len(made) == 1:
                for place in list_abandoned(tmp_path / "staging"):
                    place.close()

        monkeypatch.setattr(type(tmp_path), "mkdir", sweep_once)
        place = open_place(tmp_path / "staging")
        assert len(made) == 2
        assert place.path == made[1]
        assert [path.name for path in (tmp_path / "staging").iterdir()] == [place.token]
        assert list_abandoned(tmp_path / "staging") == []
        place.close()

    def test_where_files_cannot_be_locked_nothing_is_swept(self, store, tmp_path, monkeypatch):
        import fcntl

        def refuse(*_):
            raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

        monkeypatch.setattr(fcntl, "flock", refuse)
        staged = run(store.stage(write(tmp_path / "next", FILES)))
        assert run(store.upkeep.sweep()) == 0
        run(store.commit(staged, "u2/tree"))
        assert (store.root / "u2/tree/c/0").read_bytes() == b"zero"


def _spy(names):
    from vitrina.storage.hashing import hash_file

    def spy(file, *others):
        names.append(file.name)
        return hash_file(file, *others)

    return spy
