"""An artifact in words: the tree that ``vitrina show`` and ``Artifact.describe()`` print."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitrina.model.content import ImageElement, LabelsElement, PointsElement, ShapesElement, TableElement
from vitrina.verbs.describe_annotations import list_label_lines, list_slot_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from vitrina.model.annotation import Annotations
    from vitrina.model.artifact import Artifact
    from vitrina.model.content import Column, Content, Element, Level
    from vitrina.model.finding import Finding
    from vitrina.model.schema import Schema
    from vitrina.verbs.instance import Instance

_UNIT_SYMBOLS = {"micrometer": "µm", "nanometer": "nm", "millimeter": "mm", "second": "s", "minute": "min"}
_FORMATS = {
    "spatialdata": "SpatialData",
    "anndata": "AnnData",
    "mudata": "MuData",
    "10x-h5": "10x HDF5",
    "loom": "Loom",
    "ome-zarr": "OME-Zarr",
    "ome-tiff": "OME-TIFF",
    "tiff": "TIFF",
    "ome-tiff-folder": "OME-TIFF of several files",
    "czi": "CZI",
    "lif": "LIF",
    "nd2": "ND2",
    "slide": "Slide",
    "picture": "Picture",
    "table": "Table",
}


@dataclass(frozen=True, slots=True)
class _Node:
    """A line of the tree: a name, what is said of it, and the lines below it."""

    name: str
    text: str = ""
    children: tuple[_Node, ...] = ()


def describe_artifact(instance: Instance, artifact: Artifact, width: int = 100) -> str:
    """The artifact as a tree of text, with its labels and features.

    Args:
        instance: Where it is.
        artifact: The artifact.
        width: Longer lines are wrapped; nothing is cut.
    """
    annotations = instance.read_annotations(artifact)
    schemas = {uid: instance.get_schema(uid) for _, uid in annotations.slots}
    return describe(artifact, width, annotations=annotations, schemas=schemas)


def describe(
    artifact: Artifact,
    width: int = 100,
    *,
    annotations: Annotations | None = None,
    schemas: Mapping[str, Schema] | None = None,
) -> str:
    """The artifact as a tree of text; lines longer than ``width`` are wrapped, nothing is cut.

    Args:
        artifact: The artifact.
        width: Columns.
        annotations: What is said of it; None leaves that away.
        schemas: Those of its slots, by uid.
    """
    content = artifact.content
    name = _FORMATS.get(content.format, content.format)
    version = f" {content.format_version}" if content.format_version else ""
    marks = f"{' · simulated' if content.is_simulated else ''}{' · untrusted' if content.is_untrusted else ''}"
    head = f"{artifact.key}  ({name}{version}{marks})"
    nodes = [
        _Node("uid", f"{artifact.uid} · version {artifact.version}{'' if artifact.is_latest else ' · not the latest'}"),
        *([_Node("description", artifact.description)] if artifact.description else []),
        _Node("size", f"{format_bytes(artifact.size_bytes)} in {_count(artifact.n_files, 'file')}"),
        _Node("created", f"{artifact.created_at:%Y-%m-%d %H:%M} UTC by {artifact.created_by}"),
        _Node("stored", f"{artifact.storage_url}/{artifact.storage_key}"),
        _Node("hash", artifact.hash),
        *([] if annotations is None else _build_annotation_nodes(annotations, schemas or {})),
        *_build_content_nodes(content),
    ]
    return "\n".join([head, *_render(nodes, "", width)])


def format_bytes(size_bytes: int) -> str:
    """A size for people: decimal units, three digits."""
    size = float(size_bytes)
    for unit in ("B", "kB", "MB", "GB", "TB", "PB"):
        if size < 999.5 or unit == "PB":
            return f"{size_bytes} B" if unit == "B" else f"{size:.3g} {unit}"
        size /= 1000
    raise AssertionError


def _build_annotation_nodes(annotations: Annotations, schemas: Mapping[str, Schema]) -> Iterator[_Node]:
    features: list[_Node] = []
    for slot, lines in list_slot_lines(annotations, schemas):
        nodes = tuple(_Node(name, text) for name, text in lines)
        features += [_Node(f"{slot} ({len(nodes)})", children=nodes)] if slot else nodes
    if features:
        yield _Node("Dataset features", children=tuple(features))
    labels = tuple(_Node(name, text) for name, text in list_label_lines(annotations.labels))
    if labels:
        yield _Node("Labels", children=labels)


def _build_content_nodes(content: Content) -> Iterator[_Node]:
    if content.coordinate_systems:
        yield _Node("coordinate systems", ", ".join(content.coordinate_systems))
    for kind, title in (
        ("image", "Images"),
        ("labels", "Label images"),
        ("shapes", "Shapes"),
        ("points", "Points"),
        ("table", "Tables"),
    ):
        found = tuple(_build_element_node(element) for element in content.elements if element.kind == kind)
        if found:
            yield _Node(title, children=found)
    if content.overridden:
        yield _Node("overridden", ", ".join(path or "(root)" for path in content.overridden))
    if content.findings:
        yield _Node("Findings", children=tuple(_build_finding_node(finding) for finding in content.findings))


def _build_finding_node(finding: Finding) -> _Node:
    return _Node(finding.severity, f"{finding.message} {finding.fix}" if finding.fix else finding.message)


def _build_element_node(element: Element) -> _Node:
    name = element.name or "(root)"
    if isinstance(element, ImageElement | LabelsElement):
        return _Node(name, _describe_raster(element), tuple(_build_channel_nodes(element)))
    if isinstance(element, PointsElement):
        size = "size unknown" if element.n_points is None else _count(element.n_points, "point")
        feature = f" · feature key {element.feature_key}" if element.feature_key else ""
        return _Node(name, f"{size} in {' '.join(element.axes)}{feature}", _build_columns("columns", element.columns))
    if isinstance(element, ShapesElement):
        geometry = "shape" if element.geometry in ("mixed", "unknown") else element.geometry
        return _Node(name, _count(element.n_shapes, geometry), _build_columns("columns", element.columns))
    return _Node(name, _describe_table(element), tuple(_build_table_nodes(element)))


def _describe_raster(element: ImageElement | LabelsElement) -> str:
    if not element.levels:
        return f"{' '.join(axis.name for axis in element.axes)} · {element.dtype} · no readable level"
    level = element.levels[0]
    axes = " ".join(axis.name for axis in element.axes)
    shape = " × ".join(str(size) for size in level.shape)
    rgb = " · RGB" if isinstance(element, ImageElement) and element.is_rgb else ""
    size = _describe_pixel_size(element, level)
    return f"{axes} {shape} · {element.dtype}{rgb} · {_count(len(element.levels), 'level')}{size}"


def _describe_pixel_size(element: ImageElement | LabelsElement, level: Level) -> str:
    sizes = {
        axis.name: f"{scale:.4g} {_UNIT_SYMBOLS.get(axis.unit, axis.unit)}"
        for axis, scale in zip(element.axes, level.scale, strict=True)
        if axis.type == "space" and axis.unit
    }
    if not sizes:
        return ""
    if len(set(sizes.values())) == 1:
        return f" · {next(iter(sizes.values()))} per pixel"
    return " · " + ", ".join(f"{name} {size}" for name, size in sizes.items()) + " per pixel"


def _build_channel_nodes(element: ImageElement | LabelsElement) -> Iterator[_Node]:
    if isinstance(element, LabelsElement) or element.is_rgb or not element.channels:
        return
    yield _Node("channels", ", ".join(channel.name for channel in element.channels))


def _describe_table(table: TableElement) -> str:
    if not table.n_vars:
        return f"{table.n_obs:,} rows × {_count(len(table.obs_columns), 'column')}"
    matrix = f" · X {table.matrix.encoding} {table.matrix.dtype}" if table.matrix else " · no X"
    region = f" · annotates {', '.join(table.region)}" if table.region else ""
    return f"{table.n_obs:,} observations × {_count(table.n_vars, 'variable')}{matrix}{region}"


def _build_table_nodes(table: TableElement) -> Iterator[_Node]:
    yield from _build_columns("obs" if table.n_vars else "columns", table.obs_columns)
    if table.var_columns:
        yield _Node("var", ", ".join(column.name for column in table.var_columns))
    if table.layers:
        yield _Node("layers", ", ".join(table.layers))
    if table.embeddings:
        yield _Node("obsm", ", ".join(f"{entry.name} ({entry.n_dims})" for entry in table.embeddings))
    if table.position_columns:
        yield _Node("positions", " and ".join(table.position_columns))


def _build_columns(title: str, columns: Sequence[Column]) -> tuple[_Node, ...]:
    """One line for all plain columns, by dtype, and one below it for each with categories."""
    if not columns:
        return ()
    names: dict[str, list[str]] = {}
    for column in columns:
        if column.n_categories is None:
            names.setdefault(column.dtype, []).append(column.name)
    plain = "; ".join(f"{dtype}: {', '.join(found)}" for dtype, found in names.items())
    categorical = [column for column in columns if column.n_categories is not None]
    return (_Node(title, plain, tuple(_Node(column.name, _describe_categories(column)) for column in categorical)),)


def _describe_categories(column: Column) -> str:
    n_hidden = (column.n_categories or 0) - len(column.categories)
    more = f", and {n_hidden} more" if n_hidden else ""
    return f"{column.dtype} ({column.n_categories}) {', '.join(column.categories)}{more}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _render(nodes: Sequence[_Node], prefix: str, width: int) -> Iterator[str]:
    column = max((len(node.name) for node in nodes if node.text), default=0)
    for node in nodes:
        is_last = node is nodes[-1]
        lead = prefix + ("└── " if is_last else "├── ")
        below = prefix + ("    " if is_last else "│   ")
        text = node.text.splitlines() or [""]
        first = f"{node.name:<{column}}  " if node.text else node.name
        room = max(width - len(lead) - len(first), 30)
        wrapped = [line for part in text for line in textwrap.wrap(part, room, break_long_words=False) or [""]]
        yield (lead + first + wrapped[0]).rstrip()
        guide = below + ("│   " if node.children else "")
        for line in wrapped[1:]:
            yield guide + " " * (len(lead) + len(first) - len(guide)) + line
        yield from _render(node.children, below, width)
