"""The shape of an element of any encoding and age."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vitrina.checks.formats.nodes.node import Node


def find_shape(node: Node) -> tuple[int, ...] | None:
    """Rows, columns and so on; None where it has none or does not tell.

    A data frame has its rows and columns, a sparse matrix what its attribute says, an awkward array its length.
    """
    if not node.is_group:
        return node.shape
    attrs = node.attrs
    stated = parse_shape(attrs.get("shape", attrs.get("h5sparse_shape")))
    if stated is not None:
        return stated
    if isinstance(attrs.get("column-order"), list):
        index = node.find(str(attrs.get("_index", "_index")))
        rows = None if index is None else find_shape(index)
        return None if not rows else (rows[0], len(attrs["column-order"]))
    if attrs.get("encoding-type") == "awkward-array":
        return parse_shape([attrs.get("length")])
    for name in ("codes", "values"):
        part = node.find(name)
        if part is not None and not part.is_group:
            return part.shape
    return None


def find_values(node: Node) -> Node | None:
    """The array that holds the values: the node itself, or what a column with missing values has; None for others."""
    values = node.find("values") if node.is_group else node
    return None if values is None or values.is_group or len(values.shape) != 1 else values


def parse_shape(value: Any) -> tuple[int, ...] | None:
    """A list of sizes; None when it is something else."""
    if not isinstance(value, list) or not value:
        return None
    is_sizes = all(isinstance(size, int) and not isinstance(size, bool) and size >= 0 for size in value)
    return tuple(value) if is_sizes else None
