"""A graph as one SVG document that needs nothing else: no script, no font, no other file.

Source: https://www.w3.org/TR/SVG2/ and, for names and descriptions, https://www.w3.org/TR/svg-aam-1.0/
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from vitrina.errors import InputError
from vitrina.lineage.fold import fold_graph
from vitrina.lineage.layout import Size, plan_layout
from vitrina.lineage.style import ICONS, build_style, get_icon
from vitrina.lineage.words import clean, get_format_name, shorten, split_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vitrina.lineage.fold import Folded, Stack
    from vitrina.lineage.layout import Layout, Point
    from vitrina.model.lineage import LineageArtifact, LineageGraph, LineageRun

SIZE = Size(width=216, height=46, gap_x=64, gap_y=12, bend_height=6)
MARGIN = 12
NOTE_HEIGHT = 26
NAME_LENGTH = 20
QUIET_LENGTH = 27
MAX_LISTED = 30


def draw_svg(graph: LineageGraph, *, base_url: str = "") -> str:
    """The graph as an SVG document, from left to right, light or dark as the reader prefers.

    Args:
        graph: What is drawn; many artifacts between the same runs are drawn as a few and a stack.
        base_url: Where the hub is, for links to its pages; links are relative to the host when it is empty.

    Raises:
        InputError: ``base_url`` is no address of a hub.
    """
    base = _check_base(base_url)
    folded = fold_graph(graph)
    layout = plan_layout(_order_nodes(graph, folded), [(edge.source, edge.target) for edge in folded.edges], SIZE)
    note = _build_note(graph, n_folded=sum(len(stack.artifacts) for stack in folded.stacks))
    drawn = [
        *_draw_edges(layout, graph.root_uid),
        *(_draw_run(run, layout.nodes[run.uid]) for run in graph.runs),
        *(_draw_artifact(item, layout.nodes[item.uid], base, graph.root_uid) for item in folded.artifacts),
        *(_draw_stack(stack, layout.nodes[stack.uid]) for stack in folded.stacks),
    ]
    if note:
        text = f'<text class="vl-quiet" x="0" y="{layout.height + NOTE_HEIGHT - 6:.0f}">{escape(note)}</text>'
        drawn.append(text)
    return _wrap(graph, layout, drawn, has_note=bool(note))


def _wrap(graph: LineageGraph, layout: Layout, drawn: Sequence[str], *, has_note: bool) -> str:
    width = layout.width + 2 * MARGIN
    height = layout.height + 2 * MARGIN + (NOTE_HEIGHT if has_note else 0)
    box = f'width="{width:.0f}" height="{height:.0f}" viewBox="{-MARGIN} {-MARGIN} {width:.0f} {height:.0f}"'
    title, description = f"vl-title-{graph.root_uid}", f"vl-desc-{graph.root_uid}"
    names = f"{title} {description}"
    root = next(item for item in graph.artifacts if item.uid == graph.root_uid)
    words = f"{_count(len(graph.artifacts), 'artifact')} and {_count(len(graph.runs), 'run')}, from left to right."
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="vl" role="group" {box} aria-labelledby="{names}">',
            f'<title id="{title}">{escape(f"Lineage of {clean(root.key)}")}</title>',
            f'<desc id="{description}">{escape(words)}</desc>',
            f"<style>{build_style()}</style>",
            *drawn,
            "</svg>",
        ]
    )


def _order_nodes(graph: LineageGraph, folded: Folded) -> list[str]:
    """By name, stacks after what they continue: where a drawing is free to choose, it reads like a list."""
    named = [
        *((run.key, run.started_at.isoformat(), run.uid) for run in graph.runs),
        *((item.key, item.version, item.uid) for item in folded.artifacts),
        *((stack.artifacts[0].key, stack.artifacts[0].version, stack.uid) for stack in folded.stacks),
    ]
    return [uid for *_, uid in sorted(named)]


def _check_base(base_url: str) -> str:
    base = base_url.rstrip("/")
    if base and not base.startswith(("http://", "https://", "/")):
        raise InputError("base-url-malformed", f"{base_url!r} is no address: expected http://, https:// or a path.")
    return base


def _build_note(graph: LineageGraph, *, n_folded: int) -> str:
    parts = []
    if n_folded:
        parts.append(f"{n_folded:,} artifacts are drawn as stacks.")
    if not graph.is_complete:
        parts.append("There is more than is drawn here.")
    return " ".join(parts)


def _draw_edges(layout: Layout, root_uid: str) -> Iterator[str]:
    tip = f"vl-tip-{root_uid}"
    yield (
        f'<defs><marker id="{tip}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7"'
        ' orient="auto"><path class="vl-tip" d="M0 .8 7.5 4 0 7.2z"/></marker></defs>'
    )
    for points in layout.lines.values():
        yield f'<path class="vl-edge" d="{_draw_path(points)}" marker-end="url(#{tip})"/>'


def _draw_path(points: Sequence[Point]) -> str:
    """A smooth line: curves between columns, straight where it passes one."""
    (x, y), *rest = points
    path = [f"M{x:.1f} {y:.1f}"]
    for next_x, next_y in rest:
        if next_y == y:
            path.append(f"H{next_x:.1f}")
        else:
            middle = (x + next_x) / 2
            path.append(f"C{middle:.1f} {y:.1f} {middle:.1f} {next_y:.1f} {next_x:.1f} {next_y:.1f}")
        x, y = next_x, next_y
    return "".join(path)


def _draw_artifact(item: LineageArtifact, at: Point, base: str, root_uid: str) -> str:
    name, folder = split_key(item.key)
    state = "in the trash" if item.is_trashed else "" if item.is_latest else "an older version"
    format_name = clean(get_format_name(item.format))
    quiet = _join(" · ", format_name, item.version)
    if folder:
        quiet += f" · {shorten(folder, QUIET_LENGTH - len(quiet) - 3)}"
    made = f"{item.created_at:%Y-%m-%d %H:%M} UTC"
    told = _join("\n", clean(item.key), f"{format_name}, version {item.version}", state, made)
    classes = "vl-artifact" + (" vl-root" if item.uid == root_uid else "") + (" vl-old" if state else "")
    return (
        f'<a href={quoteattr(f"{base}/a/{item.uid}")} target="_top">'
        f"{_draw_node(classes, at, told, name, quiet, radius=8, icon=get_icon(item.format))}</a>"
    )


def _draw_stack(stack: Stack, at: Point) -> str:
    keys = [clean(item.key) for item in stack.artifacts[:MAX_LISTED]]
    more = len(stack.artifacts) - len(keys)
    told = "\n".join([*keys, *([f"and {more:,} more"] if more else [])])
    formats = " · ".join(dict.fromkeys(clean(get_format_name(item.format)) for item in stack.artifacts))
    name = f"{len(stack.artifacts):,} more"
    return _draw_node("vl-artifact", at, told, name, formats, radius=8, icon=ICONS["stack"])


def _draw_run(run: LineageRun, at: Point) -> str:
    name, _ = split_key(run.key)
    quiet = f"{run.started_at:%Y-%m-%d} · {run.status}"
    started = f"{run.status}, {run.started_at:%Y-%m-%d %H:%M} UTC by {clean(run.created_by)}"
    told = _join("\n", clean(run.key), f"{run.kind}, version {run.version}", started, f"run {run.uid}")
    return _draw_node("vl-run", at, told, name, quiet, radius=SIZE.height / 2, status=run.status)


def _draw_node(
    classes: str, at: Point, told: str, name: str, quiet: str, *, radius: float, icon: str = "", status: str = ""
) -> str:
    x, y = at
    sign = (
        f'<path class="vl-icon" transform="translate(10 13)" d="{icon}"/>'
        if icon
        else f'<circle class="vl-{status}" cx="20" cy="{SIZE.height / 2:.0f}" r="5"/>'
    )
    return (
        f'<g class="{classes}" transform="translate({x:.1f} {y:.1f})"><title>{escape(told)}</title>'
        f'<rect class="vl-box" width="{SIZE.width}" height="{SIZE.height}" rx="{radius:.0f}"/>{sign}'
        f'<text class="vl-name" x="38" y="20">{escape(shorten(name, NAME_LENGTH))}</text>'
        f'<text class="vl-quiet" x="38" y="36">{escape(shorten(quiet, QUIET_LENGTH))}</text></g>'
    )


def _join(separator: str, *parts: str) -> str:
    return separator.join(part for part in parts if part)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
