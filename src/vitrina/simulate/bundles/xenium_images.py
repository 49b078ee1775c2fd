"""The images of Xenium: morphology as OME-TIFF with a pyramid, and a stained section aligned to it afterwards.

Source: https://www.10xgenomics.com/support/software/xenium-onboard-analysis/latest/analysis/xoa-output-understanding-outputs
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

from vitrina.simulate.fluorescence import CHANNELS, build_fluorescence
from vitrina.simulate.histology import build_he
from vitrina.simulate.pyramid import build_image_levels
from vitrina.simulate.texture import build_texture

if TYPE_CHECKING:
    from pathlib import Path

    from vitrina.simulate.arrays import Ints
    from vitrina.simulate.specimen import Specimen

TILE_PX = 256
FOCAL_PLANES = (0.55, 1.0, 0.7)
"""How bright the nuclei are in each of the focal planes."""

STACK_STEP_UM = 3.0
_SCHEMA = "http://www.openmicroscopy.org/Schemas/OME/2016-06"


def write_images(specimen: Specimen, folder: Path, *, is_split: bool) -> None:
    """The focal planes, their projection, and a section stained afterwards, which lies turned by a quarter.

    Args:
        specimen: The tissue.
        folder: The output folder.
        is_split: Whether each stain has a file of its own, as since version 2; else there is only the nuclear stain.
    """
    import numpy as np

    texture = build_texture(specimen)
    stains = build_fluorescence(specimen, texture)
    size = specimen.parameters.pixel_size_um
    stack = np.stack([stains[0] * brightness for brightness in FOCAL_PLANES]).astype(np.uint16)
    metadata = {"axes": "ZYX", "PhysicalSizeZ": STACK_STEP_UM, "PhysicalSizeZUnit": "µm"}
    _write_ome(folder / "morphology.ome.tif", stack, size, metadata)
    if is_split:
        _write_channels(folder / "morphology_focus", stains, size)
    else:
        for name in ("morphology_focus", "morphology_mip"):
            _write_ome(folder / f"{name}.ome.tif", stains[:1], size, {"axes": "CYX"})
    _write_aligned(folder, build_he(specimen, texture), size)


def _write_ome(path: Path, pixels: Any, pixel_size_um: float, metadata: dict[str, Any]) -> None:
    """One image with a pyramid in sub-files."""
    import tifffile

    sized = {
        "PhysicalSizeX": pixel_size_um,
        "PhysicalSizeXUnit": "µm",
        "PhysicalSizeY": pixel_size_um,
        "PhysicalSizeYUnit": "µm",
    }
    levels = build_image_levels(pixels)
    options: Any = {"tile": (TILE_PX, TILE_PX), "compression": "jpeg2000", "photometric": "minisblack"}
    with tifffile.TiffWriter(path, ome=True) as tiff:
        tiff.write(levels[0], subifds=len(levels) - 1, metadata=metadata | sized, **options)
        for level in levels[1:]:
            tiff.write(level, subfiletype=1, metadata=None, **options)


def _write_channels(folder: Path, stains: Ints, pixel_size_um: float) -> None:
    """A file for each stain, each with the OME-XML of all of them."""
    import numpy as np
    import tifffile

    folder.mkdir()
    names = [f"morphology_focus_{number:04d}.ome.tif" for number in range(len(stains))]
    for number, (name, plane) in enumerate(zip(names, stains, strict=True)):
        levels = [level[0] for level in build_image_levels(plane[np.newaxis])]
        options: Any = {"tile": (TILE_PX, TILE_PX), "compression": "jpeg2000", "photometric": "minisblack"}
        with tifffile.TiffWriter(folder / name, ome=False) as tiff:
            description = _describe(names, number, plane.shape, pixel_size_um)
            tiff.write(levels[0], subifds=len(levels) - 1, description=description, metadata=None, **options)
            for level in levels[1:]:
                tiff.write(level, subfiletype=1, metadata=None, **options)


def _describe(names: list[str], own: int, shape_yx: tuple[int, ...], pixel_size_um: float) -> str:
    """OME-XML of an image whose channels lie in several files."""
    channels = "".join(
        f'<Channel ID="Channel:{number}" Name={quoteattr(name)} SamplesPerPixel="1"/>'
        for number, name in enumerate(CHANNELS)
    )
    planes = "".join(
        f'<TiffData FirstC="{number}" IFD="0" PlaneCount="1">'
        f'<UUID FileName="{name}">{_identify(number)}</UUID></TiffData>'
        for number, name in enumerate(names)
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><OME xmlns="{_SCHEMA}" UUID="{_identify(own)}"><Image ID="Image:0">'
        f'<Pixels ID="Pixels:0" DimensionOrder="XYCZT" Type="uint16" SizeX="{shape_yx[1]}" SizeY="{shape_yx[0]}" '
        f'SizeC="{len(names)}" SizeZ="1" SizeT="1" PhysicalSizeX="{pixel_size_um}" PhysicalSizeY="{pixel_size_um}">'
        f"{channels}{planes}</Pixels></Image></OME>"
    )


def _identify(number: int) -> str:
    return f"urn:uuid:00000000-0000-0000-0000-{number:012d}"


def _write_aligned(folder: Path, he_cyx: Ints, pixel_size_um: float) -> None:
    """The section turned to the left by a quarter, and the matrix that turns it back: x = width - y', y = x'."""
    import numpy as np
    import tifffile

    turned = np.ascontiguousarray(np.rot90(he_cyx, axes=(1, 2)))
    levels = [np.ascontiguousarray(level.transpose(1, 2, 0)) for level in build_image_levels(turned)]
    sizes = {"PhysicalSizeX": pixel_size_um, "PhysicalSizeY": pixel_size_um}
    options: Any = {"tile": (TILE_PX, TILE_PX), "compression": "zlib", "photometric": "rgb"}
    with tifffile.TiffWriter(folder / "simulated_he_image.ome.tif", ome=True) as tiff:
        tiff.write(levels[0], subifds=len(levels) - 1, metadata={"axes": "YXS"} | sizes, **options)
        for level in levels[1:]:
            tiff.write(level, subfiletype=1, metadata=None, **options)
    matrix = f"0,-1,{he_cyx.shape[2]}\n1,0,0\n0,0,1\n"
    (folder / "simulated_he_imagealignment.csv").write_text(matrix, encoding="utf-8")
