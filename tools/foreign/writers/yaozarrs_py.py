"""Stores of yaozarrs, through zarr-python and TensorStore; it writes 0.5 alone."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from samples import STEPS, UNITS, Job, make_ids, make_pixels
from yaozarrs import v05
from yaozarrs.write.v05 import write_bioformats2raw, write_image, write_plate

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = "yaozarrs"


def describe(axes: str) -> v05.Image:
    """The metadata of an image of two levels."""
    made = {
        "t": lambda: v05.TimeAxis(name="t", unit=UNITS["t"]),
        "c": lambda: v05.ChannelAxis(name="c"),
    }
    datasets = []
    for level in range(2):
        scale = [STEPS[axis] * (2**level if axis in "yx" else 1) for axis in axes]
        transforms = [v05.ScaleTransformation(scale=scale)]
        datasets.append(v05.Dataset(path=str(level), coordinateTransformations=transforms))
    found = [made[axis]() if axis in made else v05.SpaceAxis(name=axis, unit=UNITS[axis]) for axis in axes]
    return v05.Image(multiscales=[v05.Multiscale(name="sample", axes=found, datasets=datasets)])


def make_levels(axes: str, dtype: str) -> list[object]:
    """Pixels of two levels."""
    pixels = make_pixels(axes, dtype)
    return [pixels, pixels[..., ::2, ::2]]


def write_one(path: Path, axes: str, dtype: str, writer: str, has_labels: bool = False, **options: object) -> None:
    """An image, with labels where asked."""
    labels = None
    if has_labels:
        label = v05.LabelImage(
            **describe("yx").model_dump(),
            image_label={"colors": [{"label_value": 1, "rgba": [255, 0, 0, 255]}]},
        )
        labels = {"cells": (label, [make_ids("yx"), make_ids("yx")[::2, ::2]])}
    write_image(path, describe(axes), make_levels(axes, dtype), labels=labels, writer=writer, **options)


def write_wells(path: Path, writer: str) -> None:
    """A plate of three fields."""
    fields = [("A", "1", "0"), ("A", "1", "1"), ("B", "2", "0")]
    images = {field: (describe("cyx"), make_levels("cyx", "uint16")) for field in fields}
    write_plate(path, images, plate={"name": "screen"}, writer=writer)


def write_series(path: Path, writer: str) -> None:
    """A collection of two images."""
    images = {name: (describe("zyx"), make_levels("zyx", "int16")) for name in ("0", "1")}
    write_bioformats2raw(path, images, writer=writer)


JOBS: dict[str, Job] = {
    f"{name}-{writer}": partial(job, writer=writer)
    for writer in ("zarr", "tensorstore")
    for name, job in {
        "yx-float64": partial(write_one, axes="yx", dtype="float64"),
        "cyx-labels": partial(write_one, axes="cyx", dtype="uint8", has_labels=True),
        "tczyx-sharded": partial(
            write_one, axes="tczyx", dtype="uint16", chunks=(1, 1, 1, 16, 16), shards=(1, 1, 2, 32, 48)
        ),
        "plate": write_wells,
        "series": write_series,
    }.items()
}
