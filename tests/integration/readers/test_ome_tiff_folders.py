"""OME-TIFF of several files, as the specification lays it out; expected pixels are those that were written."""

import uuid

import numpy as np
import pytest
import tifffile
from test_pixel_sources import arrange, check_windows

from vitrina.errors import UnreadableError
from vitrina.readers.elements import open_pixels
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source

PIXELS = np.random.default_rng(0).integers(0, 900, (2, 3, 40, 50)).astype(np.uint16)  # t c y x


def write(folder, *, rename=None):
    """One file per time point, each with the OME-XML of all."""
    folder.mkdir()
    names = [f"run_t{t}.ome.tif" for t in range(2)]
    ids = [f"urn:uuid:{uuid.UUID(int=t + 1)}" for t in range(2)]
    told = {names[1]: rename} if rename else {}
    planes = "".join(
        f'<TiffData FirstT="{t}" FirstC="{c}" IFD="{c}" PlaneCount="1">'
        f'<UUID FileName="{told.get(names[t], names[t])}">{ids[t]}</UUID></TiffData>'
        for t in range(2)
        for c in range(3)
    )
    channels = "".join(f'<Channel ID="Channel:0:{c}" Name="{name}"/>' for c, name in enumerate(["DAPI", "CD3", "CD20"]))
    for t, name in enumerate(names):
        xml = (
            '<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" '
            f'UUID="{ids[t]}"><Image ID="Image:0" Name="run"><Pixels ID="Pixels:0" DimensionOrder="XYCZT" '
            'Type="uint16" SizeX="50" SizeY="40" SizeC="3" SizeZ="1" SizeT="2" '
            'PhysicalSizeX="0.5" PhysicalSizeY="0.25">'
            f"{channels}{planes}</Pixels></Image></OME>"
        )
        tifffile.imwrite(folder / name, PIXELS[t], photometric="minisblack", description=xml, metadata=None)
    return folder


def read(path):
    source = open_source(path)
    reader = find_reader(source)
    assert reader.format == "ome-tiff-folder"
    return source, reader, reader.read_content(source)


def test_the_files_of_a_folder_are_one_image(tmp_path):
    source, reader, content = read(write(tmp_path / "run"))
    (image,) = content.elements
    assert (image.name, image.dtype, image.levels[0].shape) == ("run", "uint16", PIXELS.shape)
    assert [(axis.name, axis.unit) for axis in image.axes] == [
        ("t", None), ("c", None), ("y", "micrometer"), ("x", "micrometer"),
    ]  # fmt: skip
    assert image.levels[0].scale == (1, 1, 0.25, 0.5)
    assert [channel.name for channel in image.channels] == ["DAPI", "CD3", "CD20"]
    assert not content.findings
    pixels = open_pixels(source, content, image)
    check_windows(pixels, arrange(PIXELS, image))
    pixels.close()
    np.testing.assert_array_equal(reader.read_object(source), PIXELS)


def test_a_file_that_is_not_there_is_told(tmp_path):
    folder = write(tmp_path / "run")
    (folder / "run_t1.ome.tif").rename(folder / "other.ome.tif")
    (folder / "other.ome.tif").write_bytes(b"")
    (folder / "other.ome.tif").rename(folder / "z.ome.tif")
    _, _, content = read(folder)
    assert "files-missing" in {finding.code for finding in content.findings}


@pytest.mark.parametrize("name", ["../outside.ome.tif", "/etc/outside.ome.tif", "..\\outside.ome.tif", "a/b.ome.tif"])
def test_a_file_outside_of_the_folder_is_refused(name, tmp_path):
    tifffile.imwrite(tmp_path / "outside.ome.tif", PIXELS[1], photometric="minisblack")
    source = open_source(write(tmp_path / "run", rename=name))
    reader = find_reader(source)
    assert reader.format == "ome-tiff-folder"
    with pytest.raises(UnreadableError) as caught:
        reader.read_content(source)
    assert caught.value.code == "link-external"


def test_a_link_out_of_the_folder_is_refused(tmp_path):
    folder = write(tmp_path / "run")
    (folder / "run_t1.ome.tif").rename(tmp_path / "outside.ome.tif")
    (folder / "run_t1.ome.tif").symlink_to(tmp_path / "outside.ome.tif")
    with pytest.raises(UnreadableError) as caught:
        read(folder)
    assert caught.value.code == "link-external"


def test_a_truncated_file_is_told(tmp_path):
    folder = write(tmp_path / "run")
    path = folder / "run_t1.ome.tif"
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(UnreadableError):
        read(folder)


def test_files_that_name_only_themselves_are_no_dataset_of_several(tmp_path):
    for name in ("a.ome.tif", "b.ome.tif"):
        tifffile.imwrite(tmp_path / name, PIXELS[0], metadata={"axes": "CYX"})
    reader = find_reader(open_source(tmp_path))
    assert reader is None or reader.format != "ome-tiff-folder"
