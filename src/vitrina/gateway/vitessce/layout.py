"""Where the panels stand: one large picture on the left, what steers it on the right.

The grid has 12 columns and 12 rows that fill the window.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vitrina.gateway.vitessce.plan import ViewPlan


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
    return [*(["scatterplot"] if plan.embeddings else []), "layerControllerBeta"]


def _lists(plan: ViewPlan) -> list[str]:
    lists = [*(["obsSets"] if plan.sets else []), *(["featureList"] if plan.has_matrix else [])]
    return [*lists, "status"]


def _plan_table_layout(plan: ViewPlan) -> tuple[Panel, ...]:
    main = "scatterplot" if plan.embeddings else "heatmap" if plan.has_heatmap else None
    below = [
        *(["heatmap"] if plan.has_heatmap and main != "heatmap" else []),
        *(["obsSetFeatureValueDistribution"] if plan.has_matrix and plan.sets else []),
    ]
    side = _stack(9, 3, _lists(plan))
    if main is None:
        return (*_stack(0, 9, below[:1]), *side)
    if not below:
        return (*_stack(0, 9, [main]), *side)
    width = 9 // len(below)
    widths = [9 - width * (len(below) - 1)] + [width] * (len(below) - 1)
    row = [Panel(name, sum(widths[:i]), 7, widths[i], 5) for i, name in enumerate(below)]
    return (Panel(main, 0, 0, 9, 7), *row, *side)


def _stack(x: int, w: int, components: list[str]) -> tuple[Panel, ...]:
    """Panels below each other that fill the height; the status line takes two rows."""
    fixed = {"status": 2}
    free = [name for name in components if name not in fixed]
    room = 12 - sum(fixed[name] for name in components if name in fixed)
    heights = {name: room // len(free) + (index < room % len(free)) for index, name in enumerate(free)} | fixed
    panels = []
    y = 0
    for name in components:
        panels.append(Panel(name, x, y, w, heights[name]))
        y += heights[name]
    return tuple(panels)
