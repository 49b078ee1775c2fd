"""Dtypes as Python objects: ``float``, ``vt.Tissue``, ``vt.Tissue.ontology_id``, ``[vt.Tissue, vt.CellType]``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin

from vitrina.errors import InputError
from vitrina.model.dtype import CATEGORY, RegistryField, parse_dtype
from vitrina.model.registry import REGISTRIES

_KINDS: dict[Any, str] = {
    str: "str",
    int: "int",
    float: "float",
    bool: "bool",
    dict: "dict",
    date: "date",
    datetime: "datetime",
    Path: "path",
    object: "object",
}


def build_dtype(dtype: object) -> str:
    """The canonical text of a dtype given as text, a Python type, a registry, its field, or a list of those.

    Raises:
        InputError: It is no dtype.
    """
    return str(parse_dtype(_build_text(dtype)))


def build_registry_field(itype: object) -> str:
    """The text of what a schema's names are: ``"Gene.symbol"``, ``vt.Gene``, ``vt.Gene.symbol``, ``vt.Feature``.

    Raises:
        InputError: It is neither a registry nor a field of one.
    """
    if isinstance(itype, str):
        return itype
    if isinstance(itype, type) and itype.__name__ == "Feature":
        return "Feature"
    return _build_field(itype)


def _build_text(dtype: object) -> str:
    if isinstance(dtype, str):
        return dtype
    if isinstance(dtype, type) and dtype in _KINDS:
        return _KINDS[dtype]
    if get_origin(dtype) is list:
        (inner,) = get_args(dtype)
        return f"list[{_build_text(inner)}]"
    if isinstance(dtype, UnionType):
        return _build_union(get_args(dtype))
    if isinstance(dtype, Sequence):
        return _build_union(dtype)
    return _build_union([dtype])


def _build_union(parts: Sequence[object]) -> str:
    return f"{CATEGORY}[{'|'.join(map(_build_field, parts))}]"


def _build_field(part: object) -> str:
    if isinstance(part, RegistryField):
        return str(part)
    if isinstance(part, type) and part.__name__ in REGISTRIES:
        return part.__name__
    raise InputError(
        "dtype-unknown",
        f"{part!r} is not a dtype.",
        hint="Give a Python type such as float, a registry such as vt.Tissue, a field such as vt.Tissue.ontology_id, "
        'or text such as "cat[Tissue]".',
    )
