"""What a folder on a real disk must withstand: links, pipes, full disks, interrupts, kills."""

from __future__ import annotations

import asyncio
import errno
import os
import secrets
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from blake3 import blake3
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vitrina import syscalls
from vitrina.errors import ConflictError, InputError, NotFoundError, StorageError, VitrinaError
from vitrina.storage import copying
from vitrina.storage.local import LocalStore
from vitrina.storage.run import run
from vitrina.storage.staging import STAGING

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.anyio

SECRET = b"root:x:0:0"


@pytest.fixture(params=["linux", "portable"])
def store(request, tmp_path, monkeypatch):
    """A store with a saved folder ``u1/tree``, next to a secret that it must not give away; by both ways to open."""
    if request.param == "portable":
        monkeypatch.setattr(syscalls, "open_without_links", lambda *_: None)
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "passwd").write_bytes(SECRET)
    store = LocalStore(tmp_path / "root")
    tree = tmp_path / "source"
    (tree / "a" / "b").mkdir(parents=True)
    (tree / "a" / "b" / "0").write_bytes(b"chunk")
    run(store.commit(run(store.stage(tree)), "u1/tree"))
    return store


def list_staged(store):
    staging = store.root / STAGING
    return sorted(path.name for path in staging.iterdir()) if staging.exists() else []


class TestLinks:
    @pytest.mark.parametrize(
        ("link", "target", "key"),
        [
            ("u1/tree/passwd", "secret/passwd", "u1/tree/passwd"),
            ("u1/tree/dir", "secret", "u1/tree/dir/passwd"),
            ("u1/tree/a/up", "secret", "u1/tree/a/up/passwd"),
            ("u2", "secret", "u2/passwd"),
        ],
    )
    async def test_a_link_that_leads_out_leads_nowhere(self, store, tmp_path, link, target, key):
        (store.root / link).symlink_to(tmp_path / target)
        assert (store.root / key).read_bytes() == SECRET  # so the file system would follow it
        with pytest.raises(NotFoundError):
            await store.read(key)
        with pytest.raises(NotFoundError):
            await store.stat(key)
        with pytest.raises(NotFoundError):
            await store.list_folder(key.rpartition("/")[0] if link != "u1/tree/passwd" else key)
        assert store.get_local_path(key) is None

    async def test_a_link_to_another_artifact_leads_nowhere(self, store):
        (store.root / "u2").mkdir()
        (store.root / "u2" / "peek").symlink_to(store.root / "u1" / "tree" / "a" / "b" / "0")
        with pytest.raises(NotFoundError):
            await store.read("u2/peek")

    async def test_a_link_inside_an_artifact_is_followed(self, store):
        (store.root / "u1" / "tree" / "alias").symlink_to("a/b")
        (store.root / "u1" / "tree" / "last").symlink_to("alias/0")
        assert await store.read("u1/tree/alias/0") == b"chunk"
        assert await store.read("u1/tree/last") == b"chunk"
        assert [(entry.name, entry.is_folder) for entry in await store.list_folder("u1/tree")] == [
            ("a", True),
            ("alias", True),
            ("last", False),
        ]
        assert [entry.name for entry in await store.list_folder("u1/tree/alias")] == ["0"]

    async def test_a_listing_leaves_out_what_no_key_can_read(self, store, tmp_path):
        folder = store.root / "u1" / "tree" / "a"
        (folder / "passwd").symlink_to(tmp_path / "secret" / "passwd")
        (folder / "loop").symlink_to("loop")
        os.mkfifo(folder / "pipe")
        (folder / "back\\slash").touch()
        assert [entry.name for entry in await store.list_folder("u1/tree/a")] == ["b"]

    async def test_a_pipe_is_no_file_and_does_not_block(self, store):
        os.mkfifo(store.root / "u1" / "tree" / "pipe")
        with pytest.raises(NotFoundError):
            await store.read("u1/tree/pipe")

    async def test_nothing_is_saved_through_a_link(self, store, tmp_path):
        (store.root / "u2").symlink_to(tmp_path / "secret")
        staged = await store.stage(tmp_path / "source")
        with pytest.raises(ConflictError):
            await store.commit(staged, "u2/planted")
        assert sorted(path.name for path in (tmp_path / "secret").iterdir()) == ["passwd"]

    async def test_deleting_a_link_keeps_what_it_points_to(self, store, tmp_path):
        (store.root / "u2").symlink_to(tmp_path / "secret")
        await store.delete("u2/passwd")
        await store.delete("u2")
        assert not (store.root / "u2").is_symlink()
        (store.root / "u1" / "tree" / "dir").symlink_to(tmp_path / "secret")
        await store.delete("u1/tree")
        assert (tmp_path / "secret" / "passwd").read_bytes() == SECRET
        assert list_staged(store) == []

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None)
    @given(st.lists(st.sampled_from(["..", ".", "", "u1", "tree", "a", "dir", "up", "secret", "passwd"]), max_size=7))
    def test_no_key_reads_the_secret(self, store, tmp_path, parts):
        for link, target in (("dir", tmp_path / "secret"), ("up", "../../../secret")):
            if not (store.root / "u1" / "tree" / link).is_symlink():
                (store.root / "u1" / "tree" / link).symlink_to(target)
        try:
            data = run(store.read("/".join(parts)))
        except (InputError, NotFoundError):
            return
        assert data == b"chunk"

    async def test_the_reserved_folder_cannot_be_named(self, store, tmp_path):
        staged = await store.stage(tmp_path / "source")
        for call in (store.read, store.list_folder, store.delete):
            with pytest.raises(InputError):
                await call(f"{STAGING}/{staged.token}")


class TestSaving:
    async def test_saved_files_are_read_only_and_can_still_be_deleted(self, store):
        path = store.root / "u1" / "tree" / "a" / "b" / "0"
        assert path.stat().st_mode & 0o777 == 0o444
        path.parent.chmod(0o555)
        await store.delete("u1/tree")
        assert not (store.root / "u1").exists()
        assert list_staged(store) == []

    async def test_the_portable_way_to_rename_refuses_to_replace(self, tmp_path, monkeypatch):
        monkeypatch.setattr(syscalls, "_load_libc", lambda: None)
        (tmp_path / "a").touch()
        (tmp_path / "b").symlink_to("nowhere")
        with pytest.raises(FileExistsError):
            syscalls.rename_without_replacing(tmp_path / "a", tmp_path / "b")

    @pytest.mark.parametrize("error", [None, errno.EXDEV, errno.EOPNOTSUPP])
    async def test_a_large_file_keeps_its_bytes_with_and_without_help_of_the_kernel(
        self, store, tmp_path, monkeypatch, error
    ):
        data = secrets.token_bytes(20 * 2**20 + 1)
        (tmp_path / "large").write_bytes(data)
        if error is not None:

            def refuse(*_):
                raise OSError(error, os.strerror(error))

            monkeypatch.setattr(os, "copy_file_range", refuse)
        staged = await store.stage(tmp_path / "large")
        await store.commit(staged, "u2/large")
        assert (store.root / "u2" / "large").read_bytes() == data
        assert staged.hash == blake3(data).hexdigest()

    async def test_a_taken_folder_is_moved(self, store, tmp_path):
        inode = (tmp_path / "source" / "a" / "b" / "0").stat().st_ino
        await store.commit(await store.stage(tmp_path / "source", take=True), "u2/tree")
        assert not (tmp_path / "source").exists()
        assert (store.root / "u2" / "tree" / "a" / "b" / "0").stat().st_ino == inode

    async def test_a_taken_file_with_a_second_name_is_copied(self, store, tmp_path):
        (tmp_path / "one").write_bytes(b"one")
        (tmp_path / "two").hardlink_to(tmp_path / "one")
        await store.commit(await store.stage(tmp_path / "one", take=True), "u2/one")
        assert not (tmp_path / "one").exists()
        (tmp_path / "two").write_bytes(b"two")
        assert await store.read("u2/one") == b"one"

    async def test_two_writers_of_one_key_do_not_mix(self, store, tmp_path):
        staged = [await store.stage(tmp_path / "source") for _ in range(2)]
        results = await asyncio.gather(*(store.commit(one, "u2/tree") for one in staged), return_exceptions=True)
        assert sorted(type(result).__name__ for result in results) == ["ConflictError", "NoneType"]

    def test_the_url_leads_back_to_the_root(self, tmp_path):
        assert LocalStore(tmp_path / "a b").url == (tmp_path / "a b").as_uri()


class TestFailures:
    async def test_a_full_disk_leaves_nothing_behind_and_says_what_to_do(self, store, tmp_path, monkeypatch):
        def fail(*_):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(copying.os, "write", fail)
        with pytest.raises(StorageError, match="Free space") as caught:
            await store.stage(tmp_path / "source")
        monkeypatch.undo()
        assert caught.value.code == "disk-full"
        assert list_staged(store) == []

    async def test_a_root_that_is_a_file_is_a_storage_error(self, tmp_path):
        (tmp_path / "file").touch()
        (tmp_path / "source").touch()
        with pytest.raises(StorageError):
            await LocalStore(tmp_path / "file").stage(tmp_path / "source")

    async def test_a_file_that_vanishes_while_it_is_copied_is_a_storage_error(self, store, tmp_path):
        for number in range(50):
            (tmp_path / "source" / f"{number:03}").write_bytes(b"x")

        def remove_the_rest(_done, _total):
            for path in (tmp_path / "source").glob("0*"):
                path.unlink(missing_ok=True)

        with pytest.raises(StorageError):
            await store.stage(tmp_path / "source", progress=remove_the_rest)
        assert list_staged(store) == []

    async def test_an_error_in_the_progress_callback_leaves_nothing_behind(self, store, tmp_path):
        def fail(_done, _total):
            raise ValueError("stop")

        with pytest.raises(ValueError, match="stop"):
            await store.stage(tmp_path / "source", progress=fail)
        assert list_staged(store) == []

    async def test_a_cancelled_stage_leaves_nothing_behind(self, store, tmp_path):
        write_many(tmp_path / "source")
        started = asyncio.Event()
        loop = asyncio.get_running_loop()
        task = asyncio.create_task(
            store.stage(tmp_path / "source", progress=lambda *_: loop.call_soon_threadsafe(started.set))
        )
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert list_staged(store) == []

    def test_an_interrupted_stage_leaves_nothing_behind(self, store, tmp_path):
        write_many(tmp_path / "source")
        interrupted = []

        def interrupt(_done, _total):
            if not interrupted:
                interrupted.append(True)
                os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.001)

        with pytest.raises(KeyboardInterrupt):
            run(store.stage(tmp_path / "source", progress=interrupt))
        assert list_staged(store) == []
        assert (tmp_path / "source" / "many" / "0").exists()

    def test_a_killed_process_leaves_nothing_under_a_key(self, tmp_path):
        write_many(tmp_path / "source")
        script = (
            "import sys, time\n"
            "from pathlib import Path\n"
            "from vitrina.storage.local import LocalStore\n"
            "from vitrina.storage.run import run\n"
            "store = LocalStore(Path(sys.argv[2]))\n"
            "def slow(done, total):\n"
            "    print(done, flush=True)\n"
            "    time.sleep(0.01)\n"
            "staged = run(store.stage(Path(sys.argv[1]), progress=slow))\n"
            "run(store.commit(staged, 'u1/tree'))\n"
        )
        command = [sys.executable, "-c", script, str(tmp_path / "source"), str(tmp_path / "root")]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            for _ in range(5):
                assert process.stdout.readline()
            process.kill()
        store = LocalStore(tmp_path / "root")
        assert [path.name for path in store.root.iterdir()] == [STAGING]
        assert len(list_staged(store)) == 1
        run(store.commit(run(store.stage(tmp_path / "source")), "u1/tree"))
        assert run(store.read("u1/tree/many/7")) == b"7"


def write_many(folder: Path) -> None:
    (folder / "many").mkdir(parents=True)
    for number in range(2000):
        (folder / "many" / str(number)).write_bytes(str(number).encode())


async def test_every_read_of_a_damaged_key_is_an_error_of_ours(store):
    for key in ("u1/tree/" + "x" * 300, "u1/tree/a", "u1/tree/a/b/0/deeper", "absent"):
        with pytest.raises(VitrinaError):
            await store.read(key)


async def test_a_small_read_takes_little_time(store):
    """A bound a hundred times above what was measured (10 us), so that only a change of kind breaks it."""
    start = time.process_time()
    for _ in range(100):
        await store.read("u1/tree/a/b/0")
    assert time.process_time() - start < 0.1
