"""Plates as OME-Zarr: what our checker, ome-zarr-py, ome-zarr-models and zarr-python find in them."""

import json
import subprocess
import sys

import ngio
import numpy as np
import ome_zarr.io
import ome_zarr.reader
import ome_zarr_models.v04
import ome_zarr_models.v05
import pytest
import zarr
from plates import make_plane, write_imagexpress, write_operetta

from vitrina.convert.ome_zarr import OmeZarrOptions
from vitrina.convert.options import PyramidOptions
from vitrina.convert.zarr.writer import ZarrWriter
from vitrina.errors import DataError, InputError
from vitrina.readers.source import ReadOptions
from vitrina.verbs.check import check
from vitrina.verbs.convert import convert

SMALL = PyramidOptions(chunk_zyx=(1, 16, 16), min_size_px=16, n_threads=2)
OPTIONS = {version: OmeZarrOptions(version=version, pyramid=SMALL) for version in ("0.4", "0.5")}
MODELS = {"0.4": ome_zarr_models.v04.HCS, "0.5": ome_zarr_models.v05.HCS}


def read_plate_block(path, version):
    if version == "0.4":
        return json.loads((path / ".zattrs").read_text())["plate"]
    return json.loads((path / "zarr.json").read_text())["attributes"]["ome"]["plate"]


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_a_plate_has_every_field_as_an_image_with_levels(tmp_path, version):
    source, target = write_imagexpress(tmp_path / "plate"), tmp_path / "plate.ome.zarr"
    done = convert(source, target, OPTIONS[version], verifies=True)
    assert [image.path for image in done.images] == ["A/1/0", "A/1/1", "B/2/0", "B/2/1"]
    assert check(target).findings == ()
    block = read_plate_block(target, version)
    assert (block["name"], block["field_count"]) == ("run", 2)
    assert block["acquisitions"] == [{"id": 0, "name": "stack", "maximumfieldcount": 2}]
    assert block["wells"] == [
        {"path": "A/1", "rowIndex": 0, "columnIndex": 0},
        {"path": "B/2", "rowIndex": 1, "columnIndex": 1},
    ]
    group = zarr.open_group(target, mode="r")
    expected = [[make_plane(ord("B"), 2, 1, wave, 1, z) for z in (1, 2, 3)] for wave in (1, 2)]
    assert np.array_equal(group["B/2/0/0"][...], expected)
    assert group["B/2/0/1"].shape == (2, 3, 12, 20)


@pytest.mark.filterwarnings(
    "ignore:'version' field not specified in plate metadata"
)  # the schema of 0.5 has none there
@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_other_programs_take_it_for_a_plate(tmp_path, version):
    target = tmp_path / "plate.ome.zarr"
    convert(write_operetta(tmp_path / "plate"), target, OPTIONS[version])
    plate = MODELS[version].from_zarr(zarr.open_group(target, mode="r"))
    wells = [getattr(well, "ome_attributes", well) for well in plate.well_groups]
    images = [image for well in wells for image in getattr(well, "well", well).images]
    assert len(images) == 4
    node = next(ome_zarr.reader.Reader(ome_zarr.io.parse_url(target))())
    assert [type(spec).__name__ for spec in node.specs] == ["Plate"]
    # it shows the first field of each well in a grid of rows and columns: 2 x 2 wells of 24 x 40 pixels
    assert node.data[0].shape[-2:] == (2 * 24, 2 * 40)


@pytest.mark.filterwarnings("ignore:'version' field not specified in plate metadata")
@pytest.mark.filterwarnings("ignore:Plate-wide operations still read one item at a time")
@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_ngio_finds_wells_fields_sizes_and_pixels(tmp_path, version):
    target = tmp_path / "plate.ome.zarr"
    convert(write_imagexpress(tmp_path / "plate"), target, OPTIONS[version])
    plate = ngio.open_ome_zarr_plate(target, mode="r")
    assert (plate.rows, plate.columns, plate.acquisition_ids) == (["A", "B"], ["1", "2"], [0])
    assert plate.images_paths() == ["A/1/0", "A/1/1", "B/2/0", "B/2/1"]
    image = plate.get_image("B", "2", "1").get_image()
    assert (image.pixel_size.z, image.pixel_size.y, image.pixel_size.x) == (2.5, 0.25, 0.5)
    assert image.channel_labels == ["DAPI", "GFP"]
    expected = [[make_plane(ord("B"), 2, 2, wave, 1, z) for z in (1, 2, 3)] for wave in (1, 2)]
    assert np.array_equal(image.get_as_numpy(), expected)


def test_positions_of_the_stage_are_kept(tmp_path):
    target = tmp_path / "plate.ome.zarr"
    convert(write_imagexpress(tmp_path / "plate"), target, OPTIONS["0.5"])
    attrs = json.loads((target / "A" / "1" / "1" / "zarr.json").read_text())["attributes"]["ome"]
    finest = attrs["multiscales"][0]["datasets"][0]["coordinateTransformations"]
    assert finest[0]["scale"] == [1.0, 2.5, 0.25, 0.5]
    assert finest[1]["translation"] == [0.0, 0.0, 500.0, 1040.0]


def test_a_plate_in_0_4_becomes_one_in_0_5(tmp_path):
    first, second = tmp_path / "plate4.ome.zarr", tmp_path / "plate5.ome.zarr"
    convert(write_imagexpress(tmp_path / "plate"), first, OPTIONS["0.4"])
    convert(first, second, OPTIONS["0.5"], verifies=True)
    old, new = read_plate_block(first, "0.4"), read_plate_block(second, "0.5")
    assert {**old, "version": None} == {**new, "version": None}
    assert check(second).findings == ()
    assert np.array_equal(zarr.open_array(first / "A/1/1/0")[...], zarr.open_array(second / "A/1/1/0")[...])


def test_an_interrupted_plate_goes_on_and_is_the_same(tmp_path, monkeypatch):
    source = write_imagexpress(tmp_path / "plate")
    whole, target = tmp_path / "whole.ome.zarr", tmp_path / "target.ome.zarr"
    convert(source, whole, OPTIONS["0.5"])
    store, stored = ZarrWriter.store, []

    def store_some(self, encoded, offset):
        if len(stored) == 30:
            raise OSError("the power is gone")
        stored.append(encoded)
        return store(self, encoded, offset)

    monkeypatch.setattr(ZarrWriter, "store", store_some)
    with pytest.raises(OSError, match="the power is gone"):
        convert(source, target, OPTIONS["0.5"])
    assert not target.exists()
    monkeypatch.setattr(ZarrWriter, "store", store)
    assert convert(source, target, OPTIONS["0.5"]).is_resumed
    trees = [
        {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
        for root in (whole, target)
    ]
    assert trees[0] == trees[1]


def test_a_dry_run_writes_nothing(tmp_path):
    source = write_imagexpress(tmp_path / "plate")
    before = sorted(tmp_path.rglob("*"))
    planned = convert(source, tmp_path / "plate.ome.zarr", OPTIONS["0.5"], is_dry_run=True)
    assert sorted(tmp_path.rglob("*")) == before
    assert len(planned.images) == 4


def test_what_differs_when_it_is_read_back_never_appears(tmp_path, monkeypatch):
    encode = ZarrWriter.encode

    def encode_wrongly(self, place, pixels_czyx):
        return encode(self, place, pixels_czyx + 1 if place.level else pixels_czyx)

    monkeypatch.setattr(ZarrWriter, "encode", encode_wrongly)
    with pytest.raises(DataError):
        convert(write_imagexpress(tmp_path / "plate"), tmp_path / "plate.ome.zarr", OPTIONS["0.4"], verifies=True)
    assert not (tmp_path / "plate.ome.zarr").exists()


def test_some_fields_make_a_smaller_plate(tmp_path):
    source, target = write_imagexpress(tmp_path / "plate"), tmp_path / "plate.ome.zarr"
    convert(source, target, OPTIONS["0.5"], series=[3])
    assert read_plate_block(target, "0.5")["wells"] == [{"path": "B/2", "rowIndex": 0, "columnIndex": 0}]
    assert check(target).findings == ()
    with pytest.raises(InputError, match="there is no 4"):
        convert(source, tmp_path / "other.ome.zarr", OPTIONS["0.5"], series=[4])


def test_a_plate_with_more_fields_than_open_files_is_converted(tmp_path):
    wells = [f"{row}{column:02}" for row in "ABCDEFGH" for column in range(1, 13)]
    source = write_imagexpress(tmp_path / "plate", wells=wells, sites=(1,), waves=(1,), n_z=1)
    # in a process of its own: this one may have any number of files open
    command = ["vitrina", "convert", source, tmp_path / "plate.ome.zarr", "--verify", "--json"]
    limited = ["sh", "-c", 'ulimit -n 80; exec "$0" -m "$@"', sys.executable, *command]
    ran = subprocess.run(limited, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert len(json.loads(ran.stdout)["images"]) == 96


def test_a_regex_picks_files_out_of_a_folder(tmp_path):
    source = write_imagexpress(tmp_path / "plate", wells=("A01",), sites=(1,), waves=(1,))
    target = tmp_path / "plate.ome.zarr"
    pattern = ReadOptions(pattern=r"ZStep_(?P<z>\d+)/run_(?P<well>[A-Z]\d\d)_s(?P<field>\d+)_w(?P<channel>\d)0")
    done = convert(source, target, OPTIONS["0.5"], read_options=pattern)
    assert [image.path for image in done.images] == ["A/1/0"]
    assert done.images[0].shapes[0] == (1, 3, 24, 40)
