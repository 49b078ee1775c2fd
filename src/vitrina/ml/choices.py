"""What is taken of each dataset of a cohort: which image, channels, cells and table."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypedDict

from vitrina.errors import InputError, NotFoundError
from vitrina.ml.cells import SPATIAL
from vitrina.ml.geometry import measure_pixel_size
from vitrina.model.content import ImageElement, LabelsElement, ShapesElement, TableElement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vitrina.model.content import Content
    from vitrina.readers.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A dataset of a cohort.

    Attributes:
        name: Unlike that of any other, such as its key.
        source: Its bytes.
        content: What its reader found.
        uid: Of its artifact, None for what lies in no catalog.
        hash: Of the bytes, or None.
        labels: What is said of the whole dataset, by feature or registry.
    """

    name: str
    source: Source
    content: Content
    uid: str | None = None
    hash: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TileOptions:
    """What is wanted of every dataset.

    Attributes:
        size_px: Side of the tiles in pixels, or None.
        size_um: Side in micrometres, or None; one of the two is given.
        pixel_size_um: To which all images are resampled. None keeps each image's own pixels with ``size_px``, and with
            ``size_um`` takes the largest pixel of the cohort, so that no image is enlarged.
        image: Name of the image; None where each dataset has but one.
        channels: Names or numbers of channels, in the order of the batches; None for all.
        region: Shapes or label image that the cells are; None for what the table annotates.
        masks: Label image to be cut along with the image, or None.
        columns: Columns of the table that come with each tile.
        genes: Names of genes whose expression comes with each tile; True for all that every dataset has.
        table: Name of the table; None for the first that annotates the region. One that is named tells of the region
            even if it annotates another with the same ids, such as nuclei of cells.
        coordinate_system: In which image and cells lie.
        pixel_sizes_um: Pixel sizes of datasets that do not say theirs, by name.
        stride_px: Instead of tiles around cells, tiles that cover each image from its upper left corner, so many pixels
            apart; there is nothing that a table says of them.
        z: Plane of a stack.
        pad_value: Of pixels outside of the image.
    """

    size_px: int | None = None
    size_um: float | None = None
    pixel_size_um: float | None = None
    image: str | None = None
    channels: Sequence[str | int] | None = None
    region: str | None = None
    masks: str | None = None
    columns: Sequence[str] = ()
    genes: Sequence[str] | bool = False
    table: str | None = None
    coordinate_system: str = "global"
    pixel_sizes_um: Mapping[str, float] = field(default_factory=dict)
    stride_px: int | None = None
    z: int = 0
    pad_value: float = 0


class TileKeywords(TypedDict, total=False):
    """The fields of ``TileOptions`` as keywords."""

    size_px: int | None
    size_um: float | None
    pixel_size_um: float | None
    image: str | None
    channels: Sequence[str | int] | None
    region: str | None
    masks: str | None
    columns: Sequence[str]
    genes: Sequence[str] | bool
    table: str | None
    coordinate_system: str
    pixel_sizes_um: Mapping[str, float]
    stride_px: int | None
    z: int
    pad_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What is taken of one dataset."""

    dataset: Dataset
    image: ImageElement
    channels: tuple[int, ...]
    region: ShapesElement | LabelsElement | None
    table: TableElement | None
    mask: LabelsElement | None
    pixel_size_um: tuple[float, float] | None


def find_all_parts(datasets: Sequence[Dataset], options: TileOptions) -> list[Parts]:
    """What is taken of each dataset of a cohort, and how large the pixels are.

    A coordinate system in which one image of the cohort is scaled has a unit of its own. Images that lie in it as they
    are have pixels of that unit, then.

    Raises:
        InputError: The options leave a choice open.
        NotFoundError: A dataset has no such image, channel, cells, table or masks.
    """
    parts = [_find_parts(dataset, options) for dataset in datasets]
    system = options.coordinate_system
    is_physical = any(measure_pixel_size(part.image, system) is not None for part in parts)
    measured = []
    for part in parts:
        given = options.pixel_sizes_um.get(part.dataset.name)
        found = measure_pixel_size(part.image, system, is_physical=is_physical) if given is None else (given, given)
        measured.append(replace(part, pixel_size_um=found))
    return measured


def _find_parts(dataset: Dataset, options: TileOptions) -> Parts:
    elements = dataset.content.elements
    images = [element for element in elements if isinstance(element, ImageElement)]
    image = _choose(images, options.image, dataset.name, "image")
    is_grid = options.stride_px is not None
    tables = [] if is_grid else [element for element in elements if isinstance(element, TableElement)]
    table = None if is_grid else _choose_table(tables, options, dataset.name)
    region = None if is_grid else _choose_region(dataset, table, options)
    labels = [element for element in elements if isinstance(element, LabelsElement)]
    return Parts(
        dataset=dataset,
        image=image,
        channels=_choose_channels(image, options.channels, dataset.name),
        region=region,
        table=table,
        mask=None if options.masks is None else _choose(labels, options.masks, dataset.name, "masks"),
        pixel_size_um=None,
    )


def _choose[T: (ImageElement, LabelsElement)](found: list[T], name: str | None, where: str, option: str) -> T:
    chosen = [element for element in found if name is None or element.name == name]
    if len(chosen) == 1:
        return chosen[0]
    names = ", ".join(element.name for element in found) or "none"
    if not chosen:
        raise NotFoundError(f"{option}-missing", f"{where} has no {option} {name or ''}; it has {names}.", where=where)
    raise InputError(
        f"{option}-open",
        f"{where} has several images: {names}.",
        hint=f"Pass {option}=... with one of them.",
        where=where,
    )


def _choose_channels(image: ImageElement, wanted: Sequence[str | int] | None, where: str) -> tuple[int, ...]:
    names = [channel.name for channel in image.channels]
    if wanted is None:
        return tuple(range(len(names)))
    chosen = []
    for one in wanted:
        number = names.index(one) if isinstance(one, str) and one in names else one
        if not isinstance(number, int) or not 0 <= number < len(names):
            raise NotFoundError(
                "channel-missing",
                f"{image.name!r} of {where} has no channel {one!r}; it has {', '.join(names)}.",
                where=where,
            )
        chosen.append(number)
    return tuple(chosen)


def _choose_table(tables: list[TableElement], options: TileOptions, where: str) -> TableElement | None:
    if options.table is not None:
        named = [table for table in tables if table.name == options.table]
        if not named:
            raise NotFoundError("table-missing", f"{where} has no table {options.table!r}.", where=where)
        return named[0]
    fitting = [table for table in tables if not options.region or not table.region or options.region in table.region]
    return next(iter(fitting), None)


def _choose_region(
    dataset: Dataset, table: TableElement | None, options: TileOptions
) -> ShapesElement | LabelsElement | None:
    """The element that delineates the cells; None where only the table says where they lie."""
    regions = {
        element.name: element
        for element in dataset.content.elements
        if isinstance(element, ShapesElement | LabelsElement)
    }
    if options.region is not None:
        if options.region not in regions:
            raise NotFoundError(
                "region-missing",
                f"{dataset.name} has no shapes or labels {options.region!r}; it has {', '.join(regions) or 'none'}.",
                where=dataset.name,
            )
        return regions[options.region]
    annotated = [regions[name] for name in table.region if name in regions] if table is not None else []
    candidates = annotated or ([] if table is not None and _has_positions(table) else list(regions.values()))
    if len(candidates) > 1:
        raise InputError(
            "region-open",
            f"The cells of {dataset.name} could be {' or '.join(element.name for element in candidates)}.",
            hint="Pass region=... with one of them.",
            where=dataset.name,
        )
    if not candidates and (table is None or not _has_positions(table)):
        raise NotFoundError(
            "cells-missing",
            f"{dataset.name} does not say where cells lie: it has no shapes, no labels, and no table with positions.",
            where=dataset.name,
        )
    return candidates[0] if candidates else None


def _has_positions(table: TableElement) -> bool:
    return any(embedding.name == SPATIAL and embedding.n_dims >= 2 for embedding in table.embeddings)
