"""Pixels of a dataset in an HDF5 file."""

from __future__ import annotations

import math
import weakref
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError, UnsupportedError
from vitrina.readers.damage import reading
from vitrina.readers.hdf5 import find_child, open_hdf5
from vitrina.readers.pixels.array import ArrayPixels

if TYPE_CHECKING:
    from collections.abc import Sequence

    import h5py

    from vitrina.model.content import Axis
    from vitrina.readers.pixels.axes import Pixels, ShapeTczyx
    from vitrina.readers.source import Source

MAX_CHUNK_BYTES = 2**30
"""HDF5 decodes whole chunks; a larger one would fill the memory, and no instrument writes such."""

_DAMAGE = "hdf5-damaged", "HDF5"


class Hdf5Pixels(ArrayPixels):
    """One dataset; HDF5 reads for one thread at a time.

    Args:
        source: The file, or what it is part of.
        file: The same, opened; closed with this.
        dataset: In it.
        axes: Of the dataset.
        shape: How much of the dataset is image, from its first pixel on; all unless given.
    """

    def __init__(
        self,
        source: Source,
        file: h5py.File,
        dataset: h5py.Dataset,
        axes: Sequence[Axis],
        shape: tuple[int, ...] | None = None,
    ) -> None:
        cut = dataset if shape is None or shape == dataset.shape else _Cut(dataset, shape)
        super().__init__(cut, axes, f"{source.path}, dataset {dataset.name!r}")
        self._source = source
        self._finalize = weakref.finalize(self, file.close)

    def read_into(self, start_tczyx: ShapeTczyx, out_czyx: Pixels) -> None:
        """Fill an array with the window that starts at a pixel."""
        with reading(self._source, *_DAMAGE):
            super().read_into(start_tczyx, out_czyx)

    def close(self) -> None:
        """Close the file; nothing is read afterwards."""
        self._finalize()


class _Cut:
    """The beginning of a dataset that was padded to whole chunks."""

    def __init__(self, dataset: h5py.Dataset, shape: tuple[int, ...]) -> None:
        self._dataset = dataset
        self.shape = shape
        self.dtype = dataset.dtype
        self.chunks = dataset.chunks

    def __getitem__(self, window: Any, /) -> Any:
        return self._dataset[window]


def open_hdf5_pixels(
    source: Source,
    path: str,
    axes: Sequence[Axis],
    shape: tuple[int, ...],
    *,
    file: h5py.File | None = None,
    is_padded: bool = False,
) -> Hdf5Pixels:
    """Open one dataset; the caller closes it.

    Args:
        source: The file, or what it is part of.
        path: Of the dataset.
        axes: Of the dataset.
        shape: As it was described.
        file: The file, where it is another than the source's; closed with the pixels.
        is_padded: Whether the dataset may be larger than what was described.

    Raises:
        UnreadableError: The file is damaged, has changed, or names other files.
        UnsupportedError: The dataset needs a filter that is not installed, or its chunks do not fit into memory.
    """
    opened = file or open_hdf5(source.path)
    try:
        with reading(source, *_DAMAGE):
            dataset = get_dataset(opened, path, source)
            found = tuple(int(size) for size in dataset.shape)
            fits = all(own >= size for own, size in zip(found, shape, strict=False)) if is_padded else found == shape
            if len(found) == len(shape) and fits:
                check_filters(dataset, source)
                return Hdf5Pixels(source, opened, dataset, axes, shape)
        raise _changed(source, path, shape, found)  # noqa: TRY301 closed below like any other failure
    except BaseException:
        opened.close()
        raise


def get_dataset(group: h5py.Group, path: str, source: Source) -> h5py.Dataset:
    """The dataset at a path, every step of which lies in the file.

    Raises:
        UnreadableError: There is none.
    """
    import h5py

    item: Any = group
    for name in path.split("/"):
        item = find_child(item, name) if isinstance(item, h5py.Group) else None
    if not isinstance(item, h5py.Dataset):
        raise UnreadableError(
            "array-missing", f"There is no dataset {path!r} in {source.path}.", where=str(source.path)
        )
    return item


def check_filters(dataset: h5py.Dataset, source: Source) -> None:
    """Whether chunks can be decoded here.

    Raises:
        UnsupportedError: A filter is not installed, or chunks are too large.
    """
    import h5py

    if dataset.chunks and math.prod(dataset.chunks) * dataset.dtype.itemsize > MAX_CHUNK_BYTES:
        raise UnsupportedError(
            "hdf5-chunk-too-large",
            f"The dataset {dataset.name!r} in {source.path} has chunks of {dataset.chunks}, more than "
            f"{MAX_CHUNK_BYTES:,} bytes each.",
            hint="Write it with smaller chunks, for example with h5repack.",
            where=str(source.path),
        )
    created = dataset.id.get_create_plist()
    for index in range(created.get_nfilters()):
        number, _, _, name = created.get_filter(index)
        if not h5py.h5z.filter_avail(number):
            raise UnsupportedError(
                "hdf5-filter-missing",
                f"The dataset {dataset.name!r} in {source.path} is compressed by the filter {number} "
                f"({name.decode('ascii', 'replace') or 'unnamed'}), which is not installed.",
                hint="Install hdf5plugin and import it, or write the file with gzip, for example with h5repack.",
                where=str(source.path),
            )


def _changed(source: Source, path: str, shape: tuple[int, ...], found: tuple[int, ...]) -> UnreadableError:
    return UnreadableError(
        "hdf5-changed",
        f"The dataset {path!r} in {source.path} was described with the shape {shape}, but has {found}.",
        hint="The file has changed since: read its content again.",
        where=str(source.path),
    )
