"""Which options each format takes, and what they make: one entry per format in FORMATS.

A target whose options are all defaults needs no entry.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from vitrina.cli.convert_options import (
    PROFILES,
    PYRAMID_OPTIONS,
    REFERENCE_OPTIONS,
    SPATIALDATA_OPTIONS,
    TABLE_OPTIONS,
    TARGET_GROUPS,
    TIFF_CODECS,
    TIFF_OPTIONS,
    ZARR_CODECS,
    ZARR_OPTIONS,
    parse_size_bytes,
    parse_zyx,
)
from vitrina.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vitrina.convert.anndata.options import AnnDataOptions, MuDataOptions
    from vitrina.convert.ome_tiff import OmeTiffOptions
    from vitrina.convert.ome_zarr import OmeZarrOptions
    from vitrina.convert.options import PyramidOptions
    from vitrina.convert.points.target import PointsOptions
    from vitrina.convert.reference.options import ReferenceOptions
    from vitrina.convert.spatialdata.options import SpatialDataOptions
    from vitrina.convert.zarr.codecs import Codec
    from vitrina.readers.source import ReadOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatOptions:
    """What the command line can say of a format.

    Attributes:
        options: Which of all options it takes.
        build: The target's options, of the values of all options by name.
        codecs: What ``--codec`` may say.
        versions: What ``--version`` may say.
    """

    options: tuple[click.Option, ...] = ()
    build: Callable[[dict[str, Any]], Any] | None = None
    codecs: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()


def build_options(
    target: Path, source: Path | None = None, read_options: ReadOptions | None = None, **chosen: Any
) -> Any:
    """The options of a conversion.

    Args:
        target: Its name says the format where no option does.
        source: What it holds says the format where the name says only ``.zarr``.
        read_options: What is known of the source that it does not say itself.
        chosen: Values of OPTIONS by name.

    Raises:
        InputError: They make no sense together.
    """
    from vitrina.convert.targets import get_target
    from vitrina.verbs.convert import find_format

    format_ = get_target(chosen["format"] or find_format(target, source, read_options))
    known = FORMATS.get(format_.name, FormatOptions())
    _refuse_others(chosen, known, format_.label)
    return format_.options_type() if known.build is None else known.build(chosen)


def build_pyramid(chosen: dict[str, Any]) -> PyramidOptions:
    """How levels are made."""
    from vitrina.convert.options import PyramidOptions

    names = ("n_levels", "min_size_px", "downsampling", "label_downsampling", "shrinks_z", "uses_levels", "n_threads")
    given = pick(chosen, names)
    if chosen["chunk"]:
        given["chunk_zyx"] = parse_zyx(chosen["chunk"])
    if chosen["memory"]:
        given["max_memory_bytes"] = parse_size_bytes(chosen["memory"])
    return PyramidOptions(**given)


def build_zarr_codecs(chosen: dict[str, Any]) -> dict[str, Codec]:
    """The codecs of images and labels, where any is chosen."""
    from vitrina.convert.zarr.codecs import Codec

    settings: dict[str, Any] = {"name": chosen["codec"] or "blosc"}
    settings |= PROFILES[chosen["profile"] or "default"] if settings["name"] == "blosc" else {}
    settings |= pick(chosen, ("level", "shuffle", "inner"))
    return {} if settings == {"name": "blosc"} else {"codec": Codec(**settings), "label_codec": Codec(**settings)}


def build_shard(chosen: dict[str, Any]) -> dict[str, Any]:
    """Chunks per shard, where they are chosen."""
    if not chosen["shard"]:
        return {}
    return {"shard_zyx": None if chosen["shard"].lower() == "none" else parse_zyx(chosen["shard"])}


def pick(chosen: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """What was given of some options."""
    return {name: chosen[name] for name in names if chosen[name] is not None}


def _build_ome_zarr(chosen: dict[str, Any]) -> OmeZarrOptions:
    from vitrina.convert.ome_zarr import OmeZarrOptions

    names = ("version", "window", "separator", "fill_value", "level_prefix", "name", "has_all_axes", "is_collection")
    given = pick(chosen, names) | build_zarr_codecs(chosen) | build_shard(chosen)
    return OmeZarrOptions(pyramid=build_pyramid(chosen), **given)


def _build_ome_tiff(chosen: dict[str, Any]) -> OmeTiffOptions:
    from vitrina.convert.ome_tiff import OmeTiffOptions
    from vitrina.convert.tiff.codecs import TileCodec

    codec = TileCodec(name=chosen["codec"] or "deflate", level=chosen["level"])
    return OmeTiffOptions(
        pyramid=build_pyramid(chosen), codec=codec, is_big=chosen["is_big"], has_offsets=not chosen["omits_offsets"]
    )


def _build_reference(chosen: dict[str, Any]) -> ReferenceOptions:
    from vitrina.convert.reference.options import ReferenceOptions

    return ReferenceOptions(source_url=chosen["source_url"])


def _build_spatialdata(chosen: dict[str, Any]) -> SpatialDataOptions:
    from vitrina.convert.spatialdata.options import SpatialDataOptions

    given = pick(chosen, ("version", "window", "tiles", "simplify_tolerance"))
    given |= build_zarr_codecs(chosen) | build_shard(chosen)
    return SpatialDataOptions(pyramid=build_pyramid(chosen), **given)


def _build_anndata(chosen: dict[str, Any]) -> AnnDataOptions:
    from vitrina.convert.anndata.options import AnnDataOptions

    return AnnDataOptions(**_pick_table(chosen))


def _build_mudata(chosen: dict[str, Any]) -> MuDataOptions:
    from vitrina.convert.anndata.options import MuDataOptions

    return MuDataOptions(**_pick_table(chosen))


def _pick_table(chosen: dict[str, Any]) -> dict[str, Any]:
    given = pick(chosen, ("layout", "n_threads"))
    if chosen["zarr_format"]:
        given["zarr_format"] = int(chosen["zarr_format"])
    if chosen["memory"]:
        given["max_memory_bytes"] = parse_size_bytes(chosen["memory"])
    codecs = build_zarr_codecs(chosen)
    return given | ({"codec": codecs["codec"]} if codecs else {})


def _build_points(chosen: dict[str, Any]) -> PointsOptions:
    from vitrina.convert.points.target import PointsOptions

    return PointsOptions(memory_bytes=parse_size_bytes(chosen["memory"])) if chosen["memory"] else PointsOptions()


def _find_options(*names: str) -> tuple[click.Option, ...]:
    return tuple(option for group in TARGET_GROUPS for option in group if option.name in names)


_COMPRESSION = ("codec", "level", "profile", "shuffle", "inner")

FORMATS: dict[str, FormatOptions] = {
    "ome-zarr": FormatOptions(
        options=(*PYRAMID_OPTIONS, *ZARR_OPTIONS),
        build=_build_ome_zarr,
        codecs=ZARR_CODECS,
        versions=("0.4", "0.5"),
    ),
    "spatialdata": FormatOptions(
        options=(*PYRAMID_OPTIONS, *_find_options("version", "shard", "window", *_COMPRESSION), *SPATIALDATA_OPTIONS),
        build=_build_spatialdata,
        codecs=ZARR_CODECS,
        versions=("0.1", "0.2"),
    ),
    "anndata-zarr": FormatOptions(
        options=(*TABLE_OPTIONS, *_find_options("n_threads", "memory", *_COMPRESSION)),
        build=_build_anndata,
        codecs=ZARR_CODECS,
    ),
    "mudata-zarr": FormatOptions(
        options=(*TABLE_OPTIONS, *_find_options("n_threads", "memory", *_COMPRESSION)),
        build=_build_mudata,
        codecs=ZARR_CODECS,
    ),
    "points": FormatOptions(options=_find_options("memory"), build=_build_points),
    "ome-tiff": FormatOptions(options=(*PYRAMID_OPTIONS, *TIFF_OPTIONS), build=_build_ome_tiff, codecs=TIFF_CODECS),
    "reference": FormatOptions(options=REFERENCE_OPTIONS, build=_build_reference),
}

FORMAT_NAMES = ("ome-zarr", "ome-tiff", "spatialdata", "anndata-zarr", "mudata-zarr", "points", "reference")
"""In the order in which help lists them; a test holds them against the targets."""

OPTIONS: list[click.Parameter] = [
    click.Option(["--format"], type=click.Choice(FORMAT_NAMES), help="By the name of DST and what SRC holds."),
    *(option for group in TARGET_GROUPS for option in group),
]


def _refuse_others(chosen: dict[str, Any], known: FormatOptions, label: str) -> None:
    """What is of another format is a mistake, and is not left out in silence."""
    own = {option.name for option in known.options}
    for option in (option for group in TARGET_GROUPS for option in group):
        value = chosen[option.name or ""]
        if option.name not in own and (value not in {None, False} or (option.name == "is_big" and value is not None)):
            raise InputError("option-of-other-format", f"{option.opts[0]} says nothing for {label}.")
    for name, values in (("codec", known.codecs), ("version", known.versions)):
        if name in own and chosen[name] not in {None, *values}:
            hint = f"It has {', '.join(values)}."
            raise InputError("option-of-other-format", f"{label} has no {name} {chosen[name]}.", hint=hint)
