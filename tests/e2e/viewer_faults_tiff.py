"""TIFF images with one fault each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import tifffile
from viewer_faults_image import halve, make_pixels
from viewer_trial import Config, Trial

SIZES = {"PhysicalSizeX": 0.5, "PhysicalSizeXUnit": "µm", "PhysicalSizeY": 0.5, "PhysicalSizeYUnit": "µm"}
NAMES = {"Channel": {"Name": ["c0", "c1"]}}


def write_tiff(
    path: Path,
    *,
    size: int = 1024,
    n_levels: int = 3,
    n_z: int = 1,
    dtype: str = "uint16",
    metadata: dict[str, Any] | None = None,
    ome: bool = True,
    tile: tuple[int, int] | None = (256, 256),
    **options: Any,
) -> None:
    """Two channels as planes, with lower resolutions in sub-directories."""
    image = make_pixels(size=size, n_z=n_z, dtype=dtype)
    image = image[:, 0] if n_z == 1 else image
    axes = "CYX" if n_z == 1 else "CZYX"
    values = {"photometric": "minisblack", **options}
    with tifffile.TiffWriter(path, ome=ome) as writer:
        facts = {"axes": axes, **(SIZES | NAMES if metadata is None else metadata)}
        writer.write(image, subifds=n_levels - 1, metadata=facts if ome else None, tile=tile, **values)
        for level in range(1, n_levels):
            writer.write(halve(image, 2**level), subfiletype=1, metadata=None, tile=tile, **values)


def write_rgb(path: Path, *, n_levels: int = 2, planar: bool = False, dtype: str = "uint8", **options: Any) -> None:
    """A colour image, interleaved unless ``planar``."""
    image = make_pixels(3, 1024, dtype=dtype)[:, 0]
    values = {"photometric": "rgb", "tile": (256, 256), **options}
    values["planarconfig"] = "separate" if planar else "contig"
    with tifffile.TiffWriter(path, ome=True) as writer:
        for level in range(n_levels):
            part = halve(image, 2**level)
            part = part if planar else part.transpose(1, 2, 0)
            facts = {"axes": "CYX" if planar else "YXS", **SIZES} if level == 0 else None
            extra = {"subifds": n_levels - 1} if level == 0 else {"subfiletype": 1}
            writer.write(part, metadata=facts, **extra, **values)


def write_without_subifds(path: Path) -> None:
    """Levels as images of their own, as before OME-TIFF 6."""
    image = make_pixels(size=1024)[:, 0]
    with tifffile.TiffWriter(path, ome=True) as writer:
        for level in range(3):
            writer.write(
                halve(image, 2**level), metadata={"axes": "CYX", **SIZES}, tile=(256, 256), photometric="minisblack"
            )


def with_offsets(change: Any) -> Any:
    """Make the viewer read ``offsets.json`` of the trial."""
    del change

    def apply(config: Config) -> Config:
        for dataset in config["datasets"]:
            for file in dataset["files"]:
                file["options"] = {**(file.get("options") or {}), "offsetsUrl": "/trial/offsets.json"}
        return config

    return apply


def _transform(scale: list[float]) -> Any:
    def apply(config: Config) -> Config:
        for dataset in config["datasets"]:
            for file in dataset["files"]:
                file["options"] = {"coordinateTransformations": [{"type": "scale", "scale": scale}]}
        return config

    return apply


def _write(**options: Any) -> Any:
    return lambda path: write_tiff(path, **options)


STALE = json.dumps([16, 5000, 9000, 12000]).encode()

_COMPRESSIONS: dict[str, dict[str, Any]] = {
    "none": {"compression": None},
    "packbits": {"compression": "packbits"},
    "lzw": {"compression": "lzw"},
    "lzw-predictor": {"compression": "lzw", "predictor": True},
    "deflate": {"compression": "zlib"},
    "deflate-predictor": {"compression": "zlib", "predictor": True},
    "zstd": {"compression": "zstd"},
    "lzma": {"compression": "lzma"},
    "lerc": {"compression": "lerc"},
    "jpeg2000": {"compression": "jpeg2000"},
    "jpegxl": {"compression": "jpegxl"},
    "png": {"compression": "png"},
}

TRIALS = [
    Trial(name="tiff-good.ome.tif", code=None, build=_write()),
    Trial(name="tiff-flat.ome.tif", code="image-not-pyramidal", build=_write(n_levels=1), like="tiff-good.ome.tif"),
    Trial(
        name="tiff-own-images.ome.tif", code="tiff-no-subifds", build=write_without_subifds, like="tiff-good.ome.tif"
    ),
    Trial(name="tiff-large.ome.tif", code=None, build=_write(size=4096, n_levels=4, compression="zlib")),
    Trial(
        name="tiff-large-flat.ome.tif",
        code="image-not-pyramidal",
        build=_write(size=4096, n_levels=1, compression="zlib"),
        like="tiff-large.ome.tif",
    ),
    Trial(
        name="tiff-coarse-large.ome.tif",
        code="image-not-pyramidal",
        build=_write(size=6000, n_levels=2, tile=(512, 512), compression="zlib"),
    ),
    Trial(
        name="tiff-large-strips.ome.tif",
        code="image-not-tiled",
        build=_write(size=4096, n_levels=4, tile=None, compression="zlib"),
        like="tiff-large.ome.tif",
    ),
    Trial(
        name="tiff-large-flat-strips.ome.tif",
        code="image-not-tiled",
        build=_write(size=4096, n_levels=1, tile=None, compression="zlib"),
        like="tiff-large.ome.tif",
    ),
    Trial(
        name="tiff-planes.ome.tif",
        code="tiff-offsets-missing",
        build=_write(size=512, n_levels=2, n_z=60, compression="zlib"),
    ),
    Trial(
        name="tiff-stale.ome.tif",
        code="tiff-offsets-stale",
        build=_write(),
        change=with_offsets(None),
        files={"offsets.json": STALE},
        like="tiff-good.ome.tif",
    ),
    *(
        Trial(
            name=f"tiff-{name}.ome.tif",
            code="tiff-compression-unsupported",
            build=_write(**options),
            like="tiff-good.ome.tif",
        )
        for name, options in _COMPRESSIONS.items()
    ),
    Trial(
        name="tiff-jpeg-8.ome.tif", code="tiff-compression-unsupported", build=_write(dtype="uint8", compression="jpeg")
    ),
    Trial(
        name="tiff-rgb-webp.ome.tif",
        code="tiff-compression-unsupported",
        build=lambda p: write_rgb(p, compression="webp"),
        like="tiff-rgb-planar.ome.tif",
    ),
    Trial(
        name="tiff-float-predictor.ome.tif",
        code="tiff-compression-unsupported",
        build=_write(dtype="float32", compression="zlib", predictor=True),
        like="tiff-good.ome.tif",
    ),
    Trial(name="tiff-rgb-planar.ome.tif", code="tiff-photometric", build=lambda p: write_rgb(p, planar=True)),
    Trial(name="tiff-rgb-contig.ome.tif", code="tiff-photometric", build=write_rgb, like="tiff-rgb-planar.ome.tif"),
    Trial(
        name="tiff-rgb-jpeg.ome.tif",
        code="tiff-photometric",
        build=lambda p: write_rgb(p, compression="jpeg"),
        like="tiff-rgb-planar.ome.tif",
    ),
    Trial(
        name="tiff-rgb-as-grey.ome.tif",
        code="tiff-photometric",
        build=lambda p: write_rgb(p, planar=True, photometric="minisblack"),
        like="tiff-rgb-planar.ome.tif",
    ),
    Trial(
        name="tiff-white.ome.tif",
        code="tiff-photometric",
        build=_write(photometric="miniswhite"),
        like="tiff-good.ome.tif",
    ),
    Trial(
        name="tiff-no-size.ome.tif",
        code="tiff-physical-size-missing",
        build=_write(metadata=NAMES),
        like="tiff-good.ome.tif",
    ),
    Trial(
        name="tiff-unit-pixel.ome.tif",
        code="tiff-physical-size-missing",
        build=_write(metadata=NAMES | SIZES | {"PhysicalSizeXUnit": "pixel", "PhysicalSizeYUnit": "pixel"}),
        like="tiff-good.ome.tif",
    ),
    Trial(
        name="tiff-no-names.ome.tif",
        code="channel-names-missing",
        build=_write(metadata=SIZES),
        like="tiff-good.ome.tif",
    ),
    Trial(
        name="tiff-scale-good.ome.tif",
        code=None,
        build=_write(),
        change=_transform([1.0, 1.0, 1.0, 1.0, 1.0]),
        like="tiff-good.ome.tif",
    ),
    Trial(
        name="tiff-scale-short.ome.tif",
        code="transform-length",
        build=_write(),
        change=_transform([1.0, 1.0]),
        like="tiff-good.ome.tif",
    ),
    Trial(name="tiff-plain.tif", code="tiff-not-ome", build=_write(ome=False, n_levels=1), like="tiff-good.ome.tif"),
    *(
        Trial(
            name=f"tiff-dtype-{dtype}.ome.tif",
            code=None,
            build=_write(dtype=dtype),
            like="tiff-good.ome.tif",
        )
        for dtype in ("int8", "int32", "uint32", "float32", "float64")
    ),
]
