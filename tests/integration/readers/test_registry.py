"""The registry: what it imports, what it finds, what others can add."""

import re
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pytest
import samples
import tifffile

from vitrina.errors import NotFoundError
from vitrina.readers import registry
from vitrina.readers.registry import BUILT_IN, find_reader, get_reader, iterate_readers
from vitrina.readers.source import open_source

HEAVY = ("anndata", "dask", "h5py", "numpy", "pandas", "pyarrow", "spatialdata", "tifffile", "xarray", "zarr")


def test_importing_the_registry_imports_nothing_heavy():
    code = f"import sys, vitrina.readers.registry; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_reader_of_a_known_format_is_imported_alone():
    code = (
        "import sys\n"
        "from vitrina.readers.registry import BUILT_IN, get_reader\n"
        "get_reader('tiff')\n"
        "print([name for name, reader in BUILT_IN.items() if reader.module in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['tiff']"


def test_a_tiff_is_not_shown_to_readers_of_folders_and_hdf5(tmp_path):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, np.zeros((16, 16), np.uint8))
    code = (
        "import pathlib, sys\n"
        "from vitrina.readers.registry import BUILT_IN, find_reader\n"
        "from vitrina.readers.source import open_source\n"
        "find_reader(open_source(pathlib.Path(sys.argv[1])))\n"
        "print([name for name, reader in BUILT_IN.items() if reader.module in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['ome-tiff', 'tiff']"


def list_samples():
    """Every file and folder of the samples, down to three folders deep, and an empty file of each suffix."""
    root = samples.get("LICENSES").parent
    return [path for depth in ("*", "*/*", "*/*/*") for path in sorted(root.glob(depth))]


def test_forms_hide_no_reader_that_recognises_a_source(tmp_path):
    """Expected: the first of all readers."""
    paths = list_samples()
    for suffix in {"".join(path.suffixes[-2:]) for path in paths if path.is_file()}:
        (tmp_path / f"empty{suffix}").touch()
    found = 0
    for path in (*paths, *sorted(tmp_path.iterdir())):
        first = next((reader.format for reader in iterate_readers() if reader.detect(open_source(path))), None)
        reader = find_reader(open_source(path))
        assert (None if reader is None else reader.format) == first, path
        found += first is not None
    assert found > 50


def test_describing_spatialdata_and_anndata_does_not_import_them():
    code = (
        "import sys, pathlib\n"
        "from vitrina.readers.registry import find_reader\n"
        "from vitrina.readers.source import open_source\n"
        "for path in sys.argv[1:]:\n"
        "    source = open_source(pathlib.Path(path))\n"
        "    print(find_reader(source).read_content(source).format)\n"
        "print([m for m in ('anndata', 'spatialdata', 'dask', 'pandas') if m in sys.modules])"
    )
    paths = [
        samples.get("sdata-merfish-ileum/merfish_mouse_ileum_cropped.sdata.zarr.zip"),
        samples.get("h5ad-pbmc68k/10x_pbmc68k_reduced.h5ad"),
    ]
    done = subprocess.run([sys.executable, "-c", code, *map(str, paths)], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["spatialdata", "anndata", "[]"]


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_format_has_its_reader(name):
    assert get_reader(name).format == name


def test_an_unknown_format_is_not_found():
    with pytest.raises(NotFoundError, match=r"'abc'.*spatialdata, anndata, mudata, .*ome-zarr, .*table"):
        get_reader("abc")


class NoteReader:
    format = "note"

    def detect(self, source):
        return source.head.startswith(b"NOTE")


def test_installed_packages_can_add_readers(monkeypatch, tmp_path):
    point = EntryPoint(name="note", value=f"{__name__}:NoteReader", group=registry.ENTRY_POINTS)
    monkeypatch.setattr(registry, "list_offered", lambda: (point,))
    path = tmp_path / "a.note"
    path.write_bytes(b"NOTE: x")
    assert find_reader(open_source(path)).format == "note"
    assert get_reader("note").format == "note"


def test_the_hub_has_a_name_for_every_format():
    names = (Path(__file__).resolve().parents[3] / "web/src/api/summary.ts").read_text(encoding="utf-8")
    shown = {name.strip('"') for name in re.findall(r'^  ("[^"]+"|\w+): "', names, re.MULTILINE)}
    assert {reader.format for reader in iterate_readers()} - shown == set()
