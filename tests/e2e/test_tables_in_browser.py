"""Tables of further formats in the viewer: something of each is drawn, and spots lie on the image that is theirs."""

from __future__ import annotations

import json

import h5py
import numpy as np
import pixels
import pytest
import samples
from conftest import SCREENSHOTS
from PIL import Image
from scipy import sparse

from vitrina.verbs.init import init

pytestmark = pytest.mark.browser

SAMPLES = [
    "osmfish-cortex-loom/osmFISH_SScortex_mouse_all_cells.loom",
    "h5mu-hubmap/secondary_analysis.h5mu",
    "mcmicro-exemplar001-csv/exemplar-001--unmicst_cell.csv",
    "merscope-liver-mini/region_0",
    "visium-mouse-brain-tiny/outs",
]


@pytest.fixture(scope="module")
def hub(tmp_path_factory, start_hub):
    root = tmp_path_factory.mktemp("tables")
    instance = init(root / "museum").instance
    artifacts = {name: instance.add(samples.get(name), key=name, in_place=True).artifact for name in SAMPLES}
    return start_hub(root / "museum").url, artifacts


@pytest.mark.parametrize("name", SAMPLES)
def test_a_table_is_drawn_and_nothing_fails(hub, watched, name):
    url, artifacts = hub
    watched.page.goto(f"{url}/a/{artifacts[name].uid}")
    canvas = watched.page.frame_locator("iframe").locator("canvas").first
    pixels.wait_until_drawn(canvas)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    watched.page.screenshot(path=SCREENSHOTS / f"table-{SAMPLES.index(name)}.png", full_page=True)
    assert watched.find_foreign_requests(url) == []
    asked = [one for one in watched.requests if "/zarr/" in one]
    assert any("/X/0.0" in one or "/obsm/" in one or "/obs/" in one for one in asked)


def write_visium(folder):
    """A grid of spots in pixels of the full image, on a picture a tenth as wide that is green just where they are."""
    (folder / "spatial").mkdir(parents=True)
    rows, columns = np.mgrid[0:20, 0:20]
    x, y = 4000 + 300 * columns.ravel(), 2000 + 300 * rows.ravel()
    names = [f"spot{i}-1" for i in range(len(x))]
    positions = zip(names, [1] * len(x), rows.ravel(), columns.ravel(), y, x, strict=True)
    lines = [",".join(map(str, line)) for line in positions]
    (folder / "spatial/tissue_positions_list.csv").write_text("\n".join(lines) + "\n")
    factors = {"tissue_hires_scalef": 0.1, "tissue_lowres_scalef": 0.01, "spot_diameter_fullres": 200}
    (folder / "spatial/scalefactors_json.json").write_text(json.dumps(factors))
    picture = np.zeros((1000, 1200, 3), np.uint8)
    picture[200:771, 400:971, 1] = 255
    Image.fromarray(picture).save(folder / "spatial/tissue_hires_image.png")
    counts = sparse.csc_matrix(np.ones((3, len(x)), np.int32))
    with h5py.File(folder / "filtered_feature_bc_matrix.h5", "w") as file:
        for name, values in (("data", counts.data), ("indices", counts.indices), ("indptr", counts.indptr)):
            file[f"matrix/{name}"] = values
        file["matrix/shape"] = counts.shape
        file["matrix/barcodes"] = names
        for name in ("id", "name", "feature_type"):
            file[f"matrix/features/{name}"] = ["A", "B", "C"]
    return folder


def find_box(mask):
    """First and last row and column of what is marked, without stray pixels."""
    return [int(index) for axis in (1, 0) for index in np.flatnonzero(mask.sum(axis=axis) > 10)[[0, -1]]]


def test_spots_lie_on_the_image_that_they_belong_to(tmp_path, start_hub, watched):
    instance = init(tmp_path / "museum").instance
    artifact = instance.add(write_visium(tmp_path / "outs"), key="outs").artifact
    hub = start_hub(tmp_path / "museum")
    watched.page.goto(f"{hub.url}/a/{artifact.uid}")
    canvas = watched.page.frame_locator("iframe").locator("canvas").first
    canvas.wait_for(state="visible")

    def find_both():
        """Where the picture is green, and where spots lie on it, which are red or blue by their gene."""
        shown = pixels.take(canvas)[100:-60]  # without the legend and the scale bar
        spots = (shown[..., [0, 2]].max(axis=2) > 60) & (shown.min(axis=2) < 60)
        return (shown[..., 1] > 200) & (shown[..., 0] < 60), spots

    pixels.wait_until(lambda: min(mask.sum() for mask in find_both()) > 1000, "picture and spots")
    pixels.wait_until_still(canvas)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    watched.page.screenshot(path=SCREENSHOTS / "table-on-image.png", full_page=True)
    green, spots = (find_box(mask) for mask in find_both())
    # spots reach over the rim by their radius: 0.4 of a step, of which there are 19
    margin = 0.6 * (green[1] - green[0]) / 19
    assert np.abs(np.subtract(green, spots)).max() <= margin
