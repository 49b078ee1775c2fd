"""What OME-TIFF can hold, and in which order; expected numbers by hand, from the definition of DimensionOrder."""

import numpy as np
import pytest

from vitrina.convert.tiff.codecs import TileCodec
from vitrina.convert.tiff.image import TiffImage, check_image
from vitrina.convert.tiff.plan import bound_size_bytes, plan_tiff
from vitrina.errors import InputError, UnsupportedError
from vitrina.model.content import Channel


def make(shape=(1, 1, 1, 100, 100), dtype="uint16", **more):
    return TiffImage(dtype=np.dtype(dtype), **{"level_shapes_tczyx": (shape,), **more})


def test_planes_run_along_z_then_c_then_t():
    image = make((2, 3, 5, 9, 9))
    assert (image.dimension_order, image.n_planes) == ("XYZCT", 30)
    places = [(t, c, z) for t in range(2) for c in range(3) for z in range(5)]
    assert [image.get_plane(*place) for place in places] == list(range(30))


def test_planes_of_colour_images_run_along_z_then_t_then_groups_of_channels():
    image = make((2, 6, 5, 9, 9), "uint8", n_joint_channels=3)
    assert (image.dimension_order, image.n_planes) == ("XYZTC", 20)
    places = [(t, c, z) for c in (0, 3) for t in range(2) for z in range(5)]
    assert [image.get_plane(*place) for place in places] == list(range(20))
    assert image.get_plane(1, 5, 2) == image.get_plane(1, 3, 2)


def test_which_channels_are_a_colour_image():
    shape = (1, 3, 1, 9, 9)
    assert make(shape, "uint8", n_joint_channels=3).n_interleaved == 3
    assert make(shape, "uint8", n_joint_channels=3, is_color=False).n_samples == 1
    assert not make(shape, "uint16", n_joint_channels=3).is_rgb
    apart = make(shape, "uint8", is_color=True)
    assert (apart.n_samples, apart.n_interleaved, apart.n_planes) == (3, 1, 1)


@pytest.mark.parametrize(
    ("dtype", "hint"), [("bool", "uint8"), ("int64", "int32"), ("float16", "float32"), ("complex64", "float32")]
)
def test_types_that_ome_lacks_are_refused_with_a_cast(dtype, hint):
    with pytest.raises(UnsupportedError, match=f"type {dtype}.*to {hint}"):
        check_image(make(dtype=dtype))


def test_levels_may_not_shrink_z():
    with pytest.raises(UnsupportedError, match="differ only in y and x"):
        check_image(make(level_shapes_tczyx=((1, 1, 4, 8, 8), (1, 1, 2, 4, 4))))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"level_shapes_tczyx": ()}, "needs pixels"),
        ({"level_shapes_tczyx": ((1, 1, 1, 0, 5),)}, "needs pixels"),
        ({"n_joint_channels": 2}, "2 at a time"),
        ({"channels": (Channel(name="a"), Channel(name="b"))}, "2 channels are described"),
        ({"is_color": True}, "three channels of type uint8"),
        ({"tile_shape_yx": (512, 500)}, "multiples of 16"),
        ({"tile_shape_yx": (0, 16)}, "multiples of 16"),
        ({"codec": TileCodec(name="gzip")}, "'gzip' is no compression"),
        ({"codec": TileCodec(name="deflate", level=13)}, "deflate has no level 13; it has 0 to 12"),
        ({"codec": TileCodec(name="lzw", level=1)}, "lzw has no level 1; it has none"),
    ],
)
def test_nonsense_is_refused(wrong, message):
    with pytest.raises(InputError, match=message):
        check_image(make(**wrong))


def test_jpeg_takes_8_bits_only():
    with pytest.raises(UnsupportedError, match="uint8, not uint16"):
        plan_tiff([make()], codec=TileCodec(name="jpeg"))


def test_a_file_needs_an_image():
    with pytest.raises(InputError, match="at least one image"):
        plan_tiff([])


@pytest.mark.parametrize("codec", ["none", "deflate", "lzw", "zstd", "jpeg"])
def test_big_tiff_is_chosen_before_4_gib(codec):
    small, large = (make((1, 1, 1, side, side), "uint8") for side in (16_384, 65_536))
    assert not plan_tiff([small], codec=TileCodec(name=codec)).layout.is_big
    assert plan_tiff([large], codec=TileCodec(name=codec)).layout.is_big  # 4 GiB of pixels
    assert not plan_tiff([large], codec=TileCodec(name=codec), is_big=False).layout.is_big


def test_the_bound_counts_all_tiles_of_all_planes_and_levels():
    image = make((1, 2, 3, 600, 300), level_shapes_tczyx=((1, 2, 3, 600, 300), (1, 2, 3, 300, 150)))
    n_tiles = 6 * (2 * 1 + 1)
    raw = n_tiles * 512 * 512 * 2
    assert raw < bound_size_bytes([image]) < 1.1 * raw
