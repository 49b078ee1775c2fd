"""Writes OME-TIFF: tiles as they come, directories last."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np

from vitrina.convert.tiff.codecs import decode_tile, encode_tile
from vitrina.convert.tiff.directory import align
from vitrina.convert.tiff.file import TileFile
from vitrina.convert.tiff.ome_xml import build_ome_xml
from vitrina.convert.tiff.pages import build_plane
from vitrina.convert.tiff.plan import TILE_ALIGNMENT_BYTES
from vitrina.errors import InputError, UnreadableError
from vitrina.pyramid.writer import Encoded

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from vitrina.convert.tiff.plan import TiffPlan
    from vitrina.pyramid.source import Pixels
    from vitrina.pyramid.writer import Place

_FLUSH_BYTES = 1 << 22
"""Directories are written in pieces of about this size."""

_CLASSIC_END = 2**32


class TiffWriter:
    """One file with one or several images, each of which is written through ``for_image``.

    Every tile is stored, also one of nothing but zeros: not all readers take tiles that are left out. Until the last
    image is finished the file's head points nowhere, so that no reader takes it for complete.

    Args:
        path: The file; it must not exist, unless it is resumed.
        plan: Its layout.
        is_resumed: Whether to go on with the file of an interrupted writer, by the same plan.

    Raises:
        ConflictError: The file exists already.
        NotFoundError: There is no file to resume.
        StorageError: The file cannot be opened.

    Example:
        >>> import pathlib, tempfile
        >>> import numpy as np
        >>> from vitrina.convert.tiff.image import TiffImage
        >>> from vitrina.convert.tiff.plan import plan_tiff
        >>> from vitrina.pyramid.writer import Place
        >>> image = TiffImage(
        ...     dtype=np.dtype("uint8"), level_shapes_tczyx=((1, 1, 1, 9, 9),), tile_shape_yx=(16, 16)
        ... )
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "small.ome.tif"
        >>> writer = TiffWriter(path, plan_tiff([image]))
        >>> chunks = writer.for_image(0)
        >>> place = Place(level=0, t=0, c=0, z=0, y=0, x=0)
        >>> for encoded in chunks.encode(place, np.ones((1, 1, 16, 16), np.uint8)):
        ...     chunks.store(encoded, chunks.reserve(encoded))
        >>> chunks.finish()
        >>> import tifffile
        >>> tifffile.imread(path).shape
        (9, 9)
    """

    def __init__(self, path: Path, plan: TiffPlan, *, is_resumed: bool = False) -> None:
        self._path = path
        self._plan = plan
        self._file = TileFile(path, is_resumed=is_resumed)
        self._file.write(0, plan.layout.build_header(0))
        self._images = tuple(TiffImageWriter(self, self._file, plan, i) for i in range(len(plan.images)))
        self._unfinished = set(range(len(plan.images)))
        self._lock = threading.Lock()
        self._directory_offsets: tuple[int, ...] = ()

    def for_image(self, i: int) -> TiffImageWriter:
        """The writer of an image, by its number in the plan; the file is finished with the last of them."""
        return self._images[i]

    @property
    def directory_offsets(self) -> tuple[int, ...]:
        """Where the directory of each plane lies; empty until the file is finished."""
        return self._directory_offsets

    def finish_image(self, i: int) -> None:
        """An image is complete; with the last one the file is.

        Raises:
            StorageError: The directories cannot be written.
        """
        with self._lock:
            if i in self._unfinished:
                self._unfinished.remove(i)
                if not self._unfinished:
                    self._write_directories()

    def abort(self) -> None:
        """Close the file as it is."""
        self._file.close()

    def _write_directories(self) -> None:
        position = align(self._file.end)
        offsets: list[int] = []
        pieces, written = bytearray(), position
        description: bytes | None = build_ome_xml(self._plan.images)
        n_planes = sum(image.n_planes for image in self._plan.images)
        for i, image in enumerate(self._plan.images):
            for plane in range(image.n_planes):
                is_last = len(offsets) + 1 == n_planes
                tiles = self._images[i].get_tiles(plane)
                offsets.append(position)
                block = build_plane(self._plan, i, tiles, position, description=description, is_last=is_last)
                description = None
                position += len(block)
                self._check_end(position)
                pieces += block
                if len(pieces) >= _FLUSH_BYTES or is_last:
                    self._file.write(written, bytes(pieces))
                    written, pieces = position, bytearray()
        self._file.finish(self._plan.layout.build_header(offsets[0]), position)
        self._directory_offsets = tuple(offsets)

    def _check_end(self, position: int) -> None:
        if not self._plan.layout.is_big and position > _CLASSIC_END:
            raise InputError(
                "tiff-too-large",
                f"{self._path} would be larger than the {_CLASSIC_END:,} bytes of a classic TIFF.",
                hint="Write BigTIFF.",
                where=str(self._path),
            )


class TiffImageWriter:
    """Writes the tiles of one image; a ``ChunkWriter``. Made by ``TiffWriter.for_image``."""

    def __init__(self, writer: TiffWriter, file: TileFile, plan: TiffPlan, i: int) -> None:
        self._writer = writer
        self._file = file
        self._i = i
        self._image = image = plan.images[i]
        self._limit_bytes = None if plan.layout.is_big else _CLASSIC_END
        self._dtype = image.dtype.newbyteorder("<")
        grids = [image.get_grid_yx(level) for level in range(len(image.level_shapes_tczyx))]
        shapes = [(image.n_planes, image.n_samples // image.n_interleaved, *grid) for grid in grids]
        self._offsets = [np.zeros(shape, np.uint64) for shape in shapes]
        self._sizes_bytes = [np.zeros(shape, np.uint64) for shape in shapes]

    def encode(self, place: Place, pixels_czyx: Pixels) -> list[Encoded]:
        image = self._image
        wanted = (image.n_joint_channels, 1, *image.tile_shape_yx)
        if pixels_czyx.shape != wanted:
            raise InputError(
                "chunk-shape",
                f"A tile has {' x '.join(map(str, wanted))} pixels, not {' x '.join(map(str, pixels_czyx.shape))}.",
            )
        if image.n_interleaved > 1:
            samples = np.empty((*image.tile_shape_yx, image.n_interleaved), self._dtype)
            for c in range(image.n_interleaved):
                samples[..., c] = pixels_czyx[c, 0]
            return [Encoded(place=place, data=encode_tile(image.codec, samples))]
        return [
            Encoded(
                place=place._replace(c=place.c + c),
                data=encode_tile(image.codec, np.ascontiguousarray(plane[0], self._dtype)),
            )
            for c, plane in enumerate(pixels_czyx)
        ]

    def reserve(self, encoded: Encoded) -> int:
        data = _get_data(encoded)
        offset = self._file.reserve(len(data), self._limit_bytes)
        self._set_tile(encoded.place, offset, len(data))
        return offset

    def store(self, encoded: Encoded, offset: int) -> None:
        data = _get_data(encoded)
        self._file.write(offset, data)
        # up to where the next tile begins, over what an interrupted writer may have left there
        self._file.write(offset + len(data), bytes(-len(data) % TILE_ALIGNMENT_BYTES))

    def read_stored(self, place: Place, offset: int, size_bytes: int) -> bytes:  # noqa: ARG002 all lie in one file
        return self._file.read_there(offset, size_bytes)

    def restore(self, place: Place, offset: int, size_bytes: int | None) -> None:
        if size_bytes is None:
            raise InputError("tile-missing", f"The tile at {place} has no bytes; a TIFF stores every tile.")
        self._file.restore(offset, size_bytes)
        self._set_tile(place, offset, size_bytes)

    def read_into(self, place: Place, out_czyx: Pixels) -> None:
        image, (height, width) = self._image, out_czyx.shape[2:]
        shape = (*image.tile_shape_yx, image.n_interleaved)
        for c in range(0, image.n_joint_channels, image.n_interleaved):
            where = self._find_tile(place._replace(c=place.c + c))
            offset, size_bytes = (int(values[place.level][where]) for values in (self._offsets, self._sizes_bytes))
            if not size_bytes:
                raise UnreadableError("tile-missing", f"The tile at {place} was not stored.")
            tile = decode_tile(image.codec, self._file.read(offset, size_bytes), shape, self._dtype)
            for sample in range(image.n_interleaved):
                out_czyx[c + sample, 0] = tile[:height, :width, sample]

    def finish(self) -> None:
        missing = sum(int(np.count_nonzero(sizes == 0)) for sizes in self._sizes_bytes)
        if missing:
            raise InputError("tile-missing", f"{missing} tiles of image {self._i} were not stored.")
        self._writer.finish_image(self._i)

    def abort(self) -> None:
        self._writer.abort()

    def get_tiles(self, plane: int) -> list[tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]]:
        """Offsets and sizes in bytes of the tiles of a plane, for each level, sample by sample and row by row."""
        pairs = zip(self._offsets, self._sizes_bytes, strict=True)
        return [(offsets[plane].ravel(), sizes[plane].ravel()) for offsets, sizes in pairs]

    def _set_tile(self, place: Place, offset: int, size_bytes: int) -> None:
        where = self._find_tile(place)
        self._offsets[place.level][where] = offset
        self._sizes_bytes[place.level][where] = size_bytes

    def _find_tile(self, place: Place) -> tuple[int, int, int, int]:
        """Plane, sample where they are stored apart, row and column."""
        n_apart = self._image.n_samples // self._image.n_interleaved
        return self._image.get_plane(place.t, place.c, place.z), place.c % n_apart, place.y, place.x


def _get_data(encoded: Encoded) -> bytes:
    if encoded.data is None:
        raise InputError("tile-missing", f"The tile at {encoded.place} has no bytes; a TIFF stores every tile.")
    return encoded.data
