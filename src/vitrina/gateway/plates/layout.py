"""Where each field of view of a plate lies in the mosaic. Pure arithmetic.

Wells lie in rows and columns as on the plate, with a gap between them. The fields of a well lie side by side without a
gap, in rows and columns as the stage was moved, else in a square in the order in which they are listed. Fields that
overlap on the plate are shown whole; so neighbours are right, and distances are not those on the plate. A field has the
same place in all wells, and so what one well lacks is a hole. Several acquisitions of a well lie next to each other.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

type Cell = tuple[int, int]
type SizeYx = tuple[int, int]

GAP_SHARE = 8
"""A gap between wells is so many times smaller than a field."""

MAX_SPARSE = 2
"""Cells per field, where rows and columns follow the stage: fields at random places would be spread thinly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnplacedField:
    """A field of view as it is placed.

    Attributes:
        row: Number of the row of its well, among the rows of the mosaic.
        column: Number of the column.
        acquisition: Number of its acquisition.
        name: Inside the well.
        size_yx: In pixels.
        stage_yx: Where its first pixel lies on the stage, in pixels; None where it is unknown.
    """

    row: int
    column: int
    acquisition: int
    name: str
    size_yx: SizeYx
    stage_yx: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MosaicPlan:
    """The mosaic.

    Attributes:
        size_yx: In pixels; a multiple of the step.
        corners_yx: First pixel of each field, in the order of the fields; multiples of the step.
    """

    size_yx: SizeYx
    corners_yx: tuple[tuple[int, int], ...]


def plan_mosaic(fields: Sequence[UnplacedField], *, n_rows: int, n_columns: int, step_px: int) -> MosaicPlan:
    """Place all fields.

    Args:
        fields: The fields, well by well; at least one.
        n_rows: Rows of wells.
        n_columns: Columns of wells.
        step_px: Fields begin at multiples of this, so that their coarser levels meet the pixels of the mosaic's.
    """
    by_acquisition: dict[int, list[int]] = defaultdict(list)
    for number, field in enumerate(fields):
        by_acquisition[field.acquisition].append(number)
    blocks = _square(len(by_acquisition))
    cells = [_arrange(numbers, fields) for _, numbers in sorted(by_acquisition.items())]
    counts = _count(blocks), _count([cell for arranged in cells for cell in arranged.values()])
    sides = [_round_up(max(field.size_yx[i] for field in fields), step_px) for i in range(2)]
    gap = _round_up(-(-max(sides) // GAP_SHARE), step_px)
    axes = [
        _Axis(side, n_cells=counts[1][i], n_blocks=counts[0][i], gap=gap, block_gap=_round_up(-(-gap // 2), step_px))
        for i, side in enumerate(sides)
    ]
    corners = {}
    for block, arranged in zip(blocks, cells, strict=True):
        for number, cell in arranged.items():
            well = fields[number].row, fields[number].column
            corners[number] = axes[0].locate(well[0], block[0], cell[0]), axes[1].locate(well[1], block[1], cell[1])
    return MosaicPlan(
        size_yx=(axes[0].measure(n_rows), axes[1].measure(n_columns)),
        corners_yx=tuple(corners[number] for number in range(len(fields))),
    )


@dataclass(frozen=True, slots=True)
class _Axis:
    """Along y or x: cells of fields in blocks of acquisitions in wells; sizes and gaps in pixels."""

    side: int
    n_cells: int
    n_blocks: int
    gap: int
    block_gap: int

    @property
    def _block(self) -> int:
        return self.n_cells * self.side

    @property
    def _well(self) -> int:
        return self.n_blocks * (self._block + self.block_gap) - self.block_gap

    def locate(self, well: int, block: int, cell: int) -> int:
        return well * (self._well + self.gap) + block * (self._block + self.block_gap) + cell * self.side

    def measure(self, n_wells: int) -> int:
        return n_wells * (self._well + self.gap) - self.gap


def _arrange(numbers: Sequence[int], fields: Sequence[UnplacedField]) -> dict[int, Cell]:
    """Row and column of each field of an acquisition inside its block.

    The well that has most fields shows how they lie. Fields are told apart by their names, or, where names are unique
    in the plate, by their order in the well.
    """
    by_well: dict[Cell, list[int]] = defaultdict(list)
    for number in numbers:
        by_well[fields[number].row, fields[number].column].append(number)
    wells = list(by_well.values())
    fullest = max(wells, key=len)
    names = list(dict.fromkeys(fields[number].name for well in (fullest, *wells) for number in well))
    if len(names) == len(fullest):
        cells = _follow_stage([fields[number] for number in fullest])
    elif len(names) > MAX_SPARSE * len(fullest):
        cells = _follow_stage([fields[number] for number in fullest])
        return {number: cell for well in wells for number, cell in zip(well, cells, strict=False)}
    else:
        cells = _square(len(names))
    places = dict(zip(names, cells, strict=True))
    return {number: places[fields[number].name] for number in numbers}


def _follow_stage(fields: Sequence[UnplacedField]) -> list[Cell]:
    """Rows and columns by the places of fields, none twice; a square where places are unknown or do not tell."""
    known = [field.stage_yx for field in fields if field.stage_yx is not None]
    places = [place for place in known if all(map(math.isfinite, place))]
    if len(places) == len(fields):
        height, width = fields[0].size_yx
        rows = _rank([y for y, _ in places], height / 2)
        columns = _rank([x for _, x in places], width / 2)
        cells = list(zip(rows, columns, strict=True))
        if len(set(cells)) == len(cells) and math.prod(_count(cells)) <= MAX_SPARSE * len(cells):
            return cells
    return _square(len(fields))


def _rank(values: Sequence[float], tolerance: float) -> list[int]:
    """Which value is the first, second, ..., those that follow each other closely being one."""
    ranks, rank, before = [0] * len(values), 0, math.inf
    for i in sorted(range(len(values)), key=values.__getitem__):
        rank += values[i] - before > tolerance
        ranks[i], before = rank, values[i]
    return ranks


def _square(n_cells: int) -> list[Cell]:
    """Cells row by row, as many columns as rows or one more."""
    n_columns = math.isqrt(max(n_cells - 1, 0)) + 1
    return [divmod(number, n_columns) for number in range(n_cells)]


def _count(cells: Sequence[Cell]) -> tuple[int, int]:
    """Rows and columns of a block of cells."""
    return max(row for row, _ in cells) + 1, max(column for _, column in cells) + 1


def _round_up(size_px: int, step_px: int) -> int:
    return -(-size_px // step_px) * step_px
