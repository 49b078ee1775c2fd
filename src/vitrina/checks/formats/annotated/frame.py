"""Data frames: an index, and columns as long as it.

Source: https://anndata.readthedocs.io/en/latest/fileformat-prose.html#dataframes
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from vitrina.checks.formats.annotated.columns import check_old_categories
from vitrina.checks.formats.annotated.names import find_repeated
from vitrina.checks.formats.annotated.shapes import find_shape, find_values
from vitrina.checks.formats.codes import build_finding
from vitrina.checks.formats.collect import keep_going, shorten
from vitrina.checks.formats.nodes.node import BrokenNodeError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.checks.formats.nodes.node import Node
    from vitrina.model.finding import Finding

_HIDDEN: Final = "__categories"
"""Where categories were kept in 2020."""


def check_frame(node: Node, *, is_deep: bool, is_legacy: bool) -> Iterator[Finding]:
    """The index is there and its names differ; column-order names the columns that are there; all are as long."""
    index, findings = _find_index(node)
    yield from findings
    order = node.attrs.get("column-order")
    if not isinstance(order, list):
        message = (
            f"{node.path} is a data frame, and its column-order must be a list of names, but it is {_show(order)}."
        )
        yield build_finding("column-order-missing", f"{node.path}#/column-order", message)
        order = None
    yield from _check_columns(node, order, is_legacy=is_legacy)
    if index is None:
        return
    yield from _check_lengths(node, order, index.shape[0])
    if is_deep:
        yield from keep_going(node.path, check_old_categories(node))
    if is_deep and index.dtype == "string":
        yield from _check_names(node, index)


def _find_index(node: Node) -> tuple[Node | None, list[Finding]]:
    where = f"{node.path}#/_index"
    name = node.attrs.get("_index")
    if not isinstance(name, str):
        message = (
            f"{node.path} is a data frame, and its _index must name the array of row names, but it is {_show(name)}."
        )
        return None, [build_finding("index-attribute-missing", where, message)]
    index = node.find(name)
    if index is None:
        message = f"{node.path} says that its row names are in {name!r}, which is not there."
        return None, [build_finding("index-missing", where, message)]
    values = find_values(index)
    if values is None:
        message = f"{index.path} holds row names and must be a list, but it is {_describe(index)}."
        return None, [build_finding("index-shape", f"{index.path}#", message)]
    return values, []


def _check_columns(node: Node, order: list[Any] | None, *, is_legacy: bool) -> Iterator[Finding]:
    if order is None:
        return
    where = f"{node.path}#/column-order"
    names = [str(name) for name in order]
    there = set(node.list_names())
    missing = [name for name in dict.fromkeys(names) if name not in there]
    if missing:
        message = f"{node.path} has no {shorten(missing)}, which its column-order names."
        yield build_finding("column-missing", where, message)
    repeated = [name for name in dict.fromkeys(names) if names.count(name) > 1] if len(set(names)) < len(names) else []
    if repeated:
        message = f"The column-order of {node.path} names {shorten(repeated)} more than once."
        yield build_finding("columns-repeated", where, message)
    hidden = {node.attrs.get("_index"), *((_HIDDEN,) if is_legacy or _HIDDEN in there else ())}
    unlisted = sorted(there - set(names) - hidden)
    if unlisted:
        message = f"{node.path} holds {shorten(unlisted)}, which its column-order does not name; readers leave it out."
        yield build_finding("column-unlisted", where, message, fix="Name it in the column-order, or remove it.")


def _check_lengths(node: Node, order: list[Any] | None, n_rows: int) -> Iterator[Finding]:
    for name in dict.fromkeys(map(str, order or ())):
        try:
            column = node.find(name)
            shape = None if column is None else find_shape(column)
        except BrokenNodeError:
            continue  # told where the column itself is checked
        if column is None or shape is None:
            continue
        if not shape or shape[0] != n_rows:
            found = f"{shape[0]:,} values" if shape else "a single value"
            message = f"{column.path} has {found}, but {node.path} has {n_rows:,} rows; they must be equal."
            yield build_finding("column-length-differs", f"{column.path}#", message)


def _check_names(node: Node, index: Node) -> Iterator[Finding]:
    repeated = find_repeated(index)
    if repeated:
        n_more = sum(repeated.values()) - len(repeated)
        message = f"{n_more:,} row names of {node.path} repeat an earlier one: {shorten(repeated)}."
        axis = node.path.rsplit("/", 1)[-1]
        fix = f"Call {axis}_names_make_unique() and write it again." if axis in {"obs", "var"} else None
        yield build_finding("names-repeated", f"{index.path}#", message, fix=fix)


def _describe(node: Node) -> str:
    return "a group" if node.is_group else f"an array of the shape {node.shape}"


def _show(value: object) -> str:
    return "absent" if value is None else repr(value)[:60]
