"""Interrupted writers, damaged tiles and wrong calls."""

import numpy as np
import pytest
from test_tiff_writer import LOSSLESS, list_places, make_image, make_levels, read_tczyx, write_file, write_image

from vitrina.convert.tiff.codecs import TileCodec
from vitrina.convert.tiff.offsets import read_directory_offsets
from vitrina.convert.tiff.plan import plan_tiff
from vitrina.convert.tiff.writer import TiffWriter
from vitrina.errors import ConflictError, InputError, NotFoundError, UnreadableError
from vitrina.pyramid.engine import build_pyramid
from vitrina.pyramid.journal import Journal
from vitrina.pyramid.plan import PyramidPlan, plan_levels
from vitrina.pyramid.writer import Place
from vitrina.readers.pixels.array import ArrayPixels


def test_a_resumed_file_equals_one_written_in_one_go(tmp_path):
    image = make_image((1, 4, 2, 90, 70), n_levels=3, n_joint_channels=2)
    plan = plan_tiff([image])
    _, (levels,) = write_file(tmp_path / "whole.ome.tif", [image])
    whole = (tmp_path / "whole.ome.tif").read_bytes()
    for stop_after in (0, 1, 17, None):
        path = tmp_path / f"{stop_after}.ome.tif"
        killed = TiffWriter(path, plan)
        ledger = write_image(killed.for_image(0), image, levels, stop_after=stop_after)
        killed.abort()
        with path.open("r+b") as file:
            for _, offset, size_bytes in ledger[::3]:  # room that was reserved, and written in part or not at all
                file.seek(offset)
                file.write(b"\xff" * (size_bytes + -size_bytes % 16))
            file.seek(0, 2)
            file.write(b"\xff" * len(whole))
        resumed = TiffWriter(path, plan, is_resumed=True)
        kept = [one for i, one in enumerate(ledger) if i % 3]
        write_image(resumed.for_image(0), image, levels, stored=kept)
        resumed.for_image(0).finish()
        assert path.read_bytes() == whole


def test_no_reader_takes_an_unfinished_file_for_complete(tmp_path):
    image = make_image((1, 1, 1, 64, 64))
    writer = TiffWriter(tmp_path / "image.ome.tif", plan_tiff([image]))
    chunks = writer.for_image(0)
    write_image(chunks, image, make_levels(image), stop_after=3)
    with pytest.raises(InputError, match="1 tiles of image 0"):
        chunks.finish()
    with pytest.raises(UnreadableError):
        chunks.read_into(list_places(image)[3], np.empty((1, 1, 32, 32), np.uint16))
    writer.abort()
    assert read_directory_offsets(tmp_path / "image.ome.tif") == ()


@pytest.mark.parametrize("codec", [*LOSSLESS, "jpeg"])
def test_a_truncated_or_damaged_tile_is_not_read(tmp_path, codec):
    image = make_image((1, 1, 1, 32, 32), "uint8", codec=TileCodec(name=codec))
    path = tmp_path / "image.ome.tif"
    chunks = TiffWriter(path, plan_tiff([image])).for_image(0)
    ((place, offset, size_bytes),) = write_image(chunks, image, make_levels(image))
    out = np.empty((1, 1, 32, 32), np.uint8)
    with path.open("r+b") as file:
        file.truncate(offset + size_bytes - 5)
    with pytest.raises(UnreadableError, match="ends at byte"):
        chunks.read_into(place, out)
    if codec != "none":  # bytes that stand for themselves are never wrong
        with path.open("r+b") as file:
            file.seek(offset)
            file.write(b"\x55" * size_bytes)
        with pytest.raises(UnreadableError, match="tile of the file"):
            chunks.read_into(place, out)
    chunks.abort()


def test_files_are_neither_overwritten_nor_resumed_from_nothing(tmp_path):
    plan = plan_tiff([make_image((1, 1, 1, 8, 8))])
    TiffWriter(tmp_path / "there.tif", plan).abort()
    with pytest.raises(ConflictError):
        TiffWriter(tmp_path / "there.tif", plan)
    with pytest.raises(NotFoundError):
        TiffWriter(tmp_path / "absent.tif", plan, is_resumed=True)


def test_chunks_of_another_shape_are_refused(tmp_path):
    chunks = TiffWriter(tmp_path / "i.tif", plan_tiff([make_image((1, 1, 1, 8, 8))])).for_image(0)
    with pytest.raises(InputError, match="not 1 x 1 x 8 x 8"):
        chunks.encode(Place(level=0, t=0, c=0, z=0, y=0, x=0), np.zeros((1, 1, 8, 8), np.uint16))
    chunks.abort()


class _Interrupted(Exception):  # noqa: N818 no error
    pass


def test_the_engine_goes_on_with_an_interrupted_file(tmp_path):
    image = make_image((1, 3, 2, 150, 130), "uint8", n_levels=3, n_joint_channels=3)
    pixels = make_levels(image)[0]
    plan = PyramidPlan(
        levels=plan_levels(image.shape_tczyx, n_levels=3),
        chunk_zyx=(1, 32, 32),
        block_zyx=(1, 64, 64),
        n_joint_channels=3,
    )

    def write(path, journal=None, *, is_resumed=False, progress=None):
        writer = TiffWriter(path, plan_tiff([image]), is_resumed=is_resumed)
        source = ArrayPixels(pixels[0].transpose(1, 2, 3, 0), "zyxc")
        try:
            build_pyramid(
                source, writer.for_image(0), plan, method="nearest", n_threads=2, journal=journal, progress=progress
            )
            writer.for_image(0).finish()
        finally:
            writer.abort()
            if journal is not None:
                journal.close()

    def interrupt(n_done, _):
        if n_done > 7:
            raise _Interrupted

    write(tmp_path / "whole.ome.tif")
    path = tmp_path / "resumed.ome.tif"
    with pytest.raises(_Interrupted):
        write(path, Journal(tmp_path / "journal"), progress=interrupt)
    journal = Journal(tmp_path / "journal")
    assert len(journal.done) > 2
    write(path, journal, is_resumed=True)
    assert path.read_bytes() == (tmp_path / "whole.ome.tif").read_bytes()
    np.testing.assert_array_equal(read_tczyx(path, 0, 0, image), pixels)
    assert read_tczyx(path, 0, 2, image).shape == (1, 3, 2, 38, 33)
