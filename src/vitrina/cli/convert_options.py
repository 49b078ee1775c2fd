"""The options that say how images are converted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

import click

from vitrina.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from vitrina.convert.ome_tiff import OmeTiffOptions
    from vitrina.convert.ome_zarr import OmeZarrOptions
    from vitrina.convert.options import PyramidOptions

METHODS = ("mean", "nearest", "mode", "gaussian", "linear", "cubic", "lanczos")
CODECS = ("blosc", "zstd", "gzip", "deflate", "lzw", "jpeg", "none")

PROFILES: dict[str, dict[str, Any]] = {
    "default": {},
    "fast": {"inner": "lz4", "level": 5},
    "small": {"level": 3},
}
"""Of blosc, for OME-Zarr; docs/decisions/codecs.md has the measurements."""

_UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30}

OPTIONS: list[click.Parameter] = [
    click.Option(
        ["--format", "format_"], type=click.Choice(["ome-zarr", "ome-tiff"]), help="By the name of DST unless given."
    ),
    click.Option(
        ["--version"], type=click.Choice(["0.4", "0.5"]), default="0.5", show_default=True, help="Of OME-Zarr."
    ),
    click.Option(
        ["--levels", "n_levels"], type=click.IntRange(1), metavar="N", help="Levels in all, the finest included."
    ),
    click.Option(
        ["--min-size", "min_size_px"],
        type=click.IntRange(1),
        default=256,
        show_default=True,
        metavar="PX",
        help="The coarsest level is at most so high and wide.",
    ),
    click.Option(
        ["--downsampling"], type=click.Choice(METHODS), default="mean", show_default=True, help="How pixels become one."
    ),
    click.Option(
        ["--label-downsampling"],
        type=click.Choice(["nearest", "mode"]),
        default="nearest",
        show_default=True,
        help="How label ids become one.",
    ),
    click.Option(["--downsample-z", "shrinks_z"], is_flag=True, help="Halve the depth too."),
    click.Option(["--use-levels", "uses_levels"], is_flag=True, help="Keep the levels that SRC has, and make none."),
    click.Option(["--chunk"], metavar="[Z,]Y,X", help="Size of a chunk or tile in pixels; 512,512 unless given."),
    click.Option(["--shard"], metavar="[Z,]Y,X|none", help="Chunks per shard, OME-Zarr 0.5 only; 8,8 unless given."),
    click.Option(["--codec"], type=click.Choice(CODECS), help="blosc for OME-Zarr, deflate for OME-TIFF unless given."),
    click.Option(
        ["--level"], type=int, metavar="N", help="Of the codec: higher is smaller and slower; for jpeg the quality."
    ),
    click.Option(["--shuffle"], type=click.Choice(["noshuffle", "shuffle", "bitshuffle"]), help="Of blosc."),
    click.Option(
        ["--inner"], type=click.Choice(["zstd", "lz4", "lz4hc", "zlib", "blosclz"]), help="What blosc compresses with."
    ),
    click.Option(
        ["--profile"],
        type=click.Choice(list(PROFILES)),
        default="default",
        show_default=True,
        help="Compression of OME-Zarr: fast is larger, small takes twice the time.",
    ),
    click.Option(["--bigtiff/--classic-tiff", "is_big"], default=None, help="By size unless given."),
    click.Option(["--no-offsets"], is_flag=True, help="No NAME.offsets.json beside an OME-TIFF."),
    click.Option(
        ["--threads", "n_threads"], type=click.IntRange(1), metavar="N", help="As many as there are cores unless given."
    ),
    click.Option(["--memory"], metavar="SIZE", help="What blocks in memory may take, such as 500M."),
]


def build_options(target: Path, **chosen: Any) -> OmeZarrOptions | OmeTiffOptions:
    """The options of a conversion.

    Args:
        target: Its name says the format where no option does.
        chosen: Values of OPTIONS by name.

    Raises:
        InputError: They make no sense together.
    """
    from vitrina.verbs.convert import find_format

    format_ = chosen["format_"] or find_format(target)
    pyramid = _build_pyramid(chosen)
    return _build_zarr(pyramid, chosen) if format_ == "ome-zarr" else _build_tiff(pyramid, chosen)


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


def _build_pyramid(chosen: dict[str, Any]) -> PyramidOptions:
    from vitrina.convert.options import PyramidOptions

    names = ("n_levels", "min_size_px", "downsampling", "label_downsampling", "shrinks_z", "uses_levels", "n_threads")
    given: dict[str, Any] = {name: chosen[name] for name in names}
    if chosen["chunk"]:
        given["chunk_zyx"] = parse_zyx(chosen["chunk"])
    if chosen["memory"]:
        given["max_memory_bytes"] = parse_size_bytes(chosen["memory"])
    return PyramidOptions(**given)


def _build_zarr(pyramid: PyramidOptions, chosen: dict[str, Any]) -> OmeZarrOptions:
    from vitrina.convert.ome_zarr import DEFAULT_SHARD_ZYX, OmeZarrOptions
    from vitrina.convert.zarr.codecs import Codec

    _refuse_others(chosen, "OME-Zarr", codecs=("deflate", "lzw", "jpeg"), options=("is_big", "no_offsets"))
    settings: dict[str, Any] = {"name": chosen["codec"] or "blosc"}
    settings |= PROFILES[chosen["profile"]] if settings["name"] == "blosc" else {}
    settings |= {name: chosen[name] for name in ("level", "shuffle", "inner") if chosen[name] is not None}
    codec = Codec(**settings)
    shard = chosen["shard"]
    return OmeZarrOptions(
        version=chosen["version"],
        pyramid=pyramid,
        codec=codec,
        label_codec=Codec(level=3) if chosen["codec"] is None and chosen["profile"] != "fast" else codec,
        shard_zyx=DEFAULT_SHARD_ZYX if shard is None else None if shard.lower() == "none" else parse_zyx(shard),
    )


def _build_tiff(pyramid: PyramidOptions, chosen: dict[str, Any]) -> OmeTiffOptions:
    from vitrina.convert.ome_tiff import OmeTiffOptions
    from vitrina.convert.tiff.codecs import TileCodec

    _refuse_others(chosen, "OME-TIFF", codecs=("blosc", "gzip"), options=("shard", "shuffle", "inner"))
    name: Literal["none", "deflate", "lzw", "zstd", "jpeg"] = chosen["codec"] or "deflate"
    return OmeTiffOptions(
        pyramid=pyramid,
        codec=TileCodec(name=name, level=chosen["level"]),
        is_big=chosen["is_big"],
        has_offsets=not chosen["no_offsets"],
    )


def _refuse_others(chosen: dict[str, Any], format_: str, *, codecs: tuple[str, ...], options: tuple[str, ...]) -> None:
    """What is of another format is a mistake, and not left out silently."""
    if chosen["codec"] in codecs:
        raise InputError("option-of-other-format", f"{format_} has no codec {chosen['codec']}.")
    for name in options:
        if chosen[name] not in {None, False}:
            option = name.replace("_", "-").replace("is-big", "bigtiff")
            raise InputError("option-of-other-format", f"--{option} says nothing for {format_}.")
