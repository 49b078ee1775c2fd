"""Where pixels come from: the seam between the engine and foreign formats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from vitrina.model.stored_chunks import StoredChunks

type ShapeTczyx = tuple[int, int, int, int, int]
type Pixels = npt.NDArray[np.generic]


class PixelSource(Protocol):
    """The pixels of one level of one image, in the order t, c, z, y, x; axes that the image lacks have size 1.

    Windows may be read from many threads at once.

    Attributes:
        shape_tczyx: Size in pixels.
        dtype: Of the pixels, in the byte order of this machine.
        n_joint_channels: Channels that lie interleaved and are therefore read together: 3 for RGB, 1 for planes of
            their own. Divides the number of channels.
        chunk_shape_tczyx: The smallest part that can be decoded on its own; as wide as the image for strips.
    """

    @property
    def shape_tczyx(self) -> ShapeTczyx: ...

    @property
    def dtype(self) -> np.dtype[Any]: ...

    @property
    def n_joint_channels(self) -> int: ...

    @property
    def chunk_shape_tczyx(self) -> ShapeTczyx: ...

    def read_into(self, start_tczyx: ShapeTczyx, out_czyx: Pixels) -> None:
        """Fill an array with the window that starts at a pixel; the window lies inside the image.

        Args:
            start_tczyx: First pixel of the window; its channel is a multiple of ``n_joint_channels``.
            out_czyx: ``n_joint_channels`` channels, any depth, height and width; not necessarily contiguous.

        Raises:
            UnreadableError: The bytes are damaged there.
        """

    def close(self) -> None:
        """Close what is open; nothing is read afterwards."""


@runtime_checkable
class HasStoredChunks(Protocol):
    """A PixelSource whose chunks may be passed on without decoding them."""

    def describe_stored(self) -> StoredChunks | None:
        """How the chunks are stored, None where no Zarr array has them so."""

    def read_stored(self, index_tczyx: ShapeTczyx) -> bytes | None:
        """The bytes of a chunk; None where it is not stored, so that its pixels are 0.

        Args:
            index_tczyx: Which timepoint, channel, plane, and row and column of chunks.

        Raises:
            UnreadableError: The file is damaged there.
        """
