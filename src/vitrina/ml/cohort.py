"""Many datasets to one set of tiles: same channels, same pixel size, one table of cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from vitrina.errors import InputError, NotFoundError
from vitrina.ml.cells import SPATIAL, Cells, plan_grid, read_cells, read_rows
from vitrina.ml.choices import find_all_parts
from vitrina.ml.columns import Column, Genes, join_columns
from vitrina.ml.geometry import apply_map, get_level_factor, get_step, plan_image_map, plan_map
from vitrina.ml.layer import Layer, Resampling
from vitrina.ml.place import Places, plan_size, plan_starts
from vitrina.ml.rasters import StoredRaster
from vitrina.ml.slide import Slide
from vitrina.ml.tiles import Tiles

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from vitrina.ml.cells import TableRows
    from vitrina.ml.choices import Dataset, Parts, TileOptions
    from vitrina.ml.record import Recorder
    from vitrina.model.content import ImageElement, LabelsElement

    type Ints = npt.NDArray[np.int64]

SAME = 1e-3
"""Pixel sizes that differ by less than this share are the same."""


def build_tiles(datasets: Sequence[Dataset], options: TileOptions, recorder: Recorder | None = None) -> Tiles:
    """The tiles around all cells of some datasets.

    Args:
        datasets: At least one.
        options: What is wanted of each.
        recorder: Records trainings on them.

    Raises:
        InputError: The options make no sense, or leave a choice open.
        NotFoundError: A dataset has no such image, channel, region, column or gene.
        UnreadableError: The bytes are damaged.
        UnsupportedError: A dataset cannot be read so.
    """
    if not datasets:
        raise InputError("cohort-empty", "There are no datasets to cut tiles from.", hint="Widen the query.")
    parts = find_all_parts(datasets, options)
    pixel_size_um = _choose_pixel_size(parts, options)
    size_px = plan_size(options.size_px, options.size_um, pixel_size_um)
    slides, centres, instances, rows = [], [], [], []
    for part in parts:
        slide, step_yx = _build_slide(part, options, pixel_size_um)
        table = _read_table(part)
        slides.append(slide)
        if options.stride_px is None:
            cells, row_of = _read_cells(part, table, options)
            centres.append(cells.centre_xy[:, ::-1] / np.array(step_yx))
        else:
            cells, row_of = plan_grid(slide.image.shape_yx, size_px, options.stride_px), None
            centres.append(cells.centre_xy[:, ::-1])
        instances.append(cells.instances)
        rows.append((table, row_of))
    _check_alike(parts, slides)
    slide_of = np.repeat(np.arange(len(slides)), [len(centre) for centre in centres])
    centre_yx = np.concatenate(centres)
    return Tiles(
        slides=tuple(slides),
        places=Places(
            slide_of=slide_of.astype(np.int64),
            y0=plan_starts(centre_yx[:, 0], size_px),
            x0=plan_starts(centre_yx[:, 1], size_px),
            size_px=size_px,
        ),
        rows=np.arange(len(slide_of), dtype=np.int64),
        instances=np.concatenate(_as_one_type(instances)),
        channels=tuple(parts[0].image.channels[number].name for number in parts[0].channels),
        dtype=np.result_type(*(slide.image.dtype for slide in slides)),
        pixel_size_um=pixel_size_um,
        pad_value=options.pad_value,
        columns={name: join_columns([_read_column(one, name) for one in rows]) for name in options.columns},
        genes=_read_genes(rows, options),
        history=({"step": "datasets", "names": [dataset.name for dataset in datasets]},),
        recorder=recorder,
    )


def _choose_pixel_size(parts: Sequence[Parts], options: TileOptions) -> float | None:
    if options.pixel_size_um is None and options.size_um is None:
        known = {part.pixel_size_um for part in parts}
        sizes = [size for size in known if size is not None]
        same = len(known) == len(sizes) and max(map(max, sizes)) <= min(map(min, sizes)) * (1 + SAME)
        return sizes[0][0] if same else None
    unknown = [part.dataset.name for part in parts if part.pixel_size_um is None]
    if unknown:
        raise InputError(
            "pixel-size-missing",
            f"{', '.join(unknown[:3])} {'does' if len(unknown) == 1 else 'do'} not say how large a pixel is.",
            hint="Pass pixel_sizes_um={name: size}, or size_px without pixel_size_um.",
            where=unknown[0],
        )
    if options.pixel_size_um is not None:
        if not options.pixel_size_um > 0:
            raise InputError(
                "pixel-size-invalid",
                f"pixel_size_um is {options.pixel_size_um}, but must be above 0.",
                where="pixel_size_um",
            )
        return options.pixel_size_um
    return max(max(part.pixel_size_um or (0.0,)) for part in parts)


def _build_slide(part: Parts, options: TileOptions, pixel_size_um: float | None) -> tuple[Slide, tuple[float, float]]:
    """The slide, and how many pixels of the finest level make one pixel of the tiles along y and x."""
    native = part.pixel_size_um
    step = (
        (1.0, 1.0)
        if native is None or pixel_size_um is None
        else (pixel_size_um / native[0], pixel_size_um / native[1])
    )
    step = tuple(1.0 if abs(one - 1) < SAME else one for one in step)  # type: ignore[assignment]  # it stays a pair
    level, rest = _choose_level(part.image, step)
    resampling = None if rest == (1.0, 1.0) else Resampling(step_yx=rest)
    dataset = part.dataset
    raster = StoredRaster(source=dataset.source, content=dataset.content, element=part.image, level=level)
    image = Layer(raster, channels=part.channels, z=options.z, resampling=resampling)
    slide = Slide(
        name=dataset.name,
        image=image,
        mask=None if part.mask is None else _build_mask(part, part.mask, options, step, image.shape_yx),
        pixel_size_um=None if native is None else native[0],
        uid=dataset.uid,
        hash=dataset.hash,
        labels=dataset.labels,
    )
    return slide, step


def _choose_level(image: ImageElement, step: tuple[float, float]) -> tuple[int, tuple[float, float]]:
    """The coarsest level whose pixels are not larger than those of the tiles, and the step from its pixels."""
    best, rest = 0, step
    for number in range(1, len(image.levels)):
        factor = get_level_factor(image, number)
        left = step[0] / factor[0], step[1] / factor[1]
        if min(left) >= 1 - SAME:
            best, rest = number, left
    near = [1.0 if abs(one - 1) < SAME else one for one in rest]
    return best, (near[0], near[1])


def _build_mask(
    part: Parts, mask: LabelsElement, options: TileOptions, step: tuple[float, float], shape_yx: tuple[int, int]
) -> Layer:
    dataset = part.dataset
    (scale_y, scale_x), (offset_y, offset_x) = get_step(
        plan_map(mask, part.image, options.coordinate_system, dataset.name), dataset.name
    )
    step_yx = step[0] / scale_y, step[1] / scale_x
    origin_yx = -offset_y / scale_y, -offset_x / scale_x
    raster = StoredRaster(source=dataset.source, content=dataset.content, element=mask)
    plain = Layer(raster, z=options.z)
    is_same = np.allclose((*step_yx, *origin_yx), (1, 1, 0, 0), atol=SAME) and plain.shape_yx == shape_yx
    if is_same:
        return plain
    resampling = Resampling(step_yx=step_yx, origin_yx=origin_yx, shape_yx=shape_yx, method="nearest")
    return Layer(raster, z=options.z, resampling=resampling)


def _read_table(part: Parts) -> TableRows | None:
    if part.table is None:
        return None
    dataset = part.dataset
    name = None if part.region is None else part.region.name
    return read_rows(dataset.source, dataset.content, part.table, name, dataset.name)


def _read_cells(part: Parts, table: TableRows | None, options: TileOptions) -> tuple[Cells, Ints | None]:
    """Cells with centres in pixels of the finest level of the image, and their rows; only those that have a row."""
    dataset = part.dataset
    if part.region is None:
        positions = np.asarray(table.table.obsm[SPATIAL], np.float64)[:, :2] if table is not None else np.empty((0, 2))
        instances = table.instances if table is not None else np.empty(0)
        cells = Cells(instances=instances, centre_xy=positions)
        matrix = plan_image_map(part.image, options.coordinate_system, dataset.name)
    else:
        cells = read_cells(dataset.source, dataset.content, part.region)
        matrix = plan_map(part.region, part.image, options.coordinate_system, dataset.name)
    mapped = Cells(instances=cells.instances, centre_xy=apply_map(matrix, cells.centre_xy))
    is_finite = np.flatnonzero(np.isfinite(mapped.centre_xy).all(axis=1))
    mapped = mapped.take(is_finite)
    if table is None:
        return mapped, None
    kept, rows = table.match(mapped)
    return mapped.take(kept), rows


def _read_column(rows: tuple[TableRows | None, Ints | None], name: str) -> Column:
    table, row_of = rows
    if table is None or row_of is None:
        raise NotFoundError("table-missing", f"A dataset has no table, so no column {name!r}.", where=name)
    return table.read_column(name, row_of)


def _read_genes(rows: Sequence[tuple[TableRows | None, Ints | None]], options: TileOptions) -> Genes | None:
    if options.genes is False or not rows:
        return None
    from scipy import sparse

    found = [(table, row_of) for table, row_of in rows if table is not None and row_of is not None]
    if len(found) < len(rows):
        raise NotFoundError("table-missing", "A dataset has no table, so no genes.", where="genes")
    if options.genes is True:
        shared = set.intersection(*(set(table.table.var_names) for table, _ in found))
        names = tuple(str(name) for name in found[0][0].table.var_names if name in shared)
    else:
        names = tuple(options.genes)
    matrices = [table.read_genes(names, row_of) for table, row_of in found]
    return Genes(names=names, matrix=sparse.vstack(matrices, format="csr"))


def _check_alike(parts: Sequence[Parts], slides: Sequence[Slide]) -> None:
    counts = {slide.image.n_channels for slide in slides}
    if len(counts) > 1:
        told = ", ".join(f"{part.dataset.name}: {len(part.channels)}" for part in parts[:5])
        raise InputError(
            "channels-differ",
            f"The images have different numbers of channels, so they make no batch: {told}.",
            hint="Pass channels=[...] with those that all of them have.",
            where="channels",
        )
    names = [slide.name for slide in slides]
    if len(set(names)) < len(names):
        raise InputError("slides-repeated", "A dataset comes twice.", where="datasets")


def _as_one_type(instances: list[npt.NDArray[Any]]) -> list[npt.NDArray[Any]]:
    """Ids of one type: as text where the datasets differ."""
    if len({array.dtype.kind for array in instances}) == 1:
        return instances
    return [array.astype(str) for array in instances]
