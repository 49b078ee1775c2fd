"""The picture that ``artifact.view_lineage()`` gives."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from vitrina.errors import InputError

if TYPE_CHECKING:
    import os

    from vitrina.model.lineage import LineageGraph


class Lineage:
    """Where an artifact came from and what it went into: drawn in a notebook, told as text elsewhere.

    Args:
        graph: What is drawn.
        base_url: Where the hub is, for links to its pages; empty when it is not known.
    """

    def __init__(self, graph: LineageGraph, *, base_url: str = "") -> None:
        self.graph = graph
        self._base_url = base_url

    def to_svg(self) -> str:
        """The picture as an SVG document."""
        from vitrina.lineage.svg import draw_svg

        return draw_svg(self.graph, base_url=self._base_url)

    def to_html(self) -> str:
        """The picture as an HTML document."""
        from vitrina.lineage.html import draw_page

        return draw_page(self.graph, base_url=self._base_url)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the picture to a file that ends in ``.svg`` or ``.html``.

        Raises:
            InputError: It ends in something else.
        """
        target = Path(path)
        drawers = {".svg": self.to_svg, ".html": self.to_html}
        if target.suffix.lower() not in drawers:
            raise InputError(
                "suffix-unsupported", f"{target} is neither .svg nor .html, in which lineage is drawn.", where=str(path)
            )
        target.write_text(drawers[target.suffix.lower()](), encoding="utf-8")
        return target

    def _repr_html_(self) -> str:
        from vitrina.lineage.html import draw_fragment

        return draw_fragment(self.graph, base_url=self._base_url)

    def _repr_svg_(self) -> str:
        return self.to_svg()

    def __repr__(self) -> str:
        from vitrina.lineage.tree import draw_tree

        return draw_tree(self.graph)
