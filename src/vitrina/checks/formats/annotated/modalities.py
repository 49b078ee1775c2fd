"""The modalities of a MuData: each an AnnData, and which of its rows are which of the whole.

Source: https://mudata.readthedocs.io/en/latest/io/spec.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.checks.formats.annotated.dataset import check_dataset, find_length
from vitrina.checks.formats.annotated.names import MAX_NAMES, read_names
from vitrina.checks.formats.annotated.shapes import find_shape, find_values
from vitrina.checks.formats.codes import build_finding
from vitrina.checks.formats.collect import keep_going, shorten
from vitrina.checks.formats.nodes.node import BrokenNodeError, count_blocks, is_integer, join, read_blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from vitrina.checks.formats.nodes.node import Node
    from vitrina.model.finding import Finding


def check_modalities(root: Node, *, is_metadata_only: bool) -> Iterator[Finding]:
    """Each modality, the order of them, and the maps between their rows and those of the whole."""
    modalities = root.find("mod")
    if modalities is None or not modalities.is_group:
        message = "The dataset has no group mod, which holds the modalities of every MuData."
        yield build_finding("mudata-incomplete", "#/mod", message)
        return
    names = modalities.list_names()
    yield from _check_order(modalities, names)
    for name in names:
        yield from keep_going(join("mod", name), _check_modality(modalities, name, is_metadata_only=is_metadata_only))
    for axis in ("obs", "var"):
        yield from keep_going(f"{axis}map", _check_maps(root, axis, names, is_deep=not is_metadata_only))


def _check_order(modalities: Node, names: list[str]) -> Iterator[Finding]:
    order = modalities.attrs.get("mod-order")
    if order is not None and (not isinstance(order, list) or sorted(map(str, order)) != names):
        message = (
            f"mod-order names {shorten(order if isinstance(order, list) else [order])}, but mod holds {shorten(names)}."
        )
        yield build_finding("modality-order", "mod#/mod-order", message)


def _check_modality(modalities: Node, name: str, *, is_metadata_only: bool) -> Iterator[Finding]:
    modality = modalities.find(name)
    if modality is None:
        return
    encoding = modality.attrs.get("encoding-type")
    if encoding not in ("anndata", None) or not modality.is_group:
        found = "an array" if not modality.is_group else f"a {str(encoding)[:60]!r}"
        message = f"{modality.path} is a modality and must be an AnnData, but it is {found}."
        yield build_finding("modality-kind", f"{modality.path}#/encoding-type", message)
        if encoding != "MuData":
            return
    yield from check_dataset(modality, is_metadata_only=is_metadata_only)


def _check_maps(root: Node, axis: str, names: list[str], *, is_deep: bool) -> Iterator[Finding]:
    maps = root.find(f"{axis}map")
    if maps is None:
        message = f"The dataset has no {axis}map, which says which rows of {axis} are which of each modality."
        yield build_finding("modality-map-missing", f"#/{axis}map", message, fix="Write it again with mudata.")
        return
    length = find_length(root, axis)
    for name in names:
        node = maps.find(name)
        modality = root.find("mod")
        modality = None if modality is None else modality.find(name)
        if node is None:
            message = f"{axis}map has no entry for the modality {name!r}."
            yield build_finding("modality-map-missing", f"{axis}map#/{name}", message)
        elif modality is not None:
            yield from keep_going(node.path, _check_map(root, modality, node, axis, length, is_deep=is_deep))
    for name in sorted(set(maps.list_names()) - set(names)):
        message = f"{axis}map has an entry for {name!r}, which is no modality."
        yield build_finding("modality-map-unknown", f"{axis}map#/{name}", message)


def _check_map(
    root: Node, modality: Node, node: Node, axis: str, length: int | None, *, is_deep: bool
) -> Iterator[Finding]:
    shape = find_shape(node)
    if node.is_group or shape is None or not is_integer(node.dtype) or not 0 < len(shape) <= 2:
        message = f"{node.path} must be a list of whole numbers, but it is {_describe(node, shape)}."
        yield build_finding("modality-map-dtype", f"{node.path}#", message)
        return
    if length is not None and shape[0] != length:
        message = f"{node.path} has {shape[0]:,} rows, but {axis} has {length:,} rows; they must be equal."
        yield build_finding(f"{axis}-length-differs", f"{node.path}#", message)
        return
    n_own = find_length(modality, axis)
    if is_deep and n_own is not None and len(shape) == 1 and shape[0] <= MAX_NAMES:
        yield from _check_positions(root, modality, node, axis, n_own)


def _check_positions(root: Node, modality: Node, node: Node, axis: str, n_own: int) -> Iterator[Finding]:
    """Positions count from 1, 0 is for rows that the modality does not have; each of its rows occurs once."""
    import numpy as np

    if not count_blocks(node):
        positions: npt.NDArray[Any] = np.zeros(0, dtype=np.int64)
    else:
        positions = np.concatenate([block for _, block in read_blocks(node)]).astype(np.int64)
    outside = (positions < 0) | (positions > n_own)
    if outside.any():
        at = int(outside.argmax())
        message = (
            f"{node.path} is {positions[at]} in row {at:,}, but {modality.path} has {n_own:,} rows in {axis}: "
            "positions count from 1, and 0 is for none."
        )
        yield build_finding("modality-map-out-of-range", f"{node.path}#", message)
        return
    used = positions[positions > 0]
    n_used = len(np.unique(used))
    if n_used < len(used):
        message = f"{node.path} says {len(used) - n_used:,} times a row of {modality.path} that it has said before."
        yield build_finding("modality-map-repeated", f"{node.path}#", message)
    elif n_used < n_own:
        message = (
            f"{axis} has {n_used:,} of the {n_own:,} rows of {join(modality.path, axis)}; it must have all rows of all "
            "modalities."
        )
        yield build_finding(f"modality-{axis}-differs", f"{axis}#", message, fix="Call update() and write it again.")
    else:
        yield from _check_names(root, modality, node, axis, positions)


def _check_names(root: Node, modality: Node, node: Node, axis: str, positions: npt.NDArray[Any]) -> Iterator[Finding]:
    import numpy as np

    whole, own = _read_index(root, axis), _read_index(modality, axis)
    if whole is None or own is None or len(whole) != len(positions):
        return
    rows = np.flatnonzero(positions > 0)
    differing = np.flatnonzero(whole[rows] != own[positions[rows] - 1])
    if differing.size:
        row = int(rows[differing[0]])
        message = (
            f"Row {row:,} of {axis} is {whole[row]!r}, but {node.path} says it is "
            f"{own[positions[row] - 1]!r} of {modality.path}; {differing.size:,} rows differ in name."
        )
        yield build_finding("modality-names-differ", f"{node.path}#", message)


def _read_index(root: Node, axis: str) -> npt.NDArray[Any] | None:
    """Row names, None where they cannot be read, which is told elsewhere."""
    import numpy as np

    try:
        frame = root.find(axis)
        index = None if frame is None else frame.find(str(frame.attrs.get("_index", "_index")))
        index = None if index is None else find_values(index)
        if index is None or index.shape[0] > MAX_NAMES:
            return None
        return np.asarray([name for names in read_names(index) for name in names], dtype=object)
    except BrokenNodeError:
        return None


def _describe(node: Node, shape: tuple[int, ...] | None) -> str:
    return "a group" if node.is_group else f"{node.dtype} of the shape {shape}"
