"""``vitrina fix``: what it prints, the shape of its JSON, its exit codes."""

import json

import numpy as np
import pytest
import zarr


@pytest.fixture
def store(vitrina):
    path = vitrina.folder / "it.zarr"
    root = zarr.open_group(path, mode="w", zarr_format=2)
    root.create_array(
        "0", shape=(8, 8), dtype="uint16", chunk_key_encoding={"name": "v2", "separator": "/"}
    )[...] = np.ones((8, 8), "uint16")  # fmt: skip
    axes = [{"name": name, "type": "space", "unit": "um"} for name in "yx"]
    transforms = [{"type": "scale", "scale": [1, 1]}]
    datasets = [{"path": "0", "coordinateTransformations": transforms}]
    root.attrs["multiscales"] = [{"name": "it", "type": "mean", "metadata": {}, "axes": axes, "datasets": datasets}]
    return path


def test_the_plan_the_repair_and_nothing_more_to_do(vitrina, store):
    planned = vitrina("fix", "it.zarr", "--dry-run")
    assert planned.code == 0
    assert 'would repair: State the version of the root as "0.4".' in planned.out
    assert not store.with_name("it.zarr.backup").exists()
    done = vitrina("fix", "it.zarr")
    assert (done.code, done.err) == (0, "")
    assert """Spell the unit of the axis 'y' of the root "micrometer" instead of 'um'.""" in done.out
    assert f"original: {store}.backup" in done.out
    again = vitrina("fix", "it.zarr")
    assert (again.code, again.out) == (0, "it.zarr: nothing to repair\n")


def test_json_names_the_copy_the_repairs_and_what_is_left(vitrina, store):
    document = json.loads((store / ".zattrs").read_text())
    document["multiscales"][0]["datasets"].append({"path": "absent"})
    (store / ".zattrs").write_text(json.dumps(document))
    ran = vitrina("fix", "it.zarr", "--out", "out.zarr", "--json")
    assert ran.code == 1
    assert set(ran.json) == {"source", "out", "backup", "repairs", "left"}
    assert (ran.json["source"], ran.json["backup"]) == ("it.zarr", None)
    assert ran.json["out"] == str(vitrina.folder / "out.zarr")
    assert {key for repair in ran.json["repairs"] for key in repair} == {"codes", "kind", "path", "message"}
    left = {finding["code"]: finding["severity"] for finding in ran.json["left"]}
    assert left["array-missing"] == "error"


def test_an_artifact_gets_a_new_version(vitrina, store):
    assert vitrina("add", "it.zarr", "--key", "a/b.zarr").code == 0
    ran = vitrina("fix", "a/b.zarr")
    assert ran.code == 0
    assert "added a/b.zarr@0002, a new version" in ran.out
    assert "vitrina fix" in vitrina("lineage", "a/b.zarr").out
    assert vitrina("fix", "a/b.zarr@0001", "--json").json["out"] == "a/b.zarr@0002"


def test_exit_codes(vitrina, store):
    assert vitrina("fix", "absent.zarr").code == 3
    assert vitrina("fix", "it.zarr", "--for", "fun").code == 2
    (vitrina.folder / "broken.tif").write_bytes(b"II*\0")
    assert vitrina("fix", "broken.tif").code == 2
    assert vitrina("fix", "it.zarr").code == 0
    (store / ".zattrs").write_text((store / ".zattrs").read_text().replace("micrometer", "um"))
    conflict = vitrina("fix", "it.zarr")
    assert conflict.code == 4
    assert "backup-exists" in conflict.err
    assert vitrina("add", "it.zarr", "--in-place").code == 0
    assert "path-registered" in vitrina("fix", "it.zarr").err
