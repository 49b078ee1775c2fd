"""The list of where planes lie, and OME-TIFF that is written anew; read back with tifffile."""

import json

import numpy as np
import pytest
import tifffile
from fixable import hash_tree, list_codes, make_pixels

from vitrina.checks.fix import tiff as rules
from vitrina.errors import InputError
from vitrina.verbs import fix_place
from vitrina.verbs.fix import fix

PIXELS = make_pixels((40, 24, 32))


@pytest.fixture
def path(tmp_path):
    metadata = {"axes": "CYX", "PhysicalSizeX": 0.5, "PhysicalSizeXUnit": "µm"}
    metadata |= {"PhysicalSizeY": 0.5, "PhysicalSizeYUnit": "µm", "Channel": {"Name": [f"c{i}" for i in range(40)]}}
    tifffile.imwrite(tmp_path / "it.ome.tif", PIXELS, metadata=metadata, photometric="minisblack", ome=True)
    return tmp_path / "it.ome.tif"


def list_offsets(path):
    with tifffile.TiffFile(path) as file:
        return [page.offset for page in file.pages]


@pytest.mark.parametrize("stale", [None, "[1, 2]", "nonsense"])
def test_the_list_of_planes_is_written_beside(path, stale):
    beside = path.with_name("it.offsets.json")
    if stale is not None:
        beside.write_text(stale)
    before = hash_tree(path.parent)
    planned = fix(path, is_dry_run=True)
    assert hash_tree(path.parent) == before
    done = fix(path)
    assert planned.repairs == done.repairs
    assert [one.kind for one in done.repairs] == ["offsets"]
    assert json.loads(beside.read_text()) == list_offsets(path)
    backup = path.with_name("it.offsets.json.backup")
    assert done.backup == (None if stale is None else backup)
    assert stale is None or backup.read_text() == stale
    assert hash_tree(path.parent)["it.ome.tif"] == before["it.ome.tif"]
    assert fix(path).repairs == ()


def test_a_copy_gets_a_list_of_its_own(path, tmp_path):
    done = fix(path, out=tmp_path / "out.ome.tif")
    assert json.loads((tmp_path / "out.offsets.json").read_text()) == list_offsets(done.out)
    assert not path.with_name("it.offsets.json").exists()


def test_a_large_plane_is_written_anew_for_the_viewer(path, monkeypatch):
    monkeypatch.setattr(rules, "MAX_FLAT_SIDE_PX", 30)
    path.with_name("it.offsets.json").write_text("[1]")
    original = path.read_bytes()
    assert [one.kind for one in fix(path, is_dry_run=True).repairs] == ["offsets"]
    done = fix(path, purpose="viewer")
    assert [one.codes for one in done.repairs] == [("image-not-tiled",)]
    with tifffile.TiffFile(path) as file:
        np.testing.assert_array_equal(file.asarray(), PIXELS)
        assert file.pages[0].is_tiled
        assert "c7" in file.ome_metadata
    assert json.loads(path.with_name("it.offsets.json").read_text()) == list_offsets(path)
    assert done.backup.read_bytes() == original
    assert fix(path, purpose="viewer").repairs == ()
    assert list_codes(path) == set()


def test_a_file_whose_metadata_would_be_lost_is_left(path, monkeypatch):
    monkeypatch.setattr(rules, "MAX_FLAT_SIDE_PX", 30)
    xml = tifffile.tiffcomment(path).replace("</OME>", '<Instrument ID="Instrument:0"/></OME>')
    tifffile.tiffcomment(path, xml.encode())
    done = fix(path, purpose="viewer")
    assert [one.kind for one in done.repairs] == ["offsets"]


def test_what_lies_in_a_zip_file_is_not_repaired(tmp_path):
    import shutil

    from fixable import edit, write_store

    store = write_store(tmp_path / "it.zarr", 2, make_pixels())
    edit(store, 2, lambda block: block["multiscales"][0].pop("version"))
    shutil.make_archive(str(store), "zip", store)
    for is_dry_run in (True, False):
        with pytest.raises(InputError) as caught:
            fix(tmp_path / "it.zarr.zip", is_dry_run=is_dry_run)
        assert caught.value.code == "fix-zipped"


def test_a_file_that_could_not_be_replaced_keeps_its_list(path, monkeypatch):
    monkeypatch.setattr(rules, "MAX_FLAT_SIDE_PX", 30)
    path.with_name("it.offsets.json").write_text(json.dumps(list_offsets(path)))
    before = hash_tree(path.parent)

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(fix_place, "exchange", stop)
    with pytest.raises(KeyboardInterrupt):
        fix(path, purpose="viewer")
    assert hash_tree(path.parent) == before
