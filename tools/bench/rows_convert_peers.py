"""What other tools make of a workload, in the Python of their own environment.

``rows_convert_peers.py WORKLOAD SIDE``; the lines that it reads name targets. Each side converts as its documentation
shows: from the OME-TIFF through tifffile, whole or as a dask array, to five levels in the chunks of the workload. Where
a codec can be chosen it is the common one, save in the sides that show a tool's default.
"""

from __future__ import annotations

import sys
import warnings
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from worker import serve
from workloads import COMMON, DEFLATE_LEVEL, N_LEVELS, N_THREADS, TILE, VIPS_LEVEL, WORKLOADS, Workload, get_tiny

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One way of one tool.

    Attributes:
        convert: Converts a workload to a target.
        modules: Imported before anything is measured.
        packages: Whose versions are told.
        uses: What the tool is asked for, beyond its name.
    """

    convert: Callable[[Workload, str], object]
    modules: tuple[str, ...]
    packages: tuple[str, ...]
    uses: str


def open_dask(workload: Workload, axes: str) -> Any:
    """The source as a lazy array along some axes, in the chunks of the workload."""
    import dask.array
    import tifffile
    import zarr

    array = dask.array.from_zarr(zarr.open_array(tifffile.imread(workload.source, aszarr=True), mode="r"))
    if workload.is_rgb:
        array = dask.array.moveaxis(array, -1, 0)
    return array.reshape(workload.get_shape(0, axes)).rechunk(workload.get_chunk(axes))


def read_whole(workload: Workload) -> Any:
    """The source in memory, its axes those of the workload."""
    import numpy as np
    import tifffile

    pixels = tifffile.imread(workload.source, maxworkers=N_THREADS)
    if workload.is_rgb:
        pixels = np.ascontiguousarray(np.moveaxis(pixels, -1, 0))
    return pixels.reshape(workload.get_shape(0))


def build_blosc() -> Any:
    """The common codec for zarr 3."""
    from zarr.codecs import BloscCodec

    return BloscCodec(cname="zstd", clevel=COMMON.level, shuffle=COMMON.shuffle)


def convert_ome_zarr_default(workload: Workload, target: str) -> None:
    """ome-zarr-py as it comes: its filter, its codec."""
    from ome_zarr.writer import write_image

    options = {"chunks": workload.get_chunk()}
    write_image(open_dask(workload, workload.axes), target, axes=workload.axes, storage_options=options)


def convert_ome_zarr(workload: Workload, target: str) -> None:
    """ome-zarr-py with means and the common codec."""
    from ome_zarr.scale import Methods
    from ome_zarr.writer import write_image

    options = {"chunks": workload.get_chunk(), "compressors": [build_blosc()]}
    image = open_dask(workload, workload.axes)
    write_image(image, target, axes=workload.axes, storage_options=options, method=Methods.LOCAL_MEAN)


def convert_ngff_zarr(workload: Workload, target: str) -> None:
    """ngff-zarr with means and the common codec."""
    import ngff_zarr

    image = ngff_zarr.to_ngff_image(open_dask(workload, workload.axes), dims=list(workload.axes))
    multiscales = ngff_zarr.to_multiscales(
        image,
        scale_factors=[{"x": 2**level, "y": 2**level, "z": 1} for level in range(1, N_LEVELS)]
        if "z" in workload.axes
        else [2**level for level in range(1, N_LEVELS)],
        method=ngff_zarr.Methods.ITKWASM_BIN_SHRINK,
        chunks=dict(zip(workload.axes, workload.get_chunk(), strict=True)),
        cache=False,
    )
    ngff_zarr.to_ngff_zarr(target, multiscales, compressors=[build_blosc()])


def convert_spatialdata(workload: Workload, target: str) -> None:
    """Spatialdata's first container format, the one in which it writes blosc zstd."""
    from spatialdata._io.format import SpatialDataContainerFormatV01

    write_spatialdata(workload, target, {"zstd": COMMON.level}, SpatialDataContainerFormatV01())


def convert_spatialdata_default(workload: Workload, target: str) -> None:
    """Spatialdata as it comes."""
    write_spatialdata(workload, target, None, None)


def write_spatialdata(workload: Workload, target: str, compressor: dict[str, int] | None, container: Any) -> None:
    """An image element; time, which its model lacks, is left out."""
    from spatialdata import SpatialData
    from spatialdata.models import Image2DModel, Image3DModel

    axes = workload.axes.lstrip("t")
    model, factors = Image2DModel, [2] * (N_LEVELS - 1)
    if "z" in axes:
        model, factors = Image3DModel, [{"z": 1, "y": 2, "x": 2}] * (N_LEVELS - 1)
    image = open_dask(workload, axes)
    image = model.parse(image, dims=tuple(axes), scale_factors=factors, chunks=workload.get_chunk(axes))
    SpatialData(images={"image": image}).write(target, raster_compressor=compressor, sdata_formats=container)


def convert_bioio(workload: Workload, target: str) -> None:
    """bioio-ome-zarr, whose lower levels are of its own filter."""
    from bioio_ome_zarr.writers import OMEZarrWriter

    writer = OMEZarrWriter(
        target,
        level_shapes=[workload.get_shape(level) for level in range(N_LEVELS)],
        dtype=workload.dtype,
        chunk_shape=workload.get_chunk(),
        compressor=build_blosc(),
        zarr_format=3,
        axes_names=list(workload.axes),
        axes_types=[{"t": "time", "c": "channel"}.get(axis, "space") for axis in workload.axes],
    )
    writer.write_full_volume(open_dask(workload, workload.axes))


def convert_tensorstore(workload: Workload, target: str) -> None:
    """A loop over the levels as one writes it by hand; the image is in memory, each level comes from the one before."""
    import tensorstore as ts

    pixels = read_whole(workload)
    factors = [2 if axis in "yx" else 1 for axis in workload.axes]
    blosc = {"cname": "zstd", "clevel": COMMON.level, "shuffle": COMMON.shuffle}
    for level in range(N_LEVELS):
        if level:
            pixels = ts.downsample(ts.array(pixels), factors, "mean").read().result()
        metadata = {
            "shape": pixels.shape,
            "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": workload.get_chunk()}},
            "data_type": workload.dtype,
            "codecs": [
                {"name": "bytes", "configuration": {"endian": "little"}},
                {"name": "blosc", "configuration": blosc},
            ],
        }
        spec = {"driver": "zarr3", "kvstore": f"file://{Path(target).absolute()}/{level}/", "metadata": metadata}
        ts.open(spec, create=True).result().write(pixels).result()
    write_group(workload, target)


def convert_zarr(workload: Workload, target: str) -> None:
    """zarr-python, a loop over the levels as one writes it by hand; the image is in memory."""
    import numpy as np
    import zarr

    pixels = read_whole(workload)
    for level in range(N_LEVELS):
        if level:
            sums = pixels[..., ::2, ::2].astype(np.uint32)
            sums += pixels[..., ::2, 1::2]
            sums += pixels[..., 1::2, ::2]
            sums += pixels[..., 1::2, 1::2]
            pixels = ((sums + 2) >> 2).astype(pixels.dtype)
        array = zarr.create_array(
            f"{target}/{level}",
            shape=pixels.shape,
            chunks=workload.get_chunk(),
            dtype=pixels.dtype,
            compressors=[build_blosc()],
        )
        array[...] = pixels
    write_group(workload, target)


def write_group(workload: Workload, target: str) -> None:
    """The OME-Zarr 0.5 metadata above levels that were written by hand."""
    import zarr

    types = {"t": "time", "c": "channel"}
    axes = [{"name": axis, "type": types.get(axis, "space")} for axis in workload.axes]
    datasets = []
    for level in range(N_LEVELS):
        scale = [float(2**level) if axis in "yx" else 1.0 for axis in workload.axes]
        datasets.append({"path": str(level), "coordinateTransformations": [{"type": "scale", "scale": scale}]})
    group = zarr.open_group(target, mode="a", zarr_format=3)
    group.attrs["ome"] = {"version": "0.5", "multiscales": [{"axes": axes, "datasets": datasets}]}


def convert_acquire(workload: Workload, target: str) -> None:
    """acquire-zarr, which is given plane after plane, as a camera does; it chooses how many levels there are."""
    import acquire_zarr as aqz
    import numpy as np
    import tifffile

    kinds = {"t": aqz.DimensionType.TIME, "c": aqz.DimensionType.CHANNEL}
    dimensions = [
        aqz.Dimension(
            name=axis,
            kind=kinds.get(axis, aqz.DimensionType.SPACE),
            array_size_px=size,
            chunk_size_px=chunk,
            shard_size_chunks=1,
        )
        for axis, size, chunk in zip(workload.axes, workload.get_shape(0), workload.get_chunk(), strict=True)
    ]
    settings = aqz.StreamSettings(store_path=target, overwrite=True, max_threads=N_THREADS)
    settings.arrays = [
        aqz.ArraySettings(
            dimensions=dimensions,
            data_type=np.dtype(workload.dtype),
            compression=aqz.CompressionSettings(
                compressor=aqz.Compressor.BLOSC1, codec=aqz.CompressionCodec.BLOSC_ZSTD, level=COMMON.level, shuffle=1
            ),
            downsampling_method=aqz.DownsamplingMethod.MEAN,
            max_levels=N_LEVELS,
        )
    ]
    stream = aqz.ZarrStream(settings)
    with tifffile.TiffFile(workload.source) as file:
        for page in file.series[0].pages:
            pixels = page.asarray(maxworkers=N_THREADS)
            for plane in np.moveaxis(pixels, -1, 0) if workload.is_rgb else (pixels,):
                stream.append(np.ascontiguousarray(plane))
    stream.close()


def convert_vips(workload: Workload, target: str, level: int = DEFLATE_LEVEL) -> None:
    """Raw pixels on disk, with libvips, to a tiled TIFF with its levels as SubIFDs."""
    import pyvips

    _, n_channels, n_z, height, width = workload.shape_tczyx
    if workload.is_rgb:
        image = pyvips.Image.rawload(str(workload.raw), width, height, 3, format="uchar", interpretation="srgb")
    else:
        pages = n_channels * n_z
        image = pyvips.Image.rawload(
            str(workload.raw), width, height * pages, 1, format="ushort", interpretation="grey16"
        )
        image = image.copy()
        image.set_type(pyvips.GValue.gint_type, "page-height", height)
    image.tiffsave(
        target,
        tile=True,
        tile_width=TILE,
        tile_height=TILE,
        pyramid=True,
        subifd=True,
        compression="deflate",
        level=level,
        predictor="horizontal",
        region_shrink="mean",
        bigtiff=True,
    )


DASK = ("dask.array", "tifffile", "imagecodecs", "zarr")
SIDES: dict[str, Side] = {
    "ome-zarr-default": Side(
        convert=convert_ome_zarr_default,
        modules=("ome_zarr.writer", *DASK),
        packages=("ome-zarr", "dask"),
        uses="its default filter and codec",
    ),
    "ome-zarr": Side(
        convert=convert_ome_zarr,
        modules=("ome_zarr.writer", "ome_zarr.scale", *DASK),
        packages=("ome-zarr", "dask"),
        uses="LOCAL_MEAN",
    ),
    "ngff-zarr": Side(
        convert=convert_ngff_zarr,
        modules=("ngff_zarr", *DASK),
        packages=("ngff-zarr", "zarrista", "dask"),
        uses="ITKWASM_BIN_SHRINK",
    ),
    "spatialdata": Side(
        convert=convert_spatialdata,
        modules=("spatialdata", "spatialdata.models", *DASK),
        packages=("spatialdata", "ome-zarr"),
        uses="container 0.1, which has the common codec",
    ),
    "spatialdata-default": Side(
        convert=convert_spatialdata_default,
        modules=("spatialdata", "spatialdata.models", *DASK),
        packages=("spatialdata", "ome-zarr"),
        uses="its default filter and codec",
    ),
    "bioio": Side(
        convert=convert_bioio,
        modules=("bioio_ome_zarr.writers", *DASK),
        packages=("bioio-ome-zarr", "dask"),
        uses="write_full_volume",
    ),
    "tensorstore": Side(
        convert=convert_tensorstore,
        modules=("tensorstore", "tifffile", "imagecodecs", "zarr"),
        packages=("tensorstore",),
        uses="a loop by hand, mean",
    ),
    "zarr": Side(
        convert=convert_zarr,
        modules=("tifffile", "imagecodecs", "zarr"),
        packages=("zarr",),
        uses="a loop by hand",
    ),
    "acquire": Side(
        convert=convert_acquire,
        modules=("acquire_zarr", "tifffile", "imagecodecs"),
        packages=("acquire-zarr",),
        uses="plane by plane, MEAN",
    ),
    "vips": Side(
        convert=convert_vips,
        modules=("pyvips",),
        packages=("pyvips", "pyvips-binary"),
        uses=f"tiffsave, deflate {DEFLATE_LEVEL}",
    ),
    "vips-alike": Side(
        convert=lambda workload, target: convert_vips(workload, target, VIPS_LEVEL),
        modules=("pyvips",),
        packages=("pyvips", "pyvips-binary"),
        uses=f"tiffsave, deflate {VIPS_LEVEL}, for files as large as ours",
    ),
}


def main() -> None:
    """Serve."""
    workload, side = WORKLOADS[sys.argv[1]], SIDES[sys.argv[2]]
    warnings.simplefilter("ignore")  # what a tool deprecates of its own is not ours to tell

    def warm_up() -> None:
        for module in side.modules:
            __import__(module)
        side.convert(get_tiny(workload), sys.argv[3])

    found = []
    for package in side.packages:
        try:
            found.append(f"{package} {version(package)}")
        except ImportError:
            found.append(f"{package} missing")
    serve(lambda target: side.convert(workload, target), warm_up, f"{', '.join(found)}: {side.uses}")


if __name__ == "__main__":
    main()
