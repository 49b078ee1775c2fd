"""What every store must do. Subclass ``StoreContract`` and override the fixture ``store``.

Example:
    ::

        class TestMyStore(StoreContract):
            @pytest.fixture
            def store(self) -> Store:
                return MyStore()

It needs pytest. Asynchronous tests run by anyio's plugin for pytest, which is installed with Vitrina.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from blake3 import blake3

from vitrina.errors import ConflictError, InputError, NotFoundError, StorageError
from vitrina.storage.hashing import build_digest
from vitrina.storage.store import Entry, Store
from vitrina.storage.walk import walk_source

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

HELLO_HASH = blake3(b"hello").hexdigest()


def write_files(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Files below a folder, which is returned."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


async def save(store: Store, source: Path, key: str) -> None:
    """Stage and commit."""
    await store.commit(await store.stage(source), key)


@pytest.mark.anyio
class StoreContract:
    """Tests of one store; each gets a store of its own."""

    @pytest.fixture
    def anyio_backend(self) -> str:
        """Stores are written for asyncio."""
        return "asyncio"

    @pytest.fixture
    def store(self) -> Store:
        """An empty store."""
        raise NotImplementedError("override the fixture `store`")

    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        """A file that holds ``hello``."""
        return write_files(tmp_path / "source", {"hello.txt": b"hello"}) / "hello.txt"

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        """A folder with files at two depths and a folder without files."""
        folder = write_files(tmp_path / "source" / "tree.zarr", {"zarr.json": b"{}", "c/0/0": b"hello", "c/0/1": b""})
        (folder / "empty").mkdir()
        return folder

    async def test_a_saved_file_reads_back(self, store: Store, file: Path) -> None:
        await save(store, file, "u1/hello.txt")
        assert await store.read("u1/hello.txt") == b"hello"
        assert (await store.stat("u1/hello.txt")).size_bytes == 5

    async def test_an_open_file_is_read_as_it_was_when_it_was_opened(self, store: Store, file: Path) -> None:
        await save(store, file, "u1/hello.txt")
        opened = await store.open_file("u1/hello.txt")
        try:
            assert opened.stat == await store.stat("u1/hello.txt")
            await store.delete("u1/hello.txt")
            assert await opened.read() == b"hello"
            assert await opened.read(1, 3) == b"el"
            assert await opened.read(3, 100) == b"lo"
        finally:
            opened.close()
        with pytest.raises(NotFoundError):
            await store.open_file("u1/hello.txt")

    async def test_a_file_that_can_be_opened_at_once_is_the_same(self, store: Store, file: Path) -> None:
        await save(store, file, "u1/hello.txt")
        opened = store.open_at_once("u1/hello.txt")
        if opened is None:
            return
        try:
            assert opened.stat == await store.stat("u1/hello.txt")
            assert (opened.read_at_once(0, 5), opened.read_at_once(1, 3), opened.read_at_once(3, 100)) == (
                b"hello",
                b"el",
                b"lo",
            )
        finally:
            opened.close()
        with pytest.raises(NotFoundError):
            store.open_at_once("u1/absent.txt")

    async def test_a_range_excludes_its_stop_and_is_cut_at_the_end(self, store: Store, file: Path) -> None:
        await save(store, file, "u1/hello.txt")
        assert await store.read("u1/hello.txt", 1, 3) == b"el"
        assert await store.read("u1/hello.txt", 3) == b"lo"
        assert await store.read("u1/hello.txt", 3, 100) == b"lo"
        assert await store.read("u1/hello.txt", 5, 6) == b""
        assert await store.read("u1/hello.txt", 9) == b""

    async def test_a_range_in_the_middle_of_a_large_file_is_exact(self, store: Store, tmp_path: Path) -> None:
        data = b"".join(number.to_bytes(4, "big") for number in range(1_000_000))
        await save(store, write_files(tmp_path, {"large": data}) / "large", "u1/large")
        assert await store.read("u1/large", 4_001, 3_999_999) == data[4_001:3_999_999]

    async def test_an_empty_file_has_no_bytes(self, store: Store, tmp_path: Path) -> None:
        await save(store, write_files(tmp_path, {"empty": b""}) / "empty", "u1/empty")
        assert await store.read("u1/empty") == b""
        assert (await store.stat("u1/empty")).size_bytes == 0

    async def test_a_staged_file_has_the_hash_of_its_bytes(self, store: Store, file: Path) -> None:
        staged = await store.stage(file)
        assert (staged.hash, staged.size_bytes, staged.n_files, staged.is_folder) == (HELLO_HASH, 5, 1, False)

    async def test_a_staged_folder_has_the_hash_of_its_lines(self, store: Store, folder: Path) -> None:
        staged = await store.stage(folder)
        lines = [
            f"c/0/0, 5, {HELLO_HASH}\n",
            f"c/0/1, 0, {blake3(b'').hexdigest()}\n",
            f"zarr.json, 2, {blake3(b'{}').hexdigest()}\n",
        ]
        assert staged.hash == blake3("".join(lines).encode()).hexdigest()
        assert (staged.size_bytes, staged.n_files, staged.is_folder) == (7, 3, True)

    async def test_a_walked_folder_is_staged_as_its_path_is(self, store: Store, folder: Path) -> None:
        by_path, by_tree = await store.stage(folder), await store.stage(walk_source(folder))
        assert by_tree == replace(by_path, token=by_tree.token)

    async def test_a_saved_folder_reads_and_lists_back(self, store: Store, folder: Path) -> None:
        await save(store, folder, "u1/tree.zarr")
        assert await store.read("u1/tree.zarr/c/0/0") == b"hello"
        assert await store.list_folder("u1/tree.zarr") == [
            Entry(name="c", is_folder=True),
            Entry(name="empty", is_folder=True),
            Entry(name="zarr.json", is_folder=False, size_bytes=2),
        ]
        assert await store.list_folder("u1/tree.zarr/empty") == []
        assert await store.list_folder("u1") == [Entry(name="tree.zarr", is_folder=True)]

    async def test_nothing_is_visible_before_commit(self, store: Store, folder: Path) -> None:
        await store.stage(folder)
        for key in ("u1", "u1/tree.zarr", "tree.zarr"):
            with pytest.raises(NotFoundError):
                await store.list_folder(key)

    async def test_discarded_bytes_cannot_be_committed(self, store: Store, file: Path) -> None:
        staged = await store.stage(file)
        await store.discard(staged)
        await store.discard(staged)
        with pytest.raises(StorageError):
            await store.commit(staged, "u1/hello.txt")
        with pytest.raises(NotFoundError):
            await store.stat("u1/hello.txt")

    async def test_the_source_stays_unless_it_may_be_taken(self, store: Store, file: Path) -> None:
        await save(store, file, "u1/hello.txt")
        assert file.read_bytes() == b"hello"

    async def test_a_taken_file_and_folder_read_back(self, store: Store, file: Path, folder: Path) -> None:
        await store.commit(await store.stage(file, take=True), "u1/hello.txt")
        await store.commit(await store.stage(folder, take=True), "u2/tree.zarr")
        assert await store.read("u1/hello.txt") == b"hello"
        assert await store.read("u2/tree.zarr/c/0/0") == b"hello"

    async def test_a_key_that_is_taken_is_a_conflict_and_keeps_its_bytes(self, store: Store, file: Path) -> None:
        await save(store, file, "u1/hello.txt")
        staged = await store.stage(write_files(file.parent, {"other": b"other"}) / "other")
        with pytest.raises(ConflictError, match="already"):
            await store.commit(staged, "u1/hello.txt")
        assert await store.read("u1/hello.txt") == b"hello"

    async def test_a_folder_cannot_replace_a_file_nor_a_folder(self, store: Store, file: Path, folder: Path) -> None:
        await save(store, file, "u1/data")
        await save(store, folder, "u2/data")
        for key in ("u1/data", "u2/data", "u2", "u1/data/inside"):
            staged = await store.stage(folder)
            with pytest.raises(ConflictError):
                await store.commit(staged, key)
        assert await store.read("u1/data") == b"hello"
        assert await store.read("u2/data/zarr.json") == b"{}"

    async def test_progress_ends_at_the_whole_size(self, store: Store, folder: Path) -> None:
        calls: list[tuple[int, int]] = []
        await store.stage(folder, progress=lambda done, total: calls.append((done, total)))
        assert calls[-1] == (7, 7)
        assert [done for done, _ in calls] == sorted(done for done, _ in calls)

    async def test_the_etag_stays_until_the_bytes_change(self, store: Store, file: Path) -> None:
        await save(store, file, "u1/hello.txt")
        first = (await store.stat("u1/hello.txt")).etag
        assert (await store.stat("u1/hello.txt")).etag == first
        await store.delete("u1/hello.txt")
        await save(store, write_files(file.parent, {"new": b"hi"}) / "new", "u1/hello.txt")
        assert (await store.stat("u1/hello.txt")).etag != first

    async def test_a_folder_is_not_a_file_and_a_file_not_a_folder(self, store: Store, folder: Path) -> None:
        await save(store, folder, "u1/tree.zarr")
        with pytest.raises(NotFoundError):
            await store.stat("u1/tree.zarr")
        with pytest.raises(NotFoundError):
            await store.read("u1/tree.zarr")
        with pytest.raises(NotFoundError):
            await store.list_folder("u1/tree.zarr/zarr.json")
        with pytest.raises(NotFoundError):
            await store.read("u1/tree.zarr/zarr.json/inside")

    async def test_a_deleted_key_is_gone_and_its_neighbour_is_not(self, store: Store, file: Path, folder: Path) -> None:
        await save(store, folder, "u1/tree.zarr")
        await save(store, file, "u1/hello.txt")
        await save(store, file, "u10/hello.txt")
        await store.delete("u1/tree.zarr")
        with pytest.raises(NotFoundError):
            await store.read("u1/tree.zarr/zarr.json")
        assert await store.read("u1/hello.txt") == b"hello"
        await store.delete("u1")
        with pytest.raises(NotFoundError):
            await store.read("u1/hello.txt")
        assert await store.read("u10/hello.txt") == b"hello"

    async def test_deleting_what_is_absent_does_nothing(self, store: Store) -> None:
        await store.delete("u1/absent")

    async def test_deleting_the_last_key_removes_the_empty_folders_above(self, store: Store, file: Path) -> None:
        await save(store, file, "u1/inner/hello.txt")
        await store.delete("u1/inner/hello.txt")
        with pytest.raises(NotFoundError):
            await store.list_folder("u1")

    @pytest.mark.parametrize(
        "key", ["", "/etc/passwd", "../secret", "u1/../../secret", "u1//x", "u1/./x", "u1/\0", "a\\b"]
    )
    async def test_a_key_outside_of_the_grammar_is_refused(self, store: Store, file: Path, key: str) -> None:
        staged = await store.stage(file)
        with pytest.raises(InputError):
            await store.commit(staged, key)
        for call in (store.stat, store.read, store.list_folder, store.delete):
            with pytest.raises(InputError):
                await call(key)
        with pytest.raises(InputError):
            store.get_local_path(key)

    async def test_a_link_that_stays_inside_is_stored_as_what_it_points_to(self, store: Store, folder: Path) -> None:
        (folder / "alias").symlink_to("c/0/0")
        (folder / "d").symlink_to("c")
        await save(store, folder, "u1/tree.zarr")
        assert await store.read("u1/tree.zarr/alias") == b"hello"
        assert await store.read("u1/tree.zarr/d/0/0") == b"hello"

    async def test_a_link_that_leaves_the_folder_is_refused(self, store: Store, folder: Path, file: Path) -> None:
        (folder / "alias").symlink_to(file)
        with pytest.raises(StorageError) as caught:
            await store.stage(folder)
        assert caught.value.code == "link-leaves-folder"

    async def test_a_source_that_is_absent_is_a_storage_error(self, store: Store, tmp_path: Path) -> None:
        with pytest.raises(StorageError):
            await store.stage(tmp_path / "absent")

    async def test_a_version_with_a_base_reads_back_as_without(self, store: Store, folder: Path) -> None:
        await save(store, folder, "u1/tree.zarr")
        (folder / "zarr.json").write_bytes(b"[]")  # the same size, other bytes
        (folder / "c" / "0" / "0").rename(folder / "moved")
        (folder / "new").write_bytes(b"hello")
        plain = await store.stage(folder)
        based = await store.stage(folder, base_keys=["u1/tree.zarr"])
        assert (based.hash, based.size_bytes, based.n_files) == (plain.hash, plain.size_bytes, plain.n_files)
        await store.commit(based, "u2/tree.zarr")
        assert await store.read("u2/tree.zarr/moved") == b"hello"
        assert await store.read("u2/tree.zarr/new") == b"hello"
        assert await store.read("u2/tree.zarr/zarr.json") == b"[]"
        assert await store.read("u1/tree.zarr/zarr.json") == b"{}"

    async def test_hashes_that_are_known_already_change_nothing(self, store: Store, folder: Path) -> None:
        await save(store, folder, "u1/tree.zarr")
        hashed = await store.read_manifest("u1/tree.zarr")
        assert hashed is not None
        (folder / "c" / "0" / "0").write_bytes(b"HELLO")  # after it was hashed, and of the same size
        (folder / "zarr.json").write_bytes(b"{ }")
        staged = await store.stage(folder, base_keys=["u1/tree.zarr"], hashed=hashed)
        await store.commit(staged, "u2/tree.zarr")
        assert await store.read("u2/tree.zarr/zarr.json") == b"{ }"
        assert await store.read("u2/tree.zarr/c/0/0") in (b"hello", b"HELLO")
        files = await store.upkeep.hash_files("u2/tree.zarr")
        assert files == await store.read_manifest("u2/tree.zarr")
        assert build_digest(files, is_folder=True).hash == staged.hash

    async def test_versions_live_on_when_the_one_before_is_deleted(self, store: Store, folder: Path) -> None:
        await save(store, folder, "u1/tree.zarr")
        await store.commit(await store.stage(folder, base_keys=["u1/tree.zarr"]), "u2/tree.zarr")
        await store.delete("u1/tree.zarr")
        assert await store.read("u2/tree.zarr/c/0/0") == b"hello"

    async def test_a_base_that_is_absent_or_of_another_kind_is_no_base(
        self, store: Store, folder: Path, file: Path
    ) -> None:
        await save(store, file, "u1/data")
        await store.commit(await store.stage(folder, base_keys=["u1/data", "u9/absent"]), "u2/tree.zarr")
        assert await store.read("u2/tree.zarr/c/0/0") == b"hello"

    async def test_progress_with_a_base_ends_at_the_whole_size(self, store: Store, folder: Path) -> None:
        await save(store, folder, "u1/tree.zarr")
        (folder / "zarr.json").write_bytes(b"[]")
        calls: list[tuple[int, int]] = []
        await store.stage(folder, base_keys=["u1/tree.zarr"], progress=lambda done, total: calls.append((done, total)))
        assert calls[-1] == (7, 7)

    async def test_a_manifest_lists_the_files_of_a_folder_as_they_were_saved(self, store: Store, folder: Path) -> None:
        await save(store, folder, "u1/tree.zarr")
        files = await store.read_manifest("u1/tree.zarr")
        assert files is not None
        assert [(file.name, file.size_bytes) for file in files] == [("c/0/0", 5), ("c/0/1", 0), ("zarr.json", 2)]
        assert files[0].hash == HELLO_HASH
        await store.delete("u1/tree.zarr")
        assert await store.read_manifest("u1/tree.zarr") is None

    async def test_a_file_has_no_manifest(self, store: Store, file: Path) -> None:
        await save(store, file, "u1/hello.txt")
        assert await store.read_manifest("u1/hello.txt") is None
        assert await store.read_manifest("u1/absent") is None

    async def test_a_checkout_may_be_written_to_and_changes_nothing(
        self, store: Store, folder: Path, tmp_path: Path
    ) -> None:
        await save(store, folder, "u1/tree.zarr")
        target = tmp_path / "deep" / "work"
        digest = await store.checkout("u1/tree.zarr", target)
        assert (digest.size_bytes, digest.n_files, digest.is_folder) == (7, 3, True)
        assert (target / "empty").is_dir()
        (target / "c/0/0").write_bytes(b"other")
        (target / "zarr.json").unlink()
        assert await store.read("u1/tree.zarr/c/0/0") == b"hello"
        assert await store.read("u1/tree.zarr/zarr.json") == b"{}"
        assert [path.name for path in target.parent.iterdir()] == ["work"]

    async def test_a_checked_out_file_has_its_hash(self, store: Store, file: Path, tmp_path: Path) -> None:
        await save(store, file, "u1/hello.txt")
        assert (await store.checkout("u1/hello.txt", tmp_path / "copy.txt")).hash == HELLO_HASH
        assert (tmp_path / "copy.txt").read_bytes() == b"hello"

    async def test_a_checkout_replaces_nothing_and_needs_something(
        self, store: Store, file: Path, tmp_path: Path
    ) -> None:
        await save(store, file, "u1/hello.txt")
        (tmp_path / "taken").mkdir()
        with pytest.raises(ConflictError):
            await store.checkout("u1/hello.txt", tmp_path / "taken")
        with pytest.raises(NotFoundError):
            await store.checkout("u1/absent", tmp_path / "absent")
        assert not (tmp_path / "absent").exists()

    async def test_files_are_hashed_as_they_are(self, store: Store, folder: Path, file: Path) -> None:
        await save(store, folder, "u1/tree.zarr")
        await save(store, file, "u2/hello.txt")
        assert await store.upkeep.hash_files("u1/tree.zarr") == await store.read_manifest("u1/tree.zarr")
        (only,) = await store.upkeep.hash_files("u2/hello.txt", seen={})
        assert (only.name, only.size_bytes, only.hash) == ("", 5, HELLO_HASH)
        with pytest.raises(NotFoundError):
            await store.upkeep.hash_files("u1/absent")

    async def test_what_is_saved_is_listed_with_its_moment(self, store: Store, folder: Path, file: Path) -> None:
        assert await store.upkeep.list_saved() == []
        before = datetime.now(UTC) - timedelta(seconds=2)  # file systems count time in steps of their own
        await save(store, folder, "u2/tree.zarr")
        await save(store, file, "u1/hello.txt")
        await store.stage(file)
        saved = await store.upkeep.list_saved()
        assert [one.name for one in saved] == ["u1", "u2"]
        assert all(before <= one.saved_at <= datetime.now(UTC) + timedelta(seconds=2) for one in saved)

    async def test_deleting_frees_what_measuring_said(self, store: Store, folder: Path, file: Path) -> None:
        await save(store, folder, "u1/tree.zarr")
        await save(store, file, "u2/hello.txt")
        assert await store.upkeep.measure(["u1", "u2", "u3/absent"]) == 12
        assert await store.delete("u1") == 7
        assert await store.delete("u2/hello.txt") == 5
        assert await store.delete("u3/absent") == 0

    async def test_what_is_staged_survives_a_sweep(self, store: Store, folder: Path) -> None:
        staged = await store.stage(folder)
        assert await store.upkeep.sweep() == 0
        await store.commit(staged, "u1/tree.zarr")
        assert await store.read("u1/tree.zarr/c/0/0") == b"hello"

    async def test_a_local_path_has_the_bytes(self, store: Store, folder: Path) -> None:
        await save(store, folder, "u1/tree.zarr")
        path = store.get_local_path("u1/tree.zarr")
        assert path is None or (path / "c/0/0").read_bytes() == b"hello"
        assert store.get_local_path("u1/absent") is None
