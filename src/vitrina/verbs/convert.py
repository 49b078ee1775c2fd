"""Convert datasets to the formats that browsers and other programs read: OME-Zarr, OME-TIFF, SpatialData and others."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from vitrina.convert.bioformats2raw import find_bioformats2raw, reading_by_bioformats2raw, tell_read
from vitrina.convert.levels import shift_progress
from vitrina.convert.recipe import build_recipe
from vitrina.convert.target import Task
from vitrina.convert.targets import ANY_ZARR, choose_format, find_named, get_target, get_target_of
from vitrina.convert.unfinished import Unfinished
from vitrina.errors import InputError, MissingExtraError, UnsupportedError
from vitrina.model.apply_overrides import apply_overrides
from vitrina.model.overrides import NO_OVERRIDES
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitrina.convert.target import ConvertedLevels, ConvertedPart, Job, Planned, Progress
    from vitrina.model.content import Content
    from vitrina.model.finding import Finding
    from vitrina.model.overrides import Overrides
    from vitrina.readers.source import ReadOptions, Source

    type Options = Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """What was converted, or would be.

    Attributes:
        target: The result.
        format: Its format.
        images: Its images.
        parts: What else it holds.
        pixel_bytes: What the pixels of all levels take without compression.
        size_bytes: What the result takes; None when nothing was written.
        memory_bytes: What blocks in memory take at most.
        n_threads: Threads that work.
        is_resumed: Whether an interrupted conversion was gone on with.
        findings: What was guessed or odd about the source, or lost on the way.
    """

    target: Path
    format: str
    images: tuple[ConvertedLevels, ...]
    parts: tuple[ConvertedPart, ...]
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
    element: str | None = None,
    overwrites: bool = False,
    verifies: bool = False,
    is_dry_run: bool = False,
    keeps_ome_xml: bool = True,
    read_options: ReadOptions | None = None,
    overrides: Overrides = NO_OVERRIDES,
    progress: Progress | None = None,
) -> Conversion:
    """Convert a file or folder.

    The result appears under its name when it is complete. Interrupted, the same conversion goes on where it stopped,
    where the format can.

    Args:
        path: The file or folder.
        target: Where the result goes.
        options: How, which says the format too; unless given, the target's suffix says it, or what the source holds.
        series: Only the images with these numbers; all unless given.
        element: Name of the only element that is converted, where the format holds one and there are several.
        overwrites: Whether a result that is there may be replaced.
        verifies: Whether the result is read back and compared before it appears.
        is_dry_run: Only plan.
        keeps_ome_xml: Whether OME-XML of the source is kept in OME-Zarr.
        read_options: What is known of the source that it does not say itself.
        overrides: What is known better than the source says.
        progress: Called with steps done and steps in all.

    Raises:
        NotFoundError: Nothing is at ``path``.
        InputError: The target's suffix or an option makes no sense.
        UnreadableError: The source is damaged.
        UnsupportedError: No reader knows it, or it does not fit into the format.
        ConflictError: The target exists already.
        DataError: What was read back differs from what was written.
        StorageError: The result cannot be written.
    """
    source, target = open_source(path.expanduser().absolute(), read_options), target.expanduser().absolute()
    with ExitStack() as stack:
        read, content, is_foreign = _read_any(source, target, stack)
        return convert_content(
            read,
            apply_overrides(content, overrides),
            target,
            options,
            series=series,
            element=element,
            overwrites=overwrites,
            verifies=verifies,
            is_dry_run=is_dry_run,
            keeps_ome_xml=keeps_ome_xml,
            resumes=not is_foreign,
            progress=progress,
        )


def convert_content(
    source: Source,
    content: Content,
    target: Path,
    options: Options | None = None,
    *,
    series: Sequence[int] = (),
    element: str | None = None,
    overwrites: bool = False,
    verifies: bool = False,
    is_dry_run: bool = False,
    keeps_ome_xml: bool = True,
    resumes: bool = True,
    progress: Progress | None = None,
) -> Conversion:
    """Convert a dataset that a reader has described already.

    Args:
        source: The dataset.
        content: What its reader found.
        target: Where the result goes; an absolute path.
        options: See ``convert``, as for all that follows.
        series: See ``convert``.
        element: See ``convert``.
        overwrites: See ``convert``.
        verifies: See ``convert``.
        is_dry_run: See ``convert``.
        keeps_ome_xml: See ``convert``.
        resumes: Whether an interrupted conversion can be gone on with; not where nothing tells that the source is the
            same.
        progress: See ``convert``.

    Raises:
        VitrinaError: As ``convert`` does.
    """
    options = options or build_options(_find_format(target, content))
    format_ = get_target_of(options)
    format_.check_content(source, content)
    with ExitStack() as stack:
        task = Task(
            source=source,
            content=content,
            options=options,
            stack=stack,
            series=tuple(series),
            element=element,
            keeps_ome_xml=keeps_ome_xml,
        )
        job = format_.plan(task)
        kept = (finding for finding in content.findings if finding.code not in job.planned.settled)
        findings = (*kept, *job.planned.findings)
        if is_dry_run:
            return _describe(target, format_.name, job.planned, findings)
        target.parent.mkdir(parents=True, exist_ok=True)
        recipe = build_recipe(task, job.planned)
        unfinished = stack.enter_context(
            Unfinished(target, recipe, overwrites=overwrites, resumes=resumes and job.resumes)
        )
        told = _write(job, unfinished, verifies=verifies, progress=progress)
        is_resumed, size_bytes = unfinished.is_resumed, _measure(unfinished.path)
        unfinished.commit(*job.list_companions(unfinished.path))
    return _describe(
        target, format_.name, job.planned, (*findings, *told), size_bytes=size_bytes, is_resumed=is_resumed
    )


def find_format(target: PurePath, path: Path | None = None, read_options: ReadOptions | None = None) -> str:
    """The format of a result: what its name says, or where that is only ``.zarr``, what the source holds.

    Args:
        target: The name.
        path: The source; without it, ``.zarr`` says OME-Zarr.
        read_options: What is known of the source that it does not say itself.

    Raises:
        InputError: The name says no format.
        NotFoundError: There is no source.
        UnreadableError: The source is damaged.
        UnsupportedError: No reader knows the source.
    """
    if path is None or find_named(target) is not None or not target.name.lower().endswith(ANY_ZARR):
        return _find_format(target, None)
    return _find_format(target, _read_content(open_source(path.expanduser().absolute(), read_options)))


def build_options(format_: str) -> Options:
    """The default options of a format.

    Raises:
        InputError: There is no such format.
    """
    return get_target(format_).options_type()


def _find_format(target: PurePath, content: Content | None) -> str:
    named = find_named(target)
    if named is not None:
        return named
    if target.name.lower().endswith(ANY_ZARR):
        return "ome-zarr" if content is None else choose_format(content)
    raise InputError(
        "format-unclear",
        f"The name {target.name!r} says no format that Vitrina can write.",
        hint="End it with .ome.zarr, .ome.tif or .sdata.zarr, or give --format.",
        where=str(target),
    )


def _read_content(source: Source) -> Content:
    reader = find_reader(source)
    if reader is None:
        raise UnsupportedError(
            "format-unknown-source",
            f"{source.path} cannot be converted: no reader knows its format.",
            hint="`vitrina check` says what is read; images, tables and the folders of many instruments are.",
            where=str(source.path),
        )
    return reader.read_content(source)


def _read_any(source: Source, target: Path, stack: ExitStack) -> tuple[Source, Content, bool]:
    """The source and what is in it, or what bioformats2raw makes of it where no reader can, and whether that is so.

    Args:
        source: The source.
        target: Where the result goes; what bioformats2raw writes lies beside it until the stack is left.
        stack: Removes it.
    """
    reader = find_reader(source)
    if reader is not None:
        try:
            return source, reader.read_content(source), False
        except MissingExtraError:
            if find_bioformats2raw() is None:
                raise
    raw = open_source(stack.enter_context(reading_by_bioformats2raw(source.path, target)))
    content = _read_content(raw)
    return raw, replace(content, findings=(*content.findings, tell_read(source.path))), True


def _write(job: Job, place: Unfinished, *, verifies: bool, progress: Progress | None) -> tuple[Finding, ...]:
    n_steps = job.planned.n_steps
    n_all = n_steps * (2 if verifies else 1)
    told = job.write(place, shift_progress(progress, 0, n_all))
    if verifies:
        job.verify(place.path, shift_progress(progress, n_steps, n_all))
    return told


def _describe(
    target: Path,
    format_: str,
    planned: Planned,
    findings: tuple[Finding, ...],
    *,
    size_bytes: int | None = None,
    is_resumed: bool = False,
) -> Conversion:
    return Conversion(
        target=target,
        format=format_,
        images=planned.images,
        parts=planned.parts,
        pixel_bytes=planned.pixel_bytes,
        size_bytes=size_bytes,
        memory_bytes=planned.memory_bytes,
        n_threads=planned.n_threads,
        is_resumed=is_resumed,
        findings=findings,
    )


def _measure(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum((Path(folder) / name).stat().st_size for folder, _, names in os.walk(path) for name in names)
