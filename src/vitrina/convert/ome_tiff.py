"""Images to OME-TIFF: tiled, with a pyramid in SubIFDs, and with the offsets of its directories beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from vitrina.convert.levels import plan_image, shift_progress, write_levels
from vitrina.convert.options import PyramidOptions
from vitrina.convert.tiff.codecs import TileCodec
from vitrina.convert.tiff.image import TiffImage
from vitrina.convert.tiff.offsets import build_offsets_json
from vitrina.convert.tiff.plan import plan_tiff
from vitrina.convert.tiff.writer import TiffWriter
from vitrina.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from vitrina.convert.image import ConvertedImage
    from vitrina.convert.levels import LevelsPlan, OpenJournal
    from vitrina.convert.tiff.plan import TiffPlan
    from vitrina.pyramid.engine import Progress

_SUFFIXES = (".tiff", ".tif", ".ome")


@dataclass(frozen=True, slots=True, kw_only=True)
class OmeTiffOptions:
    """What can be chosen.

    Attributes:
        pyramid: How levels are made; the chunk is the tile, one plane deep.
        codec: Compresses tiles; of labels only when it loses nothing.
        is_big: Whether it is BigTIFF; None for when it may pass 4 GiB.
        has_offsets: Whether ``NAME.offsets.json`` is written beside it, which lets viewers find planes at once.

    Raises:
        InputError: The tile is deeper than a plane.
    """

    format: ClassVar[str] = "ome-tiff"
    pyramid: PyramidOptions = field(default_factory=PyramidOptions)
    codec: TileCodec = field(default_factory=TileCodec)
    is_big: bool | None = None
    has_offsets: bool = True

    def __post_init__(self) -> None:
        if self.pyramid.chunk_zyx[0] != 1:
            raise InputError(
                "tile-too-deep",
                f"The tiles of a TIFF are one plane deep, not {self.pyramid.chunk_zyx[0]}.",
                hint="Give height and width alone.",
            )


def plan_ome_tiff(images: Sequence[ConvertedImage], options: OmeTiffOptions) -> tuple[list[LevelsPlan], TiffPlan]:
    """How images are laid out in one file: the levels of each, and the file.

    Args:
        images: Colours that are read together are interleaved, others lie apart, which fewer programs read.
        options: How.

    Raises:
        InputError: The tiles are no multiples of 16, or the memory that is allowed is too small.
        UnsupportedError: OME-TIFF does not have their type of pixels, or levels that differ in depth.
    """
    plans = [plan_image(image, options.pyramid) for image in images]
    described = [
        TiffImage(
            name=image.name,
            dtype=image.finest.dtype,
            level_shapes_tczyx=tuple(level.shape_tczyx for level in plan.levels),
            n_joint_channels=image.finest.n_joint_channels,
            is_color=image.is_rgb,
            pixel_sizes=image.list_pixel_sizes(),
            channels=image.channels,
            tile_shape_yx=plan.chunk_zyx[1:],
            codec=TileCodec() if image.is_labels and not options.codec.is_lossless else options.codec,
        )
        for image, plan in zip(images, plans, strict=True)
    ]
    return plans, plan_tiff(described, is_big=options.is_big)


def write_ome_tiff(
    images: Sequence[ConvertedImage],
    path: Path,
    options: OmeTiffOptions,
    *,
    is_resumed: bool = False,
    open_journal: OpenJournal | None = None,
    progress: Progress | None = None,
) -> None:
    """Write images into one file.

    Args:
        images: At least one.
        path: The file; it does not exist, unless it is resumed.
        options: How.
        is_resumed: Whether a part of it is there, as the journals know.
        open_journal: Gives the journal of a pass by its name.
        progress: Called with blocks done and blocks in all.

    Raises:
        UnreadableError: A source is damaged.
        InputError: See ``plan_ome_tiff``.
        UnsupportedError: See ``plan_ome_tiff``.
        StorageError: It cannot be written.
    """
    plans, layout = plan_ome_tiff(images, options)
    n_all, n_before = sum(plan.n_nodes for plan in plans), 0
    writer = TiffWriter(path, layout, is_resumed=is_resumed)
    try:
        for number, (image, plan) in enumerate(zip(images, plans, strict=True)):
            write_levels(
                image,
                writer.for_image(number),
                plan,
                open_journal=None if open_journal is None else _name_journals(open_journal, number),
                progress=shift_progress(progress, n_before, n_all),
            )
            writer.for_image(number).finish()
            n_before += plan.n_nodes
    except BaseException:
        writer.abort()
        raise
    if options.has_offsets:
        get_offsets_path(path).write_text(build_offsets_json(writer.directory_offsets))


def get_offsets_path(path: Path) -> Path:
    """Where the offsets of a file lie, by the convention of generate-tiff-offsets.

    Source: https://github.com/hms-dbmi/generate-tiff-offsets
    """
    name = path.name
    for suffix in _SUFFIXES:
        name = name.removesuffix(suffix)
    return path.with_name(f"{name}.offsets.json")


def _name_journals(open_journal: OpenJournal, number: int) -> OpenJournal:
    return lambda one: open_journal(f"{number}-{one}")
