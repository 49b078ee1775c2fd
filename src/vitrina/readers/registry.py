"""Which reader reads what: the built-in ones, and those that installed packages offer."""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any

from vitrina.errors import NotFoundError
from vitrina.readers.anndata import AnnDataReader
from vitrina.readers.bdv.reader import BdvReader
from vitrina.readers.czi import CziReader
from vitrina.readers.hdf5_image import Hdf5ImageReader
from vitrina.readers.image_folder import ImageFolderReader
from vitrina.readers.imaris import ImarisReader
from vitrina.readers.lif import LifReader
from vitrina.readers.loom import LoomReader
from vitrina.readers.memory_array import MemoryArrayReader
from vitrina.readers.mudata import MuDataReader
from vitrina.readers.n5.reader import N5Reader
from vitrina.readers.nd2 import Nd2Reader
from vitrina.readers.numpy_file import NumpyFileReader
from vitrina.readers.ome_tiff import OmeTiffReader
from vitrina.readers.ome_tiff_folder import OmeTiffFolderReader
from vitrina.readers.ome_zarr import OmeZarrReader
from vitrina.readers.picture import PictureReader
from vitrina.readers.plates.imagexpress import ImageXpressReader
from vitrina.readers.plates.named import NamedPlateReader
from vitrina.readers.plates.operetta import OperettaReader
from vitrina.readers.slide import SlideReader
from vitrina.readers.spatialdata import SpatialDataReader
from vitrina.readers.table import TableReader
from vitrina.readers.tenx.visium import VisiumReader
from vitrina.readers.tenx.visium_hd import VisiumHdReader
from vitrina.readers.tenx.xenium import XeniumReader
from vitrina.readers.tenx_h5 import TenxH5Reader
from vitrina.readers.tiff import TiffReader
from vitrina.readers.vendor.cosmx.reader import CosmxReader
from vitrina.readers.vendor.merscope.reader import MerscopeReader
from vitrina.readers.vendor.pairs import PairsReader
from vitrina.readers.vendor.seqfish.reader import SeqfishReader
from vitrina.readers.zarr_array import ZarrArrayReader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.readers.reader import Reader
    from vitrina.readers.source import Source

ENTRY_POINTS = "vitrina.readers"
"""Group of entry points; each names a class without arguments that satisfies the Reader protocol."""

BUILT_IN: tuple[type[Reader], ...] = (
    SpatialDataReader,
    AnnDataReader,
    MuDataReader,
    TenxH5Reader,
    LoomReader,
    OmeZarrReader,
    XeniumReader,
    VisiumHdReader,
    VisiumReader,
    MerscopeReader,
    CosmxReader,
    SeqfishReader,
    PairsReader,
    OmeTiffReader,
    OmeTiffFolderReader,
    TiffReader,
    SlideReader,
    CziReader,
    LifReader,
    Nd2Reader,
    PictureReader,
    NamedPlateReader,
    ImageXpressReader,
    OperettaReader,
    BdvReader,
    N5Reader,
    ImarisReader,
    Hdf5ImageReader,
    NumpyFileReader,
    ZarrArrayReader,
    MemoryArrayReader,
    ImageFolderReader,
    TableReader,
)
"""Asked in this order: SpatialData elements are OME-Zarr too, and OME-TIFF is TIFF too."""


def iterate_readers() -> Iterator[Reader]:
    """All readers, in the order in which they are asked: built-in ones, then others by name, loaded when reached."""
    for reader in BUILT_IN:
        yield reader()
    for point in list_offered():
        make_reader: Any = point.load()
        yield make_reader()


@cache
def list_offered() -> tuple[EntryPoint, ...]:
    """What installed packages offer, by name; looked up once, since it reads the metadata of all of them."""
    return tuple(sorted(entry_points(group=ENTRY_POINTS), key=lambda point: point.name))


def find_reader(source: Source) -> Reader | None:
    """The first reader that recognises the source, None when none does."""
    return next((reader for reader in iterate_readers() if reader.detect(source)), None)


def get_reader(format: str) -> Reader:  # noqa: A002 the word of Content.format
    """The reader of a format.

    Raises:
        NotFoundError: No installed reader reads it.
    """
    known = []
    for reader in iterate_readers():
        if reader.format == format:
            return reader
        known.append(reader.format)
    raise NotFoundError(
        "reader-missing",
        f"No reader reads the format {format!r}; these are known: {', '.join(known)}.",
        hint="Install the package that reads it.",
        where=format,
    )
