"""Layers and coordinates. Expected orders and crossings are counted by hand or by comparing every pair of edges."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitrina.lineage.layers import count_crossings, plan_layers
from vitrina.lineage.layout import Size, plan_layout, separate

SIZE = Size(width=100, height=40, gap_x=50, gap_y=10, bend_height=4)

names = st.integers(0, 11).map(str)
graphs = st.lists(st.tuples(names, names), max_size=30)


def list_nodes(edges):
    return sorted({name for edge in edges for name in edge}, key=int)


def number(layering):
    return {place: index for index, layer in enumerate(layering.layers) for place in layer}


def count_by_pairs(layers, routes):
    """Every pair of different segments between two layers crosses when their ends are in opposite orders."""
    positions = {place: (index, row) for index, layer in enumerate(layers) for row, place in enumerate(layer)}
    segments = {pair for route in routes for pair in itertools.pairwise(route)}
    return sum(
        (positions[a][1] - positions[c][1]) * (positions[b][1] - positions[d][1]) < 0
        for (a, b), (c, d) in itertools.combinations(segments, 2)
        if positions[a][0] == positions[c][0]
    )


class TestLayers:
    def test_a_chain_is_one_node_per_layer(self):
        assert plan_layers(["a", "b", "c"], [("a", "b"), ("b", "c")]).layers == (("a",), ("b",), ("c",))

    def test_a_node_stands_right_of_all_that_lead_to_it(self):
        layering = plan_layers(["a", "b", "c"], [("a", "b"), ("b", "c"), ("a", "c")])
        assert number(layering)["c"] == 2
        assert layering.routes["a", "c"] == ("a", ("a", "c", 1), "c")

    def test_what_nothing_leads_to_stands_right_before_what_it_leads_to(self):
        assert number(plan_layers("abcd", [("a", "b"), ("b", "c"), ("d", "c")]))["d"] == 1

    def test_a_cycle_is_drawn_with_one_edge_backwards(self):
        layering = plan_layers(["a", "r"], [("a", "r"), ("r", "a")])
        assert number(layering) == {"a": 0, "r": 1}
        assert layering.routes == {("a", "r"): ("a", "r"), ("r", "a"): ("a", "r")}

    def test_loops_and_repeated_edges_are_left_out(self):
        assert list(plan_layers("ab", [("a", "a"), ("a", "b"), ("a", "b")]).routes) == [("a", "b")]

    def test_nothing_gives_no_layers(self):
        assert plan_layers([], []).layers == ()

    def test_crossed_pairs_are_put_straight(self):
        edges = [("a", "x"), ("b", "y"), ("c", "z")]
        layering = plan_layers(["a", "b", "c", "z", "y", "x"], edges)
        assert count_crossings(layering.layers, layering.routes.values()) == 0

    def test_a_chain_longer_than_the_stack_of_calls(self):
        nodes = [str(index) for index in range(3_000)]
        assert len(plan_layers(nodes, itertools.pairwise(nodes)).layers) == 3_000

    @given(graphs)
    def test_every_node_stands_once_and_routes_go_one_layer_to_the_right(self, edges):
        nodes = list_nodes(edges)
        layering = plan_layers(nodes, edges)
        placed = [place for layer in layering.layers for place in layer]
        assert len(placed) == len(set(placed))
        assert set(nodes) <= set(placed)
        layers = number(layering)
        for (source, target), route in layering.routes.items():
            assert {route[0], route[-1]} == {source, target}
            assert all(layers[right] == layers[left] + 1 for left, right in itertools.pairwise(route))

    @given(graphs)
    def test_edges_point_right_wherever_there_is_no_cycle(self, edges):
        acyclic = [(a, b) for a, b in edges if int(a) < int(b)]
        layering = plan_layers(list_nodes(acyclic), acyclic)
        assert all(route[0] == source for (source, _), route in layering.routes.items())

    @given(graphs)
    def test_crossings_are_counted_as_by_comparing_all_pairs(self, edges):
        layering = plan_layers(list_nodes(edges), edges)
        routes = list(layering.routes.values())
        assert count_crossings(layering.layers, routes) == count_by_pairs(layering.layers, routes)


class TestCoordinates:
    def test_two_nodes_stand_next_to_each_other(self):
        layout = plan_layout(["a", "b"], [("a", "b")], SIZE)
        assert layout.nodes == {"a": (0, 0), "b": (150, 0)}
        assert layout.lines == {("a", "b"): ((100, 20), (150, 20))}
        assert (layout.width, layout.height) == (250, 40)

    def test_one_node_is_as_large_as_itself(self):
        layout = plan_layout(["a"], [], SIZE)
        assert (layout.nodes, layout.width, layout.height) == ({"a": (0, 0)}, 100, 40)

    def test_a_node_stands_in_the_middle_of_its_sources(self):
        layout = plan_layout(["a", "b", "c"], [("a", "c"), ("b", "c")], SIZE)
        assert layout.nodes["c"][1] == pytest.approx((layout.nodes["a"][1] + layout.nodes["b"][1]) / 2)

    def test_a_line_back_begins_at_its_source(self):
        layout = plan_layout(["a", "r"], [("a", "r"), ("r", "a")], SIZE)
        assert layout.lines["r", "a"] == layout.lines["a", "r"][::-1]

    @given(graphs)
    def test_nodes_do_not_overlap_and_lie_inside(self, edges):
        nodes = list_nodes(edges)
        layout = plan_layout(nodes, edges, SIZE)
        for one, other in itertools.combinations(layout.nodes.values(), 2):
            apart = abs(one[1] - other[1]) >= SIZE.height + SIZE.gap_y - 1e-6
            assert one[0] != other[0] or apart
        for x, y in layout.nodes.values():
            assert -1e-6 <= x <= layout.width - SIZE.width + 1e-6
            assert -1e-6 <= y <= layout.height - SIZE.height + 1e-6

    @given(st.lists(st.tuples(st.floats(-100, 100), st.floats(1, 20)), max_size=8))
    def test_separating_is_the_least_squares_solution(self, wanted):
        """Optimal: no block that must move together can lower its cost by moving (its residuals sum to zero)."""
        heights = [height for _, height in wanted]
        targets = [target for target, _ in wanted]
        found = separate(targets, heights, 5)
        blocks, residuals = [], []
        for index, (place, target) in enumerate(zip(found, targets, strict=True)):
            touches = index and place - found[index - 1] <= heights[index - 1] / 2 + 5 + heights[index] / 2 + 1e-6
            assert not index or place - found[index - 1] >= heights[index - 1] / 2 + 5 + heights[index] / 2 - 1e-6
            if not touches:
                blocks.append(residuals)
                residuals = []
            residuals.append(place - target)
        for residual in [*blocks, residuals]:
            assert sum(residual) == pytest.approx(0, abs=1e-6)
