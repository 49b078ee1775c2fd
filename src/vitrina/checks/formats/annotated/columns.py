"""Columns that are groups: categorical ones, and those with missing values.

Source: https://anndata.readthedocs.io/en/latest/fileformat-prose.html#categorical-arrays and
#nullable-integers-and-booleans
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from vitrina.checks.formats.annotated.names import find_repeated
from vitrina.checks.formats.annotated.shapes import find_values
from vitrina.checks.formats.codes import build_finding
from vitrina.checks.formats.collect import shorten
from vitrina.checks.formats.nodes.node import is_integer, read_blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.checks.formats.nodes.node import Node
    from vitrina.model.finding import Finding

_NULLABLE_DTYPES: Final = {"nullable-boolean": "bool", "nullable-string-array": "string"}


def check_categorical(node: Node, *, is_deep: bool) -> Iterator[Finding]:
    """Codes are whole numbers that say which category, -1 for none; categories are there and differ."""
    codes, categories = node.find("codes"), node.find("categories")
    for name, part in (("codes", codes), ("categories", categories)):
        if part is None:
            message = f"{node.path} is categorical, but it has no {name!r}."
            yield build_finding("categorical-incomplete", f"{node.path}#/{name}", message)
    ordered = node.attrs.get("ordered")
    if not isinstance(ordered, bool) and ordered not in (0, 1):
        message = f"{node.path} is categorical, and must say whether it is ordered; it says {ordered!r}."
        yield build_finding("categorical-ordered", f"{node.path}#/ordered", message, fix="Set it to true or false.")
    if codes is None or categories is None:
        return
    if codes.is_group or not is_integer(codes.dtype) or len(codes.shape) != 1:
        found = "a group" if codes.is_group else f"{codes.dtype} of the shape {codes.shape}"
        message = f"{codes.path} must be a list of whole numbers, but it is {found}."
        yield build_finding("codes-dtype", f"{codes.path}#", message)
        return
    values = find_values(categories)
    if values is None:
        message = f"{categories.path} must be a list of categories, one each."
        yield build_finding("categorical-incomplete", f"{node.path}#/categories", message)
    elif is_deep:
        yield from _check_codes(codes, values.shape[0])
        yield from _check_categories(values)


def check_old_categories(frame: Node) -> Iterator[Finding]:
    """The codes of columns whose categories lie beside them in ``__categories``, as in 2020."""
    group = frame.find("__categories")
    for name in [] if group is None else group.list_names():
        codes, categories = frame.find(name), None if group is None else group.find(name)
        values = None if categories is None else find_values(categories)
        if codes is not None and values is not None and is_integer(codes.dtype) and len(codes.shape) == 1:
            yield from _check_codes(codes, values.shape[0])


def _check_codes(codes: Node, n_categories: int) -> Iterator[Finding]:
    n_wrong, first = 0, ""
    for start, block in read_blocks(codes):
        wrong = (block < -1) | (block >= n_categories)
        if wrong.any():
            at = int(wrong.argmax())
            first = first or f"{block[at]} in row {start + at:,}"
            n_wrong += int(wrong.sum())
    if n_wrong:
        message = (
            f"{n_wrong:,} codes of {codes.path} say no category, such as {first}; there are {n_categories:,} "
            "categories, so codes go from -1 (missing) to " + f"{n_categories - 1:,}."
        )
        yield build_finding("codes-out-of-range", f"{codes.path}#", message)


def _check_categories(categories: Node) -> Iterator[Finding]:
    repeated = find_repeated(categories)
    if repeated:
        message = f"Categories of {categories.path} repeat: {shorten(repeated)}; they must differ."
        yield build_finding("categories-repeated", f"{categories.path}#", message)


def check_nullable(node: Node, encoding: str) -> Iterator[Finding]:
    """Values and a mask of the same shape; the mask is true where a value is missing."""
    values, mask = node.find("values"), node.find("mask")
    for name, part in (("values", values), ("mask", mask)):
        if part is None or part.is_group:
            message = f"{node.path} is a {encoding}, but it has no array {name!r}."
            yield build_finding("nullable-incomplete", f"{node.path}#/{name}", message)
    if values is None or mask is None or values.is_group or mask.is_group:
        return
    if mask.dtype != "bool":
        message = f"{mask.path} says which values are missing and must be bool, but it is {mask.dtype}."
        yield build_finding("nullable-mask", f"{mask.path}#", message)
    if mask.shape != values.shape:
        message = f"{mask.path} has the shape {mask.shape}, but {values.path} has {values.shape}; they must be equal."
        yield build_finding("nullable-mask", f"{mask.path}#", message)
    if not _fits(encoding, values.dtype):
        message = f"{values.path} is {values.dtype}, which does not fit the encoding-type {encoding!r} of its column."
        yield build_finding("nullable-dtype", f"{values.path}#", message)


def _fits(encoding: str, dtype: str) -> bool:
    expected: Any = _NULLABLE_DTYPES.get(encoding)
    return is_integer(dtype) if expected is None else dtype in {expected, "object"}
