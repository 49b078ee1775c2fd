"""Programs for images open every image of ``../shared/data`` over HTTP: pixels, sizes and names are the file's."""

import numpy as np
import pytest
from image_clients import CLIENTS, open_labels_with_ngio
from pictures import ILEUM, PICTURES, read_levels

WINDOW_PX = 40


def build_window(picture, shape):
    """The last time point and plane, all channels, and a part of the plane across the border of chunks of 512."""
    window = []
    for axis, size in zip(picture.axes, shape, strict=True):
        if axis in "yx":
            start = max(min(500, size - WINDOW_PX), 0)
            window.append(slice(start, min(start + WINDOW_PX, size)))
        else:
            window.append(slice(0, size) if axis == "c" else slice(size - 1, size))
    return tuple(window)


REFUSED = {
    ("ngio", "two_scenes.czi", 2): "All elements must be unique",
    ("ngio", "two_scenes.czi", 3): "All elements must be unique",
    ("ngio", ILEUM, 2): "Input should be 'scale'",
    ("ngio", ILEUM, 3): "Input should be 'scale'",
}
"""What a client does not read, by its own words: ngio neither channels of one name nor transformations beyond 0.4."""


@pytest.mark.parametrize("zarr_format", [2, 3])
@pytest.mark.parametrize("picture", PICTURES, ids=str)
@pytest.mark.parametrize("client", CLIENTS)
def test_an_image_is_read_as_it_is(hub, client, picture, zarr_format):
    url = hub.build_zarr_url(hub.add(picture.path), zarr_format, picture.node)
    open_image = open_labels_with_ngio if client == "ngio" and picture.is_labels else CLIENTS[client]
    if picture.name == ILEUM:
        import spatialdata._io.format  # noqa: F401 - teaches ome-zarr-py its own names of versions
    refusal = REFUSED.get((client, picture.name, zarr_format))
    if refusal is not None:
        with pytest.raises(ValueError, match=refusal):
            open_image(url)
        return
    seen, expected = open_image(url), read_levels(picture)
    assert [level.shape for level in seen.levels] == [level.shape for level in expected]
    window = build_window(picture, expected[0].shape)
    np.testing.assert_array_equal(seen.levels[0].read(window), expected[0][window])
    whole = tuple(slice(0, size) for size in expected[-1].shape)
    np.testing.assert_array_equal(seen.levels[-1].read(whole), expected[-1])
    check_words(seen, picture)


def check_words(seen, picture):
    """What a client says of axes, sizes, units and channels; not all tell all of it."""
    if seen.axes is not None:
        assert seen.axes == picture.axes
    if seen.scales is not None and picture.scale is not None:
        np.testing.assert_allclose(seen.scales[0], picture.scale, rtol=1e-5)
    if seen.units is not None and picture.unit is not None:
        assert {seen.units[axis] for axis in "yx"} == {picture.unit}
    if seen.channels is not None and picture.channels is not None:
        assert tuple(seen.channels) == picture.channels
