"""Columns of categories that come batch by batch, each with a dictionary of its own, with one for all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    import numpy.typing as npt


class Categories:
    """The categories of one column, in the order in which they were met."""

    def __init__(self) -> None:
        self._codes: dict[Any, int] = {}
        self.type: pa.DataType = pa.string()

    @property
    def names(self) -> list[Any]:
        """All categories that were met, also those that only dictionaries have."""
        return list(self._codes)

    def encode(self, column: pa.Array) -> npt.NDArray[np.int32]:
        """The code of each value, -1 where there is none."""
        encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
        values = encoded.dictionary
        self.type = _simplify_type(values.type)
        own = np.array([self._get_code(value) for value in values.to_pylist()] + [-1], np.int32)
        indices = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        taken: npt.NDArray[np.int32] = own[indices]
        return taken

    def decode(self, codes: npt.NDArray[np.int32]) -> pa.DictionaryArray:
        """The values of codes, as a dictionary of all categories."""
        values = pa.array(self.names, self.type)
        return pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), values)

    def _get_code(self, value: Any) -> int:
        return -1 if value is None else self._codes.setdefault(value, len(self._codes))


def is_categorical(type_: pa.DataType) -> bool:
    """Whether a column is one of categories already."""
    return bool(pa.types.is_dictionary(type_))


def _simplify_type(type_: pa.DataType) -> pa.DataType:
    """Text of any kind as plain text."""
    is_text = pa.types.is_large_string(type_) or pa.types.is_string_view(type_) or pa.types.is_string(type_)
    return pa.string() if is_text else type_
