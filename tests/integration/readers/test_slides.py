"""Slides read by OpenSlide; what tifffile reads of the same Aperio slide is the other reader.

There is no MIRAX slide among the samples: of that format, only what is refused is tested.
"""

import shutil
import sys

import numpy as np
import pytest
import samples
import tifffile
from test_pixel_sources import arrange, check_windows

from vitrina.errors import MissingExtraError, UnreadableError
from vitrina.readers.registry import find_reader
from vitrina.readers.slide import SlideReader
from vitrina.readers.source import open_source

pytest.importorskip("openslide")

SVS = "svs-cmu1-he/CMU-1-Small-Region.svs"
JPEG = b"\xff\xd8\xff\xe0" + bytes(100)


def test_openslide_and_tifffile_see_the_same_slide():
    source = open_source(samples.get(SVS))
    reader = SlideReader()
    content = reader.read_content(source)
    (image,) = content.elements
    expected = tifffile.imread(source.path)
    assert (image.is_rgb, image.levels[0].shape, image.levels[0].chunk_shape) == (True, expected.shape, (240, 240, 3))
    assert image.levels[0].scale == pytest.approx((0.499, 0.499, 1))  # MPP of its description
    (finding,) = content.findings
    assert "label, macro, thumbnail" in finding.message
    pixels = reader.open_pixels(source, image, 0)
    check_windows(pixels, arrange(expected, image))
    pixels.close()
    preview = reader.read_preview(source, content, 2967)
    np.testing.assert_array_equal(preview.pixels_cyx, expected.transpose(2, 0, 1))


def test_slides_in_tiff_are_read_as_tiff():
    assert find_reader(open_source(samples.get(SVS))).format == "tiff"


def make_mirax(folder, index):
    (folder / "slide").mkdir(parents=True)
    (folder / "slide.mrxs").write_bytes(JPEG)
    (folder / "slide" / "Slidat.ini").write_text(index)
    return folder


@pytest.mark.parametrize("is_folder", [True, False])
def test_a_damaged_mirax_slide_is_told(is_folder, tmp_path):
    folder = make_mirax(tmp_path / "run", "[GENERAL]\nSLIDE_VERSION = 1\n")
    source = open_source(folder if is_folder else folder / "slide.mrxs")
    reader = find_reader(source)
    assert reader.format == "slide"
    with pytest.raises(UnreadableError) as caught:
        reader.read_content(source)
    assert caught.value.code == "slide-damaged"


@pytest.mark.parametrize("name", ["../../secret.dat", "/etc/passwd", "..\\secret.dat", "C:\\secret.dat"])
def test_a_slide_that_names_files_elsewhere_is_refused(name, tmp_path):
    folder = make_mirax(tmp_path / "run", f"[DATAFILE]\nFILE_COUNT = 1\nFILE_0 = {name}\n")
    source = open_source(folder)
    with pytest.raises(UnreadableError) as caught:
        find_reader(source).read_content(source)
    assert caught.value.code == "link-external"


def test_a_mirax_slide_without_its_folder_says_so(tmp_path):
    folder = make_mirax(tmp_path / "run", "")
    shutil.rmtree(folder / "slide")
    source = open_source(folder / "slide.mrxs")
    with pytest.raises(UnreadableError) as caught:
        find_reader(source).read_content(source)
    assert caught.value.code == "slide-incomplete"
    assert not SlideReader().detect(open_source(folder))


def test_without_openslide_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "openslide", None)
    source = open_source(make_mirax(tmp_path / "run", "[GENERAL]\n"))
    with pytest.raises(MissingExtraError) as caught:
        find_reader(source).read_content(source)
    assert "vitrina[slides]" in caught.value.hint
