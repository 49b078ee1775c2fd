"""A graph as a page of its own, and as a part of a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from vitrina.lineage.svg import draw_svg
from vitrina.lineage.words import clean

if TYPE_CHECKING:
    from vitrina.model.lineage import LineageGraph


def draw_fragment(graph: LineageGraph, *, base_url: str = "") -> str:
    """The drawing in a box that scrolls, to be put into another page."""
    return f'<div style="overflow:auto;max-height:80vh">\n{draw_svg(graph, base_url=base_url)}\n</div>'


def draw_page(graph: LineageGraph, *, base_url: str = "") -> str:
    """The drawing as an HTML document."""
    key = next(artifact.key for artifact in graph.artifacts if artifact.uid == graph.root_uid)
    return "\n".join(
        [
            '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width">\n<meta name="color-scheme" content="light dark">',
            f"<title>{escape(f'Lineage of {clean(key)}')}</title>",
            "<style>:root{color-scheme:light dark}body{margin:16px}</style>",
            draw_svg(graph, base_url=base_url),
            "</html>\n",
        ]
    )
