"""Which reader reads what: the built-in ones, and those that installed packages offer."""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any

from vitrina.errors import NotFoundError
from vitrina.readers.form import find_form

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vitrina.readers.form import Form
    from vitrina.readers.reader import Reader
    from vitrina.readers.source import Source

ENTRY_POINTS = "vitrina.readers"
"""Group of entry points; each names a class without arguments that satisfies the Reader protocol."""

_TREES: tuple[Form, ...] = ("folder", "zip", "empty")
_FILES: tuple[Form, ...] = ("zip", "hdf5", "tiff", "other", "empty")

_BUILT_IN: Mapping[str, tuple[str, tuple[Form, ...]]] = {
    "spatialdata": ("vitrina.readers.spatialdata:SpatialDataReader", _TREES),
    "anndata": ("vitrina.readers.anndata:AnnDataReader", (*_TREES, "hdf5")),
    "mudata": ("vitrina.readers.mudata:MuDataReader", (*_TREES, "hdf5", "other")),
    "10x-h5": ("vitrina.readers.tenx_h5:TenxH5Reader", ("hdf5",)),
    "loom": ("vitrina.readers.loom:LoomReader", ("hdf5", "empty")),
    "ome-zarr": ("vitrina.readers.ome_zarr:OmeZarrReader", _TREES),
    "xenium": ("vitrina.readers.tenx.xenium:XeniumReader", ("folder",)),
    "visium-hd": ("vitrina.readers.tenx.visium_hd:VisiumHdReader", ("folder",)),
    "visium": ("vitrina.readers.tenx.visium:VisiumReader", ("folder",)),
    "merscope": ("vitrina.readers.vendor.merscope.reader:MerscopeReader", ("folder",)),
    "cosmx": ("vitrina.readers.vendor.cosmx.reader:CosmxReader", ("folder",)),
    "seqfish": ("vitrina.readers.vendor.seqfish.reader:SeqfishReader", ("folder",)),
    "expression-locations": ("vitrina.readers.vendor.pairs:PairsReader", ("folder",)),
    "ome-tiff": ("vitrina.readers.ome_tiff:OmeTiffReader", ("tiff",)),
    "ome-tiff-folder": ("vitrina.readers.ome_tiff_folder:OmeTiffFolderReader", ("folder",)),
    "tiff": ("vitrina.readers.tiff:TiffReader", ("tiff", "empty")),
    "slide": ("vitrina.readers.slide:SlideReader", ("folder", "other")),
    "czi": ("vitrina.readers.czi:CziReader", ("other", "empty")),
    "lif": ("vitrina.readers.lif:LifReader", ("other", "empty")),
    "nd2": ("vitrina.readers.nd2:Nd2Reader", ("other", "empty")),
    "picture": ("vitrina.readers.picture:PictureReader", ("other", "empty")),
    "plate-folder": ("vitrina.readers.plates.named:NamedPlateReader", ("folder",)),
    "imagexpress": ("vitrina.readers.plates.imagexpress:ImageXpressReader", ("folder",)),
    "operetta": ("vitrina.readers.plates.operetta:OperettaReader", ("folder",)),
    "bdv": ("vitrina.readers.bdv.reader:BdvReader", ("folder", "other")),
    "n5": ("vitrina.readers.n5.reader:N5Reader", ("folder",)),
    "imaris": ("vitrina.readers.imaris:ImarisReader", ("hdf5",)),
    "hdf5-image": ("vitrina.readers.hdf5_image:Hdf5ImageReader", ("hdf5",)),
    "numpy": ("vitrina.readers.numpy_file:NumpyFileReader", ("zip", "other", "empty")),
    "zarr-array": ("vitrina.readers.zarr_array:ZarrArrayReader", ("folder", "zip")),
    "array": ("vitrina.readers.memory_array:MemoryArrayReader", ()),
    "image-folder": ("vitrina.readers.image_folder:ImageFolderReader", ("folder",)),
    "table": ("vitrina.readers.table:TableReader", _FILES),
}
"""Class of each, and the forms of what it recognises; it is not asked about anything else."""

BUILT_IN: Mapping[str, EntryPoint] = {
    name: EntryPoint(name=name, value=value, group=ENTRY_POINTS) for name, (value, _) in _BUILT_IN.items()
}
"""The built-in readers by format, asked in this order: SpatialData elements are OME-Zarr too, and OME-TIFF is TIFF too.

They are imported when they are asked, as those of other packages are: to import all of them takes longer than to look
at most datasets, and whoever knows the format needs one.
"""


def iterate_readers(form: Form | None = None) -> Iterator[Reader]:
    """Readers in the order in which they are asked: built-in ones, then others by name, loaded when reached.

    Args:
        form: Leaves out the built-in ones that recognise nothing of this form.
    """
    yield from (_load(BUILT_IN[name]) for name, (_, forms) in _BUILT_IN.items() if form is None or form in forms)
    yield from map(_load, list_offered())


@cache
def list_offered() -> tuple[EntryPoint, ...]:
    """What installed packages offer, by name; looked up once, since it reads the metadata of all of them."""
    return tuple(sorted(entry_points(group=ENTRY_POINTS), key=lambda point: point.name))


def find_reader(source: Source) -> Reader | None:
    """The first reader that recognises the source, None when none does."""
    return next((reader for reader in iterate_readers(find_form(source)) if reader.detect(source)), None)


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
