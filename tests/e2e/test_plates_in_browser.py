"""Plates in the hub: the viewer shows all fields of view as one image, seen whole."""

from __future__ import annotations

import numpy as np
import pixels
import pytest
import samples
from conftest import SCREENSHOTS
from zarr_plates import write_zarr_plate

from vitrina.verbs.init import init

pytestmark = pytest.mark.browser

SKIP = {(0, 1, field) for field in range(4)}
"""The second of three wells of the first row is not there."""


def make_bright(row, column, field, shape_cyx):
    """Two channels of noise, as bright in every field, on a ramp from above to below."""
    rng = np.random.default_rng([row, column, field])
    ramp = np.arange(shape_cyx[1], dtype=np.uint16)[:, None] * 8
    return rng.integers(2000, 4000, (2, *shape_cyx[1:]), dtype=np.uint16) + ramp


@pytest.fixture(scope="module")
def plates(tmp_path_factory):
    root = tmp_path_factory.mktemp("plates")
    instance = init(root / "museum").instance
    paths = {
        "screen": write_zarr_plate(
            root / "screen.zarr", n_columns=3, shape_cyx=(2, 256, 256), skip=SKIP, build=make_bright
        ),
        "imagexpress": samples.get("hcs-imagexpress-plate1334"),
        "conformance": samples.SHARED / "conformance/bioimagetools-examples/valid/plate-01.zarr",
    }
    return root / "museum", {name: instance.add(path, key=name).artifact for name, path in paths.items()}


@pytest.fixture
def see(plates, start_hub, watched):
    """Open the page of a plate; the canvas of its viewer."""
    root, artifacts = plates
    hub = start_hub(root)

    def see(name):
        watched.page.goto(f"{hub.url}/a/{artifacts[name].uid}")
        canvas = watched.page.frame_locator("iframe").locator("canvas").first
        canvas.wait_for(state="visible")
        return canvas

    yield see
    assert watched.find_foreign_requests(hub.url) == []


def find_lit(picture):
    """Rows and columns of the picture that have a coloured pixel; what is written on it in the corners is left out."""
    lit = picture.max(axis=2) - picture.min(axis=2) > 40
    lit[-90:, :200] = False
    rows, columns = np.flatnonzero(lit.any(axis=1)), np.flatnonzero(lit.any(axis=0))
    return (rows[0], rows[-1] + 1), (columns[0], columns[-1] + 1)


def test_a_plate_is_seen_whole_and_a_missing_well_is_dark(see):
    picture = pixels.wait_until_drawn(see("screen"))
    pixels.keep(picture, SCREENSHOTS / "plate-screen.png")
    (top, bottom), (left, right) = find_lit(picture)
    height, width = bottom - top, right - left
    assert width / height == pytest.approx(1600 / 1056, rel=0.02)  # of 3 x 2 wells of 512 pixels with gaps of 32
    assert 0.85 < max(width / picture.shape[1], height / picture.shape[0]) < 1
    assert (top + bottom) / 2 == pytest.approx(picture.shape[0] / 2, abs=4)
    assert (left + right) / 2 == pytest.approx(picture.shape[1] / 2, abs=4)
    scale = width / 1600
    for row, column in np.ndindex(2, 3):
        y, x = (int(start + scale * (544 * at + 100)) for start, at in ((top, row), (left, column)))
        part = picture[y : y + int(scale * 300), x : x + int(scale * 300)]
        lit = (part.max(axis=2) > 0).mean()
        assert lit == 0 if (row, column) == (0, 1) else lit > 0.9


def test_the_sample_of_imagexpress_is_drawn(see):
    picture = pixels.wait_until_drawn(see("imagexpress"))
    pixels.keep(picture, SCREENSHOTS / "plate-imagexpress.png")
    (top, bottom), (left, right) = find_lit(picture)
    assert (right - left) > (bottom - top)  # two wells of one row


def test_a_plate_without_a_pixel_is_opened_all_the_same(see, watched):
    canvas = see("conformance")
    picture = pixels.wait_until_still(canvas)
    pixels.keep(picture, SCREENSHOTS / "plate-conformance.png")
    assert not [error for error in watched.errors if "404" not in error and "GPU stall" not in error]
