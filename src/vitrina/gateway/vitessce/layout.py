"""Where the panels stand: one large picture on the left, what steers it on the right.

The grid has 12 columns and 12 rows that fill the window.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vitrina.gateway.vitessce.plan import ViewPlan


_ROWS = 12
_FIXED_ROWS = {"status": 2}


@dataclass(frozen=True, slots=True)
class Panel:
    """One view of the configuration and its place on the grid."""

    component: str
    x: int
    y: int
    w: int
    h: int


def plan_layout(plan: ViewPlan) -> tuple[Panel, ...]:
    """The panels for what the plan shows."""
    has_table = plan.has_matrix or bool(plan.sets)
    if plan.layers and has_table:
        return (*_stack(0, 6, ["spatialBeta"]), *_stack(6, 3, _middle(plan)), *_stack(9, 3, _lists(plan)))
    if plan.layers:
        return (*_stack(0, 9, ["spatialBeta"]), *_stack(9, 3, ["layerControllerBeta", "status"]))
    return _plan_table_layout(plan)


def _middle(plan: ViewPlan) -> list[str]:
    charts = ["scatterplot"] if plan.embeddings else ["obsSetSizes"] if plan.sets else []
    return [*charts, "layerControllerBeta"]


def _lists(plan: ViewPlan) -> list[str]:
    lists = [*(["obsSets"] if plan.sets else []), *(["featureList"] if plan.has_matrix else [])]
    return [*lists, "status"]


def _plan_table_layout(plan: ViewPlan) -> tuple[Panel, ...]:
    values = "heatmap" if plan.has_heatmap else "obsSetFeatureValueDistribution" if plan.has_matrix else None
    charts = [*(["obsSetSizes"] if plan.sets else []), *([values] if values else [])]
    lists = _stack(9, 3, _lists(plan))
    if not plan.embeddings:
        return (*_stack(0, 9, charts), *lists)
    return (*_stack(0, 6 if charts else 9, ["scatterplot"]), *_stack(6, 3, charts), *lists)


def _stack(x: int, w: int, components: list[str]) -> tuple[Panel, ...]:
    """Panels below each other that fill the height."""
    room = _ROWS - sum(_FIXED_ROWS.get(name, 0) for name in components)
    free = [name for name in components if name not in _FIXED_ROWS]
    heights = {name: room // len(free) + (index < room % len(free)) for index, name in enumerate(free)} | _FIXED_ROWS
    panels = []
    y = 0
    for name in components:
        panels.append(Panel(name, x, y, w, heights[name]))
        y += heights[name]
    return tuple(panels)
