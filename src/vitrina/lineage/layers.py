"""From edges to layers: who stands left of whom. Pure.

The steps of a layered drawing: make the graph acyclic, assign layers by longest paths, give every layer that an edge
passes a bend, and order each layer so that few edges cross.

Source: Sugiyama, Tagawa, Toda, "Methods for Visual Understanding of Hierarchical System Structures", IEEE Transactions
on Systems, Man, and Cybernetics 11(2), 1981, https://doi.org/10.1109/TSMC.1981.4308636
"""

from __future__ import annotations

import bisect
import itertools
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

N_SWEEPS = 12
"""The order of layers settles after a few sweeps; the best one seen is kept."""

type Bend = tuple[str, str, int]
"""Where an edge passes a layer: source, target, layer."""

type Place = str | Bend


@dataclass(frozen=True, slots=True, kw_only=True)
class Layering:
    """Nodes and bends in layers.

    Attributes:
        layers: From left to right; each from top to bottom.
        routes: Per edge, as given, the places it passes, from left to right, its ends among them.
    """

    layers: tuple[tuple[Place, ...], ...]
    routes: Mapping[tuple[str, str], tuple[Place, ...]]


def plan_layers(nodes: Sequence[str], edges: Iterable[tuple[str, str]]) -> Layering:
    """Layers of a directed graph, so that edges point to the right wherever no cycle forbids it.

    Args:
        nodes: Each once; their order decides between equals.
        edges: Between the nodes; loops and repeated ones are left out.
    """
    distinct = [(source, target) for source, target in dict.fromkeys(edges) if source != target]
    back = _find_back_edges(nodes, distinct)
    forward = [edge[::-1] if edge in back else edge for edge in distinct]
    numbers = _assign_layers(nodes, forward)
    routes: dict[tuple[str, str], tuple[Place, ...]] = {}
    layers: list[dict[Place, None]] = [{} for _ in range(max(numbers.values(), default=-1) + 1)]
    for node in nodes:
        layers[numbers[node]][node] = None
    for edge, (left, right) in zip(distinct, forward, strict=True):
        bends: list[Place] = [(left, right, layer) for layer in range(numbers[left] + 1, numbers[right])]
        for layer, bend in enumerate(bends, numbers[left] + 1):
            layers[layer][bend] = None
        routes[edge] = (left, *bends, right)
    ordered = _reduce_crossings([list(layer) for layer in layers], routes.values())
    return Layering(layers=tuple(tuple(layer) for layer in ordered), routes=routes)


def count_crossings(layers: Sequence[Sequence[Place]], routes: Iterable[Sequence[Place]]) -> int:
    """How often edges cross between neighbouring layers, by counting inversions."""
    positions = {place: index for layer in layers for index, place in enumerate(layer)}
    number_of = {place: number for number, layer in enumerate(layers) for place in layer}
    segments: list[set[tuple[int, int]]] = [set() for _ in layers]
    for route in routes:
        for start, end in itertools.pairwise(route):
            segments[number_of[start]].add((positions[start], positions[end]))
    crossings = 0
    for layer_segments in segments:
        seen: list[int] = []
        for _, right in sorted(layer_segments):
            crossings += len(seen) - bisect.bisect_right(seen, right)
            bisect.insort(seen, right)
    return crossings


def _find_back_edges(nodes: Sequence[str], edges: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """Edges that close a cycle, found by a depth-first search with its own stack: lineages can be long."""
    targets: dict[str, list[str]] = {node: [] for node in nodes}
    for source, target in edges:
        targets[source].append(target)
    back: set[tuple[str, str]] = set()
    is_open: dict[str, bool] = {}
    has_source = {target for _, target in edges}
    for root in sorted(nodes, key=lambda node: node in has_source):  # stable: sources first, in the order given
        if root in is_open:
            continue
        is_open[root] = True
        stack = [(root, iter(targets[root]))]
        while stack:
            node, following = stack[-1]
            target = next(following, "")
            if not target:
                is_open[node] = False
                stack.pop()
            elif target not in is_open:
                is_open[target] = True
                stack.append((target, iter(targets[target])))
            elif is_open[target]:
                back.add((node, target))
    return back


def _assign_layers(nodes: Sequence[str], edges: Iterable[tuple[str, str]]) -> dict[str, int]:
    """Layer of each node: the longest path to it; what nothing leads to stands right before what it leads to."""
    targets: dict[str, list[str]] = {node: [] for node in nodes}
    n_open = dict.fromkeys(nodes, 0)
    for source, target in set(edges):
        targets[source].append(target)
        n_open[target] += 1
    sources = [node for node in nodes if not n_open[node]]
    layers = dict.fromkeys(nodes, 0)
    queue = deque(sources)
    while queue:
        node = queue.popleft()
        for target in targets[node]:
            layers[target] = max(layers[target], layers[node] + 1)
            n_open[target] -= 1
            if not n_open[target]:
                queue.append(target)
    for node in sources:
        if targets[node]:
            layers[node] = min(layers[target] for target in targets[node]) - 1
    return layers


def _reduce_crossings(layers: list[list[Place]], routes: Iterable[tuple[Place, ...]]) -> list[list[Place]]:
    """Order each layer by the mean position of its neighbours, left to right and back, and keep the best order."""
    before: dict[Place, list[Place]] = {}
    after: dict[Place, list[Place]] = {}
    listed = list(routes)
    for route in listed:
        for left, right in itertools.pairwise(route):
            before.setdefault(right, []).append(left)
            after.setdefault(left, []).append(right)
    best, fewest = layers, count_crossings(layers, listed)
    current = layers
    for sweep in range(N_SWEEPS):
        if not fewest:
            break
        current = _sweep(current, before) if sweep % 2 == 0 else _sweep(current[::-1], after)[::-1]
        crossings = count_crossings(current, listed)
        if crossings < fewest:
            best, fewest = current, crossings
    return best


def _sweep(layers: Sequence[Sequence[Place]], neighbours: Mapping[Place, Sequence[Place]]) -> list[list[Place]]:
    positions: dict[Place, float] = {}
    swept = []
    for layer in layers:
        barycentres = {
            place: sum(positions[near] for near in near_by) / len(near_by)
            if (near_by := neighbours.get(place))
            else float(index)
            for index, place in enumerate(layer)
        }
        ordered = sorted(layer, key=barycentres.__getitem__)
        positions |= {place: float(index) for index, place in enumerate(ordered)}
        swept.append(ordered)
    return swept
