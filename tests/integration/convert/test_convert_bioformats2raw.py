"""What no reader knows goes through bioformats2raw: here a program of that name that writes its layout.

Source of the layout: https://ngff.openmicroscopy.org/0.4/#bf2raw
"""

import os
import stat
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest
import zarr

from vitrina.convert.bioformats2raw import reading_by_bioformats2raw
from vitrina.errors import MissingExtraError, StorageError, UnsupportedError
from vitrina.verbs.convert import convert

PIXELS = np.random.default_rng(0).integers(0, 900, (1, 2, 1, 70, 90)).astype(np.uint16)

WRITES = """
import sys, zarr, numpy as np
source, output = sys.argv[-2:]
assert sys.argv[1:-2] == ["--resolutions", "1"], sys.argv
assert open(source, "rb").read(7) == b"UNKNOWN"
pixels = np.random.default_rng(0).integers(0, 900, (1, 2, 1, 70, 90)).astype(np.uint16)
root = zarr.open_group(output, mode="w", zarr_format=2)
root.attrs["bioformats2raw.layout"] = 3
group = root.create_group("0")
group.create_array("0", shape=pixels.shape, chunks=(1, 1, 1, 64, 64), dtype="uint16")[:] = pixels
scale = [1.0, 1.0, 1.0, 0.5, 0.5]
axes = [{"name": n, "type": t} for n, t in zip("tczyx", ["time", "channel", "space", "space", "space"])]
group.attrs["multiscales"] = [{"version": "0.4", "axes": axes, "datasets": [
    {"path": "0", "coordinateTransformations": [{"type": "scale", "scale": scale}]}]}]
"""

FAILS = """
import sys
print("loci.formats.UnknownFormatException: Unknown file format: " + sys.argv[-2])
sys.exit(3)
"""

STARTS_ANOTHER_AND_WAITS = """
import os, subprocess, sys, time, pathlib
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
pathlib.Path(os.environ["PIDS"]).write_text(f"{os.getpid()} {child.pid}")
time.sleep(600)
"""


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Put a program called bioformats2raw on the PATH, alone but for what the system has."""

    def put(code):
        folder = tmp_path / "bin"
        folder.mkdir()
        program = folder / "bioformats2raw"
        program.write_text(f"#!{sys.executable}\n" + textwrap.dedent(code))
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    return put


@pytest.fixture
def unknown(tmp_path):
    path = tmp_path / "scan.oir"
    path.write_bytes(b"UNKNOWN FORMAT" + bytes(range(256)))
    return path


def list_names(folder):
    return sorted(entry.name for entry in folder.iterdir())


def test_a_file_that_no_reader_knows_is_converted_all_the_same(install, unknown, tmp_path):
    install(WRITES)
    converted = convert(unknown, tmp_path / "out" / "scan.ome.zarr", verifies=True)
    (image,) = converted.images
    assert image.shapes[0][-2:] == (70, 90)
    group = zarr.open_group(tmp_path / "out" / "scan.ome.zarr", mode="r")
    levels = [array[...] for _, array in group.arrays()] or [array[...] for _, array in group["0"].arrays()]
    finest = max(levels, key=lambda array: array.size)
    np.testing.assert_array_equal(np.squeeze(finest), np.squeeze(PIXELS))
    assert "read-by-bioformats2raw" in {finding.code for finding in converted.findings}
    assert list_names(tmp_path / "out") == ["scan.ome.zarr"]


def test_without_it_the_error_names_it_and_the_extras(unknown, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UnsupportedError) as caught:
        convert(unknown, tmp_path / "out.ome.zarr")
    assert caught.value.code == "format-unknown-source"
    assert "bioformats2raw" in caught.value.hint
    assert "vitrina[microscopes]" in caught.value.hint
    assert list_names(tmp_path) == ["scan.oir"]


def test_what_it_says_when_it_fails_is_told_and_nothing_is_left(install, unknown, tmp_path):
    install(FAILS)
    with pytest.raises(UnsupportedError) as caught:
        convert(unknown, tmp_path / "out" / "scan.ome.zarr")
    assert caught.value.code == "bioformats2raw-failed"
    assert "Unknown file format" in caught.value.message
    assert list_names(tmp_path / "out") == []


def test_a_missing_extra_is_no_obstacle_where_it_is_installed(install, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "czifile", None)
    path = tmp_path / "scan.czi"
    path.write_bytes(b"ZISRAWFILE")
    with pytest.raises(MissingExtraError):
        convert(path, tmp_path / "out.ome.zarr")
    install(WRITES.replace('b"UNKNOWN"', 'b"ZISRAWF"'))
    assert convert(path, tmp_path / "out.ome.zarr").images[0].dtype == "uint16"


def test_it_is_stopped_with_all_it_has_started_before_the_disk_is_full(install, unknown, tmp_path, monkeypatch):
    pids = tmp_path / "pids"
    monkeypatch.setenv("PIDS", str(pids))
    install(STARTS_ANOTHER_AND_WAITS)
    with (
        pytest.raises(StorageError) as caught,
        reading_by_bioformats2raw(unknown, tmp_path / "out" / "scan.ome.zarr", reserve_bytes=2**62),
    ):
        pytest.fail("it wrote nothing")
    assert caught.value.code == "disk-full"
    assert list_names(tmp_path / "out") == []
    for pid in pids.read_text(encoding="ascii").split() if pids.exists() else []:
        deadline = time.monotonic() + 10
        while _is_running(int(pid)):  # it was killed: the system takes a moment
            assert time.monotonic() < deadline
            time.sleep(0.01)


def _is_running(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
