"""Conversion from a notebook: of files, and of arrays that the program holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from vitrina.errors import InputError
from vitrina.readers.memory_array import ArraySource, MemoryArrayReader
from vitrina.readers.source import ReadOptions
from vitrina.verbs.convert import build_options, convert_content
from vitrina.verbs.convert import convert as convert_path

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vitrina.verbs.convert import Conversion, Options


def convert(
    source: Any,
    target: str | Path,
    *,
    format: str | None = None,  # noqa: A002 the word of the command line
    options: Options | None = None,
    axes: str | None = None,
    pixel_size_um: float | Mapping[str, float] | None = None,
    channels: Sequence[str] = (),
    is_labels: bool | None = None,
    pattern: str | None = None,
    series: Sequence[int] = (),
    overwrite: bool = False,
    verify: bool = False,
    dry_run: bool = False,
) -> Conversion:
    """Convert a file, a folder or an array to OME-Zarr, OME-TIFF, or what else the target's name says.

    An array is anything with a shape, a type and windows by slices: NumPy, Dask, xarray, Zarr, HDF5. A Dask array is
    computed window by window, so it may be larger than memory.

    Args:
        source: A path, or an array of 2 to 5 dimensions.
        target: Where the result goes, such as ``image.ome.zarr``.
        format: Of the result, such as ``ome-zarr``; by the target's name unless given.
        options: Of the format, such as ``OmeZarrOptions``; they say the format too.
        axes: One letter of t, c, z, y and x per dimension of an array; by its names or sizes unless given.
        pixel_size_um: Of an array: one number for y and x, or ``{"z": 2, "y": 0.5, "x": 0.5}``.
        channels: Names of an array's channels.
        is_labels: Whether pixels of an array are ids; by its look unless given.
        pattern: How the files of a folder are named.
        series: Only the images of a path with these numbers.
        overwrite: Replace what is at ``target``.
        verify: Read everything back and compare it before the result appears.
        dry_run: Only plan.

    Raises:
        InputError: What is said does not fit to the array or the path.
        VitrinaError: See ``verbs.convert``.

    Example:
        >>> import numpy as np, vitrina as vt
        >>> stack = np.zeros((2, 30, 256, 256), np.uint16)
        >>> vt.convert(stack, "stack.ome.zarr", axes="czyx", pixel_size_um=0.5, dry_run=True).images[0].axes
        'czyx'
    """
    options = options or (None if format is None else build_options(format))
    if isinstance(source, str | Path):
        if axes is not None or pixel_size_um is not None or channels or is_labels is not None:
            raise InputError(
                "array-options-misplaced",
                "axes, pixel_size_um, channels and is_labels are for arrays, not for files.",
                hint="Files say them themselves.",
            )
        return convert_path(
            Path(source),
            Path(target),
            options,
            series=series,
            overwrites=overwrite,
            verifies=verify,
            is_dry_run=dry_run,
            read_options=ReadOptions(pattern=pattern),
        )
    if pattern is not None or series:
        raise InputError("path-options-misplaced", "pattern and series are for files, not for arrays.")
    described = ArraySource(
        Path(f"<{type(source).__name__}>"),
        array=source,
        axes=axes,
        pixel_size_um=pixel_size_um,
        channels=tuple(channels),
        is_labels=is_labels,
    )
    return convert_content(
        described,
        MemoryArrayReader().read_content(described),
        Path(target).expanduser().absolute(),
        options,
        overwrites=overwrite,
        verifies=verify,
        is_dry_run=dry_run,
        resumes=False,
    )
