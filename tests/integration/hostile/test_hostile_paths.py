"""Datasets that name what lies outside of them. Each test shows too that without its control the secret is read."""

import asyncio
import json
import os
import shutil
import struct
from contextlib import suppress

import anndata as ad
import h5py
import mudata
import numpy as np
import pandas as pd
import pytest
import tifffile
import zarr
from hostile_files import (
    SECRET,
    build_grey_tags,
    build_multiscales,
    build_tiff,
    write_array,
    write_image,
    write_json,
    write_secret,
)

from vitrina.errors import DataError, UnreadableError
from vitrina.gateway.open import open_tree
from vitrina.gateway.zarr import keys, v2
from vitrina.readers import anndata as anndata_reader
from vitrina.readers import hdf5, tiff_file
from vitrina.readers import mudata as mudata_reader
from vitrina.readers.anndata import AnnDataReader
from vitrina.readers.hdf5_image import Hdf5ImageReader
from vitrina.readers.imaris import ImarisReader
from vitrina.readers.loom import LoomReader
from vitrina.readers.mudata import MuDataReader
from vitrina.readers.ome_tiff import OmeTiffReader
from vitrina.readers.ome_tiff_folder import OmeTiffFolderReader
from vitrina.readers.ome_zarr import OmeZarrReader
from vitrina.readers.pixels import tree_files
from vitrina.readers.pixels.tree_files import TreeFiles
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source
from vitrina.readers.spatialdata import SpatialDataReader
from vitrina.readers.tenx_h5 import TenxH5Reader
from vitrina.readers.tiff import TiffReader
from vitrina.storage import beneath


@pytest.fixture(params=["in one call", "folder by folder"])
def folders(tmp_path, request, monkeypatch):
    """A dataset of the attacker, and one beside it that is none of their business; on Linux, and without its call."""
    if request.param == "folder by folder":
        monkeypatch.setattr(tree_files, "open_without_links", lambda *_: None)
    return tmp_path / "theirs", write_secret(tmp_path / "secret")


def read_pixels(reader, source, content):
    element = content.elements[0]
    pixels = reader.open_pixels(source, element, 0)
    *_, height, width = pixels.shape_tczyx
    out = np.empty((pixels.n_joint_channels, 1, height, width), pixels.dtype)
    pixels.read_into((0, 0, 0, 0, 0), out)
    pixels.close()
    return out[0, 0]


def link_array(theirs, secret):
    write_image(theirs)
    shutil.rmtree(theirs / "0")
    (theirs / "0").symlink_to(secret / "0")


def link_chunk(theirs, secret):
    write_image(theirs)
    (theirs / "0" / "0.0").unlink()
    (theirs / "0" / "0.0").symlink_to(secret / "0" / "0.0")


def link_group(theirs, secret):
    theirs.mkdir()
    for name in (".zgroup", ".zattrs"):
        (theirs / name).symlink_to(secret / name)
    (theirs / "0").symlink_to(secret / "0")


@pytest.mark.parametrize("attack", [link_array, link_chunk, link_group])
def test_links_out_of_a_zarr_folder_are_not_followed(folders, attack, monkeypatch):
    theirs, secret = folders
    attack(theirs, secret)
    reader, source = OmeZarrReader(), open_source(theirs)
    with pytest.raises(UnreadableError) as caught:
        read_pixels(reader, source, reader.read_content(source))
    assert caught.value.code == "path-outside"
    monkeypatch.setattr(TreeFiles, "_check_real", lambda *_: None)
    source = open_source(theirs)
    assert (read_pixels(reader, source, reader.read_content(source)) == SECRET).all()


def test_links_inside_of_a_zarr_folder_are_followed(tmp_path):
    write_image(tmp_path / "own")
    write_array(tmp_path / "own" / "more", SECRET)
    shutil.rmtree(tmp_path / "own" / "0")
    (tmp_path / "own" / "0").symlink_to("more")
    source = open_source(tmp_path / "own")
    assert (read_pixels(OmeZarrReader(), source, OmeZarrReader().read_content(source)) == SECRET).all()


@pytest.mark.parametrize("path", ["../secret/0", "0/../../secret/0", "/etc", "a/../../../x"])
def test_paths_of_levels_that_climb_out_are_refused(folders, path):
    theirs, _ = folders
    write_image(theirs, path)
    with pytest.raises(UnreadableError) as caught:
        OmeZarrReader().read_content(open_source(theirs))
    assert caught.value.code in {"path-outside", "array-missing"}
    assert "100" not in caught.value.message


@pytest.mark.parametrize("key", ["../secret/.zattrs", "absent/../../secret/.zattrs", "0/../../secret/.zattrs"])
def test_keys_that_climb_out_of_a_tree_are_refused(folders, key, monkeypatch):
    theirs, secret = folders
    write_image(theirs)
    tree = open_source(theirs).tree
    with pytest.raises(UnreadableError) as caught:
        tree.get(key)
    assert caught.value.code == "path-outside"
    with pytest.raises(UnreadableError):
        tree.open_file(key)
    with pytest.raises(UnreadableError):
        tree.list_children(key.rpartition("/")[0] + "/..")
    monkeypatch.setattr(TreeFiles, "_check_real", lambda *_: None)
    if not key.startswith("absent"):
        assert tree.get(key) == (secret / ".zattrs").read_bytes()


def test_keys_that_begin_with_a_slash_name_nothing(folders):
    theirs, _ = folders
    assert open_source(write_image(theirs)).tree.get("/etc/passwd") is None


@pytest.mark.parametrize("key", ["0/0.0", "0/.zarray", ".zattrs"])
def test_the_store_for_zarr_python_follows_no_link_out_either(folders, key, monkeypatch):
    theirs, secret = folders
    write_image(theirs)
    (theirs / key).unlink()
    (theirs / key).symlink_to(secret / key)

    def read():
        store = open_source(theirs).tree.open_zarr_store()
        return zarr.core.sync.sync(store.get(key, zarr.core.buffer.default_buffer_prototype()))

    with pytest.raises(UnreadableError):
        read()
    with pytest.raises(UnreadableError):
        open_source(theirs).tree.open_zarr_store().get_sync(key)
    monkeypatch.setattr(TreeFiles, "_check_real", lambda *_: None)
    assert read().to_bytes() == (secret / key).read_bytes()


def test_a_named_pipe_stops_nobody(folders):
    theirs, _ = folders
    write_image(theirs)
    (theirs / ".zattrs").unlink()
    os.mkfifo(theirs / ".zattrs")
    assert open_source(theirs).tree.get(".zattrs") is None


@pytest.mark.parametrize(("well", "field"), [("../secret", "0"), ("A/1", "../../../secret"), ("/etc", "0")])
def test_wells_and_fields_of_a_plate_that_climb_out_are_refused(folders, well, field, monkeypatch):
    theirs, secret = folders
    write_json(secret / ".zattrs", {"well": {"images": [{"path": "0"}]}, **build_multiscales("0")})
    write_json(theirs / ".zgroup", {"zarr_format": 2})
    plate = {"rows": [{"name": "A"}], "columns": [{"name": "1"}], "wells": [{"path": well}]}
    write_json(theirs / ".zattrs", {"plate": plate})
    write_json(theirs / "A" / "1" / ".zgroup", {"zarr_format": 2})
    write_json(theirs / "A" / "1" / ".zattrs", {"well": {"images": [{"path": field}]}})
    reader = OmeZarrReader()
    for read in (reader.read_content, reader.read_plate):
        with suppress(UnreadableError):
            assert read(open_source(theirs)).fields == (), "a plate without a field, or an error"
    if not well.startswith("/"):
        monkeypatch.setattr(TreeFiles, "_check_real", lambda *_: None)
        key = f"{well}/.zattrs" if field == "0" else f"{well}/{field}/.zattrs"
        assert open_source(theirs).tree.get(key) == (secret / ".zattrs").read_bytes()


def test_labels_that_climb_out_are_refused(folders):
    theirs, _ = folders
    write_image(theirs)
    write_json(theirs / "labels" / ".zgroup", {"zarr_format": 2})
    write_json(theirs / "labels" / ".zattrs", {"labels": ["../../secret"]})
    with pytest.raises(UnreadableError) as caught:
        OmeZarrReader().read_content(open_source(theirs))
    assert caught.value.code == "path-outside"


def test_tables_points_and_shapes_of_spatialdata_behind_links_are_not_read(folders, tmp_path, monkeypatch):
    import pyarrow as pa
    import pyarrow.parquet as pq

    theirs, _ = folders
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    pq.write_table(pa.table({"x": [1.0], "y": [2.0], "gene": ["SECRET"]}), elsewhere / "part.0.parquet")
    write_json(theirs / ".zgroup", {"zarr_format": 2})
    write_json(theirs / ".zattrs", {"spatialdata_attrs": {"version": "0.1"}})
    write_json(theirs / "points" / ".zgroup", {"zarr_format": 2})
    write_json(theirs / "points" / "p" / ".zgroup", {"zarr_format": 2})
    write_json(theirs / "points" / "p" / ".zattrs", {"axes": ["x", "y"], "encoding-type": "ngff:points"})
    (theirs / "points" / "p" / "points.parquet").symlink_to(elsewhere)
    with pytest.raises(UnreadableError) as caught:
        SpatialDataReader().read_content(open_source(theirs))
    assert caught.value.code == "path-outside"
    monkeypatch.setattr(TreeFiles, "_check_real", lambda *_: None)
    points = SpatialDataReader().read_content(open_source(theirs)).elements[0]
    assert (points.extent_xy, points.feature_key) == ((1.0, 2.0, 1.0, 2.0), "gene")


def serve(path, zarr_format=2):
    source = open_source(path)
    return open_tree(source, find_reader(source).read_content(source), etag="e", zarr_format=zarr_format)


def test_the_gateway_serves_nothing_behind_a_link_out(folders, monkeypatch):
    theirs, secret = folders
    write_image(theirs)
    tree = serve(theirs)
    (theirs / "0" / "0.0").unlink()
    (theirs / "0" / "0.0").symlink_to(secret / "0" / "0.0")
    assert asyncio.run(tree.get("0/0.0")) is None
    monkeypatch.setattr(
        "vitrina.gateway.stored_bytes.open_beneath",
        lambda root, key, flags=0: os.open(f"{root}/{key}", os.O_RDONLY | flags),
    )
    assert asyncio.run(tree.get("0/0.0")) == SECRET.tobytes()


def write_shards(path):
    array = zarr.create_array(
        path, shape=(8,), shards=(8,), chunks=(4,), dtype="u1", zarr_format=3, compressors=None, fill_value=0
    )
    array[:] = SECRET[0]
    return array


def test_separators_of_chunk_keys_that_climb_out_are_refused(tmp_path, monkeypatch):
    """The shard of another dataset has a sound index, so nothing but the key can keep it from being read."""
    write_shards(tmp_path / "secret" / "a")
    theirs = tmp_path / "theirs"
    zarr.create_group(theirs, zarr_format=3)
    write_shards(theirs / "a")
    document = json.loads((theirs / "a" / "zarr.json").read_text())
    document["chunk_key_encoding"] = {"name": "default", "configuration": {"separator": "/../../../secret/a/c/"}}
    write_json(theirs / "a" / "zarr.json", document)
    (theirs / "a" / "c" / "0").write_bytes(bytes(8))

    def read():
        from vitrina.model.content import Content

        tree = open_tree(open_source(theirs), Content(format="ome-zarr", container="zarr3"), etag="e", zarr_format=2)
        return asyncio.run(tree.get("a/0"))

    with pytest.raises(DataError) as caught:
        read()
    assert caught.value.code == "array-metadata-damaged"
    monkeypatch.setattr(keys, "check_separator", lambda separator: separator)
    assert read() == SECRET[0, :4].tobytes()


def test_separators_of_zarr_2_that_climb_out_are_refused(folders, monkeypatch):
    theirs, _ = folders
    write_image(theirs)
    write_array(theirs / "0", np.zeros((8, 8), np.uint8), dimension_separator="/../")
    document = json.loads((theirs / "0" / ".zarray").read_text())
    with pytest.raises(ValueError, match="separated by"):
        v2.parse_array(document, {})
    monkeypatch.setattr(v2, "check_separator", lambda separator: separator)
    assert v2.parse_array(document, {}).separator == "/../"


def write_h5ad(path):
    """Three cells of a kind whose categories lie where the test wants."""
    frame = pd.DataFrame({"kind": pd.Categorical(["a", "b", "a"])}, index=["c0", "c1", "c2"])
    ad.AnnData(np.eye(3, dtype=np.float32), obs=frame, var=pd.DataFrame(index=["g0", "g1", "g2"])).write_h5ad(path)


def write_h5mu(path):
    frame = pd.DataFrame({"kind": pd.Categorical(["a", "b", "a"])}, index=["c0", "c1", "c2"])
    table = ad.AnnData(np.eye(3, dtype=np.float32), obs=frame, var=pd.DataFrame(index=["g0", "g1", "g2"]))
    mudata.MuData({"rna": table}).write_h5mu(path)


def put_external_link(group, folder):
    with h5py.File(folder / "secret.h5", "w") as other:
        other["secret"] = np.array([b"SECRET"])
    group["categories"] = h5py.ExternalLink(str(folder / "secret.h5"), "/secret")


def put_soft_link_to_external_link(group, folder):
    put_external_link(group, folder)
    group.move("categories", "through")
    group["categories"] = h5py.SoftLink(f"{group.name}/through")


def put_external_storage(group, folder):
    (folder / "secret.txt").write_bytes(b"SECRET")
    group.create_dataset("categories", (1,), "S6", external=[(str(folder / "secret.txt"), 0, 6)])


def put_virtual(group, folder):
    with h5py.File(folder / "secret.h5", "w") as other:
        other["secret"] = np.array([b"SECRET"])
    layout = h5py.VirtualLayout((1,), "S6")
    layout[:] = h5py.VirtualSource(str(folder / "secret.h5"), "secret", (1,))
    group.create_virtual_dataset("categories", layout)


HDF5_ATTACKS = [put_external_link, put_soft_link_to_external_link, put_external_storage, put_virtual]


@pytest.mark.parametrize("attack", HDF5_ATTACKS)
@pytest.mark.parametrize("written", [(AnnDataReader(), write_h5ad, ""), (MuDataReader(), write_h5mu, "mod/rna/")])
def test_annotated_tables_in_hdf5_that_name_other_files_are_refused(tmp_path, attack, written, monkeypatch):
    reader, write, prefix = written
    path = tmp_path / ("a.h5mu" if prefix else "a.h5ad")
    write(path)
    with h5py.File(path, "a") as file:
        group = file[f"{prefix}obs/kind"]
        del group["categories"]
        attack(group, tmp_path)
    source = open_source(path)
    assert reader.detect(source)
    for read in (reader.read_content, reader.read_object, reader.open_object):
        with pytest.raises(UnreadableError) as caught:
            read(source)
        assert caught.value.code == "hdf5-outside-file"
    for module in (anndata_reader, mudata_reader):
        monkeypatch.setattr(module, "check_contained", lambda _: None)
    table = reader.read_content(source).elements[-1]
    assert next(column for column in table.obs_columns if column.name.endswith("kind")).categories == ("SECRET",)


@pytest.mark.parametrize("attack", HDF5_ATTACKS)
def test_the_gateway_serves_no_categories_of_another_file(tmp_path, attack):
    path = tmp_path / "a.h5ad"
    write_h5ad(path)
    source = open_source(path)
    content = AnnDataReader().read_content(source)
    with h5py.File(path, "a") as file:
        del file["obs/kind/categories"]
        attack(file["obs/kind"], tmp_path)
    with pytest.raises(UnreadableError) as caught:
        asyncio.run(open_tree(source, content, etag="e").get("obs/kind/categories/0"))
    assert caught.value.code == "hdf5-outside-file"


def write_loom(path):
    with h5py.File(path, "w") as file:
        file["matrix"] = np.ones((2, 3), np.float32)
        file["row_attrs/Gene"] = np.array([b"g0", b"g1"])
        file["col_attrs/CellID"] = np.array([b"a", b"b", b"c"])
        file.create_group("layers")


def write_tenx(path):
    with h5py.File(path, "w") as file:
        file["matrix/barcodes"] = np.array([b"a-1", b"b-1", b"c-1"])
        file["matrix/data"] = np.array([1, 2], np.int32)
        file["matrix/indices"] = np.array([0, 1], np.int64)
        file["matrix/indptr"] = np.array([0, 1, 2, 2], np.int64)
        file["matrix/shape"] = np.array([2, 3], np.int32)
        for name in ("id", "name", "feature_type", "genome"):
            file[f"matrix/features/{name}"] = np.array([b"x", b"y"])


def write_volume(path):
    with h5py.File(path, "w") as file:
        file["image"] = np.zeros((16, 16), np.uint8)


def write_imaris(path):
    with h5py.File(path, "w") as file:
        file.attrs["ImarisDataSet"] = np.frombuffer(b"ImarisDataSet", "S1")
        image = file.create_group("DataSetInfo/Image")
        for axis in "XYZ":
            image.attrs[axis] = np.frombuffer(b"16" if axis != "Z" else b"1", "S1")
        file["DataSet/ResolutionLevel 0/TimePoint 0/Channel 0/Data"] = np.zeros((1, 16, 16), np.uint8)
        channel = file["DataSet/ResolutionLevel 0/TimePoint 0/Channel 0"]
        for axis, size in zip("XYZ", (b"16", b"16", b"1"), strict=True):
            channel.attrs[f"ImageSize{axis}"] = np.frombuffer(size, "S1")


@pytest.mark.parametrize("kind", ["link", "external", "virtual"])
@pytest.mark.parametrize("written", [
    (LoomReader(), write_loom, "col_attrs/CellID"),
    (TenxH5Reader(), write_tenx, "matrix/barcodes"),
    (Hdf5ImageReader(), write_volume, "image"),
    (ImarisReader(), write_imaris, "DataSet/ResolutionLevel 0/TimePoint 0/Channel 0/Data"),
])  # fmt: skip
def test_other_hdf5_files_that_name_files_are_refused_too(tmp_path, kind, written, monkeypatch):
    reader, write, name = written
    path, secret = tmp_path / "a.h5", tmp_path / "secret.h5"
    write(path)
    shutil.copyfile(path, secret)
    assert reader.read_content(open_source(path)).elements
    with h5py.File(path, "a") as file:
        shape, dtype, size = file[name].shape, file[name].dtype, file[name].nbytes
        del file[name]
        if kind == "link":
            file[name] = h5py.ExternalLink(str(secret), f"/{name}")
        elif kind == "external":
            (tmp_path / "secret.raw").write_bytes(b"1" * size)
            file.create_dataset(name, shape, dtype, external=[(str(tmp_path / "secret.raw"), 0, size)])
        else:
            layout = h5py.VirtualLayout(shape, dtype)
            layout[...] = h5py.VirtualSource(str(secret), name, shape)
            file.create_virtual_dataset(name, layout)
    with pytest.raises(UnreadableError):
        reader.read_content(open_source(path))
    monkeypatch.setattr(hdf5, "check_dataset", lambda dataset: dataset)
    monkeypatch.setattr(hdf5, "_refuse", lambda *_: OSError("a link"))
    if kind != "link":
        assert reader.read_content(open_source(path)).elements


def test_ome_xml_does_not_make_tifffile_open_another_file(tmp_path, monkeypatch):
    tifffile.imwrite(tmp_path / "secret.ome.tif", SECRET, metadata={"axes": "YX"}, ome=True)
    xml = (
        '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0"><Pixels ID="Pixels:0" '
        'DimensionOrder="XYZCT" Type="uint8" SizeX="8" SizeY="8" SizeZ="1" SizeC="2" SizeT="1">'
        '<Channel ID="Channel:0:0"/><Channel ID="Channel:0:1"/><TiffData FirstC="0" IFD="0" PlaneCount="1"/>'
        '<TiffData FirstC="1" IFD="0" PlaneCount="1"><UUID FileName="secret.ome.tif">urn:uuid:1</UUID></TiffData>'
        "</Pixels></Image></OME>"
    )
    path = tmp_path / "a.ome.tif"
    tifffile.imwrite(path, np.zeros((8, 8), np.uint8), description=xml, metadata=None)
    source = open_source(path)

    def read():
        with tiff_file.open_tiff(source) as tiff:
            return tiff.series[0].asarray()

    assert OmeTiffReader().detect(source)
    assert not read().any()
    monkeypatch.setattr(tiff_file, "open_alone", tifffile.TiffFile)
    assert (read()[1] == SECRET).all()


@pytest.mark.parametrize("name", ["../secret.ome.tif", "/etc/passwd", "sub/x.ome.tif", "C:\\x.tif", ".."])
def test_a_folder_of_ome_tiff_names_files_beside_each_other_alone(tmp_path, name):
    folder = tmp_path / "theirs"
    folder.mkdir()
    tifffile.imwrite(tmp_path / "secret.ome.tif", SECRET, ome=True)
    tifffile.imwrite(folder / "b.ome.tif", SECRET, ome=True)
    xml = (
        '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0"><Pixels ID="Pixels:0" '
        'DimensionOrder="XYZCT" Type="uint8" SizeX="8" SizeY="8" SizeZ="1" SizeC="1" SizeT="1">'
        f'<Channel ID="Channel:0:0"/><TiffData IFD="0"><UUID FileName="{name}">urn:uuid:1</UUID></TiffData>'
        "</Pixels></Image></OME>"
    )
    tifffile.imwrite(folder / "a.ome.tif", np.zeros((8, 8), np.uint8), description=xml, metadata=None)
    with pytest.raises(UnreadableError) as caught:
        OmeTiffFolderReader().read_content(open_source(folder))
    assert caught.value.code == "link-external"


def test_an_index_of_ndtiff_does_not_make_tifffile_open_another_file(tmp_path, monkeypatch):
    """Layout of both: https://github.com/micro-manager/NDTiffStorage, as tifffile reads it."""
    (tmp_path / "secret").mkdir()
    (tmp_path / "theirs").mkdir()
    summary = b"{}"
    head = struct.pack("<IIIII", 483729, 3, 0, 2355492, len(summary)) + summary

    def build(pixels):
        offset = 8 + len(head) + len(head) % 2
        data = head + b"\0" * (len(head) % 2) + pixels.tobytes()
        built = bytearray(build_tiff(build_grey_tags(8, 8, 64, offset=offset) | {51123: ("s", b'{"a": 1}')}, data))
        return bytes(built)

    (tmp_path / "secret" / "s.tif").write_bytes(build(SECRET))
    path = tmp_path / "theirs" / "a.tif"
    path.write_bytes(build(np.zeros((8, 8), np.uint8)))
    at = 8 + len(head) + len(head) % 2
    entries = b""
    for axes, name in ((b'{"time": 0}', b"a.tif"), (b'{"time": 1}', b"../secret/s.tif")):
        entries += struct.pack("<I", len(axes)) + axes + struct.pack("<I", len(name)) + name
        entries += struct.pack("<IiiiiIii", at, 8, 8, 0, 0, 0, 0, 0)
    (path.parent / "NDTiff.index").write_bytes(entries)
    source = open_source(path)

    def read():
        with tiff_file.open_tiff(source) as tiff:
            return tiff.series[0].asarray()

    assert read().shape == (8, 8)
    assert not read().any()
    assert TiffReader().read_content(source).elements[0].levels[0].shape == (8, 8)
    monkeypatch.setattr(tiff_file, "open_alone", lambda path: tifffile.TiffFile(path, _multifile=False))
    assert (read()[1] == SECRET).all()


@pytest.mark.parametrize("key", ["a/link", "a/folder/secret"])
def test_a_key_of_the_store_resolves_no_link_out_of_its_artifact(tmp_path, monkeypatch, key):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "secret").write_bytes(b"x")
    (tmp_path / "a" / "link").symlink_to("../b/secret")
    (tmp_path / "a" / "folder").symlink_to("../b")
    with pytest.raises(OSError, match="Too many levels"):
        beneath.open_beneath(str(tmp_path), key)

    def resolve(root, key):
        return os.path.relpath(os.path.realpath(f"{root}/{key}"), root)

    monkeypatch.setattr(beneath, "_resolve_inside", resolve)
    os.close(beneath.open_beneath(str(tmp_path), key))
