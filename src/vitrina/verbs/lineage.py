"""Where an artifact came from and what it went into."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vitrina.model.artifact import Artifact
    from vitrina.model.lineage import LineageGraph
    from vitrina.verbs.instance import Instance


def read_lineage(instance: Instance, artifact: Artifact, *, depth: int | None = None) -> LineageGraph:
    """Ancestors and descendants of an artifact, through the runs that saved and read them.

    Args:
        instance: Where the artifact is.
        artifact: The one in the middle.
        depth: How many runs to follow in each direction; None for all.

    Raises:
        InputError: The depth is negative.
    """
    return instance.catalog.runs.read_graph(artifact.uid, depth=depth)


def draw_lineage(graph: LineageGraph, *, base_url: str = "") -> str:
    """The graph as an SVG document.

    Args:
        graph: See ``read_lineage``.
        base_url: Where the hub is, for links to its pages; links are relative to the host when it is empty.
    """
    from vitrina.lineage.svg import draw_svg

    return draw_svg(graph, base_url=base_url)


def draw_lineage_page(graph: LineageGraph, *, base_url: str = "") -> str:
    """The graph as an HTML document; arguments as for ``draw_lineage``."""
    from vitrina.lineage.html import draw_page

    return draw_page(graph, base_url=base_url)


def describe_lineage(graph: LineageGraph) -> str:
    """The graph as a tree of text."""
    from vitrina.lineage.tree import draw_tree

    return draw_tree(graph)
