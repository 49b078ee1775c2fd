"""From layers to coordinates. Pure."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitrina.lineage.layers import plan_layers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from vitrina.lineage.layers import Layering, Place

N_PASSES = 24
"""Passes that pull places towards their neighbours; the drawing settles in about half as many."""

type Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Of a node, and how much room there is around it, in px."""

    width: float
    height: float
    gap_x: float
    gap_y: float
    bend_height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where everything is, in px, y downwards.

    Attributes:
        nodes: Per node its upper left corner.
        lines: Per edge the points it passes, from its source to its target.
    """

    nodes: Mapping[str, Point]
    lines: Mapping[tuple[str, str], tuple[Point, ...]]
    width: float
    height: float


def plan_layout(nodes: Sequence[str], edges: Iterable[tuple[str, str]], size: Size) -> Layout:
    """Coordinates of a directed graph, drawn from left to right.

    Args:
        nodes: Each once; their order decides between equals.
        edges: Between the nodes.
        size: Of every node.
    """
    layering = plan_layers(nodes, edges)
    centres = _place_vertically(layering, size)
    top = min((y - _get_height(place, size) / 2 for place, y in centres.items()), default=0.0)
    bottom = max((y + _get_height(place, size) / 2 for place, y in centres.items()), default=0.0)
    step = size.width + size.gap_x
    columns = {place: number * step for number, layer in enumerate(layering.layers) for place in layer}
    corners = {
        place: (columns[place], y - top - size.height / 2) for place, y in centres.items() if isinstance(place, str)
    }
    lines = {
        edge: _draw_line(edge, route, {place: (columns[place], centres[place] - top) for place in route}, size)
        for edge, route in layering.routes.items()
    }
    width = max(len(layering.layers) * step - size.gap_x, 0.0)
    return Layout(nodes=corners, lines=lines, width=width, height=bottom - top)


def _get_height(place: Place, size: Size) -> float:
    return size.height if isinstance(place, str) else size.bend_height


def _draw_line(
    edge: tuple[str, str], route: Sequence[Place], at: Mapping[Place, Point], size: Size
) -> tuple[Point, ...]:
    """The points of an edge: out of the right side, straight through the columns it passes, into the left side."""
    points: list[Point] = [(at[route[0]][0] + size.width, at[route[0]][1])]
    for bend in route[1:-1]:
        x, y = at[bend]
        points += [(x, y), (x + size.width, y)]
    points.append(at[route[-1]])
    return tuple(points) if route[0] == edge[0] else tuple(reversed(points))


def _place_vertically(layering: Layering, size: Size) -> dict[Place, float]:
    """The y of every place's centre: near the mean of its neighbours, in the layer's order, with room between."""
    neighbours: dict[Place, list[Place]] = {}
    for route in layering.routes.values():
        for left, right in itertools.pairwise(route):
            neighbours.setdefault(left, []).append(right)
            neighbours.setdefault(right, []).append(left)
    centres: dict[Place, float] = {}
    for layer in layering.layers:
        y = 0.0
        for place in layer:
            height = _get_height(place, size)
            centres[place] = y + height / 2
            y += height + size.gap_y
        middle = (y - size.gap_y) / 2
        centres |= {place: centres[place] - middle for place in layer}
    for number in range(N_PASSES):
        layers = layering.layers if number % 2 == 0 else layering.layers[::-1]
        for layer in layers:
            wanted = [
                sum(centres[near] for near in near_by) / len(near_by)
                if (near_by := neighbours.get(place))
                else centres[place]
                for place in layer
            ]
            heights = [_get_height(place, size) for place in layer]
            centres |= dict(zip(layer, separate(wanted, heights, size.gap_y), strict=True))
    return centres


def separate(wanted: Sequence[float], heights: Sequence[float], gap: float) -> list[float]:
    """Centres in the given order, without overlap, with the least sum of squared distances from the wanted ones.

    Pool adjacent violators: what would overlap moves as one block, to the mean of what its members want.

    Source: https://doi.org/10.1214/aoms/1177728423 (Ayer et al., 1955)

    Args:
        wanted: Centre that each would like.
        heights: Of each.
        gap: Least room between two.
    """
    offsets = [0.0]
    for above, below in itertools.pairwise(heights):
        offsets.append(offsets[-1] + above / 2 + gap + below / 2)
    blocks: list[tuple[float, int]] = []  # sum of what the members want, less their offsets; how many they are
    for want, offset in zip(wanted, offsets, strict=False):
        total, n_members = want - offset, 1
        while blocks and blocks[-1][0] / blocks[-1][1] > total / n_members:
            above_total, n_above = blocks.pop()
            total, n_members = total + above_total, n_members + n_above
        blocks.append((total, n_members))
    bases = [total / n_members for total, n_members in blocks for _ in range(n_members)]
    return [base + offset for base, offset in zip(bases, offsets, strict=False)]
