"""Which reader reads what: the built-in ones, and those that installed packages offer."""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any

from vitrina.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vitrina.readers.reader import Reader
    from vitrina.readers.source import Source

ENTRY_POINTS = "vitrina.readers"
"""Group of entry points; each names a class without arguments that satisfies the Reader protocol."""

_CLASSES = {
    "spatialdata": "vitrina.readers.spatialdata:SpatialDataReader",
    "anndata": "vitrina.readers.anndata:AnnDataReader",
    "mudata": "vitrina.readers.mudata:MuDataReader",
    "10x-h5": "vitrina.readers.tenx_h5:TenxH5Reader",
    "loom": "vitrina.readers.loom:LoomReader",
    "ome-zarr": "vitrina.readers.ome_zarr:OmeZarrReader",
    "xenium": "vitrina.readers.tenx.xenium:XeniumReader",
    "visium-hd": "vitrina.readers.tenx.visium_hd:VisiumHdReader",
    "visium": "vitrina.readers.tenx.visium:VisiumReader",
    "merscope": "vitrina.readers.vendor.merscope.reader:MerscopeReader",
    "cosmx": "vitrina.readers.vendor.cosmx.reader:CosmxReader",
    "seqfish": "vitrina.readers.vendor.seqfish.reader:SeqfishReader",
    "expression-locations": "vitrina.readers.vendor.pairs:PairsReader",
    "ome-tiff": "vitrina.readers.ome_tiff:OmeTiffReader",
    "ome-tiff-folder": "vitrina.readers.ome_tiff_folder:OmeTiffFolderReader",
    "tiff": "vitrina.readers.tiff:TiffReader",
    "slide": "vitrina.readers.slide:SlideReader",
    "czi": "vitrina.readers.czi:CziReader",
    "lif": "vitrina.readers.lif:LifReader",
    "nd2": "vitrina.readers.nd2:Nd2Reader",
    "picture": "vitrina.readers.picture:PictureReader",
    "plate-folder": "vitrina.readers.plates.named:NamedPlateReader",
    "imagexpress": "vitrina.readers.plates.imagexpress:ImageXpressReader",
    "operetta": "vitrina.readers.plates.operetta:OperettaReader",
    "bdv": "vitrina.readers.bdv.reader:BdvReader",
    "n5": "vitrina.readers.n5.reader:N5Reader",
    "imaris": "vitrina.readers.imaris:ImarisReader",
    "hdf5-image": "vitrina.readers.hdf5_image:Hdf5ImageReader",
    "numpy": "vitrina.readers.numpy_file:NumpyFileReader",
    "zarr-array": "vitrina.readers.zarr_array:ZarrArrayReader",
    "array": "vitrina.readers.memory_array:MemoryArrayReader",
    "image-folder": "vitrina.readers.image_folder:ImageFolderReader",
    "table": "vitrina.readers.table:TableReader",
}

BUILT_IN: Mapping[str, EntryPoint] = {
    name: EntryPoint(name=name, value=value, group=ENTRY_POINTS) for name, value in _CLASSES.items()
}
"""The built-in readers by format, asked in this order: SpatialData elements are OME-Zarr too, and OME-TIFF is TIFF too.

They are imported when they are reached, as those of other packages are: to import all of them takes longer than to look
at most datasets, and whoever knows the format needs one.
"""


def iterate_readers() -> Iterator[Reader]:
    """All readers, in the order in which they are asked: built-in ones, then others by name, loaded when reached."""
    yield from map(_load, BUILT_IN.values())
    yield from map(_load, list_offered())


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
    built_in = BUILT_IN.get(format)
    if built_in is not None:
        return _load(built_in)
    offered = [_load(point) for point in list_offered()]
    found = next((reader for reader in offered if reader.format == format), None)
    if found is not None:
        return found
    known = [*BUILT_IN, *(reader.format for reader in offered)]
    raise NotFoundError(
        "reader-missing",
        f"No reader reads the format {format!r}; these are known: {', '.join(known)}.",
        hint="Install the package that reads it.",
        where=format,
    )


def _load(point: EntryPoint) -> Reader:
    make_reader: Any = point.load()
    reader: Reader = make_reader()
    return reader
