"""The images of a hierarchy, and what has to be written of their pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from vitrina.checks.fix.draft import list_datasets
from vitrina.checks.fix.hierarchy import join
from vitrina.checks.fix.pixels import (
    DRAWN_TYPES,
    build_job,
    count_needed_levels,
    find_chunk_problem,
    is_conventional,
    is_labels,
    plan_missing_levels,
    reach_levels,
)
from vitrina.checks.fix.transforms import build_transforms
from vitrina.checks.fix.values import choose_integer, measure_values
from vitrina.errors import VitrinaError
from vitrina.ngff.detect import parse_image
from vitrina.readers.damage import reading
from vitrina.readers.ngff_element import read_ngff_element
from vitrina.readers.pixels.zarr import open_zarr_pixels

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vitrina.checks.fix.draft import Draft
    from vitrina.checks.fix.plan import ImageJob, Purpose
    from vitrina.model.content import ImageElement, LabelsElement
    from vitrina.pyramid.plan import LevelPlan
    from vitrina.readers.source import Source
    from vitrina.readers.zarr_tree import ZarrTree

    type Raster = ImageElement | LabelsElement

_INTEGER_KINDS = ("int", "uint")


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """An image of the hierarchy.

    Attributes:
        element: As a reader describes it.
        is_color_guessed: Whether only its pixels say that it is a colour image.
        is_labels_guessed: Whether only its pixels say that it is a label image.
    """

    element: Raster
    is_color_guessed: bool = False
    is_labels_guessed: bool = False


def describe(zarr_tree: ZarrTree, path: str, attrs: Mapping[str, Any]) -> Described | None:
    """The image at a path, None when its metadata or pixels cannot be read."""
    try:
        with reading(zarr_tree.source, "ome-zarr-damaged", "OME-Zarr"):
            image = parse_image(attrs)
            is_below = "labels" in path.split("/")[:-1]
            image = replace(image, is_labels=image.is_labels or is_below)
            name = image.name or path.rpartition("/")[2] or zarr_tree.name
            found = read_ngff_element(zarr_tree, path, image, name)
    except VitrinaError:
        return None
    codes = {finding.code for finding in found.findings}
    return Described(
        element=found.element,
        is_color_guessed="rgb-guessed" in codes,
        is_labels_guessed="labels-guessed" in codes,
    )


def plan_images(
    images: Mapping[str, Described], drafts: Mapping[str, Draft], source: Source, *, purpose: Purpose, is_family: bool
) -> tuple[ImageJob, ...]:
    """The arrays that are to be written; the drafts are told, and get the levels that are added.

    Args:
        images: By path of their groups.
        drafts: The same groups.
        source: The dataset, for the values of pixels that cannot stay as they are.
        purpose: Whether what the viewer asks for is rewritten too.
        is_family: Whether label images below an image must have as many levels as it, as OME-Zarr asks.
    """
    wanted = {path: count_needed_levels(image.element) for path, image in images.items()}
    if is_family:
        for path in images:
            family = [path, *(other for other in images if other.startswith(f"{join(path, 'labels')}/"))]
            reached = reach_levels(images[path].element, max(wanted[one] for one in family))
            wanted.update(dict.fromkeys(family, reached))
    jobs = []
    for path, image in images.items():
        job = _plan_image(drafts[path], image.element, wanted[path], source, purpose=purpose)
        if job is not None:
            jobs.append(job)
    return tuple(jobs)


def _plan_image(draft: Draft, element: Raster, n_levels: int, source: Source, *, purpose: Purpose) -> ImageJob | None:
    n_now = len(element.levels)
    if 0 in element.levels[0].shape:
        return None
    level_codes = ("image-not-pyramidal", "spatialdata-single-scale", "labels-level-count")
    if not is_conventional(element):
        reason = "The axes are not t, c, z, y and x in this order, so arrays cannot be written in the same layout."
        draft.refuse(*level_codes, "ngff-z-chunked", "image-not-tiled", "labels-dtype", reason=reason)
        return None
    if reach_levels(element, n_levels) != n_levels:
        reason = f"It has {n_now} levels and should have {n_levels}; those that it has would have to be made anew."
        draft.refuse(*level_codes, reason=reason)
        n_levels = n_now
    dtype = _choose_dtype(draft, element, source, purpose)
    chunk_problem = find_chunk_problem(element) if purpose == "viewer" else None
    is_rewritten = dtype != element.dtype or chunk_problem is not None
    if not is_rewritten and n_levels == n_now:
        return None
    if n_levels > n_now:
        _add_levels(draft, element, n_levels)
    job = build_job(element, n_levels, dtype=dtype, is_rewritten=is_rewritten, is_retiled=chunk_problem is not None)
    _tell(draft, element, job, chunk_problem)
    return job


def _choose_dtype(draft: Draft, element: Raster, source: Source, purpose: Purpose) -> str:
    """The type that the pixels get: their own, unless it cannot stay and another holds the same values."""
    is_wrong_label = is_labels(element) and not element.dtype.startswith(_INTEGER_KINDS)
    code = "labels-dtype" if is_wrong_label else "zarr-dtype-unsupported"
    if not is_wrong_label and (purpose != "viewer" or element.dtype in DRAWN_TYPES):
        return element.dtype
    if element.dtype == "float16" and not is_wrong_label:
        return "float32"
    if element.dtype == "bool":
        return "uint8"
    sources = [open_zarr_pixels(source, element, level) for level in range(len(element.levels))]
    try:
        values = measure_values(sources)
    finally:
        for opened in sources:
            opened.close()
    chosen = choose_integer(values)
    if chosen is None or (purpose == "viewer" and chosen not in DRAWN_TYPES):
        what = "are not all whole numbers" if not values.is_whole else f"reach from {values.low} to {values.high}"
        draft.refuse(code, reason=f"The values {what}, so no such type holds them unchanged.")
        return element.dtype
    return chosen


def _add_levels(draft: Draft, element: Raster, n_levels: int) -> None:
    """List the levels that will be there, in the metadata of the image."""
    planned = plan_missing_levels(element, n_levels) or ()
    job = build_job(element, n_levels, dtype=element.dtype, is_rewritten=False, is_retiled=False)
    prefix = f"{element.path}/" if element.path else ""
    datasets = draft.multiscales[0]["datasets"]
    finest = list_datasets(draft.multiscales[0])[0]
    for number in range(1, n_levels):
        steps = dict(zip("zyx", _count_steps(planned[1 : number + 1]), strict=True))
        factors = [steps.get(axis.name, 1.0) for axis in element.axes]
        transforms = build_transforms(finest["coordinateTransformations"], factors, is_shifted=True)
        path = job.level_paths[number].removeprefix(prefix)
        datasets.append({"path": path, "coordinateTransformations": transforms})


def _count_steps(levels: Sequence[LevelPlan]) -> tuple[float, ...]:
    """Pixels of the finest level per pixel after these levels, along z, y and x."""
    return tuple(float(math.prod(along)) for along in zip(*(level.factor_zyx for level in levels), strict=True))


def _tell(draft: Draft, element: Raster, job: ImageJob, chunk_problem: str | None) -> None:
    codes, parts = [], []
    if job.dtype != element.dtype:
        codes.append(
            "labels-dtype"
            if not element.dtype.startswith(_INTEGER_KINDS) and is_labels(element)
            else "zarr-dtype-unsupported"
        )
        parts.append(f"as {job.dtype} instead of {element.dtype}, with the same values")
    if chunk_problem is not None:
        codes.append(chunk_problem)
        parts.append(f"in chunks of {' x '.join(map(str, job.chunk_zyx))} pixels")
    n_added = len(job.level_paths) - len(element.levels)
    added = f"{n_added} lower resolution{'s' if n_added > 1 else ''}"
    if n_added:
        codes += ["image-not-pyramidal", "spatialdata-single-scale", "labels-level-count"]
    if job.is_rewritten:
        more = f", and make {added}" if n_added else ""
        message = f"Write the pixels of {draft.name} anew {' and '.join(parts)}{more}."
    else:
        message = f"Make {added} of {draft.name}; the pixels that are there stay."
    draft.tell(*codes, message=message, kind="pixels" if job.is_rewritten else "levels")
