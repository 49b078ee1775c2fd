"""Convert images to OME-Zarr and OME-TIFF."""

from __future__ import annotations

import math
import os
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Literal

from vitrina.convert.levels import plan_image, shift_progress
from vitrina.convert.ome_tiff import OmeTiffOptions, get_offsets_path, plan_ome_tiff, write_ome_tiff
from vitrina.convert.ome_zarr import OmeZarrOptions, arrange_images, plan_arrays, write_ome_zarr
from vitrina.convert.open_images import list_rasters, open_images
from vitrina.convert.recipe import build_recipe
from vitrina.convert.unfinished import Unfinished
from vitrina.convert.verify import verify_levels
from vitrina.errors import InputError, UnsupportedError
from vitrina.readers.elements import open_pixels
from vitrina.readers.ome_metadata import find_ome_xml
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from vitrina.convert.image import ConvertedImage
    from vitrina.convert.levels import LevelsPlan
    from vitrina.model.content import Content, ImageElement, LabelsElement
    from vitrina.model.finding import Finding
    from vitrina.readers.source import Source

    type Progress = Callable[[int, int], None]
    type Options = OmeZarrOptions | OmeTiffOptions

type TargetFormat = Literal["ome-zarr", "ome-tiff"]

_SUFFIXES: tuple[tuple[str, TargetFormat], ...] = ((".zarr", "ome-zarr"), (".tif", "ome-tiff"), (".tiff", "ome-tiff"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvertedLevels:
    """One image of a result.

    Attributes:
        path: Where it lies in the result; its number for OME-TIFF.
        name: Its name.
        dtype: NumPy name.
        shapes: Size of each level in pixels, finest first, one entry per axis.
        axes: Letters of the axes.
        chunk_shape: Of a chunk or tile, one entry per axis.
    """

    path: str
    name: str
    dtype: str
    axes: str
    shapes: tuple[tuple[int, ...], ...]
    chunk_shape: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """What was converted, or would be.

    Attributes:
        target: The result.
        format: Its format.
        images: What it holds.
        pixel_bytes: What the pixels of all levels take without compression.
        size_bytes: What the result takes; None when nothing was written.
        memory_bytes: What blocks in memory take at most.
        n_threads: Threads that work.
        is_resumed: Whether an interrupted conversion was gone on with.
        findings: What was guessed or odd about the source.
    """

    target: Path
    format: TargetFormat
    images: tuple[ConvertedLevels, ...]
    pixel_bytes: int
    size_bytes: int | None
    memory_bytes: int
    n_threads: int
    is_resumed: bool
    findings: tuple[Finding, ...]


def convert(
    path: Path,
    target: Path,
    options: Options | None = None,
    *,
    series: Sequence[int] = (),
    overwrites: bool = False,
    verifies: bool = False,
    is_dry_run: bool = False,
    keeps_ome_xml: bool = True,
    progress: Progress | None = None,
) -> Conversion:
    """Convert the images of a file or folder.

    The result appears under its name when it is complete. Interrupted, the same conversion goes on where it stopped.

    Args:
        path: The file or folder.
        target: Where the result goes.
        options: How, which says the format too; by the target's suffix unless given.
        series: Only the images with these numbers; all unless given.
        overwrites: Whether a result that is there may be replaced.
        verifies: Whether all levels are read back and compared before the result appears.
        is_dry_run: Only plan.
        keeps_ome_xml: Whether OME-XML of the source is kept in OME-Zarr.
        progress: Called with blocks done and blocks in all.

    Raises:
        NotFoundError: Nothing is at ``path``.
        InputError: The target's suffix or an option makes no sense.
        UnreadableError: The source is damaged.
        UnsupportedError: There are no images in it, or they do not fit into the format.
        ConflictError: The target exists already.
        DataError: What was read back differs from what was written.
        StorageError: The result cannot be written.
    """
    path, target = path.expanduser().absolute(), target.expanduser().absolute()
    options = options or build_options(find_format(target))
    source = open_source(path)
    content = _read_content(source)
    with ExitStack() as stack:
        images = open_images(source, content, series, uses_levels=options.pyramid.uses_levels, stack=stack)
        if isinstance(options, OmeTiffOptions):
            images = {name: image.join_colors() for name, image in images.items()}
        else:
            images = arrange_images(images, options)
        plans = _plan(images, options)
        planned = _describe(target, options, images, plans, content)
        if is_dry_run:
            return planned
        target.parent.mkdir(parents=True, exist_ok=True)
        recipe = build_recipe(source, options, list(images), series=series, keeps_ome_xml=keeps_ome_xml)
        # what was compressed with loss cannot be read back as it was, so it is not gone on with
        resumes = isinstance(options, OmeZarrOptions) or options.codec.is_lossless
        unfinished = stack.enter_context(Unfinished(target, recipe, overwrites=overwrites, resumes=resumes))
        n_all = sum(plan.n_nodes for plan in plans.values()) * (2 if verifies else 1)
        ome_xml = find_ome_xml(source, content) if keeps_ome_xml else None
        _write(images, unfinished, options, ome_xml, shift_progress(progress, 0, n_all))
        if verifies:
            _verify(images, plans, unfinished.path, options, n_all=n_all, progress=progress)
        is_resumed, size_bytes = unfinished.is_resumed, _measure(unfinished.path)
        offsets = get_offsets_path(unfinished.path)
        unfinished.commit(*([offsets] if offsets.exists() else []))
    return replace(planned, is_resumed=is_resumed, size_bytes=size_bytes)


def find_format(target: PurePath) -> TargetFormat:
    """The format that a name says.

    Raises:
        InputError: It says none.
    """
    for suffix, format_ in _SUFFIXES:
        if target.name.lower().endswith(suffix):
            return format_
    raise InputError(
        "format-unclear",
        f"The name {target.name!r} says no format that Vitrina can write.",
        hint="End it with .ome.zarr or .ome.tif, or give --format.",
        where=str(target),
    )


def build_options(format_: TargetFormat) -> Options:
    """The default options of a format."""
    return OmeZarrOptions() if format_ == "ome-zarr" else OmeTiffOptions()


def _read_content(source: Source) -> Content:
    reader = find_reader(source)
    content = None if reader is None else reader.read_content(source)
    if content is None or not list_rasters(content):
        what = "no reader knows its format" if content is None else f"it is {content.format} without images"
        raise UnsupportedError(
            "no-images",
            f"{source.path} cannot be converted: {what}.",
            hint="OME-TIFF, TIFF, OME-Zarr and SpatialData with images can be converted.",
            where=str(source.path),
        )
    return content


def _plan(images: Mapping[str, ConvertedImage], options: Options) -> dict[str, LevelsPlan]:
    if isinstance(options, OmeTiffOptions):
        return dict(zip(images, plan_ome_tiff(list(images.values()), options)[0], strict=True))
    plans = {path: plan_image(image, options.pyramid) for path, image in images.items()}
    for path, image in images.items():
        plan_arrays(path, image, plans[path], options)
    return plans


def _write(
    images: Mapping[str, ConvertedImage],
    unfinished: Unfinished,
    options: Options,
    ome_xml: str | None,
    progress: Progress | None,
) -> None:
    if isinstance(options, OmeTiffOptions):
        write_ome_tiff(
            list(images.values()),
            unfinished.path,
            options,
            is_resumed=unfinished.is_resumed,
            open_journal=unfinished.open_journal,
            progress=progress,
        )
        return
    write_ome_zarr(
        images,
        unfinished.path,
        options,
        ome_xml=ome_xml,
        open_journal=unfinished.open_journal,
        progress=progress,
    )


def _verify(
    images: Mapping[str, ConvertedImage],
    plans: Mapping[str, LevelsPlan],
    path: Path,
    options: Options,
    *,
    n_all: int,
    progress: Progress | None,
) -> None:
    if isinstance(options, OmeTiffOptions) and not options.codec.is_lossless:
        raise InputError(
            "verify-lossy", f"{options.codec.name} loses details, so pixels cannot be compared.", hint="Omit --verify."
        )
    source = open_source(path)
    content = _read_content(source)
    elements = list_rasters(content)
    n_before = n_all // 2
    for number, (name, image) in enumerate(images.items()):
        element = elements[number] if isinstance(options, OmeTiffOptions) else _get_by_path(elements, name)
        with ExitStack() as stack:
            written = [open_pixels(source, content, element, level) for level in range(len(element.levels))]
            for one in written:
                stack.callback(one.close)
            verify_levels(image, written, plans[name], progress=shift_progress(progress, n_before, n_all))
        n_before += plans[name].n_nodes


def _get_by_path(elements: list[ImageElement | LabelsElement], path: str) -> ImageElement | LabelsElement:
    return next(element for element in elements if element.path == path)


def _describe(
    target: Path,
    options: Options,
    images: Mapping[str, ConvertedImage],
    plans: Mapping[str, LevelsPlan],
    content: Content,
) -> Conversion:
    described, pixel_bytes = [], 0
    for path, image in images.items():
        plan = plans[path]
        element = image.describe(path, plan.levels, (1, 1, *plan.chunk_zyx))
        shapes = tuple(level.shape for level in element.levels)
        pixel_bytes += sum(math.prod(shape) for shape in shapes) * image.finest.dtype.itemsize
        described.append(
            ConvertedLevels(
                path=path,
                name=image.name,
                dtype=element.dtype,
                axes=image.axis_names,
                shapes=shapes,
                chunk_shape=element.levels[0].chunk_shape or (),
            )
        )
    return Conversion(
        target=target,
        format="ome-tiff" if isinstance(options, OmeTiffOptions) else "ome-zarr",
        images=tuple(described),
        pixel_bytes=pixel_bytes,
        size_bytes=None,
        memory_bytes=max(plan.memory_bytes for plan in plans.values()),
        n_threads=max(plan.n_threads for plan in plans.values()),
        is_resumed=False,
        findings=content.findings,
    )


def _measure(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum((Path(folder) / name).stat().st_size for folder, _, names in os.walk(path) for name in names)
