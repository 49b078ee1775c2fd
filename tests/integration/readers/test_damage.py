"""Damaged input: always an UnreadableError with a reason, never another exception, and never a wrong answer."""

import json
import shutil

import pytest
import samples

from vitrina.errors import UnreadableError
from vitrina.readers.anndata import AnnDataReader
from vitrina.readers.ome_tiff import OmeTiffReader
from vitrina.readers.ome_zarr import OmeZarrReader
from vitrina.readers.registry import BUILT_IN, find_reader, get_reader
from vitrina.readers.source import open_source
from vitrina.readers.spatialdata import SpatialDataReader
from vitrina.readers.table import TableReader
from vitrina.readers.tiff import TiffReader

FILES = [
    "sdata-merfish-ileum/merfish_mouse_ileum_cropped.sdata.zarr.zip",
    "ome-zarr-v04-2dt-labels/image.ome.zarr.zip",
    "h5ad-pbmc68k/10x_pbmc68k_reduced.h5ad",
    "h5ad-multiplex-scimap/example_data.h5ad",
    "ome-tiff-pyramid/2048x2048_ome6_tiled.ome.tif",
    "tiff-mitosis-5d/xyzct-mitosis.tif",
    "tiff-migration-2dt/cancer_cell_migration_crop.tif",
    "tiff-golgi-labels-table/image.tif",
    "svs-cmu1-he/CMU-1-Small-Region.svs",
    "vendor-micro/Xenium_small/cells.csv.gz",
    "merscope-liver-mini/region_0/cell_boundaries.parquet",
    "mcmicro-exemplar001-csv/exemplar-001--unmicst_cell.csv",
]


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("name", FILES)
def test_a_truncated_file_is_unreadable(name, share, tmp_path):
    original = samples.get(name)
    data = original.read_bytes()
    path = tmp_path / original.name
    path.write_bytes(data[: int(len(data) * share)])
    source = open_source(path)
    reader = find_reader(source)
    assert reader is not None, "by its name or its first bytes the user meant this format"
    for read in (reader.read_content, reader.read_object):
        with pytest.raises(UnreadableError) as caught:
            read(source)
        assert str(path) in caught.value.message
        assert caught.value.message.endswith(".")


@pytest.mark.parametrize("name", BUILT_IN)
@pytest.mark.parametrize(
    "data",
    [b"", b"PK\x03\x04", b"PK\x05\x06" + bytes(18), b"\x89HDF\r\n\x1a\n" + bytes(80), b"II*\0\x08\0\0\0", b"MM\0*",
     b"II+\0\x08\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff", b"PAR1PAR1", b"\x1f\x8b\x08\0", b"\0" * 100, b"a,b\n1\n"],
)  # fmt: skip
def test_bytes_that_only_begin_like_a_format_never_raise_anything_else(name, data, tmp_path):
    path = tmp_path / "data.bin"
    path.write_bytes(data)
    source = open_source(path)
    reader = get_reader(name)
    reader.detect(source)
    with pytest.raises(UnreadableError):
        reader.read_content(source)
    with pytest.raises(UnreadableError):
        reader.read_object(source)


@pytest.mark.parametrize("name", BUILT_IN)
def test_an_empty_folder_is_nothing(name, tmp_path):
    source = open_source(tmp_path)
    reader = get_reader(name)
    assert not reader.detect(source)
    with pytest.raises(UnreadableError):
        reader.read_content(source)


@pytest.fixture
def stack(tmp_path):
    path = tmp_path / "mri.zarr"
    shutil.copytree(samples.get("ome-zarr-v04-mri/mri-stack.ome.zarr"), path, copy_function=shutil.copyfile)
    return path


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        (".zattrs", '{"multiscales": [', "json-damaged"),
        (".zattrs", "[]", "json-damaged"),
        ("s1/.zarray", "{}", "array-metadata-damaged"),
        ("s1/.zarray", "", "json-damaged"),
        (".zattrs", '{"multiscales": [{"axes": [{"name": "x"}], "datasets": [{"path": "s0"}]}]}', "axes-mismatch"),
        (".zattrs", '{"multiscales": [{"axes": ["z", "y", "x"], "datasets": [{"path": "s9"}]}]}', "array-missing"),
    ],
)
def test_damaged_metadata_of_a_zarr_store_is_told(stack, name, text, code):
    (stack / name).write_text(text)
    source = open_source(stack)
    assert isinstance(find_reader(source), OmeZarrReader)
    with pytest.raises(UnreadableError) as caught:
        OmeZarrReader().read_content(source)
    assert caught.value.code == code


def test_a_damaged_chunk_of_the_coarsest_level_is_told(stack):
    chunk = next(path for path in (stack / "s1").rglob("*") if path.is_file() and not path.name.startswith("."))
    chunk.write_bytes(b"no gzip")
    with pytest.raises(UnreadableError) as caught:
        OmeZarrReader().read_content(open_source(stack))
    assert caught.value.code == "ome-zarr-damaged"


@pytest.mark.parametrize("name", ["obs", "var", "X"])
def test_an_h5ad_without_a_part_is_told(name, tmp_path):
    import h5py

    path = tmp_path / "cells.h5ad"
    shutil.copyfile(samples.get("h5ad-cellxgene-schema/example_valid.h5ad"), path)
    with h5py.File(path, "a") as file:
        del file[name]
    source = open_source(path)
    assert AnnDataReader().detect(source)
    if name == "X":  # X may be absent
        assert AnnDataReader().read_content(source).elements[0].matrix is None
        return
    with pytest.raises(UnreadableError) as caught:
        AnnDataReader().read_content(source)
    assert caught.value.code == "anndata-incomplete"


def test_a_matrix_of_another_size_than_its_annotations_is_told(tmp_path):
    import h5py

    path = tmp_path / "cells.h5ad"
    shutil.copyfile(samples.get("h5ad-multiplex-scimap/example_data.h5ad"), path)
    with h5py.File(path, "a") as file:
        del file["X"]
        file["X"] = [[1.0, 2.0]]
    with pytest.raises(UnreadableError) as caught:
        AnnDataReader().read_content(open_source(path))
    assert caught.value.code == "anndata-shape"


@pytest.mark.parametrize(
    "path_inside", ["points/transcripts/points.parquet", "shapes/cells/shapes.parquet", "images/he", "tables/table/obs"]
)
def test_a_spatialdata_store_without_a_part_is_told(written_spatialdata, path_inside, tmp_path):
    path = tmp_path / "section.zarr"
    shutil.copytree(written_spatialdata[1], path)
    part = path / path_inside
    if part.is_dir():
        for child in part.rglob("*"):
            if (
                child.is_file()
                and child.name not in {".zattrs", ".zgroup"}
                and (part.name != "he" or child.parent == part)
            ):
                child.unlink()
        if part.name in {"obs", "points.parquet"}:
            shutil.rmtree(part)
    else:
        part.unlink()
    if part.name == "he":
        _empty_attrs(part)
    source = open_source(path)
    assert isinstance(find_reader(source), SpatialDataReader)
    with pytest.raises(UnreadableError):
        SpatialDataReader().read_content(source)


def _empty_attrs(group):
    for name, value in ((".zattrs", {}), ("zarr.json", {"zarr_format": 3, "node_type": "group"})):
        if (group / name).exists() or name == "zarr.json":
            (group / name).write_text(json.dumps(value))


def test_damaged_ome_xml_is_told(tmp_path):
    data = samples.get("ome-tiff-pyramid/2048x2048_ome6_tiled.ome.tif").read_bytes()
    path = tmp_path / "image.ome.tif"
    path.write_bytes(data.replace(b"<Pixels ", b"<Pixels<"))
    source = open_source(path)
    assert isinstance(find_reader(source), OmeTiffReader | TiffReader)
    with pytest.raises(UnreadableError) as caught:
        OmeTiffReader().read_content(source)
    assert caught.value.code == "ome-xml-damaged"


def test_a_ragged_table_is_told(tmp_path):
    path = tmp_path / "cells.csv"
    path.write_text("a,b\n" + "1,2\n" * 100_000 + "3\n")
    source = open_source(path)
    assert isinstance(find_reader(source), TableReader)
    with pytest.raises(UnreadableError, match="Expected 2 columns, got 1"):
        TableReader().read_content(source)


def test_a_late_word_among_positions_is_no_damage(tmp_path):
    path = tmp_path / "cells.csv"
    path.write_text("x,y\n" + "1,2\n" * 5_000_000 + "unknown,2\n")
    table = TableReader().read_content(open_source(path)).elements[0]
    assert (table.n_obs, table.extent_xy) == (5_000_001, None)
