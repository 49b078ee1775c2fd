"""Tiles of TIFF files that pass through undecoded, in headless Chromium; no sample has such tiles."""

from __future__ import annotations

import numpy as np
import pixels
import pytest
import tifffile
from browser_clients import open_client, read_arrays

from vitrina.verbs.init import init

pytestmark = pytest.mark.browser

LEVELS = [np.random.default_rng(0).normal(600, 40, (2, side, side)).astype(np.uint16) for side in (600, 300)]


@pytest.fixture(scope="module")
def hub(tmp_path_factory, start_hub):
    """A hub with the same two levels, compressed with zlib and not at all; uids by compression."""
    root = tmp_path_factory.mktemp("tiles")
    instance = init(root / "museum").instance
    uids = {}
    for compression in ("zlib", None):
        path = root / f"{compression}.ome.tif"
        options = {"tile": (256, 256), "compression": compression, "photometric": "minisblack"}
        with tifffile.TiffWriter(path) as writer:
            writer.write(LEVELS[0], subifds=1, metadata={"axes": "CYX"}, **options)
            writer.write(LEVELS[1], subfiletype=1, **options)
        uids[compression] = instance.add(path).artifact.uid
    return start_hub(root / "museum").url, uids


@pytest.mark.parametrize("plane", ["zarr", "zarr3"])
@pytest.mark.parametrize("compression", ["zlib", None])
def test_zarrita_reads_the_pixels_of_tiles_that_pass_through(hub, watched, compression, plane):
    url, uids = hub
    open_client(watched.page, url, "read-zarr")
    zarr_format = 2 if plane == "zarr" else 3
    _, arrays = read_arrays(watched.page, f"{url}/{plane}/{uids[compression]}", zarr_format, [("0", None), ("1", None)])
    for read, written in zip(arrays, LEVELS, strict=True):
        assert np.array_equal(read, written)


def test_the_viewer_draws_tiles_that_pass_through(hub, watched):
    url, uids = hub
    watched.page.goto(f"{url}/viewer/?config=/api/v1/artifacts/{uids['zlib']}/vitessce.json")
    canvas = watched.page.locator("canvas").first
    canvas.wait_for(state="visible")
    pixels.wait_until(lambda: (pixels.take(canvas)[200:-200, 200:-200] > 40).mean() > 0.2, "a picture")
    assert any(f"/zarr/{uids['zlib']}/" in request for request in watched.requests)
