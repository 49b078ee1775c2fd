"""Columns of data frames in types that a viewer reads, and what that changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from vitrina.readers.flat_columns import flatten_numbers, flatten_texts

if TYPE_CHECKING:
    import numpy.typing as npt

MAX_EXACT_FLOAT = 2**53


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatColumn:
    """A column as it is written.

    Attributes:
        values: Numbers, truth values, texts (as objects), texts with gaps, or categories named by texts.
        change: What is different from the column as it was, to complete "The column ..."; None for nothing.
    """

    values: npt.NDArray[Any] | pd.Categorical | pd.api.extensions.ExtensionArray
    change: str | None = None


def flatten_column(column: pd.Series[Any]) -> FlatColumn:
    """A column in a type that a viewer reads."""
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return _flatten_categories(column.array)
    if pd.api.types.is_bool_dtype(dtype):
        return _flatten_truth(column)
    if pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_complex_dtype(dtype):
        return _flatten_number(column)
    if pd.api.types.is_string_dtype(dtype) and not pd.api.types.is_object_dtype(dtype):
        return FlatColumn(values=_to_text_array(column))
    if not pd.api.types.is_object_dtype(dtype):  # dates, durations, periods, intervals, complex numbers
        return FlatColumn(values=_to_text_array(column), change=f"holds {dtype} and is written as text")
    return _flatten_objects(column)


def flatten_index(index: pd.Index[Any]) -> npt.NDArray[np.object_]:
    """Names of rows as text."""
    return np.asarray([str(name) for name in index], dtype=object)


def _flatten_objects(column: pd.Series[Any]) -> FlatColumn:
    match pd.api.types.infer_dtype(column, skipna=True):
        case "string" | "empty":
            return FlatColumn(values=_to_text_array(column))
        case "boolean":
            return _flatten_truth(column.astype("boolean"))
        case "integer" | "floating" | "mixed-integer-float":
            try:
                return _flatten_number(pd.to_numeric(column).convert_dtypes(convert_floating=False))
            except (TypeError, ValueError, OverflowError):
                pass  # numbers of more than 64 bits
    return FlatColumn(values=_to_text_array(column), change="holds values of several types and is written as text")


def _flatten_categories(values: Any) -> FlatColumn:
    categories = values.categories
    if categories.empty or pd.api.types.infer_dtype(categories) == "string":
        return FlatColumn(values=values)
    texts = [str(one) for one in categories]
    unique = list(dict.fromkeys(texts))
    places = {text: place for place, text in enumerate(unique)}
    # the last entry is that of missing values, whose code is -1
    moved = np.asarray([*(places[text] for text in texts), -1], dtype=np.int64)
    codes = moved[np.asarray(values.codes)]
    renamed = pd.Categorical.from_codes(codes, categories=pd.Index(unique, dtype=str), ordered=values.ordered)
    merged = "" if len(unique) == len(texts) else f"; {len(texts) - len(unique)} of them became the same text"
    return FlatColumn(
        values=renamed,
        change=f"has {categories.dtype} as categories; they are written as text, since viewers show the codes of "
        f"others{merged}",
    )


def _flatten_truth(column: pd.Series[Any]) -> FlatColumn:
    is_missing = column.isna().to_numpy(dtype=bool)
    if not is_missing.any():
        return FlatColumn(values=column.to_numpy(dtype=bool))
    texts = flatten_texts((str(bool(value)) for value in column.fillna(False)), is_missing)  # noqa: FBT003 pandas' fillna
    return FlatColumn(
        values=pd.Categorical(texts),
        change=f"holds truth values of which {int(is_missing.sum()):,} are missing; it is written as categories, with "
        "NA for those",
    )


def _flatten_number(column: pd.Series[Any]) -> FlatColumn:
    numpy_dtype = getattr(column.dtype, "numpy_dtype", column.dtype)
    if not isinstance(numpy_dtype, np.dtype):  # sparse, or numbers of Arrow without an equal
        numpy_dtype = np.dtype(np.float64)
    if numpy_dtype.kind == "f":
        wanted = np.dtype({2: np.float32, 4: np.float32}.get(numpy_dtype.itemsize, np.float64))
        return FlatColumn(values=column.to_numpy(dtype=wanted, na_value=np.nan))
    is_missing = column.isna().to_numpy(dtype=bool)
    whole = column.fillna(0) if is_missing.any() else column
    values = whole.to_numpy(dtype=numpy_dtype)
    if not is_missing.any():
        return _narrow(values)
    return FlatColumn(
        values=flatten_numbers(values, is_missing),
        change=f"holds whole numbers of which {int(is_missing.sum()):,} are missing; it is written as decimal numbers, "
        "with NaN for those",
    )


def _narrow(values: npt.NDArray[Any]) -> FlatColumn:
    """Whole numbers of 64 bits as 32 bits, else as decimal numbers; what neither holds stays."""
    if values.dtype.itemsize < 8 or values.size == 0:
        return FlatColumn(values=values if values.dtype.itemsize < 8 else values.astype(np.int32))
    low, high = int(values.min()), int(values.max())
    for dtype in (np.int32, np.uint32):
        if np.iinfo(dtype).min <= low and high <= np.iinfo(dtype).max:
            return FlatColumn(values=values.astype(dtype))
    if low >= -MAX_EXACT_FLOAT and high <= MAX_EXACT_FLOAT:
        return FlatColumn(
            values=values.astype(np.float64),
            change="holds whole numbers of more than 32 bits; it is written as decimal numbers, which are exact",
        )
    return FlatColumn(
        values=values,
        change="holds whole numbers of more than 53 bits, which are kept as they are; browsers round them",
    )


def _to_text_array(column: pd.Series[Any]) -> npt.NDArray[np.object_] | pd.api.extensions.ExtensionArray:
    """Texts, with gaps where values are missing."""
    is_missing = column.isna().to_numpy(dtype=bool)
    texts = [None if missing else str(value) for value, missing in zip(column, is_missing, strict=True)]
    return pd.array(texts, dtype="string") if is_missing.any() else np.asarray(texts, dtype=object)
