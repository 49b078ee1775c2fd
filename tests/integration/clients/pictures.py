"""What the images of ``../shared/data`` hold, told by tifffile, Pillow, czifile, nd2, h5py and zarr-python.

Sizes of pixels, units and names of channels are what the files say, written down here from their OME-XML, tags and
attributes; SOURCE.md beside each sample tells what it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import samples
from pyramids import shrink_whole

if TYPE_CHECKING:
    from collections.abc import Callable

    type Levels = list[np.ndarray]

READERS_DATA = Path(__file__).parents[1] / "readers/data"
COARSEST_PX = 1024
"""Levels are made until the coarsest is at most so high and wide."""

UM = "micrometer"


@dataclass(frozen=True, kw_only=True)
class Picture:
    """An image or label image.

    Attributes:
        name: Of the dataset below ``../shared/data``, or beside the tests of readers.
        read: Gives its stored levels, finest first, with dimensions as ``axes`` says.
        axes: In the order in which they are served.
        node: Path of the image in the served tree.
        scale: Size of a pixel of the finest level along each axis, 1.0 where the file does not say; None where it is
            the readers' own estimate, which their tests hold.
        unit: Of the spatial axes, None where the file does not say.
        channels: Names of the channels; None where the file has none.
        is_labels: Whether pixels are ids.
        is_stored: Whether it is Zarr, so that types and levels are those that are stored.
    """

    name: str
    read: Callable[[Path], Levels]
    axes: str
    node: str = ""
    scale: tuple[float, ...] | None = None
    unit: str | None = None
    channels: tuple[str, ...] | None = None
    is_labels: bool = False
    is_stored: bool = False

    @property
    def path(self) -> Path:
        """Where it lies."""
        beside = READERS_DATA / self.name
        return beside if beside.exists() else samples.get(self.name)

    def __str__(self) -> str:
        return f"{self.name}:{self.node}" if self.node else self.name


@cache
def read_levels(picture: Picture) -> Levels:
    """All levels that are served: those that are stored, and of what is no Zarr, coarser ones, made by definition."""
    levels = picture.read(picture.path)
    if picture.is_stored:
        return levels
    while max(levels[-1].shape[-2:]) > COARSEST_PX:
        finer = levels[-1].reshape((1,) * (5 - levels[-1].ndim) + levels[-1].shape)
        coarser = shrink_whole(finer, (1, 2, 2), "nearest" if picture.is_labels else "mean")
        levels.append(coarser.reshape(levels[-1].shape[:-2] + coarser.shape[-2:]))
    return levels


def read_tiff(path: Path, *, n_levels: int = 1, moved: tuple[int, int] | None = None) -> Levels:
    """The first image of a TIFF; ``moved`` is a dimension and where it goes."""
    import tifffile

    levels = [tifffile.imread(path, series=0, level=number) for number in range(n_levels)]
    return [np.moveaxis(level, *moved) if moved else level for level in levels]


def read_samples(path: Path) -> Levels:
    """The samples of the first page, whatever OME-XML says."""
    import tifffile

    return [np.moveaxis(tifffile.imread(path, key=0), -1, 0)]


def read_pages(path: Path) -> Levels:
    """The pages, whatever OME-XML says."""
    import tifffile

    with tifffile.TiffFile(path, is_ome=False) as file:
        return [np.stack([page.asarray() for page in file.pages])]


def read_planes(path: Path, *patterns: str) -> Levels:
    """Files of a folder, planes of a channel each: a pattern for each channel."""
    import tifffile

    return [np.stack([np.stack([tifffile.imread(file) for file in sorted(path.glob(one))]) for one in patterns])]


def read_picture(path: Path, inside: str) -> Levels:
    """Red, green and blue of a picture."""
    from PIL import Image

    with Image.open(path / inside) as picture:
        return [np.moveaxis(np.asarray(picture.convert("RGB")), -1, 0)]


GAP_PX = 1
"""Between two fields of CosMx: they are 5472.2 pixels apart, and 5472 wide in pixels of which the pictures have 672."""


def read_cosmx(path: Path) -> Levels:
    """Fields 2 and 3 in a row, as ``Lung12_fov_positions_file.csv`` says."""
    fields = [read_picture(path, f"CellComposite/CellComposite_F00{number}.jpg")[0] for number in (2, 3)]
    return [np.concatenate([fields[0], np.zeros((3, 648, GAP_PX), "uint8"), fields[1]], axis=-1)]


def read_cosmx_labels(path: Path) -> Levels:
    """Cells of both fields, which have the same numbers in each: that of the field goes before them."""
    import tifffile

    fields = []
    for number in (2, 3):
        cells = tifffile.imread(path / f"CellLabels/CellLabels_F00{number}.tif").astype("uint32")
        fields.append(np.where(cells > 0, cells + number * 100_000, 0))
    return [np.concatenate([fields[0], np.zeros((648, GAP_PX), "uint32"), fields[1]], axis=-1)]


def read_czi(path: Path, scene: int = 0) -> Levels:
    """A scene of a CZI file, as czifile stitches it."""
    import czifile

    with czifile.CziFile(path) as file:
        return [np.asarray(file.scenes[scene].asarray()).squeeze()]


def read_nd2(path: Path) -> Levels:
    """An ND2 file with dimensions T, Z, C, Y, X."""
    import nd2

    return [nd2.imread(path).transpose(0, 2, 1, 3, 4)]


def read_zarr(path: Path, *arrays: str) -> Levels:
    """Arrays of a Zarr tree, also below the only folder in a zip file."""
    import zarr
    from zarr.storage import ZipStore

    store = ZipStore(path, mode="r") if path.suffix == ".zip" else path
    inner = f"{path.name.removesuffix('.zip')}/" if path.suffix == ".zip" else ""
    return [zarr.open_array(store, path=f"{inner}{array}", mode="r")[...] for array in arrays]


def _tiff(name: str, axes: str, **options: object) -> Picture:
    read = {key: options.pop(key) for key in ("n_levels", "moved") if key in options}
    return Picture(name=name, read=partial(read_tiff, **read), axes=axes, **options)


def _zarr(name: str, axes: str, *arrays: str, **options: object) -> Picture:
    node = options.get("node", "")
    paths = [f"{node}/{array}" if node else array for array in arrays]
    return Picture(name=name, read=lambda path: read_zarr(path, *paths), axes=axes, is_stored=True, **options)


def _visium(name: str, inside: str) -> Picture:
    return Picture(
        name=name, read=partial(read_picture, inside=inside), axes="cyx", node=inside, unit=UM, channels=_RGB
    )


_RGB = ("Red", "Green", "Blue")
_CONFORMANCE = "ome-zarr-conformance/valid"
_TIME_LAPSE = "ome-zarr-v04-2dt-labels"
ILEUM = "sdata-merfish-ileum/merfish_mouse_ileum_cropped.sdata.zarr.zip"
_MXIF = (
    "DAPI - Hoescht (nuclei)",
    "FITC - Laminin (basement membrane)",
    "Cy3 - Synaptopodin (glomerular)",
    "Cy5 - THP (thick limb)",
)
_PLANES = tuple(f"IXMtest_A02_s9_c{number}.tif" for number in (1, 2, 3))

_COSMX = "cosmx-lung12-mini/Lung12"
_PLATE = "hcs-imagexpress-plate1334/2023-02-21/1334"
_WAVELENGTHS = tuple(f"Projection-Mix_E08_s2_w{number}[!_]*.tif" for number in (1, 2, 3))

PICTURES = (
    Picture(name=_COSMX, read=read_cosmx, axes="cyx", node="CellComposite", unit=UM, channels=_RGB),
    Picture(name=_COSMX, read=read_cosmx_labels, axes="yx", node="CellLabels", unit=UM, is_labels=True),
    Picture(
        name=_PLATE,
        read=lambda path: [read_planes(path, *_WAVELENGTHS)[0][:, 0]],
        axes="cyx",
        node="E/8/3",
        scale=(1, 1.3668, 1.3668),
        unit=UM,
    ),
    Picture(name="czi-mosaic/mosaic_test.czi", read=read_czi, axes="yx", scale=(1.0833333333, 1.0833333333), unit=UM),
    Picture(
        name="two_scenes.czi",
        read=partial(read_czi, scene=1),
        axes="tczyx",
        node="1",
        scale=(1, 1, 2.0, 0.65, 0.325),
        unit=UM,
        channels=("DAPI", "GFP", "GFP"),
    ),
    Picture(name="cluster.nd2", read=read_nd2, axes="tczyx", unit=UM, channels=("5-FAM/pH 9.0", "FM 4-64/2% CHAPS")),
    Picture(
        name="lightsheet-brain-planes",
        read=lambda path: read_planes(path, "ch0/*.tif", "ch1/*.tif"),
        axes="czyx",
        scale=(1, 1, 1, 1),
        channels=("ch0", "ch1"),
    ),
    Picture(
        name="merscope-liver-mini",
        read=lambda path: read_planes(
            path, *(f"region_0/images/mosaic_{stain}_z*.tif" for stain in ("DAPI", "Cellbound2"))
        ),
        axes="czyx",
        node="region_0/images",
        unit=UM,
        channels=("DAPI", "Cellbound2"),
    ),
    Picture(
        name="ome-tiff-oddities/spraggins.mxif.ome.tif",
        read=read_pages,
        axes="cyx",
        scale=(1, 1, 1),
        channels=_MXIF,
    ),
    _tiff("ome-tiff-pyramid/2048x2048_ome6_tiled.ome.tif", "cyx", n_levels=2, scale=(1, 1, 1)),
    Picture(
        name="ome-tiff-rgba16/output_ome.ome.tiff",
        read=read_samples,
        axes="cyx",
        scale=(1, 0.399840057, 0.400673121),
        unit=UM,
    ),
    _tiff("svs-cmu1-he/CMU-1-Small-Region.svs", "cyx", moved=(-1, 0), scale=(1, 0.499, 0.499), unit=UM, channels=_RGB),
    _tiff("tiff-bbbc022-3ch/IXMtest_A02_s9.tif", "cyx", scale=(1, 1, 1), channels=_PLANES),
    _tiff("tiff-golgi-labels-table/image.tif", "yx", scale=(1 / 3.988104,) * 2, unit=UM),
    _tiff("tiff-golgi-labels-table/segmentation.tif", "yx", scale=(1 / 3.988104,) * 2, unit=UM),
    _tiff("tiff-hela-3ch/hela-cells.tif", "cyx", moved=(-1, 0), scale=(1, *(1 / 19.420064,) * 2), unit=UM),
    _tiff("tiff-migration-2dt/cancer_cell_migration_crop.tif", "tyx", scale=(1, 1, 1)),
    _tiff(
        "tiff-migration-2dt/cancer_cell_migration_voronoi_otsu_labeling_crop.tif",
        "tyx",
        scale=(1, 1, 1),
        is_labels=True,
    ),
    _tiff(
        "tiff-mitosis-5d/xyzct-mitosis.tif",
        "tczyx",
        moved=(1, 2),
        scale=(1 / 7, 1, 1, *(1 / 11.299435,) * 2),
        unit=UM,
    ),
    _visium("visium-hd-tiny/outs", "binned_outputs/square_016um/spatial/tissue_lowres_image.png"),
    _visium("visium-mouse-brain-tiny/outs", "spatial/tissue_hires_image.png"),
    _visium("visium-mouse-brain-tiny/outs", "spatial/tissue_lowres_image.png"),
    _zarr(f"{_CONFORMANCE}/image-01.zarr", "yx", "0", scale=(1, 1), unit=UM),
    _zarr(f"{_CONFORMANCE}/plate-01.zarr", "yx", "0", node="B/2/0", scale=(1, 1), unit=UM),
    _zarr(f"{_CONFORMANCE}/image-02.zarr", "yx", "0", scale=(1, 1), unit=UM),
    _zarr(f"{_CONFORMANCE}/image-03.zarr", "zyx", "0", scale=(1, 1, 1), unit=UM),
    _zarr(f"{_CONFORMANCE}/image-04.zarr", "zyx", "0", "1", scale=(1, 1, 1), unit=UM),
    _zarr("ome-zarr-conformance/warning/image-01.zarr", "yx", "0", "1", scale=(1, 1), unit=UM),
    _zarr(f"{_TIME_LAPSE}/image.ome.zarr.zip", "tyx", "s0", "s1", "s2", scale=(1, 1, 1)),
    _zarr(f"{_TIME_LAPSE}/segmentation.ome.zarr.zip", "tyx", "s0", "s1", "s2", scale=(1, 1, 1), is_labels=True),
    _zarr("ome-zarr-v04-mri/mri-stack.ome.zarr", "zyx", "s0", scale=(1, 1, 1)),
    _zarr("ome-zarr-v06-draft/affine.zarr", "zyx", "array", scale=(4, 3, 2), unit=UM),
    _zarr("ome-zarr-v06-draft/anisotropic_rotation.zarr", "zyx", "array", scale=(2, 0.5, 0.25), unit=UM),
    _zarr("ome-zarr-v06-draft/scale.zarr", "zyx", "array", scale=(4, 3, 2), unit=UM),
    _zarr(ILEUM, "czyx", "0", node="images/stains", channels=("DAPI", "Membrane")),
    _zarr(ILEUM, "zyx", "0", node="labels/dapi_labels", is_labels=True),
)
