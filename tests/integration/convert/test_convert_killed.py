"""Conversions that are killed at many moments go on to the bytes of one that was never interrupted."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile

DRIVER = Path(__file__).with_name("kill_conversions.py")
N_MOMENTS = {"zarr-0.5": 50, "zarr-0.4": 15, "tiff": 15, "lanczos": 15}


def write_source(path):
    """Two channels, a corner of which is black and is left out of shards."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 3000, (2, 448, 500), np.uint16)
    pixels[:, :200, :200] = 0
    tifffile.imwrite(path, pixels, ome=True, tile=(64, 64), metadata={"axes": "CYX"})


@pytest.mark.parametrize(("kind", "n_moments"), N_MOMENTS.items())
def test_a_killed_conversion_shows_nothing_and_goes_on_to_the_same_bytes(tmp_path, kind, n_moments):
    write_source(tmp_path / "source.ome.tif")
    (tmp_path / "out").mkdir()
    ran = subprocess.run(
        [sys.executable, DRIVER, tmp_path / "source.ome.tif", tmp_path / "out", kind, str(n_moments), "1"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},  # no threads before it forks
    )
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    n_whole = told["whole"]["n_reads"]
    assert n_whole == 2 * 7 * 8 + 2, "blocks of 64 x 64 of the finest level, and a sample of each of two channels"
    happened = told["happened"]
    assert len(happened) == n_moments
    assert [one for one in happened if not one["is_equal"]] == []
    # nothing is seen, unless the kill came after the last step; then what is seen is complete, as above
    unseen = [one for one in happened if one["told"] is not None]
    assert all(kill["was_killed"] for one in unseen for kill in one["kills"])
    assert len(unseen) >= n_moments / 2
    in_progress = [one for one in unseen if one["kills"][-1]["had_stored"]]
    assert len(in_progress) >= n_moments / 3, "many kills hit a conversion that had stored something"
    for one in in_progress:
        assert one["told"]["is_resumed"]
    n_saved = [n_whole - one["told"]["n_reads"] for one in in_progress]
    assert sum(n > 0 for n in n_saved) >= n_moments / 4, "what was stored is not read again"
    assert sum(n_saved) >= n_whole * n_moments / 10
    if n_moments >= 50:
        assert any(len(one["kills"]) == 2 for one in in_progress), "some were killed a second time"
