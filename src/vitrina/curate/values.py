"""Whether the values under a name have the data type of their feature, and are there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from vitrina.curate.codes import build_finding
from vitrina.curate.data.matrix import count_not_finite
from vitrina.curate.factors import is_missing, list_distinct, read_column
from vitrina.curate.slots import build_path
from vitrina.model.dtype_value import check_value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vitrina.curate.part import Part
    from vitrina.model.dtype import Dtype
    from vitrina.model.feature import Feature
    from vitrina.model.finding import Finding

MAX_TOLD: Final = 20
"""Values of one column that get a finding each; the rest are counted."""

_TEXT_KINDS = ("str", "date", "datetime", "url", "path")
_INFERRED: Final = {
    "int": ("integer",),
    "float": ("floating",),
    "num": ("integer", "floating", "mixed-integer-float", "decimal"),
    "bool": ("boolean",),
}
"""What pandas says of objects that are values of a kind, by ``infer_dtype``."""


def check_values(part: Part, name: str, feature: Feature, dtype: Dtype, *, coerce: bool) -> list[Finding]:
    """What is wrong with the data type of values that are no terms, and where values are missing.

    Args:
        part: That has the name.
        name: Of a column, key or array.
        feature: What the values should be.
        dtype: That of the feature.
        coerce: Whether values of another type that mean the same are taken.
    """
    path = build_path(part.slot, name)
    if part.is_record:
        return _check_single(part.get(name), feature, dtype, path, coerce=coerce)
    values = part.get(name)
    if dtype.is_list:
        return _check_lists(values, feature, dtype, path, coerce=coerce)
    findings = [] if has_missing(values) is False else check_missing(part, name, feature)
    if dtype.kind in ("dict", "object"):
        return findings
    return findings + _check_column(values, dtype, path, coerce=coerce)


def check_missing(part: Part, name: str, feature: Feature) -> list[Finding]:
    """Missing values, where the feature allows none and has no default for them."""
    if feature.is_nullable or feature.default is not None:
        return []
    column = read_column(part.get(name))
    n_missing = _count_missing(column)
    if not n_missing:
        return []
    message = f"{n_missing:,} of {column.size:,} values of {name!r} in {_tell(part)} are missing; it must have all."
    return [build_finding("value-missing", build_path(part.slot, name), message, fix="Fill them in.")]


def has_missing(values: Any) -> bool | None:
    """Whether values are missing, where the type of the array says so; None where one has to look."""
    kind = getattr(getattr(values, "dtype", None), "kind", None)
    return False if kind in ("i", "u", "b") and hasattr(values.dtype, "byteorder") else None


def tell_more(n_told: int, n_all: int) -> str:
    """What is said of values beyond those told one by one."""
    return f" {n_all - n_told:,} more values are wrong in the same way." if n_all > n_told else ""


def _count_missing(column: Any) -> int:
    """Missing values of a column; of an array of several dimensions also those that are infinite."""
    import pandas as pd

    if getattr(column, "ndim", 1) > 1:
        return count_not_finite(column)
    return int(pd.isna(column).sum())


def _check_single(value: Any, feature: Feature, dtype: Dtype, path: str, *, coerce: bool) -> list[Finding]:
    if is_missing(value):
        if feature.is_nullable or feature.default is not None:
            return []
        return [build_finding("value-missing", path, f"{feature.name!r} has no value; it must have one.")]
    return [
        build_finding("value-mismatch", found.path, f"{feature.name!r}: {found.message}", fix=found.fix)
        for found in check_value(dtype, to_python(value), path=path, coerce=coerce)
    ]


def to_python(value: Any) -> Any:
    """Arrays, Series and scalars of NumPy as what Python has for them."""
    return value.tolist() if hasattr(value, "tolist") else value


def _check_lists(values: Any, feature: Feature, dtype: Dtype, path: str, *, coerce: bool) -> list[Finding]:
    findings: list[Finding] = []
    n_wrong = 0
    for i, value in enumerate(values):
        if is_missing(value) and (feature.is_nullable or feature.default is not None):
            continue
        found = check_value(dtype, to_python(value), path=path, coerce=coerce)
        n_wrong += bool(found)
        if found and len(findings) < MAX_TOLD:
            findings.append(build_finding("value-mismatch", path, f"Row {i} of {feature.name!r}: {found[0].message}"))
    return _add_rest(findings, n_wrong)


def _check_column(values: Any, dtype: Dtype, path: str, *, coerce: bool) -> list[Finding]:
    import pandas as pd

    column = read_column(values)
    if isinstance(column, pd.Categorical):
        column = column.categories.array
    if has_kind(column, dtype.kind):
        return []
    if dtype.kind in _TEXT_KINDS or coerce:
        wrong = _list_wrong(column, dtype, coerce=coerce)
        if wrong is not None:
            return _tell_wrong(wrong, dtype, path)
    message = f"The values have dtype {values.dtype}; the feature asks for {dtype}."
    return [build_finding("dtype-differs", path, message, fix=_suggest_conversion(column, dtype))]


def has_kind(column: Any, kind: str) -> bool:
    """Whether an array holds values of a kind by its type; objects are looked at."""
    import pandas as pd

    types = pd.api.types
    dtype = column.dtype
    if types.is_object_dtype(dtype):
        inferred = types.infer_dtype(column, skipna=True)
        if kind == "str":
            return inferred in ("string", "empty")
        return inferred in ((kind, "empty") if kind in ("date", "datetime") else ("empty", *_INFERRED.get(kind, ())))
    if kind == "num":
        return bool(types.is_numeric_dtype(dtype) and not types.is_bool_dtype(dtype))
    if kind in ("date", "datetime"):
        return bool(types.is_datetime64_any_dtype(dtype))
    tests = {"int": types.is_integer_dtype, "float": types.is_float_dtype, "bool": types.is_bool_dtype}
    return bool(tests[kind](dtype)) if kind in tests else kind == "str" and bool(types.is_string_dtype(dtype))


def _list_wrong(column: Any, dtype: Dtype, *, coerce: bool) -> list[Any] | None:
    """The distinct values that are not of the dtype; None when none is, so that the type as a whole is wrong."""
    values = list_distinct(column).uniques
    wrong = [value for value in values if check_value(dtype, value, coerce=coerce)]
    return None if wrong and len(wrong) == len(values) and dtype.kind not in ("date", "datetime", "url") else wrong


def _tell_wrong(wrong: list[Any], dtype: Dtype, path: str) -> list[Finding]:
    findings = [
        build_finding("value-mismatch", path, f"{value!r} ({type(value).__name__}) is not of dtype {dtype}.")
        for value in sorted(wrong, key=str)[:MAX_TOLD]
    ]
    return _add_rest(findings, len(wrong))


def _add_rest(findings: list[Finding], n_all: int) -> list[Finding]:
    if n_all > len(findings):
        last = findings[-1]
        more = tell_more(len(findings), n_all)
        findings[-1] = build_finding(last.code, last.path, last.message + more, fix=last.fix, severity=last.severity)
    return findings


def _suggest_conversion(column: Any, dtype: Dtype) -> str:
    import pandas as pd

    if dtype.kind in ("int", "float", "num") and column.dtype != object and pd.api.types.is_numeric_dtype(column.dtype):
        return f"Convert the column to {dtype.kind}, or make the feature num, which takes both."
    return f"Convert the column to {dtype.kind}, or set coerce=True on the feature."


def _tell(part: Part) -> str:
    return str(part.slot) or "the data frame"


def unite(findings: Iterable[Iterable[Finding]]) -> list[Finding]:
    """Findings of several checks as one list."""
    return [finding for group in findings for finding in group]
