"""Stores of ome-zarr-pyramid, the writer of EuBI-Bridge."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ome_zarr_pyramid import IO, Pyramid
from samples import UNITS, Job, get_scale, make_ids, make_pixels

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = "ome-zarr-pyramid"


def make_pyramid(pixels: object, axes: str, version: str, name: str) -> Pyramid:
    """An image of two levels."""
    coarse = pixels[..., ::2, ::2]
    return Pyramid().from_arrays(
        [pixels, coarse],
        axis_order=axes,
        unit_list=[UNITS.get(axis) for axis in axes],
        base_scale=get_scale(axes),
        scale_factor=[2.0 if axis in "yx" else 1.0 for axis in axes],
        version=version,
        name=name,
    )


def write_one(path: Path, axes: str, dtype: str, version: str, has_labels: bool = False) -> None:
    """An image, with labels where asked."""
    IO().write_pyramid(make_pyramid(make_pixels(axes, dtype), axes, version, "sample"), path)
    if has_labels:
        labels = path / "labels"
        ids = make_pyramid(make_ids("yx"), "yx", version, "cells")
        IO().write_labels(ids, labels / "cells", labels_group_path=labels, label_name="cells")


JOBS: dict[str, Job] = {
    f"{name}-v{version.replace('.', '')}": partial(job, version=version)
    for version in ("0.4", "0.5")
    for name, job in {
        "yx-uint8": partial(write_one, axes="yx", dtype="uint8"),
        "cyx-labels": partial(write_one, axes="cyx", dtype="uint16", has_labels=True),
        "tczyx-float32": partial(write_one, axes="tczyx", dtype="float32"),
    }.items()
}
