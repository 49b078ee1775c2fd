"""Samples of further formats in the viewer: each place of the picture has the colour that the stored pixels have.

The expected picture is made of what tifffile and czifile read: the camera of the view says which pixel lies
where, the windows and colours of the channels what it looks like. Both pictures are compared in blocks, since the
viewer draws coarser levels of large images.
"""

from __future__ import annotations

import numpy as np
import pixels
import pytest
import samples
import tifffile
import zarr
from conftest import SCREENSHOTS

from vitrina.verbs.init import init

pytestmark = pytest.mark.browser

BLOCK_PX = 8

DISC_PX = 50
RADII = np.hypot(*(np.indices((512, 1024)) % 128 - 63.5))
"""Of each pixel from the middle of its disc; discs lie in squares of 128 pixels."""


def read_rgb_slide(path):
    return tifffile.imread(path)


def read_hyperstack(path):
    """The middle plane of the first time point, which is what the view shows first."""
    stack = tifffile.imread(path)
    return stack[0, stack.shape[1] // 2]


def read_czi(path):
    czifile = pytest.importorskip("czifile")
    with czifile.CziFile(path) as file:
        return file.scenes[0].asarray().squeeze()[None]


def read_samples(path):
    return np.moveaxis(tifffile.imread(path), -1, 0)


SAMPLES = {
    "svs-cmu1-he/CMU-1-Small-Region.svs": read_rgb_slide,
    "tiff-mitosis-5d/xyzct-mitosis.tif": read_hyperstack,
    "czi-mosaic/mosaic_test.czi": read_czi,
    "tiff-hela-3ch/hela-cells.tif": read_samples,
}


@pytest.fixture(scope="module")
def hub(tmp_path_factory, start_hub):
    root = tmp_path_factory.mktemp("samples")
    instance = init(root / "museum").instance
    artifacts = {name: instance.add(samples.get(name), key=name, in_place=True).artifact for name in SAMPLES}
    write_discs(root / "discs.ome.zarr")
    artifacts["discs"] = instance.add(root / "discs.ome.zarr").artifact
    return start_hub(root / "museum").url, artifacts


def write_discs(path):
    """A blue colour image with round labels on it."""
    root = zarr.open_group(path, mode="w", zarr_format=2)
    color = np.zeros((3, *RADII.shape), np.uint8)
    color[2] = 128
    labels = np.where(RADII < DISC_PX, 1 + np.arange(RADII.shape[1]) // 128, 0).astype(np.int32)
    for group, array, axes in ((root, color, "cyx"), (root.create_group("labels/discs"), labels, "yx")):
        group.create_array("0", data=array, chunks=(*(1,) * (array.ndim - 2), 512, 512))
        described = [{"name": name, "type": "channel" if name == "c" else "space"} for name in axes]
        scales = [{"type": "scale", "scale": [1.0] * array.ndim}]
        datasets = [{"path": "0", "coordinateTransformations": scales}]
        group.attrs["multiscales"] = [{"version": "0.4", "axes": described, "datasets": datasets}]
    channels = [
        {"label": name, "color": shade, "active": True, "window": {"min": 0, "max": 255, "start": 0, "end": 255}}
        for name, shade in (("Red", "FF0000"), ("Green", "00FF00"), ("Blue", "0000FF"))
    ]
    root.attrs["omero"] = {"channels": channels}
    root["labels"].attrs["labels"] = ["discs"]
    root["labels/discs"].attrs["image-label"] = {"version": "0.4"}


def get_only(config, name):
    (value,) = config["coordinationSpace"][name].values()
    return value


def paint(stored, config):
    """The stored pixels in colour: three samples as they are, channels added up in their windows and colours."""
    if stored.shape[-1] == 3:
        return stored.astype(float)
    space = config["coordinationSpace"]
    total = np.zeros((*stored.shape[1:], 3))
    for scope, index in space["spatialTargetC"].items():
        low, high = space["spatialChannelWindow"][scope]
        share = np.clip((stored[index].astype(float) - low) / (high - low), 0, 1)
        total += share[..., None] * np.array(space["spatialChannelColor"][scope])
    return np.minimum(total, 255)


def place(painted, config, scale_yx, size):
    """What the camera sees of it, one colour per pixel of the screen, and where it lies inside the image."""
    height, width = size
    step = 2.0 ** -get_only(config, "spatialZoom")
    ys = get_only(config, "spatialTargetY") + (np.arange(height) + 0.5 - height / 2) * step
    xs = get_only(config, "spatialTargetX") + (np.arange(width) + 0.5 - width / 2) * step
    rows, columns = np.floor(ys / scale_yx[0]).astype(int), np.floor(xs / scale_yx[1]).astype(int)
    inside_y = (rows >= 0) & (rows < painted.shape[0])
    inside_x = (columns >= 0) & (columns < painted.shape[1])
    seen = painted[np.clip(rows, 0, painted.shape[0] - 1)][:, np.clip(columns, 0, painted.shape[1] - 1)]
    return seen, inside_y[:, None] & inside_x[None]


def average(picture):
    height, width = (side // BLOCK_PX for side in picture.shape[:2])
    cut = picture[: height * BLOCK_PX, : width * BLOCK_PX].astype(float)
    return cut.reshape(height, BLOCK_PX, width, BLOCK_PX, -1).mean(axis=(1, 3))


def compare(drawn, expected, is_inside):
    """Share of the blocks inside the image whose mean colour is nearly the expected one."""
    whole = average(is_inside[..., None])[..., 0] == 1
    differs = np.abs(average(drawn) - average(expected)).max(axis=2)[whole]
    return float((differs < 24).mean())


def open_view(page, url, artifact):
    """Open the automatic view, and give its configuration and what it drew."""
    address = f"/api/v1/artifacts/{artifact.uid}/vitessce.json"
    config = page.request.get(f"{url}{address}").json()
    page.goto(f"{url}/viewer/?config={address}")
    canvas = page.locator("canvas").first
    canvas.wait_for(state="visible")
    pixels.wait_until(lambda: (pixels.take(canvas)[200:-200, 200:-200] > 40).mean() > 0.01, "a picture")
    return config, pixels.wait_until_still(canvas)


@pytest.mark.parametrize("name", SAMPLES)
def test_each_place_has_the_colour_of_the_stored_pixels(hub, watched, name):
    url, artifacts = hub
    config, drawn = open_view(watched.page, url, artifacts[name])
    painted = paint(SAMPLES[name](samples.get(name)), config)
    image = artifacts[name].content.elements[0]
    scale_by_axis = dict(zip((axis.name for axis in image.axes), image.levels[0].scale, strict=True))
    pixels.keep(drawn, SCREENSHOTS / f"sample-{name.split('/')[0]}.png")
    expected, is_inside = place(painted, config, (scale_by_axis["y"], scale_by_axis["x"]), drawn.shape[:2])
    pixels.keep(expected, SCREENSHOTS / f"sample-{name.split('/')[0]}-expected.png")
    assert is_inside.mean() > 0.3
    assert compare(drawn, expected, is_inside) > 0.95
    assert watched.find_foreign_requests(url) == []


def test_labels_without_a_table_are_outlined(hub, watched):
    url, artifacts = hub
    config, drawn = open_view(watched.page, url, artifacts["discs"])
    pixels.keep(drawn, SCREENSHOTS / "sample-discs.png")
    masks = np.stack(
        [RADII < DISC_PX - 8, (RADII > DISC_PX - 2) & (RADII < DISC_PX - 0.5), RADII > DISC_PX + 2], axis=2
    )
    seen, is_inside = place(masks, config, (1.0, 1.0), drawn.shape[:2])
    is_white = drawn.min(axis=2) > 150
    inner, rim, outer = (is_white[seen[..., index] & is_inside].mean() for index in range(3))
    assert inner < 0.01
    assert rim > 0.8
    assert outer < 0.05  # names and buttons of the viewer
    is_blue = (np.abs(drawn - [0, 0, 128]).max(axis=2) < 24)[seen[..., 0] & is_inside]
    assert is_blue.mean() > 0.95
