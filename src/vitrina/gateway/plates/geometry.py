"""What the fields of a plate look like, and where each lies in the mosaic; all before a pixel is read."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitrina.errors import DataError, NotFoundError, UnreadableError, UnsupportedError
from vitrina.gateway.images.plan import MAX_FLAT_PIXELS
from vitrina.gateway.plates.fields import relocate
from vitrina.gateway.plates.layout import UnplacedField, plan_mosaic
from vitrina.readers.pixels.axes import plan_axes
from vitrina.readers.pixels.dtype import check_dtype
from vitrina.readers.plane import find_yx

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from vitrina.gateway.plates.fields import PlateFields, Raster
    from vitrina.gateway.plates.layout import MosaicPlan
    from vitrina.pyramid.source import ShapeTczyx
    from vitrina.readers.open_plate import FieldName

MAX_TRIED = 4
"""Kinds that a field is compared with before it is described as one of its own."""

MAX_MADE_PIXELS = 2**30
"""Largest plane of the coarsest stored level: the first look has to read all of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How fields of one kind are stored.

    Attributes:
        element: One of them.
        shape_tczyx: Of the finest level.
        levels: Number and size in pixels of the levels that are 1, 2, 4, ... times smaller, by how many times.
    """

    element: Raster
    shape_tczyx: ShapeTczyx
    levels: Mapping[int, tuple[int, ShapeTczyx]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedField:
    """A field and its place.

    Attributes:
        path: Of its image.
        kind: How it is stored.
        corner_yx: Its first pixel in the mosaic.
    """

    path: str
    kind: Kind
    corner_yx: tuple[int, int]

    def get_level_path(self, level: int) -> str:
        """Path of the array of a level."""
        return self.path + self.kind.element.levels[level].path.removeprefix(self.kind.element.path)

    def get_level(self, level: int) -> Raster:
        """Its image, like that of its kind, with a level."""
        return relocate(self.kind.element, self.path, level)


@dataclass(frozen=True, slots=True, kw_only=True)
class MosaicGeometry:
    """The whole mosaic.

    Attributes:
        fields: Those that are there.
        shape_tczyx: In pixels of the fields.
        steps: How many times smaller each level is that comes from the fields: 1, 2, ...
        dtype: NumPy name of a type that holds the pixels of all fields.
    """

    fields: tuple[PlacedField, ...]
    shape_tczyx: ShapeTczyx
    steps: tuple[int, ...]
    dtype: str


def measure_mosaic(fields: PlateFields) -> MosaicGeometry:
    """Describe as many fields as are needed, and place all of them.

    Raises:
        UnreadableError: None of the fields is there.
        UnsupportedError: The fields have no coarser levels, and are too many to make them.
    """
    plate = fields.plate
    rows, columns = ({name: i for i, name in enumerate(names)} for names in (plate.rows, plate.columns))
    names = [one for one in fields.names.values() if one.row in rows and one.column in columns]
    kinds = _find_kinds(fields, names)
    known = list({id(kind): kind for kind in kinds if kind is not None}.values())
    if not known:
        raise UnreadableError(
            "image-missing",
            f"None of the {len(names):,} fields of view that {fields.where} lists can be read.",
            hint="The dataset is incomplete: copy or download it again.",
            where=fields.where,
        )
    unplaced = [
        UnplacedField(
            row=rows[one.row],
            column=columns[one.column],
            acquisition=one.acquisition,
            name=one.name,
            size_yx=(0, 0) if kind is None else kind.shape_tczyx[3:],
            stage_yx=None if kind is None or kind.element.path != one.path else _locate(kind.element),
        )
        for one, kind in zip(names, kinds, strict=True)
    ]
    steps, plan = _plan(unplaced, len(rows), len(columns), _choose_steps(known), fields.where)
    t, c, z = (max(kind.shape_tczyx[i] for kind in known) for i in range(3))
    return MosaicGeometry(
        fields=tuple(
            PlacedField(path=one.path, kind=kind, corner_yx=corner)
            for one, kind, corner in zip(names, kinds, plan.corners_yx, strict=True)
            if kind is not None
        ),
        shape_tczyx=(t, c, z, *plan.size_yx),
        steps=steps,
        dtype=_join_types(kind.element.dtype for kind in known),
    )


def _find_kinds(fields: PlateFields, names: Sequence[FieldName]) -> list[Kind | None]:
    """How each field is stored; None for one that is not there.

    Of each acquisition the well with most fields is described, since it shows where they lie. Of the others only the
    finest level is compared with those: to read all that thousands of fields say of themselves would take seconds.
    """
    groups: dict[tuple[int, str, str], list[int]] = defaultdict(list)
    for number, one in enumerate(names):
        groups[one.acquisition, one.row, one.column].append(number)
    fullest: dict[int, list[int]] = {}
    for key, numbers in sorted(groups.items(), key=lambda item: -len(item[1])):
        fullest.setdefault(key[0], numbers)
    kinds = {number: _find_kind(fields, names[number].path) for numbers in fullest.values() for number in numbers}
    unlike = {(kind.element.dtype, *kind.levels.items()): kind for kind in kinds.values() if kind is not None}
    tried = list(unlike.values())[:MAX_TRIED]
    for number, one in enumerate(names):
        if number in kinds:
            continue
        like = next((kind for kind in tried if fields.plate.is_like(kind.element, one.path)), None)
        kinds[number] = found = like or _find_kind(fields, one.path)
        if found is not None:
            tried = [found, *(kind for kind in tried if kind is not found)][:MAX_TRIED]
    return [kinds[number] for number in range(len(names))]


def _find_kind(fields: PlateFields, path: str) -> Kind | None:
    try:
        return _describe(fields, path)
    except (DataError, NotFoundError, UnsupportedError):
        return None


def _describe(fields: PlateFields, path: str) -> Kind:
    element = fields[path]
    check_dtype(element.dtype, fields.where)
    shapes = [plan_axes(element.axes, level.shape, fields.where).shape_tczyx for level in element.levels]
    return Kind(element=element, shape_tczyx=shapes[0], levels=find_halves(shapes))


def find_halves(shapes_tczyx: Sequence[ShapeTczyx]) -> dict[int, tuple[int, ShapeTczyx]]:
    """The levels that are a power of two times smaller in height and width alone, by how many times.

    Sizes that do not divide are rounded up or down.

    Args:
        shapes_tczyx: Of the levels, finest first.
    """
    finest = shapes_tczyx[0]
    found: dict[int, tuple[int, ShapeTczyx]] = {}
    for number, shape in enumerate(shapes_tczyx):
        step = 1 << max(round(math.log2(max(whole / size for whole, size in zip(finest, shape, strict=True)))), 0)
        fits = all(
            size in {whole // step, -(-whole // step)} for whole, size in zip(finest[3:], shape[3:], strict=True)
        )
        if fits and shape[:3] == finest[:3]:
            found.setdefault(step, (number, shape))
    return found


def _choose_steps(kinds: Sequence[Kind]) -> tuple[int, ...]:
    """The steps that most fields have; the others are shrunk when they are read."""
    counts = Counter(step for kind in kinds for step in kind.levels)
    return tuple(sorted(step for step, count in counts.items() if 2 * count > len(kinds)))


def _plan(
    unplaced: Sequence[UnplacedField], n_rows: int, n_columns: int, steps: tuple[int, ...], where: str
) -> tuple[tuple[int, ...], MosaicPlan]:
    """The mosaic, with steps added until its coarsest level is small enough to go on from."""
    plan = plan_mosaic(unplaced, n_rows=n_rows, n_columns=n_columns, step_px=steps[-1])
    n_pixels = math.prod(plan.size_yx) // steps[-1] ** 2
    if n_pixels > MAX_MADE_PIXELS:
        raise UnsupportedError(
            "gateway-plate-flat",
            f"The fields of {where} cannot be shown as one image: their coarsest levels together have {n_pixels:,} "
            f"pixels per channel, more than the {MAX_MADE_PIXELS:,} of which coarser ones are made while one waits.",
            hint="Convert it to OME-Zarr with `vitrina convert`, and add the result; or open its fields one by one.",
            where=where,
        )
    while math.prod(plan.size_yx) // steps[-1] ** 2 > MAX_FLAT_PIXELS:
        steps = (*steps, 2 * steps[-1])
        plan = plan_mosaic(unplaced, n_rows=n_rows, n_columns=n_columns, step_px=steps[-1])
    return steps, plan


def _locate(element: Raster) -> tuple[float, float]:
    """Where the first pixel lies on the stage, in pixels."""
    finest = element.levels[0]
    y, x = find_yx(element.axes)
    return finest.translation[y] / (finest.scale[y] or 1.0), finest.translation[x] / (finest.scale[x] or 1.0)


def _join_types(names: Iterable[str]) -> str:
    import numpy as np

    return str(np.result_type(*{np.dtype(name) for name in names}).name)
