"""Valid stores written by zarr-python, ways to break them, and to look at what repairs made of them."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import zarr

from vitrina.verbs.check import check
from vitrina.verbs.fix import fix

SCALES = ([1.0, 0.5, 0.5], [1.0, 1.0, 1.0])


def make_pixels(shape=(3, 90, 70), dtype="uint16", seed=0):
    return np.random.default_rng(seed).integers(0, 200, shape).astype(dtype)


def write_store(path, zarr_format, *levels, axes="cyx", chunks=(1, 32, 32), scales=SCALES, **more):
    """An image of the version of OME-Zarr that goes with a version of Zarr; ``more`` are further keys."""
    types = {"t": "time", "c": "channel"}
    root = zarr.open_group(path, mode="w", zarr_format=zarr_format)
    for i, pixels in enumerate(levels):
        names = {"dimension_names": list(axes)} if zarr_format == 3 else {}
        keys = {"name": "v2", "separator": "/"} if zarr_format == 2 else None
        array = root.create_array(
            str(i), shape=pixels.shape, dtype=pixels.dtype, chunks=chunks, chunk_key_encoding=keys, **names
        )
        array[...] = pixels
    described = []
    for name in axes:
        unit = {"unit": "micrometer"} if name in "zyx" else {"unit": "second"} if name == "t" else {}
        described.append({"name": name, "type": types.get(name, "space"), **unit})
    datasets = [
        {"path": str(i), "coordinateTransformations": [{"type": "scale", "scale": list(scales[i])}]}
        for i in range(len(levels))
    ]
    multiscale = {"name": "it", "type": "mean", "metadata": {}, "axes": described, "datasets": datasets}
    if zarr_format == 2:
        root.attrs.update({"multiscales": [{"version": "0.4", **multiscale}], **more})
    else:
        root.attrs["ome"] = {"version": "0.5", "multiscales": [multiscale], **more}
    return path


def edit(path, zarr_format, change, node=""):
    """Change the object that holds the OME-Zarr keys of a group."""
    group = zarr.open_group(path, path=node, mode="r+", zarr_format=zarr_format, use_consolidated=False)
    attrs = json.loads(json.dumps(dict(group.attrs)))
    change(attrs if zarr_format == 2 else attrs["ome"])
    group.attrs.clear()
    group.attrs.update(attrs)


def read_block(path, zarr_format, node=""):
    attrs = dict(zarr.open_group(path, path=node, mode="r", use_consolidated=False).attrs)
    return attrs if zarr_format == 2 else attrs["ome"]


def list_codes(path, purpose="specification"):
    """Codes of errors and warnings."""
    return {one.code for one in check(path, purpose=purpose).findings if one.severity != "info"}


def hash_tree(folder):
    """Names and bytes of everything in a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def fix_and_check(path, *codes, purpose="specification"):
    """Repair; the codes are repaired and gone, the second time there is nothing to do, a dry run had said the same."""
    before = hash_tree(path.parent)
    planned = fix(path, purpose=purpose, is_dry_run=True)
    assert hash_tree(path.parent) == before, "a dry run writes nothing"
    done = fix(path, purpose=purpose)
    told = {code for repair in done.repairs for code in repair.codes}
    assert set(codes) <= told
    assert not set(codes) & list_codes(path, purpose)
    assert [finding for finding in done.left if finding.severity == "error"] == []
    assert planned.repairs == done.repairs
    assert {finding.code for finding in planned.left} == {finding.code for finding in done.left}
    assert hash_tree(done.backup) == {
        name.partition("/")[2]: value for name, value in before.items() if name.startswith(f"{path.name}/")
    }
    assert fix(path, purpose=purpose).repairs == ()
    assert sorted(one.name for one in path.parent.iterdir() if one.name.startswith(".")) == []
    return done
