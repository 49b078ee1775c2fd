"""Chunks in a folder; times of use are set by hand, sizes are counted by hand."""

import os

import pytest

from vitrina.gateway.chunk_cache import ChunkCache

CHUNK = bytes(range(200)) + bytes(796)  # with its checksum 1,000 bytes


def list_files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def find_file(cache, key):
    return cache._build_path(key)


def age(cache, key, seconds):
    os.utime(find_file(cache, key), (seconds, seconds))


def test_what_was_written_comes_back_also_to_another_process(tmp_path):
    ChunkCache(tmp_path / "chunks", 10_000).write("e/0/1", CHUNK)
    cache = ChunkCache(tmp_path / "chunks", 10_000)
    assert cache.read("e/0/1") == CHUNK
    assert cache.read("e/0/2") is None
    assert cache.read("f/0/1") is None


def test_an_empty_chunk_is_one(tmp_path):
    cache = ChunkCache(tmp_path, 10_000)
    cache.write("e/0", b"")
    assert cache.read("e/0") == b""


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-1],
        lambda data: data[:500],
        lambda data: data[:2],
        lambda data: data[:0],
        lambda data: b"\1" + data[1:],
        lambda data: data + b"\0",
    ],
)
def test_a_damaged_file_is_not_served(tmp_path, caplog, damage):
    cache = ChunkCache(tmp_path, 10_000)
    cache.write("e/0", CHUNK)
    path = find_file(cache, "e/0")
    path.write_bytes(damage(path.read_bytes()))
    assert cache.read("e/0") is None
    assert "made again" in caplog.text
    cache.write("e/0", CHUNK)
    assert cache.read("e/0") == CHUNK


def test_above_the_limit_what_was_used_longest_ago_goes(tmp_path):
    cache = ChunkCache(tmp_path, 5_000)
    for number in range(5):
        cache.write(f"e/{number}", CHUNK)
        age(cache, f"e/{number}", number)
    assert cache.read("e/0") == CHUNK  # used now
    cache.write("e/5", CHUNK)
    kept = [number for number in range(6) if cache.read(f"e/{number}") is not None]
    assert kept == [0, 3, 4, 5], "6,000 bytes are too many, and eviction ends at nine tenths of 5,000"
    assert sum(path.stat().st_size for path in list_files(tmp_path)) == 4_000


def test_what_an_earlier_process_left_counts(tmp_path):
    before = ChunkCache(tmp_path, 100_000)
    for number in range(9):
        before.write(f"e/{number}", CHUNK)
        age(before, f"e/{number}", number)
    cache = ChunkCache(tmp_path, 5_000)
    cache.write("e/9", CHUNK)
    assert [number for number in range(10) if cache.read(f"e/{number}") is not None] == [6, 7, 8, 9]


def test_the_folder_may_be_deleted_at_any_time(tmp_path):
    cache = ChunkCache(tmp_path / "chunks", 3_500)
    for number in range(3):
        cache.write(f"e/{number}", CHUNK)
    (tmp_path / "chunks").rename(tmp_path / "away")
    assert cache.read("e/0") is None
    for number in range(3):
        cache.write(f"e/{number}", CHUNK)
    assert [cache.read(f"e/{number}") for number in range(3)] == [CHUNK] * 3, "what is gone fills no room"


def test_what_a_killed_process_left_half_written_is_no_chunk_and_goes_in_time(tmp_path):
    cache = ChunkCache(tmp_path, 3_000)
    cache.write("e/0", CHUNK)
    draft = find_file(cache, "e/0").with_suffix(".1-1")
    draft.write_bytes(CHUNK)
    os.utime(draft, (0, 0))
    for number in range(1, 4):
        cache.write(f"e/{number}", CHUNK)
    assert not draft.exists()
    assert all(path.name.find(".") < 0 for path in list_files(tmp_path))


def test_where_nothing_may_be_written_nothing_is_kept_and_it_is_told_once(tmp_path, caplog):
    (tmp_path / "file").write_text("in the way")
    cache = ChunkCache(tmp_path / "file" / "chunks", 3_000)
    for number in range(3):
        cache.write(f"e/{number}", CHUNK)
    assert cache.read("e/0") is None
    assert caplog.text.count("are not kept") == 1
