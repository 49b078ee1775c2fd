"""Colours and pictures of a drawing: those of the hub, in light and in dark."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

COLOURS: Mapping[str, tuple[str, str]] = {
    "surface": ("#ffffff", "#1a1d20"),
    "ink": ("#1b1f23", "#ebe9e4"),
    "quiet": ("#5b636c", "#9ba3ab"),
    "line": ("#d3d0c8", "#3a3f44"),
    "edge": ("#8b9097", "#6b727a"),
    "accent": ("#0b6e69", "#62c4ba"),
    "soft": ("#e0efed", "#17302e"),
    "warning": ("#7d5200", "#e6b65c"),
    "error": ("#a3262a", "#f09a96"),
}
"""Light and dark, as in ``web/src/ui/tokens.css``."""

_RULES = """\
.vl text{font:400 12px system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;fill:var(--vl-ink)}
.vl .vl-name{font-size:13px;font-weight:600}
.vl .vl-quiet{font-size:11px;fill:var(--vl-quiet)}
.vl .vl-box{fill:var(--vl-surface);stroke:var(--vl-line)}
.vl .vl-run .vl-box{fill:var(--vl-soft);stroke:none}
.vl .vl-root .vl-box{stroke:var(--vl-accent);stroke-width:2}
.vl .vl-old .vl-box{stroke-dasharray:4 3}
.vl .vl-icon{fill:none;stroke:var(--vl-accent);stroke-width:1.5;stroke-linecap:round;stroke-linejoin:round}
.vl .vl-edge{fill:none;stroke:var(--vl-edge);stroke-width:1.3}
.vl .vl-tip{fill:var(--vl-edge)}
.vl .vl-completed{fill:var(--vl-accent)}
.vl .vl-started{fill:none;stroke:var(--vl-quiet);stroke-width:1.5}
.vl .vl-errored{fill:var(--vl-error)}
.vl .vl-aborted{fill:var(--vl-warning)}
.vl a:hover .vl-box,.vl a:focus-visible .vl-box{stroke:var(--vl-accent);stroke-width:2}
.vl a:focus{outline:none}"""

ICONS: Mapping[str, str] = {
    "image": "M3.5 4.5h13v11h-13zM3.5 13l3.5-3.5 3 3 2.2-2.2 4.3 4.2M12.6 7.6v.1",
    "layers": "m10 3.2 7 3.6-7 3.6-7-3.6zM3 10.2l7 3.6 7-3.6M3 13.4l7 3.6 7-3.6",
    "cells": "M3.5 3.5h13v13h-13zM7 7v.1M12.2 8.2v.1M9 11.6v.1M13 13v.1M6.6 13.6v.1",
    "table": "M3.5 4h13v12h-13zM3.5 8h13M3.5 12h13M8 4v12",
    "file": "M5.5 2.8h6l3.5 3.5v11h-9.5zM11.5 2.8v3.5H15",
    "folder": "M3 5.2h5l1.6 2H17v8.6H3z",
    "stack": "M4 7.5h12v9H4zM5.5 5h9M7 2.8h6",
}
"""On a grid of 20, as the hub's."""

_ICON_OF = {
    "spatialdata": "layers",
    "anndata": "cells",
    "mudata": "cells",
    "10x-h5": "cells",
    "loom": "cells",
    "ome-zarr": "image",
    "ome-tiff": "image",
    "tiff": "image",
    "table": "table",
    "folder": "folder",
}


def get_icon(format_name: str) -> str:
    """The path of a format's picture."""
    return ICONS[_ICON_OF.get(format_name, "file")]


def build_style() -> str:
    """The style sheet: light, and dark where the reader prefers that."""
    light = "".join(f"--vl-{name}:{value};" for name, (value, _) in COLOURS.items())
    dark = "".join(f"--vl-{name}:{value};" for name, (_, value) in COLOURS.items())
    return f".vl{{{light}}}\n@media (prefers-color-scheme:dark){{.vl{{{dark}}}}}\n{_RULES}"
