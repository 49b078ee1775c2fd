"""Chunks of levels that no file holds stay on disk; what is read of the file is counted."""

import asyncio

import numpy as np
import pytest
import tifffile

from vitrina.gateway.chunk_cache import ChunkCache
from vitrina.gateway.open import open_tree
from vitrina.readers.pixels.tiff import TiffPixels
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source

MADE = ("1/0/0", "1/1/0", "2/0/0")
"""Chunks of an image of 2,100 x 1,300 pixels: of 1,050 x 650, and of 525 x 325."""


@pytest.fixture
def path(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 60_000, (2100, 1300)).astype(np.uint16)
    tifffile.imwrite(tmp_path / "a.tif", pixels)
    return tmp_path / "a.tif"


@pytest.fixture
def content(path):
    source = open_source(path)
    return find_reader(source).read_content(source)


@pytest.fixture
def serve(path, content, chunks):
    """Opens the tree as a process finds it that has just started."""

    def open_again(etag="e", **options):
        return open_tree(open_source(path), content, etag=etag, cache=ChunkCache(chunks, 10**8), **options)

    return open_again


@pytest.fixture
def chunks(tmp_path):
    return tmp_path / "cache" / "chunks"


@pytest.fixture
def reads(monkeypatch):
    found, read_into = [], TiffPixels.read_into

    def count(pixels, start, out):
        found.append(start)
        read_into(pixels, start, out)

    monkeypatch.setattr(TiffPixels, "read_into", count)
    return found


def get(tree, key):
    return asyncio.run(tree.get(key))


def list_files(chunks):
    return sorted(path for path in chunks.rglob("*") if path.is_file())


def test_what_was_made_once_is_at_hand_for_the_next_process_and_nothing_is_read(serve, chunks, reads):
    first = serve()
    made = {key: get(first, key) for key in MADE}
    assert get(first, "0/0/0") is not None
    assert len(list_files(chunks)) == 3, "stored levels are not kept"
    reads.clear()
    assert {key: serve().find(key) for key in MADE} == made
    assert reads == []


def test_both_formats_have_the_same_chunks(serve, reads):
    made = get(serve(), "1/0/0")
    reads.clear()
    assert serve(zarr_format=3).find("1/c/0/0") == made
    assert reads == []


def test_without_the_folder_the_same_bytes_are_made_again(serve, chunks):
    made = {key: get(serve(), key) for key in MADE}
    for file in list_files(chunks):
        file.unlink()
    assert {key: get(serve(), key) for key in MADE} == made


@pytest.mark.parametrize("damage", [lambda data: data[:1000], lambda data: data[:0], lambda data: b"\0" * len(data)])
def test_a_damaged_file_is_made_again(serve, chunks, damage):
    made = get(serve(), "1/0/0")
    (file,) = list_files(chunks)
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    assert get(serve(), "1/0/0") == made
    assert file.read_bytes() == whole


def test_chunks_of_other_bytes_or_another_level_are_others(serve, chunks, reads):
    get(serve(), "1/0/0")
    reads.clear()
    for tree, key in ((serve(etag="f"), "1/0/0"), (serve(), "2/0/0")):
        assert callable(tree.find(key))
        get(tree, key)
    assert len(list_files(chunks)) == 3
    assert reads


def test_without_a_cache_nothing_is_written(path, content, chunks):
    tree = open_tree(open_source(path), content, etag="e")
    assert get(tree, "1/0/0") is not None
    assert not chunks.exists()
