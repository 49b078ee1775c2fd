"""The stains of a MERSCOPE region as one image with channels and planes."""

from __future__ import annotations

import math
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitrina.errors import UnreadableError, VitrinaError
from vitrina.model.content import IDENTITY_XY, Axis, Channel, ImageElement, Level, Placement
from vitrina.model.finding import Finding
from vitrina.readers.contrast import measure_windows, read_sample
from vitrina.readers.palette import choose_color
from vitrina.readers.pixels.indexed import IndexedPixels
from vitrina.readers.plane import PlaneReader
from vitrina.readers.planes.pixels import PlaneFilesPixels, measure_plane
from vitrina.readers.vendor.bundle import missing
from vitrina.readers.vendor.part import GLOBAL, Described

if TYPE_CHECKING:
    from pathlib import Path

    from vitrina.model.content import AffineXY
    from vitrina.pyramid.source import PixelSource

MAX_TRANSFORM_BYTES = 2**16

type PlaneShape = tuple[int, int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class MosaicFiles:
    """Which file holds which plane.

    Attributes:
        stains: Channels, in order: DAPI first, then by name.
        planes: Numbers of the planes, in order.
        files: Path below the root per time point (0), channel and plane, counted from 0.
        shape: Rows, columns and type of the pixels of every plane.
        findings: Planes that are missing, damaged or of another size.
    """

    stains: tuple[str, ...]
    planes: tuple[int, ...]
    files: dict[tuple[int, int, int], str]
    shape: PlaneShape
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MosaicPart:
    """The mosaic of a region.

    Attributes:
        root: Folder of the bundle.
        key: Of the element.
        name: Of the element.
        mosaics: Path below the root of each stain and plane.
        transform: Path below the root of the matrix from micrometres to pixels.
        system: Coordinate system in which it lies.
    """

    root: Path
    key: str
    name: str
    mosaics: dict[tuple[str, int], str]
    transform: str | None
    system: str = GLOBAL

    def describe(self) -> Described:
        """The image; contrast is measured on its middle plane."""
        files = self._plan()
        affine, findings = self._place()
        height, width, dtype = files.shape
        size_yx = _measure_pixel(affine) if affine is not None else None
        unit = "micrometer" if size_yx is not None else None
        axes = [Axis(name="c", type="channel"), *(Axis(name=name, type="space", unit=unit) for name in "yx")]
        shape, scale = [len(files.stains), height, width], [1.0, *(size_yx or (1.0, 1.0))]
        with closing(self._open(files)) as pixels:
            chunk = [1, *pixels.chunk_shape_tczyx[3:]]
            if len(files.planes) > 1:
                axes.insert(1, Axis(name="z", type="space"))
                shape.insert(1, len(files.planes))
                scale.insert(1, 1.0)
                chunk.insert(1, 1)
            array = IndexedPixels(pixels, axes, tuple(shape))
            windows = measure_windows(read_sample(PlaneReader(array=array, shape=tuple(shape), axes=tuple(axes))))
        level = Level(
            path=self.key,
            shape=tuple(shape),
            chunk_shape=tuple(chunk) if chunk[-1] > 1 else None,
            scale=tuple(scale),
            translation=(0.0,) * len(shape),
        )
        channels = [Channel(name=name, window=window) for name, window in zip(files.stains, windows, strict=False)]
        element = ImageElement(
            name=self.name,
            path=self.key,
            axes=tuple(axes),
            dtype=dtype,
            levels=(level,),
            channels=tuple(
                Channel(name=own.name, window=own.window, color_rgb=choose_color(own, i, len(channels)))
                for i, own in enumerate(channels)
            ),
            placements=(Placement(coordinate_system=self.system, affine_xy=affine or IDENTITY_XY),),
        )
        return Described(element=element, findings=(*files.findings, *findings))

    def open_pixels(self) -> PixelSource:
        """The planes, each read from its own file."""
        return self._open(self._plan())

    def _open(self, files: MosaicFiles) -> PixelSource:
        height, width, dtype = files.shape
        shape = (1, len(files.stains), len(files.planes), height, width)
        return PlaneFilesPixels(self.root, files.files, shape, dtype)

    def _plan(self) -> MosaicFiles:
        shapes, findings = {}, []
        for place, path in self.mosaics.items():
            try:
                n_planes, height, width, dtype = measure_plane(self.root / path)
            except VitrinaError as err:
                findings.append(_plane_lost(path, err.message, err.code))
                continue
            if n_planes > 1:
                findings.append(_plane_lost(path, f"{path} holds {n_planes} planes instead of one.", "planes-differ"))
                continue
            shapes[place] = (height, width, dtype.name)
        if not shapes:
            raise UnreadableError(
                "planes-unreadable", f"No image of {self.key} can be read. {findings[0].message}", findings=findings
            )
        common = Counter(shapes.values()).most_common(1)[0][0]
        for place in [place for place, own in shapes.items() if own != common]:
            own = shapes.pop(place)
            told = f"{self.mosaics[place]} is {_write(own)}, but most planes are {_write(common)}."
            findings.append(_plane_lost(self.mosaics[place], told, "planes-differ"))
        stains = tuple(sorted({stain for stain, _ in shapes}, key=lambda stain: (stain.upper() != "DAPI", stain)))
        planes = tuple(sorted({z for _, z in shapes}))
        files = {(0, stains.index(stain), planes.index(z)): self.mosaics[stain, z] for stain, z in shapes}
        absent = [(c, z) for c in range(len(stains)) for z in range(len(planes)) if (0, c, z) not in files]
        known = {(stain, z) for stain, z in self.mosaics}
        findings += [
            missing(f"{self.key}/mosaic_{stains[c]}_z{planes[z]}.tif", "this plane of the image is black")
            for c, z in absent
            if (stains[c], planes[z]) not in known
        ]
        return MosaicFiles(stains=stains, planes=planes, files=files, shape=common, findings=tuple(findings))

    def _place(self) -> tuple[AffineXY | None, list[Finding]]:
        """From pixels to micrometres, None when nothing says it."""
        if self.transform is None:
            key = f"{self.key}/micron_to_mosaic_pixel_transform.csv"
            return None, [missing(key, "the pixel size is unknown, and the image does not lie over the cells")]
        affine = read_transform(self.root / self.transform)
        if affine is None:
            return None, [_transform_wrong(self.transform)]
        return affine, []


def read_transform(path: Path) -> AffineXY | None:
    """The inverse of the matrix in a file, None when it holds no matrix that has one.

    The file has the 3 x 3 matrix from micrometres to pixels, with spaces or commas between its numbers.
    Source: https://vizgen.github.io/vizgen-postprocessing/input_data_formats/
    """
    import numpy as np

    try:
        if path.stat().st_size > MAX_TRANSFORM_BYTES:
            return None
        lines = path.read_text(encoding="utf-8").replace(",", " ").split("\n")
        matrix = np.array([[float(number) for number in line.split()] for line in lines if line.strip()])
        if matrix.shape not in {(3, 3), (2, 3)} or not np.isfinite(matrix).all():
            return None
        inverse = np.linalg.inv(np.vstack([matrix[:2], [0.0, 0.0, 1.0]]))
    except (OSError, ValueError, np.linalg.LinAlgError):
        return None
    a, b, c, d, e, f = (float(number) for number in inverse[:2].ravel())
    return (a, b, c, d, e, f) if np.isfinite(inverse).all() else None


def _measure_pixel(affine: AffineXY) -> tuple[float, float]:
    a, b, _, d, e, _ = affine
    return math.hypot(b, e), math.hypot(a, d)


def _write(shape: PlaneShape) -> str:
    return f"{shape[0]} x {shape[1]} {shape[2]}"


def _plane_lost(path: str, message: str, code: str) -> Finding:
    return Finding(code=code, severity="error", path=f"{path}#", message=f"{message} This plane of the image is black.")


def _transform_wrong(path: str) -> Finding:
    return Finding(
        code="transform-damaged",
        severity="error",
        path=f"{path}#",
        message=f"{path} does not hold the 3 x 3 matrix from micrometres to pixels, so the image does not lie over the "
        "cells.",
        fix="Copy it from the original output folder.",
    )
