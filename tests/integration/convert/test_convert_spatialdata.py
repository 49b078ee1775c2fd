"""SpatialData that is written, held against what spatialdata reads of the source and of the result."""

import json
import zipfile

import numpy as np
import pyarrow.parquet as pq
import pytest
import samples
import spatialdata
import tifffile
import zarr
from pyramids import make_levels, make_pixels
from same_spatialdata import assert_same_points, assert_same_spatialdata, build_small, list_levels

from vitrina.convert.options import PyramidOptions
from vitrina.convert.spatialdata.options import SpatialDataOptions
from vitrina.convert.zarr.writer import ZarrWriter
from vitrina.errors import InputError, UnsupportedError
from vitrina.readers.quiet import without_format_warnings
from vitrina.readers.registry import find_reader, get_reader
from vitrina.readers.source import open_source
from vitrina.simulate.section import SectionParameters
from vitrina.simulate.spatialdata import write_section
from vitrina.verbs.check import check
from vitrina.verbs.convert import convert

KEEPS_LEVELS = PyramidOptions(uses_levels=True, chunk_zyx=(1, 32, 32), n_threads=2)
VERSIONS = ("0.1", "0.2")


def read(path):
    with without_format_warnings():
        return spatialdata.read_zarr(path)


def list_findings(path, purpose="specification"):
    return [(finding.code, finding.path) for finding in check(path, purpose=purpose).findings]


@pytest.fixture
def small(tmp_path):
    build_small().write(tmp_path / "small.zarr", shapes_geometry_encoding="WKB")
    return tmp_path / "small.zarr"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("tiles", ["never", "always"])
def test_spatialdata_reads_the_same_from_the_result(small, tmp_path, version, tiles):
    options = SpatialDataOptions(version=version, pyramid=KEEPS_LEVELS, tiles=tiles)
    done = convert(small, tmp_path / "out.sdata.zarr", options, verifies=True)
    assert_same_spatialdata(read(tmp_path / "out.sdata.zarr"), read(small), in_order=False)
    assert (done.format, done.findings) == ("spatialdata", ())
    assert list_findings(tmp_path / "out.sdata.zarr") == []
    assert list_findings(tmp_path / "out.sdata.zarr", "viewer") == []


@pytest.mark.parametrize("version", VERSIONS)
def test_a_real_dataset_stays_the_same(tmp_path, version):
    archive = samples.get("sdata-merfish-ileum/merfish_mouse_ileum_cropped.sdata.zarr.zip")
    target = tmp_path / "out.sdata.zarr"
    convert(archive, target, SpatialDataOptions(version=version, pyramid=KEEPS_LEVELS))
    source = open_source(archive)
    assert_same_spatialdata(read(target), get_reader("spatialdata").read_object(source), in_order=False)
    assert list_findings(target) == []


def test_a_simulated_section_stays_the_same_and_gets_levels(tmp_path):
    parameters = SectionParameters(n_cells=80, n_transcripts=4000, n_genes=50, width_um=300, height_um=260)
    write_section(parameters, tmp_path / "section.zarr")
    options = SpatialDataOptions(pyramid=PyramidOptions(min_size_px=64))
    convert(tmp_path / "section.zarr", tmp_path / "out.zarr", options)
    found, expected = read(tmp_path / "out.zarr"), read(tmp_path / "section.zarr")
    assert found.attrs["vitrina"]["simulated"] is True
    finest = list_levels(expected.images["he"])[0].values
    levels = [level.values for level in list_levels(found.images["he"])]
    assert max(levels[-1].shape[1:]) <= 64 < max(levels[-2].shape[1:])
    for level, other in zip(levels, make_levels(finest[None, :, None], len(levels), "mean"), strict=True):
        np.testing.assert_array_equal(level, other[0, :, 0])
    for sdata in (found, expected):  # the levels are told apart above
        sdata.images.clear()
        sdata.labels.clear()
    assert_same_spatialdata(found, expected, in_order=False)
    assert list_findings(tmp_path / "out.zarr") == []
    assert list_findings(tmp_path / "out.zarr", "viewer") == []


def test_the_metadata_of_all_elements_lies_at_the_root(small, tmp_path):
    convert(small, tmp_path / "out.sdata.zarr")
    root = json.loads((tmp_path / "out.sdata.zarr" / "zarr.json").read_bytes())
    known = root["consolidated_metadata"]["metadata"]
    assert {"images/deep", "images/deep/s0", "labels/ids", "points/spots", "shapes/cells", "tables/table/X"} <= set(
        known
    )
    assert root["attributes"]["spatialdata_attrs"]["version"] == "0.2"


def test_an_image_with_a_pixel_size_is_placed_in_its_unit(tmp_path):
    metadata = {"axes": "CYX", "PhysicalSizeX": 0.25, "PhysicalSizeY": 0.5}
    pixels = make_pixels((1, 2, 1, 60, 80), "uint16")[0, :, 0]
    tifffile.imwrite(tmp_path / "scan.ome.tif", pixels, metadata=metadata, photometric="minisblack")
    convert(tmp_path / "scan.ome.tif", tmp_path / "out.sdata.zarr")
    sdata = read(tmp_path / "out.sdata.zarr")
    (image,) = sdata.images.values()
    np.testing.assert_array_equal(list_levels(image)[0].values, pixels)
    matrix = spatialdata.transformations.get_transformation(image).to_affine_matrix(("x", "y"), ("x", "y"))
    np.testing.assert_array_equal(matrix, np.diag([0.25, 0.5, 1]))


def test_only_the_first_time_point_is_kept_and_that_is_told(tmp_path):
    pixels = make_pixels((3, 1, 1, 40, 50), "uint8")[:, 0, 0]
    tifffile.imwrite(tmp_path / "film.ome.tif", pixels, metadata={"axes": "TYX"}, photometric="minisblack")
    planned = convert(tmp_path / "film.ome.tif", tmp_path / "out.sdata.zarr", is_dry_run=True)
    assert "time-left-out" in [finding.code for finding in planned.findings]
    convert(tmp_path / "film.ome.tif", tmp_path / "out.sdata.zarr", verifies=True)
    (image,) = read(tmp_path / "out.sdata.zarr").images.values()
    assert image.dims == ("c", "y", "x")
    np.testing.assert_array_equal(image.values[0], pixels[0])


def test_names_that_spatialdata_refuses_are_changed_and_told(tmp_path):
    pixels = make_pixels((1, 1, 1, 40, 50), "uint8")[0, 0, 0]
    tifffile.imwrite(tmp_path / "a.ome.tif", pixels, metadata={"axes": "YX", "Name": "cells / day 2"})
    done = convert(tmp_path / "a.ome.tif", tmp_path / "out.sdata.zarr")
    assert [image.path for image in done.images] == ["images/cells___day_2"]
    assert "element-renamed" in [finding.code for finding in done.findings]
    assert list(read(tmp_path / "out.sdata.zarr").images) == ["cells___day_2"]


def test_an_interrupted_conversion_goes_on_with_its_images(small, tmp_path):
    options = SpatialDataOptions(pyramid=PyramidOptions(chunk_zyx=(1, 16, 16), min_size_px=16, n_threads=1))
    encode, n_done = ZarrWriter.encode, []

    def encode_some(self, place, pixels_czyx):
        n_done.append(place)
        if len(n_done) > 40:
            raise OSError("the disk is full")
        return encode(self, place, pixels_czyx)

    target = tmp_path / "out.sdata.zarr"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ZarrWriter, "encode", encode_some)
        with pytest.raises(OSError, match="full"):
            convert(small, target, options)
    assert not target.exists()
    assert convert(small, target, options).is_resumed
    convert(small, tmp_path / "whole.sdata.zarr", options)
    assert_same_spatialdata(read(target), read(tmp_path / "whole.sdata.zarr"))
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["out.sdata.zarr", "small.zarr", "whole.sdata.zarr"]


def test_shapes_are_written_as_wkb(small, tmp_path):
    convert(small, tmp_path / "out.sdata.zarr")
    for name in ("cells", "beads"):
        file = pq.ParquetFile(tmp_path / "out.sdata.zarr" / "shapes" / name / "shapes.parquet")
        geo = json.loads(file.metadata.metadata[b"geo"])
        assert geo["columns"]["geometry"]["encoding"] == "WKB"


def test_only_some_images_are_written_when_asked(small, tmp_path):
    done = convert(small, tmp_path / "out.sdata.zarr", series=[1])
    assert [image.path for image in done.images] == ["images/flat"]
    assert sorted(read(tmp_path / "out.sdata.zarr").shapes) == ["beads", "cells"]
    with pytest.raises(InputError):
        convert(small, tmp_path / "other.sdata.zarr", series=[9])


def test_what_holds_nothing_is_refused(tmp_path):
    zarr.create_group(tmp_path / "empty.zarr", attributes={"spatialdata_attrs": {"version": "0.2"}})
    with pytest.raises(UnsupportedError) as caught:
        convert(tmp_path / "empty.zarr", tmp_path / "out.sdata.zarr")
    assert caught.value.code == "elements-missing"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["empty.zarr"]


def test_a_zip_file_is_read_too(small, tmp_path):
    with zipfile.ZipFile(tmp_path / "small.zarr.zip", "w") as archive:
        for path in small.rglob("*"):
            archive.write(path, path.relative_to(small))
    convert(tmp_path / "small.zarr.zip", tmp_path / "out.sdata.zarr", SpatialDataOptions(pyramid=KEEPS_LEVELS))
    assert_same_spatialdata(read(tmp_path / "out.sdata.zarr"), read(small), in_order=False)


@pytest.mark.parametrize(
    ("name", "paths"),
    [
        ("merscope-liver-mini", {"images/region_0_mosaic", "points/region_0_transcripts", "shapes/region_1_cells"}),
        ("cosmx-lung12-mini", {"images/composite", "labels/cell_labels", "points/transcripts"}),
        ("visium-mouse-brain-tiny", {"images/hires_image", "shapes/spots", "tables/table"}),
    ],
)
def test_output_of_instruments_becomes_what_their_reader_assembles(tmp_path, name, paths):
    folder = samples.get(name)
    done = convert(folder, tmp_path / "out.sdata.zarr", SpatialDataOptions(pyramid=PyramidOptions(uses_levels=True)))
    assert paths <= {one.path for one in (*done.images, *done.parts)}
    assert not [code for code, _ in list_findings(tmp_path / "out.sdata.zarr")]
    source = open_source(folder)
    assembled = find_reader(source).read_object(source)
    found = read(tmp_path / "out.sdata.zarr")
    for kind in ("images", "labels", "shapes", "tables"):
        assert sorted(getattr(found, kind)) == sorted(getattr(assembled, kind))
    for element in found.points:
        assert_same_points(found.points[element], assembled.points[element], in_order=False)
    for element, labels in found.labels.items():
        np.testing.assert_array_equal(list_levels(labels)[0].values, list_levels(assembled.labels[element])[0].values)
