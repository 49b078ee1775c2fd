"""N5, written by tensorstore, else by the specification; BigDataViewer in the layout of its documents."""

import bz2
import gzip
import json
import lzma
import struct
import zlib

import h5py
import imagecodecs
import numpy as np
import pytest
import tensorstore

from vitrina.errors import UnreadableError, UnsupportedError
from vitrina.readers.elements import open_pixels
from vitrina.readers.n5.blocks import decode_block
from vitrina.readers.n5.tree import N5Array, find_array
from vitrina.readers.pixels.indexed import IndexedPixels
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source

RNG = np.random.default_rng(0)
VOLUME = RNG.integers(0, 60_000, (10, 30, 41)).astype(np.uint16)
CODECS = [
    {"type": "raw"},
    {"type": "gzip", "level": 3},
    {"type": "bzip2"},
    {"type": "xz"},
    {"type": "blosc", "cname": "lz4", "clevel": 5, "shuffle": 1},
    {"type": "zstd", "level": 3},
]


def write_n5(root, path, data, compression=None, blocks=(16, 8, 4), **attributes):
    """A dataset by tensorstore; dimensions of N5 run the other way round."""
    store = tensorstore.open(
        {
            "driver": "n5",
            "kvstore": f"file://{root / path}",
            "metadata": {
                "dimensions": data.shape[::-1],
                "blockSize": blocks,
                "dataType": data.dtype.name,
                "compression": compression or {"type": "gzip"},
            },
        },
        create=True,
    ).result()
    store[...] = data.T
    own = root / path / "attributes.json"
    own.write_text(json.dumps({**json.loads(own.read_text()), **attributes}))


def mark(root, **attributes):
    root.mkdir(exist_ok=True)
    (root / "attributes.json").write_text(json.dumps({"n5": "2.5.1", **attributes}))


def read(path):
    source = open_source(path)
    return source, find_reader(source).read_content(source)


def read_pixels(source, content, element=None, level=0):
    element = element or content.elements[0]
    pixels = open_pixels(source, content, element, level)
    try:
        return IndexedPixels(pixels, element.axes, element.levels[level].shape)[...]
    finally:
        pixels.close()


@pytest.mark.parametrize("codec", CODECS, ids=lambda codec: codec["type"])
def test_blocks_of_every_codec_are_read(tmp_path, codec):
    root = tmp_path / "a.n5"
    mark(root)
    write_n5(root, "volume", VOLUME, codec)
    source, content = read(root)
    (element,) = content.elements
    assert (content.format, content.format_version, element.path) == ("n5", "2.5.1", "volume")
    assert element.levels[0].shape == VOLUME.shape
    assert np.array_equal(read_pixels(source, content), VOLUME)


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint32", "float32", "float64", "int64"])
def test_pixels_of_every_type_are_read(tmp_path, dtype):
    root = tmp_path / "a.n5"
    mark(root)
    data = (VOLUME[0] - 30_000.0).astype(dtype) if dtype != "uint8" else (VOLUME[0] % 256).astype(dtype)
    write_n5(root, "v", data, blocks=(16, 8))
    source, content = read(root)
    read_back = read_pixels(source, content)
    assert read_back.dtype == dtype
    assert np.array_equal(read_back, data)


def build_block(data, compress, mode=0):
    head = struct.pack(">HH", mode, data.ndim) + struct.pack(f">{data.ndim}I", *data.shape[::-1])
    head += struct.pack(">I", data.size) if mode == 1 else b""
    return head + compress(data.astype(data.dtype.newbyteorder(">")).tobytes())


def build_lz4_java(data, part=512):
    """Parts with a header each, the last one empty; every second part as it is."""
    out = b""
    for number, start in enumerate(range(0, len(data), part)):
        raw = data[start : start + part]
        packed = raw if number % 2 else imagecodecs.lz4_encode(raw)
        out += (
            b"LZ4Block" + bytes([0x10 if number % 2 else 0x20]) + struct.pack("<III", len(packed), len(raw), 0) + packed
        )
    return out + b"LZ4Block" + bytes([0x10]) + struct.pack("<III", 0, 0, 0)


@pytest.mark.parametrize(
    ("compression", "compress"),
    [
        ({"type": "lz4"}, build_lz4_java),
        ({"type": "gzip", "useZlib": True}, zlib.compress),
        ({"type": "gzip"}, gzip.compress),
        ({"type": "bzip2"}, bz2.compress),
        ({"type": "xz"}, lzma.compress),
    ],
)
@pytest.mark.parametrize("mode", [0, 1])
def test_blocks_by_the_specification_are_decoded(compression, compress, mode):
    array = N5Array(
        path="a", shape=(30, 41), block_shape=(32, 64), dtype="uint16", compression=compression, attributes={}
    )
    assert np.array_equal(decode_block(build_block(VOLUME[0], compress, mode), array, "here"), VOLUME[0])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0\0\0\2\0\0\0\1",
        struct.pack(">HHII", 0, 2, 4_000_000_000, 4_000_000_000),
        struct.pack(">HHII", 2, 2, 1, 1),
        struct.pack(">HHII", 0, 3, 1, 1),
        struct.pack(">HHII", 0, 2, 41, 30) + b"no gzip",
        struct.pack(">HHII", 0, 2, 41, 30) + gzip.compress(bytes(100), mtime=0),
        struct.pack(">HHII", 0, 2, 41, 30) + gzip.compress(bytes(10_000_000), mtime=0),
    ],
)
def test_a_block_that_is_damaged_or_lies_is_refused(data):
    array = N5Array(
        path="a", shape=(30, 41), block_shape=(32, 64), dtype="uint16", compression={"type": "gzip"}, attributes={}
    )
    with pytest.raises(UnreadableError, match="cannot be decoded"):
        decode_block(data, array, "here")


def test_blocks_that_are_not_stored_are_black(tmp_path):
    root = tmp_path / "a.n5"
    mark(root)
    write_n5(root, "v", VOLUME)
    (root / "v" / "1" / "2" / "0").unlink()
    source, content = read(root)
    expected = VOLUME.copy()
    expected[0:4, 16:24, 16:32] = 0
    assert np.array_equal(read_pixels(source, content), expected)


def test_levels_of_paintera_are_one_image(tmp_path):
    root = tmp_path / "a.n5"
    mark(root)
    (root / "raw").mkdir()
    (root / "raw" / "attributes.json").write_text(
        json.dumps({"multiScale": True, "resolution": [4, 4, 40], "offset": [100, 200, 300]})
    )
    write_n5(root, "raw/s0", VOLUME)
    write_n5(root, "raw/s1", VOLUME[:, ::2, ::2].copy(), downsamplingFactors=[2, 2, 1])
    source, content = read(root)
    (element,) = content.elements
    assert (element.path, element.name) == ("raw", "raw")
    assert [level.scale for level in element.levels] == [(40, 4, 4), (40, 8, 8)]
    assert [level.translation for level in element.levels] == [(300, 200, 100), (300, 202, 102)]
    assert np.array_equal(read_pixels(source, content, level=1), VOLUME[:, ::2, ::2])


def test_transforms_of_cellmap_are_taken(tmp_path):
    root = tmp_path / "a.n5"
    mark(root)
    for number, factor in enumerate((1, 2)):
        transform = {
            "axes": ["z", "y", "x"], "units": ["nm"] * 3, "scale": [5.24 * factor, 4.0 * factor, 4.0 * factor],
            "translate": [1.0 * number, 2.0 * number, 3.0 * number],
        }  # fmt: skip
        data = VOLUME[::factor, ::factor, ::factor].copy()
        write_n5(root, f"em/fibsem/s{number}", data, transform=transform)
    _, content = read(root)
    (element,) = content.elements
    assert element.path == "em/fibsem"
    assert {axis.unit for axis in element.axes} == {"nanometer"}
    assert element.levels[1].scale == (10.48, 8.0, 8.0)
    assert element.levels[1].translation == (1.0, 2.0, 3.0)
    assert content.findings == ()


@pytest.mark.parametrize(
    "attributes",
    [
        {"dimensions": [4, 4], "blockSize": [0, 4], "dataType": "uint8"},
        {"dimensions": [4, 4], "blockSize": [4], "dataType": "uint8"},
        {"dimensions": [-4, 4], "blockSize": [4, 4], "dataType": "uint8"},
        {"dimensions": "many", "blockSize": [4, 4], "dataType": "uint8"},
        {"dimensions": [4, 4], "blockSize": [4, 4], "dataType": "object"},
        {"dimensions": [4, 4], "dataType": "uint8"},
    ],
)
def test_metadata_that_make_no_sense_are_refused(tmp_path, attributes):
    mark(tmp_path / "a.n5", **attributes)
    with pytest.raises(UnreadableError, match="makes no sense"):
        find_array(tmp_path / "a.n5", "")


def test_a_codec_that_is_not_known_is_told(tmp_path):
    root = tmp_path / "a.n5"
    mark(root)
    write_n5(root, "good", VOLUME)
    (root / "bad").mkdir()
    odd = {"dimensions": [41, 30], "blockSize": [41, 30], "dataType": "uint8", "compression": {"type": "jpeg"}}
    (root / "bad" / "attributes.json").write_text(json.dumps(odd))
    _, content = read(root)
    assert [element.path for element in content.elements] == ["good"]
    assert "n5-blocks-unsupported" in [finding.code for finding in content.findings]


def test_links_in_a_container_are_not_followed(tmp_path):
    secret, root = tmp_path / "secret.n5", tmp_path / "a.n5"
    mark(secret)
    mark(root)
    write_n5(secret, "v", VOLUME)
    write_n5(root, "own", VOLUME)
    (root / "linked").symlink_to(secret / "v", target_is_directory=True)
    block = root / "own" / "0" / "0" / "0"
    block.unlink()
    block.symlink_to(secret / "v" / "1" / "1" / "1")
    source, content = read(root)
    assert [element.path for element in content.elements] == ["own"]
    assert not read_pixels(source, content)[0:4, 0:8, 0:16].any()


SPIMDATA = """<?xml version="1.0" encoding="UTF-8"?>
<SpimData version="0.2"><BasePath type="relative">.</BasePath><SequenceDescription>
<ImageLoader format="bdv.{kind}"><{kind} type="relative">{file}</{kind}></ImageLoader>
<ViewSetups>{setups}
<Attributes name="channel"><Channel><id>0</id><name>DAPI</name></Channel><Channel><id>1</id><name>GFP</name></Channel>
</Attributes></ViewSetups>
<Timepoints type="range"><first>0</first><last>1</last></Timepoints>
<MissingViews>{missing}</MissingViews></SequenceDescription>
<ViewRegistrations>{registrations}</ViewRegistrations></SpimData>"""
SETUP = """<ViewSetup><id>{id}</id><name>view {id}</name><size>41 30 10</size>
<voxelSize><unit>um</unit><size>0.5 0.25 2.0</size></voxelSize>
<attributes><channel>{channel}</channel><angle>{angle}</angle></attributes></ViewSetup>"""
REGISTRATION = """<ViewRegistration timepoint="{t}" setup="{setup}">
<ViewTransform type="affine"><Name>move</Name><affine>1 0 0 {x} 0 1 0 7 0 0 1 0</affine></ViewTransform>
<ViewTransform type="affine"><Name>calibrate</Name><affine>2 0 0 0 0 1 0 0 0 0 8 0</affine></ViewTransform>
</ViewRegistration>"""


def make_view(t, setup):
    return np.random.default_rng([t, setup]).integers(0, 30_000, (10, 30, 41)).astype(np.uint16)


def write_bdv(folder, kind, *, missing=(), file=None):
    """Setups 0 and 1 are two channels of one angle, setup 2 another angle."""
    folder.mkdir()
    places = [(0, 0, 0), (1, 1, 0), (2, 0, 1)]
    (folder / "data.xml").write_text(
        SPIMDATA.format(
            kind=kind,
            file=file or f"data.{'h5' if kind == 'hdf5' else 'n5'}",
            setups="".join(SETUP.format(id=setup, channel=channel, angle=angle) for setup, channel, angle in places),
            missing="".join(f'<MissingView timepoint="{t}" setup="{setup}"/>' for t, setup in missing),
            registrations="".join(
                REGISTRATION.format(t=t, setup=setup, x=100 * angle) for t in (0, 1) for setup, _, angle in places
            ),
        )
    )
    views = {(t, setup): make_view(t, setup) for t in (0, 1) for setup in (0, 1, 2) if (t, setup) not in missing}
    if kind == "n5":
        mark(folder / "data.n5")
        for (t, setup), view in views.items():
            write_n5(folder / "data.n5", f"setup{setup}/timepoint{t}/s0", view)
            write_n5(folder / "data.n5", f"setup{setup}/timepoint{t}/s1", view[:, ::2, ::2].copy())
            own = folder / "data.n5" / f"setup{setup}" / "attributes.json"
            own.write_text(json.dumps({"downsamplingFactors": [[1, 1, 1], [2, 2, 1]], "dataType": "uint16"}))
        return folder
    with h5py.File(folder / "data.h5", "w") as stored:
        for setup in (0, 1, 2):
            stored[f"s{setup:02}/resolutions"] = np.array([[1.0, 1, 1], [2, 2, 1]])
            stored[f"s{setup:02}/subdivisions"] = np.array([[16, 16, 4], [16, 16, 4]], np.int32)
        for (t, setup), view in views.items():
            for number, level in enumerate((view, view[:, ::2, ::2])):
                signed = level.astype(np.int16)
                stored.create_dataset(f"t{t:05}/s{setup:02}/{number}/cells", data=signed, chunks=(4, 15, 16))
    return folder


@pytest.mark.parametrize("kind", ["hdf5", "n5"])
def test_bigdataviewer_has_channels_time_points_levels_and_places(tmp_path, kind):
    source, content = read(write_bdv(tmp_path / "a", kind))
    assert (content.format, [element.path for element in content.elements]) == ("bdv", ["setup0", "setup2"])
    first, second = content.elements
    assert "".join(axis.name for axis in first.axes) == "tczyx"
    assert "".join(axis.name for axis in second.axes) == "tzyx"
    assert (first.dtype, [channel.name for channel in first.channels]) == ("uint16", ["DAPI", "GFP"])
    assert [level.scale[2:] for level in first.levels] == [(2.0, 0.25, 0.5), (2.0, 0.5, 1.0)]
    assert first.levels[1].translation == (0, 0, 0, 0.125, 0.25)
    assert {axis.unit for axis in first.axes[2:]} == {"micrometer"}
    # the last transform is applied first: x' = 2 x + 100 and y' = y + 7
    assert second.placements[0].affine_xy == (2.0, 0.0, 100.0, 0.0, 1.0, 7.0)
    assert first.placements[0].affine_xy == (2.0, 0.0, 0.0, 0.0, 1.0, 7.0)
    expected = np.array([[make_view(t, setup) for setup in (0, 1)] for t in (0, 1)])
    assert np.array_equal(read_pixels(source, content, first), expected)
    assert np.array_equal(read_pixels(source, content, first, level=1), expected[..., ::2, ::2])
    assert content.findings == ()


@pytest.mark.parametrize("kind", ["hdf5", "n5"])
def test_views_that_were_not_recorded_are_black_and_told(tmp_path, kind):
    source, content = read(write_bdv(tmp_path / "a", kind, missing=[(1, 0)]))
    pixels = read_pixels(source, content)
    assert not pixels[1, 0].any()
    assert np.array_equal(pixels[1, 1], make_view(1, 1))
    assert "views-missing" in [finding.code for finding in content.findings]


@pytest.mark.parametrize("file", ["../secret.h5", "/etc/passwd", "..\\secret.h5", "file:/etc/passwd", "C:\\secret.h5"])
def test_an_xml_cannot_name_images_outside_of_its_folder(tmp_path, file):
    with pytest.raises(UnreadableError, match="only what lies in its own folder"):
        read(write_bdv(tmp_path / "a", "hdf5", file=file))


def test_a_link_to_images_elsewhere_is_refused(tmp_path):
    write_bdv(tmp_path / "secret", "hdf5")
    folder = write_bdv(tmp_path / "a", "hdf5")
    (folder / "data.h5").unlink()
    (folder / "data.h5").symlink_to(tmp_path / "secret" / "data.h5")
    with pytest.raises(UnreadableError, match="which is not there"):
        read(folder)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<SpimData version", '<!DOCTYPE a [<!ENTITY b "c">]><SpimData version'),
        ("</SpimData>", ""),
        ("1 0 0 0 0 1 0 7 0 0 1 0", "1 2 3"),
        ("1 0 0 0 0 1 0 7 0 0 1 0", "nan 0 0 0 0 1 0 7 0 0 1 0"),
        ("<last>1</last>", "<last>99999999</last>"),
    ],
)
def test_an_xml_that_makes_no_sense_is_refused(tmp_path, old, new):
    xml = write_bdv(tmp_path / "a", "hdf5") / "data.xml"
    xml.write_text(xml.read_text().replace(old, new))
    with pytest.raises(UnreadableError, match=r"cannot be read as BigDataViewer XML|declares a document type"):
        read(xml)


def test_images_in_another_format_are_told(tmp_path):
    xml = write_bdv(tmp_path / "a", "hdf5") / "data.xml"
    xml.write_text(xml.read_text().replace('format="bdv.hdf5"', 'format="spimreconstruction.stack"'))
    with pytest.raises(UnsupportedError, match="spimreconstruction"):
        read(xml)
