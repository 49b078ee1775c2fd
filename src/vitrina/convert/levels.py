"""The levels of an image: planned, and written by the engine into whatever format."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vitrina.errors import InputError
from vitrina.pyramid.engine import build_pyramid, count_blocks, is_worth_compiling
from vitrina.pyramid.plan import BLOCK_BYTES, LevelPlan, PyramidPlan, plan_block, plan_chunk, plan_levels
from vitrina.pyramid.resample import ResampledLevel
from vitrina.pyramid.written import WrittenLevel
from vitrina.readers.pixels.raster import warm_up

if TYPE_CHECKING:
    from collections.abc import Callable

    from vitrina.convert.image import ConvertedImage
    from vitrina.convert.options import Downsampling, PyramidOptions
    from vitrina.pyramid.downsample import Method
    from vitrina.pyramid.engine import Progress
    from vitrina.pyramid.journal import Journal
    from vitrina.pyramid.plan import Zyx
    from vitrina.pyramid.source import PixelSource
    from vitrina.pyramid.writer import ChunkWriter

    type OpenJournal = Callable[[str], Journal]


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelsPlan:
    """How the levels of one image are written: in one pass, or in several, each over a source of its own.

    Attributes:
        passes: One for all levels; or one per level, where the source has the levels or a filter looks beyond blocks.
        method: How pixels become one.
        n_threads: Threads that work.
        memory_bytes: What the blocks in memory take at most.
    """

    passes: tuple[PyramidPlan, ...]
    method: Downsampling
    n_threads: int
    memory_bytes: int

    @property
    def levels(self) -> tuple[LevelPlan, ...]:
        """All levels, finest first."""
        return tuple(level for one in self.passes for level in one.levels)

    @property
    def chunk_zyx(self) -> Zyx:
        """Of all levels."""
        return self.passes[0].chunk_zyx

    @property
    def n_nodes(self) -> int:
        """Blocks of all levels."""
        return sum(one.n_nodes for one in self.passes)


def plan_image(image: ConvertedImage, options: PyramidOptions) -> LevelsPlan:
    """Plan the levels of an image; chunks are cut to an image that is smaller than one.

    Raises:
        InputError: They do not fit into the memory that is allowed.
    """
    source, method = image.finest, options.choose_method(is_labels=image.is_labels)
    levels = _plan_levels(image, options)
    chunk = plan_chunk(source.shape_tczyx, options.chunk_zyx)
    bytes_per_voxel = source.n_joint_channels * source.dtype.itemsize
    shrinks_z = any(level.factor_zyx[0] > 1 for level in levels)
    source_z, source_y, source_x = source.chunk_shape_tczyx[2:]
    needed = 0
    for max_bytes in (BLOCK_BYTES, BLOCK_BYTES // 4, 0):
        block = plan_block(
            source.shape_tczyx,
            chunk,
            (source_z, source_y, source_x),
            bytes_per_voxel=bytes_per_voxel,
            shrinks_z=shrinks_z,
            max_bytes=max_bytes,
        )
        block_bytes = block[0] * block[1] * block[2] * bytes_per_voxel
        for n_threads in range(options.choose_n_threads(), 0, -1):
            needed = block_bytes * count_blocks(len(levels), n_threads)
            if options.max_memory_bytes is None or needed <= options.max_memory_bytes:
                whole = PyramidPlan(
                    levels=levels, chunk_zyx=chunk, block_zyx=block, n_joint_channels=source.n_joint_channels
                )
                passes = (whole,) if _is_one_pass(image, options, method) else _split(whole)
                return LevelsPlan(passes=passes, method=method, n_threads=n_threads, memory_bytes=needed)
    raise InputError(
        "memory-too-small",
        f"{image.name} cannot be converted in {options.max_memory_bytes:,} bytes of memory; it takes {needed:,}.",
        hint="Allow more memory, or choose smaller chunks.",
    )


def write_levels(
    image: ConvertedImage,
    writer: ChunkWriter,
    plan: LevelsPlan,
    *,
    open_journal: OpenJournal | None = None,
    progress: Progress | None = None,
) -> None:
    """Write all levels of an image. The writer is not finished.

    Args:
        image: The image.
        writer: Where they go.
        plan: Made by ``plan_image`` for this image.
        open_journal: Gives the journal of a pass by its number; what it knows to be stored is not made again.
        progress: Called with blocks done and blocks in all.

    Raises:
        UnreadableError: The source is damaged.
        OSError: The writer cannot write.
    """
    if is_worth_compiling(image.finest):
        warm_up(image.finest.dtype, image.finest.n_joint_channels)
    n_before = 0
    for number, one in enumerate(plan.passes):
        build_pyramid(
            _open_source(image, writer, plan, number),
            writer,
            one,
            method=_find_block_method(plan.method) or "nearest",  # a filter works on whole levels, one per pass
            n_threads=plan.n_threads,
            journal=open_journal(str(number)) if open_journal else None,
            progress=shift_progress(progress, n_before, plan.n_nodes),
        )
        n_before += one.n_nodes


def _plan_levels(image: ConvertedImage, options: PyramidOptions) -> tuple[LevelPlan, ...]:
    if options.uses_levels and len(image.sources) > 1:
        return tuple(LevelPlan(shape_tczyx=source.shape_tczyx) for source in image.sources[: options.n_levels])
    return plan_levels(
        image.finest.shape_tczyx,
        n_levels=options.n_levels,
        min_size_px=options.min_size_px,
        shrinks_z=options.shrinks_z,
    )


def _is_one_pass(image: ConvertedImage, options: PyramidOptions, method: Downsampling) -> bool:
    keeps_levels = options.uses_levels and len(image.sources) > 1
    return not keeps_levels and _find_block_method(method) is not None


def _find_block_method(method: Downsampling) -> Method | None:
    """The method, when it looks at no pixels beyond those that become one."""
    return method if method == "mean" or method == "nearest" or method == "mode" else None  # noqa: PLR1714 mypy narrows so


def _split(whole: PyramidPlan) -> tuple[PyramidPlan, ...]:
    """One pass per level."""
    return tuple(replace(whole, levels=(level,), first_level=number) for number, level in enumerate(whole.levels))


def _open_source(image: ConvertedImage, writer: ChunkWriter, plan: LevelsPlan, number: int) -> PixelSource:
    """What a pass reads: the image, one of its levels, or the level before through a filter."""
    match plan.method:
        case "gaussian" | "linear" | "cubic" | "lanczos" as kind if number and len(image.sources) == 1:
            before = WrittenLevel(writer, number - 1, plan.passes[number - 1], image.finest)
            return ResampledLevel(before, plan.passes[number].levels[0], kind)
    return image.sources[number]


def shift_progress(progress: Progress | None, n_before: int, n_all: int) -> Progress | None:
    """The progress of a part: what was done before it is added, and it is told as a part of all."""
    return None if progress is None else lambda done, _: progress(n_before + done, n_all)
