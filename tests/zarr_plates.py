"""Plates in OME-Zarr, written file by file with the JSON of the specifications, so that large ones take seconds."""

from __future__ import annotations

import json
from string import ascii_uppercase

import numpy as np
from numcodecs import Blosc

CODEC = Blosc(cname="lz4", clevel=1, shuffle=Blosc.SHUFFLE)


def make_field(row, column, field, shape_cyx=(1, 64, 64)):
    """Pixels that differ from those of every other field; a gradient and little noise, which compress."""
    seed = (row * 100 + column) * 100 + field
    noise = np.random.default_rng(seed).integers(0, 16, shape_cyx, dtype=np.uint16)
    ramp = np.arange(shape_cyx[-1], dtype=np.uint16)
    return noise + ramp + np.uint16(1 + seed * 7 % 5000)


def halve(pixels):
    """The mean of two by two pixels, halves rounded up; the last of an odd number stands for two."""
    pixels = np.pad(
        pixels, [(0, 0)] * (pixels.ndim - 2) + [(0, pixels.shape[-2] % 2), (0, pixels.shape[-1] % 2)], "edge"
    )
    wide = pixels.astype(np.int64)
    total = wide[..., ::2, ::2] + wide[..., 1::2, ::2] + wide[..., ::2, 1::2] + wide[..., 1::2, 1::2]
    return ((total + 2) >> 2).astype(pixels.dtype)


def write_zarr_plate(
    root,
    *,
    n_rows=2,
    n_columns=3,
    n_fields=4,
    shape_cyx=(1, 64, 64),
    n_levels=2,
    zarr_format=2,
    skip=(),
    build=make_field,
):
    """A plate of OME-Zarr 0.4 in Zarr 2, or 0.5 in Zarr 3; ``skip`` are places (row, column, field) that are not there.

    Fields lie on a grid of the stage, as wide as the square root of their number, listed in a snake.
    """
    rows, columns = ascii_uppercase[:n_rows], [str(number + 1) for number in range(n_columns)]
    wells = [(r, c) for r in range(n_rows) for c in range(n_columns)]
    plate = {
        "name": "screen",
        "rows": [{"name": name} for name in rows],
        "columns": [{"name": name} for name in columns],
        "wells": [{"path": f"{rows[r]}/{columns[c]}", "rowIndex": r, "columnIndex": c} for r, c in wells],
        "field_count": n_fields,
    }
    write_group(root, {"plate": plate}, zarr_format)
    for name in rows:
        write_group(root / name, {}, zarr_format)
    for r, c in wells:
        path = root / rows[r] / columns[c]
        write_group(path, {"well": {"images": [{"path": str(f)} for f in range(n_fields)]}}, zarr_format)
        for f in range(n_fields):
            if (r, c, f) not in skip:
                write_field(path / str(f), build(r, c, f, shape_cyx), n_levels, zarr_format, locate(f, n_fields))
    return root


def locate(field, n_fields):
    """Row and column of a field on the stage: every other row from right to left."""
    side = int(np.ceil(np.sqrt(n_fields)))
    row, column = divmod(field, side)
    return row, (side - 1 - column if row % 2 else column)


def write_field(path, pixels, n_levels, zarr_format, cell):
    """An image of channels, rows and columns with its levels; half a micrometer per pixel."""
    origin = [0.0, *(0.5 * at * size for at, size in zip(cell, pixels.shape[1:], strict=True))]
    datasets = [
        {
            "path": str(level),
            "coordinateTransformations": [
                {"type": "scale", "scale": [1.0, 0.5 * 2**level, 0.5 * 2**level]},
                {"type": "translation", "translation": origin},
            ],
        }
        for level in range(n_levels)
    ]
    axes = [{"name": "c", "type": "channel"}]
    axes += [{"name": name, "type": "space", "unit": "micrometer"} for name in "yx"]
    version = {"version": "0.4"} if zarr_format == 2 else {}
    image = {"name": "/".join(path.parts[-3:]), "axes": axes, "datasets": datasets, **version}
    write_group(path, {"multiscales": [image]}, zarr_format)
    for level in range(n_levels):
        write_array(path / str(level), pixels, zarr_format)
        pixels = halve(pixels)


def write_group(path, attrs, zarr_format):
    path.mkdir(parents=True, exist_ok=True)
    if zarr_format == 2:
        (path / ".zgroup").write_text('{"zarr_format": 2}')
        (path / ".zattrs").write_text(json.dumps(attrs))
    else:
        attrs = {"ome": {"version": "0.5", **attrs}} if attrs else {}
        (path / "zarr.json").write_text(json.dumps({"zarr_format": 3, "node_type": "group", "attributes": attrs}))


def write_array(path, pixels, zarr_format):
    """One chunk per channel."""
    chunk_shape = [1, *pixels.shape[1:]]
    blosc = {"cname": "lz4", "clevel": 1, "blocksize": 0}
    path.mkdir()
    if zarr_format == 2:
        document = {
            "zarr_format": 2, "shape": pixels.shape, "chunks": chunk_shape, "dtype": pixels.dtype.str, "filters": None,
            "compressor": {"id": "blosc", **blosc, "shuffle": 1}, "fill_value": 0, "order": "C",
            "dimension_separator": "/",
        }  # fmt: skip
        (path / ".zarray").write_text(json.dumps(document))
    else:
        typesize = pixels.dtype.itemsize
        document = {
            "zarr_format": 3, "node_type": "array", "shape": pixels.shape, "data_type": pixels.dtype.name,
            "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": chunk_shape}},
            "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}}, "fill_value": 0,
            "codecs": [
                {"name": "bytes", "configuration": {"endian": "little"}},
                {"name": "blosc", "configuration": {**blosc, "shuffle": "shuffle", "typesize": typesize}},
            ],
        }  # fmt: skip
        (path / "zarr.json").write_text(json.dumps(document))
    for channel, plane in enumerate(pixels):
        folder = path / str(channel) / "0" if zarr_format == 2 else path / "c" / str(channel) / "0"
        folder.mkdir(parents=True)
        (folder / "0").write_bytes(CODEC.encode(np.ascontiguousarray(plane)))
