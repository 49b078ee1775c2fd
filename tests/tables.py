"""Comparing tables by their values, whatever types and layouts they have."""

import numpy as np
import pandas as pd
from scipy.sparse import issparse


def to_array(matrix):
    """A matrix in memory, as float64."""
    if hasattr(matrix, "to_memory"):
        matrix = matrix.to_memory()
    dense = matrix.toarray() if issparse(matrix) else np.asarray(matrix)
    return dense.astype(np.float64)


def as_float32(matrix):
    """What is left of values where all are written as float32."""
    return to_array(matrix).astype(np.float32).astype(np.float64)


def as_texts(column):
    """Values as text; None where one is missing. Whole numbers look alike, whatever their type."""
    values = column.astype(object)
    return [None if pd.isna(one) else _to_text(one) for one in values]


def _to_text(value):
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return repr(float(value)) if isinstance(value, float | np.floating) else str(value)


def assert_frames_equal(written, original):
    """Same index, same columns in the same order, same values."""
    assert list(written.index) == [str(one) for one in original.index]
    assert list(written.columns) == [str(one) for one in original.columns]
    for name in original.columns:
        assert as_texts(written[str(name)]) == as_texts(original[name]), name


def assert_tables_equal(written, original):
    """Same values in all parts but ``uns``."""
    assert_frames_equal(written.obs, original.obs)
    assert_frames_equal(written.var, original.var)
    if original.X is not None:
        np.testing.assert_array_equal(to_array(written.X), as_float32(original.X))
    for name in [name for name in original.layers if name is not None]:
        np.testing.assert_array_equal(to_array(written.layers[name]), as_float32(original.layers[name]))
    for name in original.obsm:
        np.testing.assert_array_equal(to_array(written.obsm[name]), as_float32(original.obsm[name]))
    for part in ("varm", "obsp", "varp"):
        assert sorted(getattr(written, part)) == sorted(getattr(original, part))
        for name in getattr(original, part):
            np.testing.assert_array_equal(
                to_array(getattr(written, part)[name]), to_array(getattr(original, part)[name])
            )
    assert (written.raw is None) == (original.raw is None)
    if original.raw is not None:
        assert_frames_equal(written.raw.var, original.raw.var)
        np.testing.assert_array_equal(to_array(written.raw.X), as_float32(original.raw.X))
