"""A whole AnnData hierarchy: its parts, and that all of them have the length of obs or var.

Source: https://anndata.readthedocs.io/en/latest/fileformat-prose.html#anndata-specification-v0-1-0
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from vitrina.checks.formats.annotated.element import Scope, check_child
from vitrina.checks.formats.annotated.encodings import DENSE, SPARSE
from vitrina.checks.formats.annotated.shapes import find_shape
from vitrina.checks.formats.codes import build_finding
from vitrina.checks.formats.collect import keep_going
from vitrina.checks.formats.nodes.node import BrokenNodeError, join

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.checks.formats.nodes.node import Node
    from vitrina.model.finding import Finding

GROUPS: Final = {
    "layers": ("obs", "var"), "obsm": ("obs",), "varm": ("var",), "obsp": ("obs", "obs"), "varp": ("var", "var"),
}  # fmt: skip
"""Which axes the entries of each group lie along."""

_MATRICES: Final = (*DENSE, *SPARSE, "null")
_ENTRIES: Final = (*DENSE, *SPARSE, "dataframe", "awkward-array", "null")

_OLD_FIX: Final = "Read the dataset with anndata and write it again."


def check_dataset(root: Node, *, is_metadata_only: bool, own_groups: tuple[str, ...] = ()) -> Iterator[Finding]:
    """What is wrong with an AnnData hierarchy.

    Args:
        root: Its group.
        is_metadata_only: Whether values are left unread.
        own_groups: Further groups that lie in the same place and are checked elsewhere.
    """
    yield from keep_going(root.path, _check_dataset(root, is_metadata_only=is_metadata_only, own_groups=own_groups))


def is_legacy(root: Node) -> bool:
    """Whether a hierarchy was written before elements said their encoding, which was 2021."""
    return "encoding-type" not in root.attrs


def find_length(root: Node, axis: str) -> int | None:
    """The number of rows of obs or var, None where that cannot be told."""
    try:
        frame = root.find(axis)
        shape = None if frame is None else find_shape(frame)
        if shape is None and frame is not None and frame.is_group:
            index = frame.find(str(frame.attrs.get("_index", "_index")))
            shape = None if index is None else find_shape(index)
    except BrokenNodeError:
        return None
    return shape[0] if shape else None


def _check_dataset(root: Node, *, is_metadata_only: bool, own_groups: tuple[str, ...]) -> Iterator[Finding]:
    scope = Scope(is_metadata_only=is_metadata_only, is_legacy=is_legacy(root))
    if scope.is_legacy:
        message = f"{root.path or 'The file'} was written before AnnData 0.8, when files did not say their encoding."
        yield build_finding("anndata-old", f"{root.path}#/encoding-type", message, fix=_OLD_FIX)
    for axis in ("obs", "var"):
        yield from keep_going(join(root.path, axis), _check_axis(root, axis, scope))
    names = root.list_names()
    for name in names:
        if name not in own_groups:
            yield from check_child(root, name, scope)
    lengths = {axis: find_length(root, axis) for axis in ("obs", "var")}
    yield from keep_going(join(root.path, "X"), _check_entry(root, "X", ("obs", "var"), lengths, _MATRICES))
    for name, axes in GROUPS.items():
        if name in names:
            yield from keep_going(join(root.path, name), _check_group(root, name, axes, lengths))
    yield from keep_going(join(root.path, "raw"), _check_raw(root, lengths["obs"]))


def _check_axis(root: Node, axis: str, scope: Scope) -> Iterator[Finding]:
    frame = root.find(axis)
    if frame is None:
        message = f"{root.path or 'The dataset'} has no {axis}, which every AnnData must have."
        yield build_finding("anndata-incomplete", f"{root.path}#/{axis}", message)
    elif not scope.is_legacy and frame.attrs.get("encoding-type") not in ("dataframe", None):
        message = f"{frame.path} must be a data frame, but it is a {str(frame.attrs['encoding-type'])[:60]!r}."
        yield build_finding("entry-kind", f"{frame.path}#/encoding-type", message)


def _check_group(root: Node, name: str, axes: tuple[str, ...], lengths: dict[str, int | None]) -> Iterator[Finding]:
    group = root.find(name)
    if group is None or (not group.is_group and group.dtype == "compound"):
        return  # compound datasets held obsm before 2020
    if not group.is_group:
        if group.attrs.get("encoding-type") != "null":
            message = f"{group.path} must be a group of arrays, but it is an array."
            yield build_finding("entry-kind", f"{group.path}#", message)
        return
    allowed = _MATRICES if len(axes) > 1 else _ENTRIES
    for entry in group.list_names():
        yield from keep_going(join(group.path, entry), _check_entry(group, entry, axes, lengths, allowed))


def _check_entry(
    group: Node, name: str, axes: tuple[str, ...], lengths: dict[str, int | None], allowed: tuple[str, ...]
) -> Iterator[Finding]:
    try:
        node = group.find(name)
        shape = None if node is None else find_shape(node)
    except BrokenNodeError:
        return  # told where the element itself is checked
    if node is None:
        return
    encoding = node.attrs.get("encoding-type")
    if encoding == "null":
        return
    if isinstance(encoding, str) and encoding not in allowed:
        message = f"{node.path} is a {encoding[:60]!r}, but it must be one of {', '.join(allowed)}."
        yield build_finding("entry-kind", f"{node.path}#/encoding-type", message)
        return
    if shape is None or (encoding in SPARSE and len(shape) != 2):
        return  # told where the element itself is checked
    if len(shape) < len(axes) or (name == "X" and len(shape) != len(axes)):
        message = f"{node.path} lies along {' and '.join(axes)}, but it has the shape {shape}."
        yield build_finding("entry-axes", f"{node.path}#", message)
        return
    for position, (axis, size) in enumerate(zip(axes, shape, strict=False)):
        length = lengths[axis]
        if length is not None and size != length:
            yield _build_length(node, axis, size, length, position)


def _build_length(node: Node, axis: str, size: int, length: int, position: int) -> Finding:
    what = "rows" if position == 0 else "columns"
    message = f"{node.path} has {size:,} {what}, but {axis} has {length:,} rows; they must be equal."
    fix = f"Remove {node.path}, or write it anew from the data that {axis} describes."
    return build_finding(f"{axis}-length-differs", f"{node.path}#", message, fix=fix)


def _check_raw(root: Node, n_obs: int | None) -> Iterator[Finding]:
    """``raw`` has the observations of the dataset, and variables of its own."""
    raw = root.find("raw")
    if raw is None or not raw.is_group:
        return
    lengths = {"obs": n_obs, "var": find_length(raw, "var")}
    for name in ("X", "var"):
        if raw.find(name) is None and raw.attrs.get("encoding-type") == "raw":
            message = f"{raw.path} has no {name}, which every raw must have."
            yield build_finding("raw-incomplete", f"{raw.path}#/{name}", message)
    yield from _check_entry(raw, "X", ("obs", "var"), lengths, _MATRICES)
    if "varm" in raw.list_names():
        yield from _check_group(raw, "varm", ("var",), lengths)
