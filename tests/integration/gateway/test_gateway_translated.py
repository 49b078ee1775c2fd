"""Stored trees in the other Zarr format. zarr-python reads both sides and judges values; anndata judges tables."""

import asyncio
import json
from pathlib import Path

import numpy as np
import pytest
import zarr
from anndata.io import read_zarr, write_elem
from zarr.codecs import BloscCodec, Crc32cCodec, GzipCodec, ZstdCodec
from zarr.core.buffer import default_buffer_prototype
from zarr.storage import MemoryStore

from vitrina.errors import UnreadableError, UnsupportedError
from vitrina.gateway import translated_tree
from vitrina.gateway.open import open_tree
from vitrina.gateway.stored_bytes import FolderBytes
from vitrina.gateway.stored_tree import StoredTree
from vitrina.model.content import Content
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source

OTHER = {2: 3, 3: 2}
DTYPES = ["uint8", "int16", "uint32", "int64", "float32", "float64", "bool"]


def get(tree, key):
    return asyncio.run(tree.get(key))


def open_as(root, stored, served):
    content = Content(format="anndata", container=f"zarr{stored}")
    return open_tree(open_source(root), content, etag="e", zarr_format=served)


def list_chunks(array, served, path):
    node = json.loads(array)
    shape = node["shape"]
    chunks = node["chunks"] if served == 2 else node["chunk_grid"]["configuration"]["chunk_shape"]
    separator = node["dimension_separator"] if served == 2 else node["chunk_key_encoding"]["configuration"]["separator"]
    for index in np.ndindex(*(-(-size // step) for size, step in zip(shape, chunks, strict=True))):
        numbers = [str(number) for number in index]
        yield f"{path}/{separator.join(['c', *numbers] if served == 3 else numbers or ['0'])}"


def list_nodes(group, prefix=""):
    """Paths of all nodes below a group; keys that are no nodes, such as OME-XML, are not looked at."""
    for name in sorted(entry.name for entry in (Path(group.store.root) / group.path).iterdir() if entry.is_dir()):
        if name in group:
            yield f"{prefix}{name}"
            if isinstance(group[name], zarr.Group):
                yield from list_nodes(group[name], f"{prefix}{name}/")


def copy_served(root, stored, served):
    """The served tree in memory, all keys that a client of the format asks for, starting from the stored nodes."""
    tree = open_as(root, stored, served)
    group = zarr.open_group(root, mode="r", zarr_format=stored, use_consolidated=False)
    paths = ["", *list_nodes(group)]
    values = {}
    marks = ("zarr.json",) if served == 3 else (".zgroup", ".zarray", ".zattrs")
    for path in paths:
        for mark in marks:
            key = f"{path}/{mark}".lstrip("/")
            values[key] = get(tree, key)
        described = values.get(f"{path}/{'zarr.json' if served == 3 else '.zarray'}")
        if described is not None and (served == 2 or json.loads(described)["node_type"] == "array"):
            values |= {key: get(tree, key) for key in list_chunks(described, served, path)}
    buffer = default_buffer_prototype().buffer
    return MemoryStore({key: buffer.from_bytes(value) for key, value in values.items() if value is not None})


def check_equal(root, stored, served):
    expected = zarr.open_group(root, mode="r", zarr_format=stored, use_consolidated=False)
    group = zarr.open_group(copy_served(root, stored, served), mode="r", zarr_format=served)
    names = list(list_nodes(expected))
    assert names
    for name in names:
        if isinstance(expected[name], zarr.Array):
            np.testing.assert_array_equal(group[name][...], expected[name][...])
            assert group[name].chunks == expected[name].chunks
            assert dict(group[name].attrs) == dict(expected[name].attrs)
    return group


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("stored", [2, 3])
def test_arrays_of_any_type_have_the_same_values_in_the_other_format(tmp_path, stored, dtype):
    values = np.random.default_rng(1).integers(0, 2 if dtype == "bool" else 100, (7, 10)).astype(dtype)
    group = zarr.open_group(tmp_path / "a.zarr", mode="w", zarr_format=stored)
    group.create_array("a/b", data=values, chunks=(3, 4)).attrs["note"] = "kept"
    group.create_array("scalar", data=values[0, 0])
    check_equal(tmp_path / "a.zarr", stored, OTHER[stored])


@pytest.mark.parametrize(
    "compressor",
    [None, BloscCodec(cname="lz4", clevel=5, shuffle="bitshuffle"), ZstdCodec(level=3), GzipCodec(level=2)],
)
def test_compressors_pass_through_from_3_to_2(tmp_path, compressor):
    values = np.arange(200, dtype="uint16").reshape(10, 20)
    group = zarr.open_group(tmp_path / "a.zarr", mode="w", zarr_format=3)
    group.create_array("a", data=values, chunks=(4, 8), compressors=compressor)
    check_equal(tmp_path / "a.zarr", 3, 2)
    stored = (tmp_path / "a.zarr/a/c/1/1").read_bytes()
    assert get(open_as(tmp_path / "a.zarr", 3, 2), "a/1/1") == stored


@pytest.mark.parametrize("name", ["Blosc", "Zstd", "GZip", "Zlib", "LZ4"])
def test_compressors_pass_through_from_2_to_3(tmp_path, name):
    import numcodecs

    values = np.arange(200, dtype="uint16").reshape(10, 20)
    group = zarr.open_group(tmp_path / "a.zarr", mode="w", zarr_format=2)
    group.create_array("a", data=values, chunks=(4, 8), compressors=getattr(numcodecs, name)())
    check_equal(tmp_path / "a.zarr", 2, 3)
    assert get(open_as(tmp_path / "a.zarr", 2, 3), "a/c.1.1") == (tmp_path / "a.zarr/a/1.1").read_bytes()


@pytest.mark.parametrize(
    ("name", "options", "told"),
    [
        ("GZip", {"level": -1}, {"id": "gzip", "level": 6}),  # zlib.h: Z_DEFAULT_COMPRESSION is 6
        ("Zlib", {"level": -1}, {"id": "zlib", "level": 6}),
        ("Zstd", {"level": 3, "checksum": True}, {"id": "zstd", "level": 3}),
    ],
)
def test_compressors_are_told_in_words_that_tensorstore_knows(tmp_path, name, options, told):
    import numcodecs
    import tensorstore

    values = np.arange(20, dtype="<u2").reshape(4, 5)
    group = zarr.open_group(tmp_path / "a.zarr", mode="w", zarr_format=2)
    group.create_array("a", data=values, chunks=(2, 2), compressors=getattr(numcodecs, name)(**options))
    check_equal(tmp_path / "a.zarr", 2, 3)
    document = json.loads(get(open_as(tmp_path / "a.zarr", 2, 2), "a/.zarray"))
    assert document["compressor"] == told
    (tmp_path / "a.zarr/a/.zarray").write_text(json.dumps(document))
    spec = {"driver": "zarr", "kvstore": {"driver": "file", "path": str(tmp_path / "a.zarr/a")}}
    np.testing.assert_array_equal(tensorstore.open(spec, open=True).result().read().result(), values)


def test_big_endian_stays_big_endian(tmp_path):
    values = np.arange(20, dtype=">u2").reshape(4, 5)
    group = zarr.open_group(tmp_path / "a.zarr", mode="w", zarr_format=2)
    group.create_array("a", data=values, chunks=(2, 2))
    check_equal(tmp_path / "a.zarr", 2, 3)


@pytest.mark.parametrize("stored", [2, 3])
@pytest.mark.parametrize("texts", [np.array(["größer", "a"]), np.array("one"), np.array(["a", "bc"], ">U2")], ids=str)
def test_text_of_one_length_keeps_its_bytes_in_the_other_format(tmp_path, stored, texts):
    group = zarr.open_group(tmp_path / "a.zarr", mode="w", zarr_format=stored)
    group.create_array("a", data=texts)
    check_equal(tmp_path / "a.zarr", stored, OTHER[stored])


@pytest.mark.parametrize("stored", [2, 3])
@pytest.mark.filterwarnings("ignore:The data type:zarr.errors.UnstableSpecificationWarning")
def test_bytes_of_one_length_are_the_same_in_the_other_format(tmp_path, stored):
    group = zarr.open_group(tmp_path / "a.zarr", mode="w", zarr_format=stored)
    group.create_array("a", data=np.array([b"ab", b"c"]))
    check_equal(tmp_path / "a.zarr", stored, OTHER[stored])


@pytest.mark.parametrize("stored", [2, 3])
def test_text_of_any_length_is_text_in_the_other_format(tmp_path, stored):
    group = zarr.open_group(tmp_path / "a.zarr", mode="w", zarr_format=stored)
    texts = group.create_array("a", shape=(5,), chunks=(2,), dtype=str)
    texts[:] = np.array(["a", "", "größer", "x" * 300, "last"], dtype=object)
    check_equal(tmp_path / "a.zarr", stored, OTHER[stored])


@pytest.mark.parametrize("served", [2, 3])
@pytest.mark.parametrize("location", ["start", "end"])
def test_chunks_inside_shards_get_keys_of_their_own(tmp_path, served, location):
    values = np.arange(30 * 50, dtype="uint16").reshape(30, 50)
    values[:8, :8] = 0
    group = zarr.open_group(tmp_path / "a.zarr", mode="w", zarr_format=3)
    array = group.create_array(
        "a", shape=values.shape, dtype="uint16", chunks=(8, 8), shards={"shape": (16, 24), "index_location": location}
    )
    array[...] = values
    check_equal(tmp_path / "a.zarr", 3, served)
    assert get(open_as(tmp_path / "a.zarr", 3, served), "a/0/0" if served == 2 else "a/c/0/0") is None


def test_the_index_of_a_shard_is_read_once(tmp_path, monkeypatch):
    group = zarr.open_group(tmp_path / "a.zarr", mode="w", zarr_format=3)
    group.create_array("a", data=np.arange(256, dtype="u2").reshape(16, 16), chunks=(4, 4), shards=(16, 16))
    parts, read_part = [], FolderBytes.read_part
    monkeypatch.setattr(FolderBytes, "read_part", lambda *args: parts.append(args[2:]) or read_part(*args))
    tree = open_as(tmp_path / "a.zarr", 3, 2)
    assert all(get(tree, f"a/{y}/{x}") for y in range(4) for x in range(4))
    assert len(parts) == 16 + 1


def test_a_checksum_behind_a_chunk_is_checked_and_left_out(tmp_path):
    group = zarr.open_group(tmp_path / "a.zarr", mode="w", zarr_format=3)
    group.create_array("a", data=np.arange(20, dtype="u2"), chunks=(8,), compressors=[ZstdCodec(), Crc32cCodec()])
    check_equal(tmp_path / "a.zarr", 3, 2)
    path = tmp_path / "a.zarr/a/c/0"
    path.write_bytes(b"\0" + path.read_bytes()[1:])
    with pytest.raises(UnreadableError, match="checksum"):
        get(open_as(tmp_path / "a.zarr", 3, 2), "a/0")


@pytest.mark.parametrize("damage", [lambda data: data[:10], lambda data: data[:-1] + b"\0"])
def test_a_damaged_shard_is_told(tmp_path, damage):
    group = zarr.open_group(tmp_path / "a.zarr", mode="w", zarr_format=3)
    group.create_array("a", data=np.arange(64, dtype="u2").reshape(8, 8), chunks=(4, 4), shards=(8, 8))
    path = tmp_path / "a.zarr/a/c/0/0"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(UnreadableError):
        get(open_as(tmp_path / "a.zarr", 3, 2), "a/0/0")


def test_what_the_other_format_cannot_say_is_refused_by_name(tmp_path):
    group = zarr.open_group(tmp_path / "a.zarr", mode="w", zarr_format=2)
    group.create_array("times", data=np.array(["2026-01-01"], dtype="M8[s]"))
    with pytest.raises(UnsupportedError, match=r"times: .*M8"):
        get(open_as(tmp_path / "a.zarr", 2, 3), "times/zarr.json")


@pytest.mark.parametrize(
    "key", ["a/0/9", "a/9", "a/c/0/0", "a/00/0", "a/-1/0", "a/0.0", "b/0/0", "a/.zmetadata", "a/zarr.json"]
)
def test_keys_of_no_chunk_are_absent(tmp_path, key):
    group = zarr.open_group(tmp_path / "a.zarr", mode="w", zarr_format=3)
    group.create_array("a", data=np.ones((8, 8), "u2"), chunks=(4, 4))
    assert get(open_as(tmp_path / "a.zarr", 3, 2), key) is None


def test_asking_for_what_is_not_there_does_not_fill_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(translated_tree, "MAX_KNOWN_PATHS", 10)
    group = zarr.open_group(tmp_path / "a.zarr", mode="w", zarr_format=3)
    group.create_array("a", data=np.ones((8, 8), "u2"), chunks=(4, 4))
    tree = translated_tree.TranslatedTree(
        StoredTree(etag="e", stored=FolderBytes(tmp_path / "a.zarr"), incomplete={}),
        FolderBytes(tmp_path / "a.zarr"),
        stored_format=3,
        zarr_format=2,
    )
    assert all(tree.read(f"no/{number}/0") is None for number in range(100))
    assert len(tree._arrays) <= 10
    assert tree.read("a/1/1")


@pytest.mark.parametrize("stored", [2, 3])
def test_anndata_reads_a_table_in_the_other_format(tmp_path, stored):
    import anndata
    import pandas as pd

    obs = pd.DataFrame({"kind": pd.Categorical(["b", "a", "b"]), "size": [1.5, 2.5, np.nan]}, index=["x", "y", "z"])
    table = anndata.AnnData(np.eye(3, 4, dtype="f4"), obs=obs, obsm={"spatial": np.ones((3, 2))})
    write_elem(zarr.open_group(tmp_path / "a.zarr", mode="w", zarr_format=stored), "/", table)
    read = read_zarr(zarr.open_group(copy_served(tmp_path / "a.zarr", stored, OTHER[stored]), mode="r"))
    pd.testing.assert_frame_equal(read.obs, table.obs)
    assert list(read.var_names) == list(table.var_names)
    np.testing.assert_array_equal(read.X, table.X)
    np.testing.assert_array_equal(read.obsm["spatial"], table.obsm["spatial"])


@pytest.mark.parametrize(("stored", "version"), [(2, "0.5"), (3, "0.4")])
def test_ome_zarr_speaks_the_version_of_its_format(tmp_path, stored, version):
    import tifffile

    from vitrina.convert.ome_zarr import OmeZarrOptions
    from vitrina.verbs.convert import convert

    pixels = np.random.default_rng(0).integers(0, 9999, (2, 700, 600)).astype("u2")
    tifffile.imwrite(tmp_path / "a.ome.tif", pixels, metadata={"axes": "CYX"})
    root = tmp_path / "a.ome.zarr"
    convert(tmp_path / "a.ome.tif", root, OmeZarrOptions(version="0.4" if stored == 2 else "0.5"))
    source = open_source(root)
    tree = open_tree(source, find_reader(source).read_content(source), etag="e", zarr_format=OTHER[stored])
    if stored == 2:
        ome = json.loads(get(tree, "zarr.json"))["attributes"]["ome"]
        assert ome["version"] == version
        assert "version" not in ome["multiscales"][0]
    else:
        ome = json.loads(get(tree, ".zattrs"))
        assert ome["multiscales"][0]["version"] == version
    assert [axis["name"] for axis in ome["multiscales"][0]["axes"]] == ["c", "y", "x"]
    assert len(ome["omero"]["channels"]) == 2
    group = zarr.open_group(copy_served(root, stored, OTHER[stored]), mode="r", zarr_format=OTHER[stored])
    np.testing.assert_array_equal(group["0"][...], pixels)
