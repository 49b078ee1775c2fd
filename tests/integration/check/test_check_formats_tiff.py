"""TIFF and OME-TIFF: valid files have no errors; one broken MUST is told by the code that names it.

What must hold is taken from https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf and
https://docs.openmicroscopy.org/ome-model/6.3.1/ome-tiff/specification.html.
"""

import struct

import numpy as np
import pytest
import samples
import tifffile
from formats_datasets import list_codes, list_errors

from vitrina.checks.formats.ome_tiff import check_ome_tiff
from vitrina.convert.tiff.image import TiffImage
from vitrina.convert.tiff.plan import plan_tiff
from vitrina.convert.tiff.writer import TiffWriter
from vitrina.errors import UnreadableError
from vitrina.pyramid.writer import Place
from vitrina.readers.source import open_source

SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 13: 4, 16: 8}
FORMATS = {3: "H", 4: "I", 13: "I", 16: "Q"}

BAD_SAMPLES = {
    # TIFF of a mass spectrometry pipeline: int64 is no type of OME-XML, no TiffData, bare uuids as IDs
    "ome-tiff-oddities/spraggins.mxif.ome.tif": {"ome-type", "ome-id-invalid", "ome-tiffdata-missing"},
    # four samples per pixel in the file, one in the OME-XML
    "ome-tiff-rgba16/output_ome.ome.tiff": {"ome-samples-differ"},
}


def write_ome_tiff(path, **more):
    """Two channels of three depths, with one lower resolution, as tifffile writes them."""
    pixels = np.arange(2 * 3 * 64 * 48, dtype=np.uint16).reshape(2, 3, 64, 48)
    options = {"tile": (16, 16), "photometric": "minisblack", **more}
    with tifffile.TiffWriter(path, ome=True) as writer:
        metadata = {"axes": "CZYX", "PhysicalSizeX": 0.5, "PhysicalSizeXUnit": "µm", "Channel": {"Name": ["a", "b"]}}
        writer.write(pixels, subifds=1, metadata=metadata, **options)
        writer.write(pixels[:, :, ::2, ::2], subfiletype=1, **options)


def write_with_vitrina(path, **more):
    shapes = ((1, 3, 2, 70, 50), (1, 3, 2, 35, 25))
    image = TiffImage(dtype=np.dtype("uint8"), level_shapes_tczyx=shapes, tile_shape_yx=(16, 16), **more)
    writer = TiffWriter(path, plan_tiff([image]))
    chunks = writer.for_image(0)
    for level in range(2):
        rows, columns = image.get_grid_yx(level)
        for index in np.ndindex(3 // image.n_joint_channels, 2, rows, columns):
            place = Place(level=level, t=0, c=index[0] * image.n_joint_channels, z=index[1], y=index[2], x=index[3])
            for encoded in chunks.encode(place, np.ones((image.n_joint_channels, 1, 16, 16), np.uint8)):
                chunks.store(encoded, chunks.reserve(encoded))
    chunks.finish()


@pytest.mark.parametrize("options", [{}, {"bigtiff": True}, {"byteorder": ">"}])
@pytest.mark.parametrize("stored", [{}, {"tile": None}, {"compression": "zlib"}, {"tile": None, "rowsperstrip": 7}])
def test_what_tifffile_writes_is_valid(tmp_path, options, stored):
    path = tmp_path / "image.ome.tif"
    pixels = np.arange(2 * 64 * 48, dtype=np.uint16).reshape(2, 64, 48)
    with tifffile.TiffWriter(path, ome=True, **options) as writer:
        writer.write(pixels, photometric="minisblack", metadata={"axes": "CYX"}, **{"tile": (16, 16), **stored})
    checked = check_ome_tiff(open_source(path))
    assert [one for one in checked.findings if one.severity == "error"] == []
    assert (checked.kind, checked.version) == ("ome-tiff", "2016-06")


def test_a_pyramid_and_colours_that_tifffile_writes_are_valid(tmp_path):
    write_ome_tiff(tmp_path / "pyramid.ome.tif")
    colours = np.zeros((2, 32, 48, 3), np.uint8)
    tifffile.imwrite(tmp_path / "rgb.ome.tif", colours, photometric="rgb", metadata={"axes": "ZYXS"})
    assert list_errors(check_ome_tiff, tmp_path / "pyramid.ome.tif") == []
    assert list_errors(check_ome_tiff, tmp_path / "rgb.ome.tif") == []


@pytest.mark.parametrize("more", [{}, {"n_joint_channels": 3, "is_color": True}])
def test_what_vitrina_writes_has_nothing_to_tell(tmp_path, more):
    write_with_vitrina(tmp_path / "image.ome.tif", **more)
    assert check_ome_tiff(open_source(tmp_path / "image.ome.tif")).findings == ()


def test_samples_have_no_errors_but_those_that_are_known():
    paths = sorted(
        path for path in samples.get("tiff-hela-3ch").parent.rglob("*") if path.suffix in {".tif", ".tiff", ".svs"}
    )
    assert len(paths) > 10
    for path in paths:
        name = path.relative_to(samples.SHARED / "data").as_posix()
        assert {code for code, _ in list_errors(check_ome_tiff, path)} == BAD_SAMPLES.get(name, set()), name


def test_a_plain_tiff_is_no_ome_tiff(tmp_path):
    tifffile.imwrite(tmp_path / "plain.tif", np.zeros((3, 20, 20), np.uint8), photometric="minisblack")
    checked = check_ome_tiff(open_source(tmp_path / "plain.tif"))
    assert (checked.kind, checked.version, checked.findings) == ("tiff", None, ())


class Editor:
    """Changes the bytes of a classic little-endian TIFF."""

    def __init__(self, path):
        self.path = path
        self.data = bytearray(path.read_bytes())
        assert self.data[:4] == b"II*\0"

    def list_directories(self):
        offset, found = struct.unpack_from("<I", self.data, 4)[0], []
        while offset:
            found.append(offset)
            offset = struct.unpack_from("<I", self.data, self.find_end(offset))[0]
        return found

    def find_end(self, offset):
        return offset + 2 + 12 * struct.unpack_from("<H", self.data, offset)[0]

    def find_entry(self, tag, directory=0):
        offset = self.list_directories()[directory] if directory < 1000 else directory
        for at in range(offset + 2, self.find_end(offset), 12):
            if struct.unpack_from("<H", self.data, at)[0] == tag:
                return at
        raise KeyError(tag)

    def get(self, tag, directory=0):
        """Where the values of a field lie, their format and number."""
        at = self.find_entry(tag, directory)
        _, kind, count = struct.unpack_from("<HHI", self.data, at)
        is_inside = SIZES[kind] * count <= 4
        return (at + 8 if is_inside else struct.unpack_from("<I", self.data, at + 8)[0]), FORMATS.get(kind, "B"), count

    def set(self, tag, value, directory=0, index=0):
        at, kind, _ = self.get(tag, directory)
        struct.pack_into("<" + kind, self.data, at + index * struct.calcsize(kind), value)

    def set_count(self, tag, count, directory=0):
        struct.pack_into("<I", self.data, self.find_entry(tag, directory) + 4, count)

    def rename(self, tag, other, directory=0):
        struct.pack_into("<H", self.data, self.find_entry(tag, directory), other)

    def find_level(self, directory=0):
        at, kind, _ = self.get(330, directory)
        return struct.unpack_from("<" + kind, self.data, at)[0]

    def save(self):
        self.path.write_bytes(self.data)


def loop(editor):
    first, second, *_ = editor.list_directories()
    struct.pack_into("<I", editor.data, editor.find_end(second), first)


def send_away(editor):
    second = editor.list_directories()[1]
    struct.pack_into("<I", editor.data, editor.find_end(second), 2**31)


def empty_directory(editor):
    """A further page of no entries, at the end of the file."""
    last = editor.list_directories()[-1]
    editor.data += bytes(len(editor.data) % 2)
    struct.pack_into("<I", editor.data, editor.find_end(last), len(editor.data))
    editor.data += bytes(6)


def lose_directories(editor):
    struct.pack_into("<I", editor.data, 4, 0)


def swap_entries(editor):
    at = editor.find_entry(256)
    editor.data[at : at + 12], editor.data[at + 12 : at + 24] = (
        editor.data[at + 12 : at + 24],
        editor.data[at : at + 12],
    )


def send_description_away(editor):
    struct.pack_into("<I", editor.data, editor.find_entry(324, 1) + 8, 2**31)


TIFF_BROKEN = {
    "no directory": (lose_directories, "tiff-no-directory", "#"),
    "directory outside": (send_away, "tiff-directory-outside", "ifd2#"),
    "directories in a ring": (loop, "tiff-directory-loop", "ifd2#"),
    "directory without entries": (empty_directory, "tiff-directory-empty", "ifd6#"),
    "entries out of order": (swap_entries, "tiff-tags-unsorted", "ifd0#"),
    "values outside": (send_description_away, "tiff-tag-outside", "ifd1#/TileOffsets"),
    "no width": (lambda file: file.rename(256, 255, 2), "tiff-tag-missing", "ifd2#/ImageWidth"),
    "no photometric interpretation": (lambda file: file.rename(262, 261, 2), "tiff-tag-missing", "ifd2#/Photo"),
    "no tile offsets": (lambda file: file.rename(324, 65000, 3), "tiff-tag-missing", "ifd3#/TileOffsets"),
    "width of 0": (lambda file: file.set(256, 0, 4), "tiff-size-invalid", "ifd4#"),
    "tiles of 0": (lambda file: file.set(322, 0, 1), "tiff-tile-size", "ifd1#/TileWidth"),
    "tiles of 17": (lambda file: file.set(323, 17, 1), "tiff-tile-size", "ifd1#/TileWidth"),
    "too few tiles": (lambda file: file.set_count(324, 5, 1), "tiff-segment-count", "ifd1#/TileOffsets"),
    "too few tile sizes": (lambda file: file.set_count(325, 5, 1), "tiff-segment-count", "ifd1#/TileByteCounts"),
    "tile outside": (lambda file: file.set(324, 2**31, 1, 3), "tiff-segment-outside", "ifd1#/TileOffsets"),
    "tile too short": (lambda file: file.set(325, 100, 1, 3), "tiff-segment-short", "ifd"),
    "level outside": (lambda file: file.set(330, 2**31, 1), "tiff-directory-outside", "ifd1#/SubIFDs/0"),
    "level of another type": (
        lambda file: file.set(258, 8, file.find_level(1)), "tiff-level-type", "ifd1#/SubIFDs/0"
    ),
    "samples without bits": (lambda file: file.set(277, 2, 1), "tiff-samples-differ", "ifd1#/BitsPerSample"),
}  # fmt: skip

TIFF_FOLLOWS = {
    # OME-XML speaks of all pages
    "directories in a ring": {"ome-page-missing"},
    "samples without bits": {"ome-samples-differ", "tiff-level-type", "tiff-segment-short"},
    "no tile offsets": {"tiff-tags-unsorted"},  # the field is there under another number
}


@pytest.fixture(scope="module")
def pyramid(tmp_path_factory):
    path = tmp_path_factory.mktemp("tiff") / "image.ome.tif"
    write_ome_tiff(path)
    return path.read_bytes()


@pytest.mark.parametrize("name", TIFF_BROKEN)
def test_one_broken_must_of_tiff_is_told_by_the_code_that_names_it(pyramid, tmp_path, name):
    change, code, where = TIFF_BROKEN[name]
    path = tmp_path / "image.ome.tif"
    path.write_bytes(pyramid)
    editor = Editor(path)
    change(editor)
    editor.save()
    errors = list_errors(check_ome_tiff, path)
    assert {found for found, _ in errors} - TIFF_FOLLOWS.get(name, set()) == {code}
    assert all(at.startswith(where) for found, at in errors if found == code)


def test_a_level_that_is_not_smaller_is_told(tmp_path):
    path = tmp_path / "image.tif"
    pixels = np.zeros((32, 32), np.uint8)
    with tifffile.TiffWriter(path) as writer:
        writer.write(pixels, subifds=1, tile=(16, 16))
        writer.write(pixels, subfiletype=1, tile=(16, 16))
    assert list_errors(check_ome_tiff, path) == [("tiff-level-not-smaller", "ifd0#/SubIFDs/0")]


def test_the_header_of_a_bigtiff_says_how_long_offsets_are(tmp_path):
    path = tmp_path / "image.tif"
    tifffile.imwrite(path, np.zeros((32, 32), np.uint8), bigtiff=True)
    data = bytearray(path.read_bytes())
    data[4] = 4
    path.write_bytes(data)
    assert list_errors(check_ome_tiff, path) == [("bigtiff-header", "#")]


def edit_xml(*pairs):
    def change(xml):
        for old, new in pairs:
            assert old in xml, (old, xml)
            xml = xml.replace(old, new)
        return xml

    return change


OME_BROKEN = {
    "not well-formed": (edit_xml(("</Pixels>", "")), "ome-xml-malformed"),
    "another root": (edit_xml(("<OME ", "<OMES "), ("</OME>", "</OMES>")), "ome-xml-root"),
    "another namespace": (edit_xml(('xmlns="http://www.', 'xmlns="http://')), "ome-xml-namespace"),
    "a document type": (edit_xml(("<OME ", "<!DOCTYPE OME [<!ENTITY a 'b'>]><OME ")), "ome-xml-refused"),
    "no image": (edit_xml(("<Image ", "<Picture "), ("</Image>", "</Picture>")), "ome-image-missing"),
    "no pixels": (edit_xml(("<Pixels ", "<Points "), ("</Pixels>", "</Points>")), "ome-pixels-missing"),
    "no SizeT": (edit_xml(('SizeT="1"', "")), "ome-attribute-missing"),
    "no ID": (edit_xml((' ID="Pixels:0"', "")), "ome-attribute-missing"),
    "an ID of another kind": (edit_xml(('ID="Image:0"', 'ID="7"')), "ome-id-invalid"),
    "an ID twice": (edit_xml(('ID="Channel:0:1"', 'ID="Channel:0:0"')), "ome-id-repeated"),
    "a size of 0": (edit_xml(('SizeX="48"', 'SizeX="0"')), "ome-size-invalid"),
    "a size of text": (edit_xml(('SizeX="48"', 'SizeX="many"')), "ome-size-invalid"),
    "another order": (edit_xml(('Order="XYZCT"', 'Order="YXZCT"')), "ome-dimension-order"),
    "another type": (edit_xml(('Type="uint16"', 'Type="uint17"')), "ome-type"),
    "a physical size of text": (edit_xml(('PhysicalSizeX="0.5"', 'PhysicalSizeX="half"')), "ome-physical-size"),
    "a physical size of 0": (edit_xml(('PhysicalSizeX="0.5"', 'PhysicalSizeX="0"')), "ome-physical-size"),
    "a unit that there is not": (edit_xml(('XUnit="µm"', 'XUnit="micron"')), "ome-unit"),
    "samples of 0": (edit_xml((':1" SamplesPerPixel="1"', ':1" SamplesPerPixel="0"')), "ome-samples-invalid"),
    "no TiffData": (edit_xml(("<TiffData", "<MetadataOnly")), "ome-tiffdata-missing"),
    "a page below 0": (edit_xml(('IFD="0"', 'IFD="-1"')), "ome-tiffdata-invalid"),
    "planes beyond the image": (edit_xml(('PlaneCount="6"', 'PlaneCount="7"')), "ome-tiffdata-range"),
    "a first channel beyond": (edit_xml(('IFD="0"', 'IFD="0" FirstC="2"')), "ome-tiffdata-range"),
    "too few planes": (edit_xml(('PlaneCount="6"', 'PlaneCount="5"')), "ome-planes-missing"),
    "more times than planes": (edit_xml(('SizeT="1"', 'SizeT="4"')), "ome-planes-missing"),
    "a page that there is not": (edit_xml(('IFD="0"', 'IFD="2"')), "ome-page-missing"),
    "a plane twice": (edit_xml(('PlaneCount="6"/>', 'PlaneCount="6"/><TiffData IFD="0"/>')), "ome-plane-repeated"),
    "another width": (edit_xml(('SizeX="48"', 'SizeX="50"')), "ome-size-differs"),
    "another type than the pages": (edit_xml(('Type="uint16"', 'Type="float"')), "ome-type-differs"),
    "more channels than SizeC": (edit_xml(('SizeC="2"', 'SizeC="3"')), "ome-channel-count"),
    "other samples than the pages": (
        edit_xml(('SizeC="2"', 'SizeC="4"'), ('SamplesPerPixel="1"', 'SamplesPerPixel="2"')), "ome-samples-differ"
    ),
}  # fmt: skip

OME_FOLLOWS = {
    "more channels than SizeC": {"ome-planes-missing"},
    "samples of 0": {"ome-channel-count"},
    "planes beyond the image": {"ome-page-missing"},
    "a first channel beyond": {"ome-planes-missing"},
    "a page below 0": {"ome-planes-missing"},
}


@pytest.fixture(scope="module")
def described(tmp_path_factory):
    """A file of six pages, and its OME-XML."""
    path = tmp_path_factory.mktemp("ome") / "image.ome.tif"
    write_ome_tiff(path)
    with tifffile.TiffFile(path) as tiff:
        return tiff.ome_metadata


def write_described(path, xml):
    data = xml if isinstance(xml, bytes) else xml.encode()
    pixels = np.zeros((6, 64, 48), np.uint16)
    with tifffile.TiffWriter(path) as writer:
        for i in range(6):
            description = data if i == 0 else None
            writer.write(pixels[i], metadata=None, description=description, photometric="minisblack")


def test_the_description_that_is_broken_below_is_valid_itself(described, tmp_path):
    write_described(tmp_path / "image.ome.tif", described)
    assert list_errors(check_ome_tiff, tmp_path / "image.ome.tif") == []


@pytest.mark.parametrize("name", OME_BROKEN)
def test_one_broken_must_of_ome_xml_is_told_by_the_code_that_names_it(described, tmp_path, name):
    change, code = OME_BROKEN[name]
    write_described(tmp_path / "image.ome.tif", change(described))
    errors = {found for found, _ in list_errors(check_ome_tiff, tmp_path / "image.ome.tif")}
    assert errors - OME_FOLLOWS.get(name, set()) == {code}


def test_text_that_is_not_utf8_is_told(described, tmp_path):
    write_described(tmp_path / "image.ome.tif", described.encode("latin-1"))
    assert list_errors(check_ome_tiff, tmp_path / "image.ome.tif") == [("ome-xml-encoding", "ome-xml#")]


def test_a_file_that_is_called_ome_tiff_must_have_ome_xml(tmp_path):
    tifffile.imwrite(tmp_path / "plain.ome.tif", np.zeros((20, 20), np.uint8), metadata=None, ome=False)
    assert list_errors(check_ome_tiff, tmp_path / "plain.ome.tif") == [("ome-xml-missing", "ifd0#/ImageDescription")]


def test_planes_in_other_files_are_not_looked_for(described, tmp_path):
    uuid = '<UUID FileName="other.ome.tif">urn:uuid:00000000-0000-0000-0000-000000000000</UUID>'
    xml = described.replace('PlaneCount="6"/>', f'PlaneCount="6">{uuid}</TiffData>')
    assert uuid in xml
    write_described(tmp_path / "image.ome.tif", xml)
    (tmp_path / "other.ome.tif").symlink_to("/dev/full")  # reading it would fail
    assert list_codes(check_ome_tiff, tmp_path / "image.ome.tif") == {"ome-other-files"}


@pytest.mark.parametrize("content", [b"", b"hello", b"II*\0", b"MM\0*\0"])
def test_what_is_no_tiff_cannot_be_read(tmp_path, content):
    path = tmp_path / "image.tif"
    path.write_bytes(content)
    with pytest.raises(UnreadableError):
        check_ome_tiff(open_source(path))
