"""The options that say how a result is made: for all images, for OME-Zarr, for OME-TIFF."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from vitrina.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

METHODS = ("mean", "nearest", "mode", "gaussian", "linear", "cubic", "lanczos")
ZARR_CODECS = ("blosc", "zstd", "gzip", "none")
TIFF_CODECS = ("deflate", "lzw", "zstd", "jpeg", "none")

PROFILES: dict[str, dict[str, Any]] = {
    "default": {},
    "fast": {"inner": "lz4", "level": 5},
    "small": {"level": 3},
}
"""Of blosc, for OME-Zarr; docs/decisions/codecs.md has the measurements."""

_UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30}
_POSITIVE = click.IntRange(1)


def _choose(name: str, values: Sequence[str], help_: str) -> click.Option:
    return click.Option([name], type=click.Choice(values), help=help_)


PYRAMID_OPTIONS: tuple[click.Option, ...] = (
    click.Option(["--levels", "n_levels"], type=_POSITIVE, metavar="N", help="Levels in all, the finest included."),
    click.Option(
        ["--min-size", "min_size_px"], type=_POSITIVE, metavar="PX", help="The coarsest level is at most so large; 256."
    ),
    _choose("--downsampling", METHODS, "How pixels become one; mean unless given."),
    _choose("--label-downsampling", ("nearest", "mode"), "How label ids become one; nearest unless given."),
    click.Option(["--downsample-z", "shrinks_z"], is_flag=True, help="Halve the depth too."),
    click.Option(["--use-levels", "uses_levels"], is_flag=True, help="Keep the levels that SRC has, and make none."),
    click.Option(["--chunk"], metavar="[Z,]Y,X", help="Size of a chunk or tile in pixels; 512,512 unless given."),
    click.Option(["--threads", "n_threads"], type=_POSITIVE, metavar="N", help="As many as cores unless given."),
    click.Option(["--memory"], metavar="SIZE", help="What blocks in memory may take, such as 500M."),
    _choose("--codec", tuple(dict.fromkeys(ZARR_CODECS + TIFF_CODECS)), "blosc or deflate unless given."),
    click.Option(
        ["--level"], type=int, metavar="N", help="Of the codec: higher is smaller and slower; jpeg's quality."
    ),
)
ZARR_OPTIONS: tuple[click.Option, ...] = (
    _choose(
        "--version",
        ("0.4", "0.5", "0.1", "0.2"),
        "Of OME-Zarr 0.4 or 0.5, of SpatialData 0.1 or 0.2; in Zarr 2 or 3. The newer unless given.",
    ),
    _choose("--profile", tuple(PROFILES), "Compression: fast is larger, small takes twice the time."),
    click.Option(["--shard"], metavar="[Z,]Y,X|none", help="Chunks per shard of 0.5; 8,8 unless given."),
    _choose("--shuffle", ("noshuffle", "shuffle", "bitshuffle"), "Of blosc; shuffle unless given."),
    _choose("--inner", ("zstd", "lz4", "lz4hc", "zlib", "blosclz"), "What blosc compresses with; zstd unless given."),
    _choose(
        "--window", ("sample", "range", "none"), "Contrast: without outliers, or from the least to the largest value."
    ),
    _choose("--separator", ("/", "."), "Between the numbers of a chunk's key; / unless given."),
    click.Option(["--fill-value"], type=float, metavar="V", help="Of pixels that are not stored; 0 unless given."),
    click.Option(["--level-prefix"], metavar="TEXT", help="Before the number in the path of a level."),
    click.Option(["--name"], metavar="TEXT", help="Of the image, instead of its own."),
    click.Option(["--all-axes", "has_all_axes"], is_flag=True, help="All of t, c, z, y, x, with size 1 where absent."),
    click.Option(["--collection", "is_collection"], is_flag=True, help="An only image in 0, as bioformats2raw has it."),
)
TIFF_OPTIONS: tuple[click.Option, ...] = (
    click.Option(["--bigtiff/--classic-tiff", "is_big"], default=None, help="By size unless given."),
    click.Option(["--no-offsets", "omits_offsets"], is_flag=True, help="No NAME.offsets.json beside the file."),
)
REFERENCE_OPTIONS: tuple[click.Option, ...] = (
    click.Option(["--source-url"], metavar="URL", help="Address of SRC in references; its relative path unless given."),
)
SPATIALDATA_OPTIONS: tuple[click.Option, ...] = (
    _choose("--tiles", ("auto", "always", "never"), "A copy of points in tiles for the viewer; when they are many."),
    click.Option(
        ["--simplify", "simplify_tolerance"],
        type=click.FloatRange(0),
        metavar="DISTANCE",
        help="A copy of outlines, no further off than that; 0 for none. By their size when they are very many.",
    ),
)
TABLE_OPTIONS: tuple[click.Option, ...] = (
    _choose("--zarr-format", ("2", "3"), "Of AnnData and MuData; 3 unless given."),
    _choose("--layout", ("auto", "dense", "csc"), "Of matrices: dense, or sparse by variables; by density."),
)
TARGET_GROUPS: tuple[tuple[click.Option, ...], ...] = (
    PYRAMID_OPTIONS,
    ZARR_OPTIONS,
    TIFF_OPTIONS,
    SPATIALDATA_OPTIONS,
    TABLE_OPTIONS,
    REFERENCE_OPTIONS,
)
"""All options that say how a result is made, in the order in which help lists them."""


def parse_zyx(text: str) -> tuple[int, int, int]:
    """``Y,X`` or ``Z,Y,X``.

    Raises:
        InputError: It is something else.
    """
    parts = re.split(r"[,x ]+", text.strip())
    if len(parts) not in {2, 3} or not all(part.isdecimal() and int(part) for part in parts):
        raise InputError("size-malformed", f"{text!r} is no size.", hint="Write Y,X or Z,Y,X, such as 512,512.")
    z, y, x = (int(part) for part in (["1"] if len(parts) == 2 else []) + parts)
    return z, y, x


def parse_size_bytes(text: str) -> int:
    """``500M``, ``2G``, ``1000000``.

    Raises:
        InputError: It is something else.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMG]?)(?:i?B)?", text.strip(), re.IGNORECASE)
    if match is None:
        raise InputError("size-malformed", f"{text!r} is no size in bytes.", hint="Write 500M or 2G.")
    return int(float(match.group(1)) * _UNITS[match.group(2).upper()])
