"""Samples with bytes cut off, turned, put between or exchanged: told as an error of ours, or read; never anything else.

All of it runs in the sandbox, so that nothing hangs these tests: what hangs or crashes there has a code that is none of
those allowed.
"""

import random
import shutil

import pytest
import samples

from vitrina.errors import VitrinaError
from vitrina.model.content import Content
from vitrina.model.jsonable import parse_json
from vitrina.sandbox.limits import Limits
from vitrina.sandbox.sandbox import Sandbox
from vitrina.verbs.sandboxed import PRELOADED

N_CASES = 8
"""Of each sample."""

MAX_SAMPLE_BYTES = 4 * 2**20

NEVER = {"reader-failed", "reader-killed", "reader-too-slow", "reader-out-of-memory"}
"""What no damage may end in."""

FILES = [
    "h5ad-pbmc68k/10x_pbmc68k_reduced.h5ad",
    "h5ad-cellxgene-schema/example_valid.h5ad",
    "h5ad-multiplex-scimap/example_data.h5ad",
    "ome-tiff-pyramid/2048x2048_ome6_tiled.ome.tif",
    "tiff-mitosis-5d/xyzct-mitosis.tif",
    "tiff-migration-2dt/cancer_cell_migration_crop.tif",
    "tiff-golgi-labels-table/image.tif",
    "svs-cmu1-he/CMU-1-Small-Region.svs",
    "ome-zarr-v04-2dt-labels/image.ome.zarr.zip",
    "vendor-micro/Xenium_small/cells.csv.gz",
    "merscope-liver-mini/region_0/cell_boundaries.parquet",
    "mcmicro-exemplar001-csv/exemplar-001--unmicst_cell.csv",
    "osmfish-cortex-loom",
    "h5mu-hubmap",
    "czi-mosaic",
    "tiff-hela-3ch",
    "tiff-bbbc022-3ch",
]
"""Files, and folders of which the smallest file that is data is taken."""

FOLDERS = [
    "ome-zarr-v04-mri/mri-stack.ome.zarr",
    "merscope-liver-mini/region_0",
    "visium-hd-tiny",
    "visium-mouse-brain-tiny",
    "cosmx-lung12-mini",
]
"""Folders, in which metadata or a small table is damaged."""

METADATA = (
    ".zattrs",
    ".zarray",
    ".zgroup",
    "zarr.json",
    ".xml",
    ".json",
    ".htd",
    ".csv",
    ".HTD",
    ".xenium",
    ".parquet",
)


@pytest.fixture(scope="module")
def sandbox():
    return Sandbox(Limits(memory_bytes=2**30, cpu_s=20, wall_s=60), preloaded=PRELOADED)


def find_file(name):
    path = samples.get(name)
    if path.is_file():
        return path
    files = [
        one for one in path.rglob("*") if one.is_file() and one.suffix not in {".md", ".txt", ".sh", ".py", ".json"}
    ]
    return min(files, key=lambda one: one.stat().st_size)


def damage(rng, data):
    """One to three injuries; most near the beginning or the end, where metadata is."""
    for _ in range(rng.randint(1, 3)):
        if not data:
            return data
        near = rng.choice([64, 1024, len(data)])
        at = min(rng.randrange(near), len(data) - 1)
        at = at if rng.random() < 0.7 else len(data) - 1 - at
        match rng.randrange(5):
            case 0:
                data = data[: rng.randrange(len(data) + 1)]
            case 1:
                data = data[:at] + bytes([data[at] ^ (1 << rng.randrange(8))]) + data[at + 1 :]
            case 2:
                data = (
                    data[:at]
                    + rng.choice([b"\xff" * 4, b"\0" * 8, b"\x7f\xff\xff\xff", b"-1", b"1e999"])
                    + data[at + 4 :]
                )
            case 3:
                other = rng.randrange(len(data))
                data = data[:at] + data[other : other + rng.randrange(1, 200)] + data[at:]
            case _:
                data = data[:at] + rng.randbytes(16) + data[at + 16 :]
    return data


def check(sandbox, path, told):
    """Describe it and draw it; what an error says is whole."""
    try:
        parse_json(Content, sandbox.call("hostile_tasks:describe_and_draw", path))
        code, message = "", "."
    except VitrinaError as err:
        code, message = err.code, err.message
    assert code not in NEVER, f"{told}: {code}: {message}"
    assert message.endswith("."), told


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_is_read_or_told(sandbox, tmp_path, name):
    original = find_file(name)
    data = original.read_bytes()
    if len(data) > MAX_SAMPLE_BYTES:
        data = data[: MAX_SAMPLE_BYTES // 2] + data[-MAX_SAMPLE_BYTES // 2 :]
    path = tmp_path / original.name
    for number in range(N_CASES):
        rng = random.Random(f"{name} {number}")  # noqa: S311 the same cases each time
        path.write_bytes(damage(rng, data))
        check(sandbox, path, f"case {number} of {name}")


@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_with_damaged_metadata_is_read_or_told(sandbox, tmp_path, name):
    original = samples.get(name)
    path = tmp_path / original.name
    shutil.copytree(original, path, copy_function=shutil.copyfile)
    files = sorted(one.relative_to(path) for one in path.rglob("*") if one.is_file() and one.name.endswith(METADATA))
    assert files
    for number in range(N_CASES):
        rng = random.Random(f"{name} {number}")  # noqa: S311 the same cases each time
        chosen = path / rng.choice(files)
        data = chosen.read_bytes()
        chosen.write_bytes(damage(rng, data))
        check(sandbox, path, f"case {number} of {name}, {chosen.relative_to(path)}")
        chosen.write_bytes(data)
