"""Whatever lies in ``uns`` to Zarr, as far as Zarr has a place for it; what is lost or changed is told.

Source: https://anndata.readthedocs.io/en/stable/fileformat-prose.html#mappings
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from vitrina.convert.anndata.frame import write_column, write_frame
from vitrina.model.finding import Finding
from vitrina.readers.flat_frames import flatten_column
from vitrina.readers.zarr_names import make_names_safe, tell_renamed

if TYPE_CHECKING:
    from collections.abc import Iterator

    import zarr

MAX_DEPTH = 50

_DICT = {"encoding-type": "dict", "encoding-version": "0.1.0"}


def write_mapping(group: zarr.Group, name: str, values: Mapping[Any, Any], path: str) -> Iterator[Finding]:
    """Write a mapping and all that is in it.

    Args:
        group: Where it goes.
        name: Of the mapping in the group.
        values: The data.
        path: Of the mapping in the whole, for findings.
    """
    node = group.create_group(name)
    node.attrs.update(_DICT)
    if path.count("/") >= MAX_DEPTH:
        yield _tell_dropped(path, f"it lies more than {MAX_DEPTH} levels deep")
        return
    names = make_names_safe(values)
    yield from tell_renamed(values, names, path)
    for key, value in zip(names, values.values(), strict=True):
        yield from _write_value(node, key, value, f"{path}/{key}")


def _write_value(group: zarr.Group, name: str, value: Any, path: str) -> Iterator[Finding]:
    if isinstance(value, Mapping):
        yield from write_mapping(group, name, value, path)
    elif isinstance(value, pd.DataFrame):
        yield from write_frame(group, name, value, path)
    elif isinstance(value, pd.Series | pd.Index | pd.Categorical | pd.api.extensions.ExtensionArray):
        flat = flatten_column(pd.Series(value))
        if isinstance(value, pd.Series) or flat.change is not None:
            yield _tell_changed(path, flat.change or "is written without its index")
        write_column(group, name, flat.values)
    elif isinstance(value, list | tuple | set | frozenset):
        yield from _write_list(group, name, list(value), path, is_list=isinstance(value, list))
    elif isinstance(value, np.ndarray):
        yield from _write_array(group, name, value, path)
    else:
        yield from _write_scalar(group, name, value, path)


def _write_scalar(group: zarr.Group, name: str, value: Any, path: str) -> Iterator[Finding]:
    if isinstance(value, np.generic):
        value = str(value) if value.dtype.kind in "mM" else value.item()
    if isinstance(value, int) and not isinstance(value, bool) and not -(2**63) <= value < 2**63:
        value = str(value)
        yield _tell_changed(path, "is a whole number of more than 64 bits and is written as text")
    if isinstance(value, dt.date | dt.time | dt.timedelta | bytes):
        value = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
        yield _tell_changed(path, "is written as text")
    yield from _try_write(group, name, value, path)


def _write_list(group: zarr.Group, name: str, values: list[Any], path: str, *, is_list: bool) -> Iterator[Finding]:
    """Values of one kind as an array, all others as the text of a JSON list."""
    kinds = {type(value.item() if isinstance(value, np.generic) else value) for value in values}
    if kinds <= {bool} or kinds <= {int, float} or kinds <= {str}:
        if not is_list:
            yield _tell_changed(path, "was a tuple or set and is written as a list")
        array = np.asarray(values, dtype=object if kinds == {str} else None)
        yield from _write_array(group, name, array, path)
        return
    try:
        text = json.dumps(values, default=_simplify)
    except (TypeError, ValueError, RecursionError):
        yield _tell_dropped(path, "a list of Python objects has no place in Zarr")
        return
    yield _tell_changed(path, "is a list of values of several kinds and is written as the text of a JSON list")
    yield from _try_write(group, name, text, path)


def _write_array(group: zarr.Group, name: str, values: np.ndarray[Any, Any], path: str) -> Iterator[Finding]:
    if isinstance(values, np.ma.MaskedArray):
        yield _tell_changed(path, "is written without its mask, with the values below that")
        values = np.asarray(values.filled())
    kind = values.dtype.kind
    if kind in "mM" or (kind == "O" and not all(isinstance(one, str) for one in values.ravel())):
        if kind != "O" or not all(isinstance(one, str | bytes) for one in values.ravel()):
            yield _tell_changed(path, "is written as text")
        texts = [one.decode("utf-8", "replace") if isinstance(one, bytes) else str(one) for one in values.ravel()]
        values = np.asarray(texts, dtype=object).reshape(values.shape)
    elif kind == "S":
        values = np.char.decode(values, "utf-8", "replace").astype(object)
    elif kind == "O" and values.size == 0:
        values = values.astype(np.float64)
    yield from _try_write(group, name, values, path)


def _try_write(group: zarr.Group, name: str, value: Any, path: str) -> Iterator[Finding]:
    from anndata.io import write_elem

    sizes: dict[str, Any] = {}
    if isinstance(value, np.ndarray) and value.ndim:
        sizes = {"chunks": tuple(max(size, 1) for size in value.shape)}
    try:
        write_elem(group, name, value, dataset_kwargs=sizes)
    except Exception as err:  # noqa: BLE001 each kind of object fails in its own way
        if name in group:
            del group[name]
        reason = str(err).strip().split("\n", 1)[0].rstrip(".") or type(err).__name__
        yield _tell_dropped(path, f"{type(value).__name__} has no place in Zarr ({reason})")


def _simplify(value: Any) -> Any:
    """Values of NumPy for JSON."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is no JSON")


def _tell_changed(path: str, how: str) -> Finding:
    return Finding(code="uns-changed", severity="info", path=f"{path}#", message=f"{path} {how}.")


def _tell_dropped(path: str, why: str) -> Finding:
    return Finding(
        code="uns-dropped",
        severity="warning",
        path=f"{path}#",
        message=f"{path} is not written: {why}.",
        fix="Keep it elsewhere, or as text, numbers or arrays.",
    )
