"""The rows of a table against the instances of the elements that they annotate.

Source: https://spatialdata.scverse.org/en/stable/design_doc.html#table-table-of-annotations-for-regions
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from vitrina.checks.formats.annotated.names import MAX_NAMES
from vitrina.checks.formats.annotated.shapes import find_values
from vitrina.checks.formats.codes import build_finding
from vitrina.checks.formats.collect import shorten
from vitrina.checks.formats.nodes.node import BLOCK_VALUES, check_chunk, is_integer
from vitrina.checks.formats.parquet.parts import count_rows, open_parts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy.typing as npt

    from vitrina.checks.formats.elements.links import Link
    from vitrina.checks.formats.nodes.node import Node
    from vitrina.checks.formats.parquet.parts import Part
    from vitrina.model.finding import Finding
    from vitrina.readers.zarr_tree import ZarrTree

MAX_INSTANCES: Final = 5_000_000
"""Ids of larger elements and tables are not compared."""


def check_columns(table: Node, link: Link, path: str) -> Iterator[Finding]:
    """Whether obs has the columns that the link names, of types that can hold names and ids."""
    obs = table.find("obs")
    if obs is None:
        return
    for code, name in (("region-key-missing", link.region_key), ("instance-key-missing", link.instance_key)):
        if obs.find(name) is None:
            key = code.removesuffix("-missing").replace("-", "_")
            message = f"The {key} of {path} is {name[:60]!r}, which is no column of its obs."
            yield build_finding(code, f"{path}#/{key}", message)
    column = obs.find(link.instance_key)
    if column is not None and not column.is_group and not (is_integer(column.dtype) or column.dtype == "string"):
        message = f"The ids in {column.path} must be whole numbers or text, but they are {column.dtype}."
        yield build_finding("instance-key-dtype", f"{column.path}#", message)


def check_instances(
    tree: ZarrTree, table: Node, link: Link, elements: Mapping[str, str], path: str
) -> Iterator[Finding]:
    """Whether region names are those of the link, no instance has two rows, and shapes have the ids of the rows."""
    obs = table.find("obs")
    region = None if obs is None else read_column(obs, link.region_key)
    ids = None if obs is None else read_column(obs, link.instance_key)
    if region is None:
        return
    stored = {str(name) for name in set(region.tolist())}
    if stored != set(link.regions) and len(region):
        message = (
            f"{path} has rows for {shorten(sorted(stored)) or 'nothing'} in obs/{link.region_key}, but its region is "
            f"{shorten(link.regions)}; they must be the same."
        )
        yield build_finding("region-differs", f"{path}/obs/{link.region_key}#", message)
    if ids is None or len(ids) != len(region):
        return
    for name in link.regions:
        own = ids[region == name]
        yield from _check_repeated(own, name, path)
        if elements.get(name) == "shapes":
            yield from _check_shapes(tree, own, name, path)


def read_column(frame: Node, name: str) -> npt.NDArray[Any] | None:
    """The values of a column, of a categorical one its categories; None where it is absent, odd, or too long."""
    import numpy as np

    column = frame.find(name)
    if column is None:
        return None
    if not column.is_group or column.find("values") is not None:
        return _read_all(column)
    codes, categories = column.find("codes"), column.find("categories")
    if codes is None or categories is None:
        return None
    code_values, names = _read_all(codes), _read_all(categories)
    if code_values is None or names is None or code_values.dtype.kind not in "iu":
        return None
    if len(code_values) and not -1 <= int(code_values.min()) <= int(code_values.max()) < len(names):
        return None
    values = np.empty(len(names) + 1, dtype=object)  # the last, None, is what the code -1 says
    values[:-1] = names
    taken: npt.NDArray[Any] = values[code_values]
    return taken


def _read_all(node: Node) -> npt.NDArray[Any] | None:
    import numpy as np

    values = find_values(node)
    if values is None or values.shape[0] > MAX_NAMES:
        return None
    check_chunk(values)
    n_values = values.shape[0]
    blocks = [values.read(i, min(i + BLOCK_VALUES, n_values)) for i in range(0, n_values, BLOCK_VALUES)]
    return np.concatenate(blocks) if blocks else np.zeros(0, dtype=object)


def _check_repeated(ids: npt.NDArray[Any], name: str, path: str) -> Iterator[Finding]:
    counts = Counter(ids.tolist()) if len(ids) <= MAX_INSTANCES else Counter[Any]()
    repeated = [one for one, count in counts.items() if count > 1]
    if repeated:
        message = f"{path} has several rows for the same instance of {name!r}: {shorten(repeated)}."
        yield build_finding("instance-repeated", f"{path}#", message)


def _check_shapes(tree: ZarrTree, ids: npt.NDArray[Any], name: str, path: str) -> Iterator[Finding]:
    with open_parts(tree.tree, f"shapes/{name}/shapes.parquet") as (parts, findings):
        if findings or not parts or max(count_rows(parts), len(ids)) > MAX_INSTANCES:
            return
        known = _read_index(parts)
    if known is None:
        return
    missing = sorted({one for one in ids.tolist() if one not in known}, key=str)
    if missing:
        message = f"{path} has {len(missing):,} ids that shapes/{name} does not have: {shorten(missing)}."
        fix = "Remove these rows, or write the shapes that they are about."
        yield build_finding("instance-missing", f"{path}#", message, fix=fix)


def _read_index(parts: list[Part]) -> set[Any] | None:
    """The row names that pandas has stored; None where it did not."""
    known: set[Any] = set()
    for part in parts:
        columns = (part.file.schema_arrow.pandas_metadata or {}).get("index_columns")
        if not isinstance(columns, list) or len(columns) != 1:
            return None
        index = columns[0]
        if isinstance(index, dict):
            known |= set(range(int(index["start"]), int(index["stop"]), int(index["step"])))
        else:
            known |= set(part.file.read(columns=[index]).column(0).to_pylist())
    return known
