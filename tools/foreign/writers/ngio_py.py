"""Stores of ngio, the library of Fractal."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import ngio
from samples import Job, make_ids, make_pixels

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = "ngio"


def write_one(
    path: Path,
    axes: str,
    dtype: str,
    version: str,
    labels: bool = False,
    **options: object,
) -> ngio.OmeZarrContainer:
    """An image, and a label image of its shape."""
    container = ngio.create_ome_zarr_from_array(
        str(path),
        make_pixels(axes, dtype),
        pixelsize=0.5,
        z_spacing=2.0,
        levels=3,
        axes_names=list(axes),
        ngff_version=version,
        name="sample",
        **options,
    )
    if labels:
        label = container.derive_label("cells")
        label.set_array(make_ids("".join(label.axes)))
        label.consolidate()
    return container


def write_table(path: Path, version: str) -> None:
    """An image with a table of regions beside it."""
    container = write_one(path, "czyx", "uint16", version, labels=True)
    container.add_table("regions", container.build_image_roi_table("image"))


def write_plate(path: Path, version: str) -> None:
    """Three wells, one of them with two fields in two acquisitions."""
    images = [
        ngio.ImageInWellPath(row="A", column="01", path="0", acquisition_id=0),
        ngio.ImageInWellPath(row="A", column="01", path="1", acquisition_id=1),
        ngio.ImageInWellPath(row="A", column="02", path="0", acquisition_id=0),
        ngio.ImageInWellPath(row="B", column="02", path="0", acquisition_id=0),
    ]
    ngio.create_empty_plate(str(path), name="screen", images=images, ngff_version=version)
    for image in images:
        write_one(path / image.row / image.column / image.path, "cyx", "uint16", version, labels=True)


JOBS: dict[str, Job] = {
    f"{name}-v{version.replace('.', '')}": partial(job, version=version)
    for version in ("0.4", "0.5")
    for name, job in {
        "yx-uint8": partial(write_one, axes="yx", dtype="uint8"),
        "cyx-labels": partial(write_one, axes="cyx", dtype="uint16", labels=True),
        "zyx-float32": partial(write_one, axes="zyx", dtype="float32"),
        "tczyx-uint16-labels": partial(write_one, axes="tczyx", dtype="uint16", labels=True),
        "table": write_table,
        "plate": write_plate,
    }.items()
} | {
    "sharded-v05": partial(write_one, axes="zyx", dtype="uint16", version="0.5", chunks=(1, 16, 16), shards=(2, 32, 32))
}
