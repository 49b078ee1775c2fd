"""``vitrina convert`` as a user types it, on real files. Pixels are read back with zarr-python and tifffile."""

import contextlib
import signal
import subprocess
import sys
import zipfile

import numpy as np
import pytest
import samples
import tifffile
import zarr
from pyramids import make_pixels

from vitrina.errors import EXIT_INTERRUPTED

IMAGES = [
    "tiff-hela-3ch/hela-cells.tif",
    "tiff-mitosis-5d/xyzct-mitosis.tif",
    "tiff-bbbc022-3ch/IXMtest_A02_s9.tif",
    "tiff-golgi-labels-table/image.tif",
    "lightsheet-brain-planes/ch0/ch00012.tif",
    "merscope-liver-mini/region_0/images/mosaic_DAPI_z0.tif",
    "ome-zarr-v04-mri/mri-stack.ome.zarr",
]


def list_names(folder):
    return sorted(entry.name for entry in folder.iterdir() if entry.name not in {".vitrina", "data"})


def read_source(path):
    """The finest level by tifffile or zarr-python, without axes of size 1, channels first."""
    if path.suffix == ".zarr":
        group = zarr.open_group(path, mode="r")
        array = group[group.attrs["multiscales"][0]["datasets"][0]["path"]][...]
    else:
        with tifffile.TiffFile(path) as file:
            series = file.series[0]
            array = series.asarray()
            if series.axes.endswith("S"):
                array = np.moveaxis(array, -1, -3)
    return np.squeeze(array)


def assert_same(found, expected):
    """Equal pixels; the order of axes is ours, t, c, z, y, x, and no axis of these files is as long as another."""
    if found.shape != expected.shape:
        assert sorted(found.shape) == sorted(expected.shape)
        expected = expected.transpose([expected.shape.index(size) for size in found.shape])
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("name", IMAGES)
def test_real_images_become_ome_zarr(vitrina, name):
    source = samples.get(name)
    ran = vitrina("convert", source, "out.ome.zarr", "--verify", "--json", "--min-size", 128)
    assert (ran.code, ran.err) == (0, ran.err if "error" not in ran.err else "")
    (image,) = ran.json["images"]
    root = zarr.open_group(vitrina.folder / "out.ome.zarr", mode="r")
    (multiscale,) = root.attrs["ome"]["multiscales"]
    assert [axis["name"] for axis in multiscale["axes"]] == list(image["axes"])
    assert [list(root[dataset["path"]].shape) for dataset in multiscale["datasets"]] == image["shapes"]
    assert max(image["shapes"][-1][-2:]) <= 128
    assert_same(np.squeeze(root["0"][...]), read_source(source))
    assert list_names(vitrina.folder) == ["out.ome.zarr"]


@pytest.mark.parametrize("name", [name for name in IMAGES if not name.endswith("zarr")])
def test_real_images_become_ome_tiff(vitrina, name):
    source = samples.get(name)
    ran = vitrina("convert", source, "out.ome.tif", "--verify", "--min-size", 128, "--chunk", "256,256")
    assert ran.code == 0
    assert "made" in ran.out
    with tifffile.TiffFile(vitrina.folder / "out.ome.tif") as file:
        assert file.is_ome
        assert len(file.series[0].levels) > 1
        found = file.series[0].asarray()
        if file.series[0].axes.endswith("S"):
            found = np.moveaxis(found, -1, -3)
    assert_same(np.squeeze(found), read_source(source))
    assert list_names(vitrina.folder) == ["out.offsets.json", "out.ome.tif"]


def test_images_and_labels_of_spatialdata_are_numbered(vitrina, tmp_path):
    archive = samples.get("sdata-merfish-ileum/merfish_mouse_ileum_cropped.sdata.zarr.zip")
    ran = vitrina("convert", archive, "out.ome.zarr", "--verify", "--json")
    assert ran.code == 0, ran.err
    named = [(image["path"], image["name"]) for image in ran.json["images"]]
    assert named == [("0", "stains"), ("1", "dapi_labels"), ("2", "membrane_labels")]
    with zipfile.ZipFile(archive) as file:
        file.extractall(tmp_path.parent / f"{tmp_path.name}-unzipped")
    (root,) = (tmp_path.parent / f"{tmp_path.name}-unzipped").iterdir()
    out = zarr.open_group(vitrina.folder / "out.ome.zarr", mode="r")
    assert out["OME"].attrs["ome"]["series"] == ["0", "1", "2"]
    for number, path in enumerate(("images/stains", "labels/dapi_labels", "labels/membrane_labels")):
        np.testing.assert_array_equal(out[f"{number}/0"][...], zarr.open_array(root / path / "0", mode="r")[...])
        assert ("image-label" in out[str(number)].attrs["ome"]) == (number > 0)


@pytest.fixture
def source(tmp_path):
    path = tmp_path.parent / f"{tmp_path.name}-source.ome.tif"
    tifffile.imwrite(path, make_pixels((1, 2, 1, 300, 280), "uint16")[0, :, 0], tile=(64, 64), metadata={"axes": "CYX"})
    return path


@pytest.mark.parametrize("target", ["out.ome.zarr", "out.ome.tif", "absent/out.ome.zarr"])
def test_a_dry_run_tells_and_writes_nothing(vitrina, source, target):
    ran = vitrina("convert", source, target, "--dry-run")
    assert (ran.code, list_names(vitrina.folder)) == (0, [])
    assert "would make" in ran.out
    assert "2 x 300 x 280 | 2 x 150 x 140" in ran.out
    told = vitrina("convert", source, target, "--dry-run", "--json").json
    assert told["size_bytes"] is None
    assert list_names(vitrina.folder) == []


def test_what_exists_is_a_conflict_until_it_may_be_replaced(vitrina, source):
    assert vitrina("convert", source, "out.ome.zarr").code == 0
    ran = vitrina("convert", source, "out.ome.zarr")
    assert ran.code == 4
    assert ran.err.startswith("target-exists")
    assert "--overwrite" in ran.err
    assert vitrina("convert", source, "out.ome.zarr", "--overwrite", "--version", "0.4").code == 0
    assert zarr.open_group(vitrina.folder / "out.ome.zarr", mode="r").metadata.zarr_format == 2
    assert list_names(vitrina.folder) == ["out.ome.zarr"]


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["out.h5"], 2, "format-unclear"),
        (["out"], 2, "format-unclear"),
        (["out.ome.zarr", "--codec", "jpeg"], 2, "option-of-other-format"),
        (["out.ome.zarr", "--bigtiff"], 2, "option-of-other-format"),
        (["out.ome.zarr", "--no-offsets"], 2, "option-of-other-format"),
        (["out.ome.tif", "--shard", "2,2"], 2, "option-of-other-format"),
        (["out.ome.tif", "--codec", "blosc"], 2, "option-of-other-format"),
        (["out.ome.tif", "--version", "0.4"], 2, "option-of-other-format"),
        (["out.ome.tif", "--chunk", "2,64,64"], 2, "tile-too-deep"),
        (["out.ome.tif", "--downsample-z", "--chunk", "1,50,50"], 2, ""),
        (["out.ome.zarr", "--chunk", "many"], 2, "size-malformed"),
        (["out.ome.zarr", "--memory", "10"], 2, "memory-too-small"),
        (["out.ome.zarr", "--level", "99"], 2, "codec-unknown"),
        (["out.ome.zarr", "--levels", "0"], 2, ""),
        (["out.ome.zarr", "--label-downsampling", "mean"], 2, ""),
        (["out.ome.zarr", "--series", "5"], 2, "series-missing"),
    ],
)
def test_wrong_usage_says_what_is_wrong_and_leaves_nothing(vitrina, source, arguments, code, word):
    ran = vitrina("convert", source, *arguments)
    assert ran.code == code
    assert ran.err.startswith(word)
    assert ran.err
    assert list_names(vitrina.folder) == []


def test_a_table_cannot_be_converted(vitrina):
    ran = vitrina("convert", samples.get("h5ad-pbmc68k/10x_pbmc68k_reduced.h5ad"), "out.ome.zarr")
    assert ran.code == 6
    assert ran.err.startswith("no-images")
    assert list_names(vitrina.folder) == []


def test_nothing_is_not_found(vitrina):
    assert vitrina("convert", "absent.tif", "out.ome.zarr").code == 3


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("target", ["out.ome.zarr", "out.ome.tif"])
def test_a_truncated_tiff_is_unreadable_and_nothing_appears(vitrina, tmp_path, share, target):
    whole = samples.get("tiff-hela-3ch/hela-cells.tif").read_bytes()
    (tmp_path / "cut.tif").write_bytes(whole[: int(share * len(whole))])
    ran = vitrina("convert", "cut.tif", target)
    assert ran.code == 2
    assert "Traceback" not in ran.err
    assert "cut.tif" in ran.err
    assert [name for name in list_names(vitrina.folder) if name != f".{target}.part"] == ["cut.tif"]


def test_options_arrive_in_the_result(vitrina, source):
    options = (
        "--levels 2 --downsampling nearest --chunk 64,32 --shard 2,3 --codec zstd --level 5 --threads 3 --no-ome-xml"
    )
    ran = vitrina("convert", source, "out.zarr", "--json", *options.split())
    assert (ran.code, ran.json["n_threads"]) == (0, 3)
    root = zarr.open_group(vitrina.folder / "out.zarr", mode="r")
    finest, half = root["0"], root["1"]
    assert (finest.chunks, finest.shards) == ((1, 64, 32), (1, 128, 96))
    np.testing.assert_array_equal(half[...], finest[...][:, ::2, ::2])
    assert "2" not in root
    assert finest.compressors[0].to_dict()["configuration"]["level"] == 5
    assert not (vitrina.folder / "out.zarr" / "OME").exists()


def has_journal(part):
    """Whether the work in ``part`` has written down a finished block; a new journal is renamed while we look."""
    with contextlib.suppress(FileNotFoundError):
        return any(path.stat().st_size for path in part.glob("journal-*"))
    return False


@pytest.mark.parametrize("target", ["out.ome.zarr", "out.ome.tif"])
def test_interrupted_it_exits_with_130_and_the_same_command_goes_on(vitrina, tmp_path, target):
    source = tmp_path.parent / f"{tmp_path.name}-large.ome.tif"
    tifffile.imwrite(source, make_pixels((1, 2, 1, 3200, 3200), "uint16")[0, :, 0], metadata={"axes": "CYX"})
    options = ["--chunk", "64,64", "--threads", "1", "--memory", "100K"]
    command = [sys.executable, "-m", "vitrina", "convert", source, target, *options]
    running = subprocess.Popen(command, cwd=vitrina.folder, stderr=subprocess.PIPE, text=True)
    part = vitrina.folder / f".{target}.part"
    while running.poll() is None and not has_journal(part):
        pass
    running.send_signal(signal.SIGINT)
    _, err = running.communicate()
    assert running.returncode == EXIT_INTERRUPTED
    assert "goes on" in err
    assert "Traceback" not in err
    assert list_names(vitrina.folder) == [f".{target}.part"]
    ran = vitrina("convert", source, target, *options)
    assert ran.code == 0
    assert ran.out.splitlines()[-1].startswith("went on and made")
    assert vitrina("convert", source, f"whole-{target}", "--chunk", "64,64").code == 0
    read = [
        zarr.open_array(vitrina.folder / name / "0", mode="r")[...]
        if name.endswith("zarr")
        else tifffile.imread(vitrina.folder / name)
        for name in (target, f"whole-{target}")
    ]
    np.testing.assert_array_equal(read[0], read[1])
