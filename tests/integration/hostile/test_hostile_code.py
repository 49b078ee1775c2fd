"""Files that want code to run, or XML that wants more than to be read."""

import json
import pickle
from pathlib import Path

import numcodecs.pickles
import numpy as np
import pytest
import tifffile
import zarr
from hostile_files import write_array, write_image, write_json

from vitrina.errors import UnreadableError, VitrinaError
from vitrina.readers import numpy_file, ome_xml
from vitrina.readers.bdv import xml as bdv_xml
from vitrina.readers.numpy_file import NumpyFileReader
from vitrina.readers.ome_tiff import OmeTiffReader
from vitrina.readers.ome_zarr import OmeZarrReader
from vitrina.readers.plates import harmony
from vitrina.readers.registry import find_reader, iterate_readers
from vitrina.readers.source import open_source
from vitrina.readers.xml_prolog import check_prolog


class Payload:
    """What runs when it is unpickled."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return Path.touch, (self.mark,)


def test_pickles_in_numpy_files_are_not_loaded(tmp_path, monkeypatch):
    mark, path = tmp_path / "was here", tmp_path / "a.npy"
    objects = np.empty((8, 8), object)
    objects[...] = [[Payload(mark)] * 8] * 8
    np.save(path, objects, allow_pickle=True)
    reader, source = NumpyFileReader(), open_source(path)
    for read in (reader.read_content, reader.read_object, reader.open_object):
        with pytest.raises((VitrinaError, ValueError)):
            read(source)
    assert not mark.exists()
    load = np.load
    monkeypatch.setattr(np, "load", lambda path, **_: load(path, allow_pickle=True))
    monkeypatch.setattr(numpy_file, "_check_complete", lambda _: None)
    reader.open_object(source)
    assert mark.exists()


@pytest.mark.parametrize("place", ["filters", "compressor"])
def test_pickles_in_zarr_are_not_loaded(tmp_path, monkeypatch, place):
    """zarr-python knows no type that is pickled, and has a switch, and numcodecs has another; all must be off."""
    mark, root = tmp_path / "was here", write_image(tmp_path / "a.zarr")
    codec = {"id": "pickle", "protocol": 5}
    write_array(root / "0", np.zeros((8, 8), np.uint8), **{place: [codec] if place == "filters" else codec})
    (root / "0" / "0.0").write_bytes(pickle.dumps(Payload(mark)))
    with pytest.raises(UnreadableError):
        OmeZarrReader().read_content(open_source(root))
    assert not zarr.config.get("array.allow_unsafe_pickle_decode")
    assert not numcodecs.pickles.ALLOW_UNSAFE_PICKLE_DECODE
    assert not mark.exists()
    monkeypatch.setattr(numcodecs.pickles, "ALLOW_UNSAFE_PICKLE_DECODE", True)
    with zarr.config.set({"array.allow_unsafe_pickle_decode": True}), pytest.raises(UnreadableError):
        OmeZarrReader().read_content(open_source(root))
    assert not mark.exists(), "the type alone is refused"
    numcodecs.Pickle().decode((root / "0" / "0.0").read_bytes())
    assert mark.exists(), "and this is what would have run"


DOCTYPES = {
    "internal": '<!DOCTYPE OME [<!ENTITY a "EXPANDED">]>',
    "external": '<!DOCTYPE OME [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    "parameter": '<!DOCTYPE OME [<!ENTITY % b SYSTEM "http://127.0.0.1:1/"> %b;]>',
    "elsewhere": '<!DOCTYPE OME SYSTEM "http://127.0.0.1:1/x.dtd">',
    "late": f"<!-- {'x' * 200_000} --><!DOCTYPE OME [<!ENTITY a 'EXPANDED'>]>",
    "laughs": "<!DOCTYPE OME [<!ENTITY a 'ha'>" + "".join(
        f"<!ENTITY {chr(98 + i)} '{f'&{chr(97 + i)};' * 10}'>" for i in range(12)) + "]>",
}  # fmt: skip
OME = (
    '<?xml version="1.0"?>{doctype}<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0" '
    'Name="{name}"><Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint8" SizeX="8" SizeY="8" SizeZ="1" SizeC="1" '
    'SizeT="1"><Channel ID="Channel:0:0"/><TiffData/></Pixels></Image></OME>'
)


@pytest.mark.parametrize("kind", DOCTYPES)
def test_ome_xml_that_declares_entities_is_refused(kind, monkeypatch):
    text = OME.format(doctype=DOCTYPES[kind], name="&a;" if kind in {"internal", "late"} else "n")
    with pytest.raises(UnreadableError) as caught:
        ome_xml.parse_ome_xml(text)
    assert caught.value.code == "xml-doctype-refused"
    monkeypatch.setattr(ome_xml, "check_prolog", lambda _: None)
    if kind in {"internal", "late"}:
        assert ome_xml.parse_ome_xml(text)[0].name == "EXPANDED"


def test_an_ome_tiff_with_such_xml_is_unreadable(tmp_path):
    path = tmp_path / "a.ome.tif"
    text = OME.format(doctype=DOCTYPES["internal"], name="&a;")
    tifffile.imwrite(path, np.zeros((8, 8), np.uint8), description=text.encode(), metadata=None)
    source = open_source(path)
    with pytest.raises(UnreadableError) as caught:
        OmeTiffReader().read_content(source)
    assert caught.value.code == "xml-doctype-refused"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "us-ascii"])
def test_no_encoding_hides_a_document_type(encoding):
    text = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    with pytest.raises(UnreadableError):
        check_prolog(text.encode(encoding))


PLAIN = [
    OME.format(doctype="", name="&lt;!DOCTYPE"), "<a/>", "", "no xml", "<", "<!-- <!DOCTYPE a> --><a/>",
    "<a><![CDATA[<!DOCTYPE a>]]></a>", "\ufeff<a/>",
]  # fmt: skip


@pytest.mark.parametrize("text", PLAIN)
def test_xml_without_one_passes(text):
    check_prolog(text)
    check_prolog(text.encode())


SPIM = (
    '<?xml version="1.0"?>{doctype}<SpimData version="0.2"><BasePath type="relative">.</BasePath><SequenceDescription>'
    '<ImageLoader format="bdv.hdf5"><hdf5 type="relative">{name}</hdf5></ImageLoader><ViewSetups/>'
    '<Timepoints type="range"><first>0</first><last>0</last></Timepoints></SequenceDescription><ViewRegistrations/>'
    "</SpimData>"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_the_xml_of_bigdataviewer_that_declares_entities_is_refused(tmp_path, encoding, monkeypatch):
    path = tmp_path / "a.xml"
    text = SPIM.format(doctype=DOCTYPES["internal"].replace("OME", "SpimData"), name="&a;")
    path.write_bytes(text.replace('"1.0"', f'"1.0" encoding="{encoding}"').encode(encoding))
    with pytest.raises(UnreadableError) as caught:
        bdv_xml.read_spimdata(path)
    assert caught.value.code == "xml-doctype-refused"
    monkeypatch.setattr(bdv_xml, "check_prolog_of_file", lambda _: None)
    assert bdv_xml.read_spimdata(path).path == "EXPANDED"


@pytest.mark.parametrize("name", ["../secret.h5", "/etc/passwd", "sub/../../x.h5", "..\\secret.h5", "file:x.h5"])
def test_the_xml_of_bigdataviewer_names_images_beside_it_alone(tmp_path, name):
    path = tmp_path / "a.xml"
    path.write_text(SPIM.format(doctype="", name=name))
    with pytest.raises(UnreadableError) as caught:
        bdv_xml.read_spimdata(path)
    assert caught.value.code == "bdv-outside-folder"


def test_the_index_of_an_operetta_that_declares_entities_late_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "Index.idx.xml"
    body = "<EvaluationInputData><Plates><Plate><Name>&a;</Name></Plate></Plates></EvaluationInputData>"
    path.write_text('<?xml version="1.0"?>' + DOCTYPES["late"].replace("OME", "EvaluationInputData") + body)
    with pytest.raises(UnreadableError) as caught:
        harmony.read_index(path)
    assert caught.value.code == "xml-doctype-refused"
    monkeypatch.setattr(harmony, "check_prolog_of_file", lambda _: None)
    assert harmony.read_index(path).name == "EXPANDED"


def test_references_to_other_files_are_stored_and_never_followed(tmp_path):
    """kerchunk's files name any address; no reader knows them, so they stay files without a view."""
    path = tmp_path / "references.json"
    write_json(
        path, {"version": 1, "refs": {".zgroup": json.dumps({"zarr_format": 2}), "a": ["file:///etc/passwd", 0, 9]}}
    )
    assert find_reader(open_source(path)) is None
    assert not any(reader.detect(open_source(path)) for reader in iterate_readers())
