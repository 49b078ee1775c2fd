"""Plates of vendors: what a reader finds in them. Expected pixels and sizes are those that were written."""

import numpy as np
import pytest
import samples
import tifffile
from plates import make_plane, write_imagexpress, write_operetta

from vitrina.errors import InputError, UnreadableError, VitrinaError
from vitrina.readers.elements import open_pixels, read_plate
from vitrina.readers.pixels.indexed import IndexedPixels
from vitrina.readers.registry import find_reader
from vitrina.readers.source import ReadOptions, open_source


def read(path, pattern=None):
    source = open_source(path, ReadOptions(pattern=pattern))
    content = find_reader(source).read_content(source)
    return source, content, read_plate(source, content)


def read_field(source, content, field):
    pixels = open_pixels(source, content, field.element)
    try:
        return IndexedPixels(pixels, field.element.axes, field.element.levels[0].shape)[...]
    finally:
        pixels.close()


def list_codes(content):
    return {finding.code for finding in content.findings}


def test_a_plate_of_imagexpress_has_every_field_at_its_place(tmp_path):
    source, content, plate = read(write_imagexpress(tmp_path / "plate"))
    assert (content.format, plate.name, plate.rows, plate.columns) == ("imagexpress", "run", ("A", "B"), ("1", "2"))
    assert [field.element.path for field in plate.fields] == ["A/1/0", "A/1/1", "B/2/0", "B/2/1"]
    field = plate.fields[3]
    (level,) = field.element.levels
    assert "".join(axis.name for axis in field.element.axes) == "czyx"
    assert (level.shape, level.scale) == ((2, 3, 24, 40), (1.0, 2.5, 0.25, 0.5))
    assert level.translation == (0.0, 0.0, 500.0, 1040.0)
    assert {axis.unit for axis in field.element.axes[1:]} == {"micrometer"}
    assert [channel.name for channel in field.element.channels] == ["DAPI", "GFP"]
    expected = [[make_plane(ord("B"), 2, 2, wave, 1, z) for z in (1, 2, 3)] for wave in (1, 2)]
    assert np.array_equal(read_field(source, content, field), expected)
    assert list_codes(content) == {"plate-first-field"}


def test_time_points_of_imagexpress_are_an_axis(tmp_path):
    source, content, plate = read(write_imagexpress(tmp_path / "plate", wells=("C11",), n_z=1, n_t=3))
    field = plate.fields[0]
    assert "".join(axis.name for axis in field.element.axes) == "tcyx"
    expected = [[make_plane(ord("C"), 11, 1, wave, t, 1) for wave in (1, 2)] for t in (1, 2, 3)]
    assert np.array_equal(read_field(source, content, field), expected)


def test_planes_and_fields_without_files_are_black_and_told(tmp_path):
    lost = [("B02", 2, wave, 1, z) for wave in (1, 2) for z in (1, 2, 3)]
    root = write_imagexpress(tmp_path / "plate", skip=[("A01", 1, 2, 1, 2), *lost])
    source, content, plate = read(root)
    assert [field.element.path for field in plate.fields] == ["A/1/0", "A/1/1", "B/2/0"]
    pixels = read_field(source, content, plate.fields[0])
    assert not pixels[1, 1].any()
    assert pixels[1, 0].all()
    told = {finding.code: finding.message for finding in content.findings}
    assert told["planes-missing"] == "1 of 18 planes have no file (A/1/0: channel 2, z 2); they are black."
    assert "B/2/1" in told["fields-missing"]


def test_the_table_of_metaxpress_names_wavelengths_and_says_how_deep_a_stack_is(tmp_path):
    root = write_imagexpress(tmp_path / "plate", n_z=2)
    (root / "run.HTD").write_text('"ZSeries", TRUE\r\n"ZSteps", 4\r\n"WaveName1", "Nuclei"\r\n"EndFile"\r\n')
    _, content, plate = read(root)
    assert plate.fields[0].element.levels[0].shape == (2, 4, 24, 40)
    assert [channel.name for channel in plate.fields[0].element.channels] == ["Nuclei", "GFP"]
    assert "planes-missing" in list_codes(content)


def test_the_sample_has_stacks_and_their_projections():
    path = samples.get("hcs-imagexpress-plate1334")
    source, content, plate = read(path)
    assert (plate.name, plate.rows, plate.columns) == ("Projection-Mix", ("E",), ("7", "8"))
    assert [one.name for one in plate.acquisitions] == ["stack", "projection"]
    assert [field.acquisition for field in plate.fields] == [0, 0, 1, 1] * 2
    field = plate.fields[4]
    assert (field.element.path, field.element.levels[0].translation) == ("E/8/0", (0.0, 41385.4, 88813.4))
    assert field.element.levels[0].scale[1:] == (1.3668, 1.3668)
    steps = sorted(path.rglob("ZStep_1/*_E08_s1_w[124][0-9A-F]*.tif"))
    assert len(steps) == 3
    assert np.array_equal(read_field(source, content, field), [tifffile.imread(one) for one in steps])
    assert "stack-incomplete" in list_codes(content)  # the projections tell of 49.9 um in steps of 5


@pytest.mark.parametrize("has_maps", [False, True])
def test_a_plate_of_operetta_is_read_by_its_index(tmp_path, has_maps):
    source, content, plate = read(write_operetta(tmp_path / "plate", has_maps=has_maps))
    assert (content.format, plate.name, plate.rows, plate.columns) == ("operetta", "Screen 7", ("B", "P"), ("3", "12"))
    assert [field.element.path for field in plate.fields] == ["B/3/0", "B/3/1", "P/12/0", "P/12/1"]
    field = plate.fields[1]
    (level,) = field.element.levels
    assert level.shape == (2, 2, 2, 24, 40)
    assert level.scale == pytest.approx((60, 1, 1.5, 0.5, 0.5))
    # the middle of field 2 lies at x = 20, y = 60 um with y up; its first pixel's centre is 19.5 and 11.5 pixels off
    assert level.translation[-2:] == pytest.approx((-60 - 11.5 * 0.5, 20 - 19.5 * 0.5))
    assert [channel.name for channel in field.element.channels] == ["Hoechst", "Alexa 488"]
    expected = [[[make_plane(2, 3, 2, c, t, z) for z in (1, 2)] for c in (1, 2)] for t in (0, 1)]
    assert np.array_equal(read_field(source, content, field), expected)


def test_files_that_an_index_names_and_that_are_not_there_are_black_and_told(tmp_path):
    source, content, plate = read(write_operetta(tmp_path / "plate", skip=[(2, 3, 1, 2, 1, 1)]))
    pixels = read_field(source, content, plate.fields[0])
    assert not pixels[1, 1, 0].any()
    assert pixels[1, 1, 1].all()
    assert "planes-missing" in list_codes(content)


@pytest.mark.parametrize("url", ["../../secret.tif", "/etc/passwd", "..\\secret.tif", "http://host/x.tif"])
def test_an_index_cannot_name_files_outside_of_its_folder(tmp_path, url):
    tifffile.imwrite(tmp_path / "secret.tif", make_plane(0))
    root = write_operetta(tmp_path / "plate", wells=((2, 3),), url=url)
    with pytest.raises(UnreadableError, match="holds no images of a plate"):
        read(root)


def test_links_are_not_followed(tmp_path):
    tifffile.imwrite(tmp_path / "secret.tif", make_plane(0))
    root = write_operetta(tmp_path / "plate", wells=((2, 3),), fields=(1,), n_z=1, n_t=1)
    (target,) = (root / "Images").glob("*ch2*")
    target.unlink()
    target.symlink_to(tmp_path / "secret.tif")
    source, content, plate = read(root)
    assert not read_field(source, content, plate.fields[0])[1].any()
    assert "planes-missing" in list_codes(content)


@pytest.mark.parametrize(
    "text",
    [
        "<EvaluationInputData><Images><Image><URL>a",
        '<!DOCTYPE x [<!ENTITY a "b">]><EvaluationInputData>&a;</EvaluationInputData>',
        "<EvaluationInputData/>",
        "<EvaluationInputData><Images><Image><URL>a.tif</URL><Row>9999999999</Row></Image></Images></EvaluationInputData>",
    ],
)
def test_a_damaged_index_is_refused_in_words(tmp_path, text):
    (tmp_path / "Images").mkdir()
    (tmp_path / "Images" / "Index.idx.xml").write_text(text)
    with pytest.raises(UnreadableError):
        read(tmp_path)


def test_names_by_a_pattern_make_a_plate(tmp_path):
    for row in "AB":
        for z in range(3):
            for channel in ("dapi", "gfp"):
                tifffile.imwrite(tmp_path / f"{row}03_1_{channel}_{z}.tif", make_plane(ord(row), z, len(channel)))
    (tmp_path / "notes_1.tif").write_bytes((tmp_path / "A03_1_gfp_0.tif").read_bytes())
    source, content, plate = read(tmp_path, "{well}_{field}_{channel}_{z}.tif")
    assert (content.format, [field.element.path for field in plate.fields]) == ("plate-folder", ["A/3/0", "B/3/0"])
    assert [channel.name for channel in plate.fields[0].element.channels] == ["dapi", "gfp"]
    expected = [[make_plane(ord("B"), z, len(name)) for z in range(3)] for name in ("dapi", "gfp")]
    assert np.array_equal(read_field(source, content, plate.fields[1]), expected)
    assert list_codes(content) == {"plate-first-field", "files-left-out", "pixel-size-missing"}


def test_rows_and_columns_may_be_numbers_and_files_stacks(tmp_path):
    stack = np.stack([make_plane(z) for z in range(4)])
    tifffile.imwrite(tmp_path / "r02c11_f1.tif", stack, photometric="minisblack")
    source, content, plate = read(tmp_path, "r{row}c{column}_f{field}.tif")
    (field,) = plate.fields
    assert field.element.path == "B/11/0"
    assert np.array_equal(read_field(source, content, field), stack[np.newaxis])


def test_a_pattern_that_fits_no_file_is_told_with_a_name(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", make_plane(0))
    with pytest.raises(InputError, match="fits the pattern") as raised:
        read(tmp_path, "{well}_{z}.tif")
    assert "'a.tif'" in raised.value.hint


def test_a_plane_of_another_size_stops_with_its_name(tmp_path):
    root = write_imagexpress(tmp_path / "plate", wells=("A01",), sites=(1,), n_z=1)
    other = min(root.rglob("*_w2[0-9]*.tif"))
    tifffile.imwrite(other, make_plane(0, shape=(8, 8)))
    source, content, plate = read_without_contrast(root)
    with pytest.raises(UnreadableError, match=other.name):
        read_field(source, content, plate.fields[0])


def read_without_contrast(root):
    from vitrina.model.content import Content

    source = open_source(root)
    content = Content(format="imagexpress")
    return source, content, read_plate(source, content)


def test_a_truncated_plane_stops_with_its_name(tmp_path):
    root = write_imagexpress(tmp_path / "plate", wells=("A01",), sites=(1,), n_z=1)
    cut = min(root.rglob("*_w2[0-9]*.tif"))
    cut.write_bytes(cut.read_bytes()[:1500])
    with pytest.raises(VitrinaError, match=cut.name):
        read(root)
