"""Stores of ome-zarr-py, the reference implementation."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import zarr
from ome_zarr.format import FormatV04, FormatV05
from ome_zarr.writer import write_image, write_labels, write_plate_metadata, write_well_metadata
from samples import STEPS, UNITS, Job, make_ids, make_pixels

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = "ome-zarr"
FORMATS = {"0.4": FormatV04, "0.5": FormatV05}


def open_root(path: Path, version: str) -> zarr.Group:
    """A new group of the Zarr format of a version."""
    return zarr.open_group(str(path), mode="w", zarr_format=FORMATS[version]().zarr_format)


def describe(axes: str) -> dict[str, dict[str, object]]:
    """Steps and units of the axes."""
    return {
        "scale": {axis: STEPS[axis] for axis in axes},
        "axes_units": {axis: UNITS[axis] for axis in axes if axis in UNITS},
    }


def write_one(
    path: Path, axes: str, dtype: str, version: str, *, labels: str = "", storage: dict[str, object] | None = None
) -> None:
    """An image, and labels on some of its axes."""
    root, fmt = open_root(path, version), FORMATS[version]()
    write_image(
        make_pixels(axes, dtype),
        root,
        fmt=fmt,
        axes=axes,
        scale_factors=[2, 4],
        storage_options=storage,
        **describe(axes),
    )
    if labels:
        write_labels(
            make_ids(labels),
            root,
            name="cells",
            fmt=fmt,
            axes=labels,
            scale_factors=[2, 4],
            label_metadata={"colors": [{"label-value": 1, "rgba": [255, 0, 0, 255]}]},
            **describe(labels),
        )


def write_plate(path: Path, version: str) -> None:
    """Two rows of two wells with two fields each, in two acquisitions."""
    root, fmt = open_root(path, version), FORMATS[version]()
    wells = ["A/1", "A/2", "B/1", "B/2"]
    acquisitions = [{"id": 0, "maximumfieldcount": 1}, {"id": 1, "maximumfieldcount": 1}]
    write_plate_metadata(
        root, ["A", "B"], ["1", "2"], wells, fmt=fmt, acquisitions=acquisitions, field_count=2, name="screen"
    )
    for well in wells:
        group = root.require_group(well)
        write_well_metadata(group, [{"path": "0", "acquisition": 0}, {"path": "1", "acquisition": 1}], fmt=fmt)
        for field in ("0", "1"):
            image = group.require_group(field)
            write_image(make_pixels("cyx", "uint16"), image, fmt=fmt, axes="cyx", scale_factors=[2])


JOBS: dict[str, Job] = {
    f"{name}-v{version.replace('.', '')}": partial(job, version=version)
    for version in ("0.4", "0.5")
    for name, job in {
        "yx-uint8": partial(write_one, axes="yx", dtype="uint8"),
        "cyx-labels": partial(write_one, axes="cyx", dtype="uint16", labels="yx"),
        "zyx-float32": partial(write_one, axes="zyx", dtype="float32"),
        "tczyx-int16-labels": partial(write_one, axes="tczyx", dtype="int16", labels="zyx"),
        "plate": write_plate,
    }.items()
} | {
    "czyx-sharded-v05": partial(
        write_one,
        axes="czyx",
        dtype="uint16",
        version="0.5",
        storage={"chunks": (1, 1, 8, 8), "shards": (1, 2, 16, 16)},
    )
}
