"""How matrices are narrowed and laid out. Expected values are by hand arithmetic from the rules of the decision."""

import numpy as np
import pytest

from vitrina.convert.anndata.options import AnnDataOptions
from vitrina.convert.anndata.plan import DensePlan, SparsePlan, plan_matrix
from vitrina.convert.anndata.survey import choose_dtype, count_lost, survey_values
from vitrina.errors import InputError
from vitrina.readers.zarr_names import make_names_safe


def plan(shape, itemsize=1, part=1.0, **options):
    return plan_matrix(shape, itemsize, int(shape[0] * shape[1] * part), AnnDataOptions(**options))


def test_one_variable_is_a_chunk():
    assert plan((150_000, 400)) == DensePlan(chunk_shape=(150_000, 1), n_shard_chunks=None)


def test_variables_share_a_chunk_up_to_64_kib_and_ten():
    assert plan((700, 765)).chunk_shape == (700, 10)
    assert plan((10_000, 765), 2).chunk_shape == (10_000, 3)  # 65,536 / 20,000
    assert plan((700, 3)).chunk_shape == (700, 3)


def test_many_variables_are_put_into_shards_or_share_chunks():
    assert plan((100_000, 20_000)) == DensePlan(chunk_shape=(100_000, 1), n_shard_chunks=256)
    assert plan((100_000, 20_000), zarr_format=2) == DensePlan(chunk_shape=(100_000, 10), n_shard_chunks=None)
    assert plan((100_000, 3_000), zarr_format=2).chunk_shape == (100_000, 2)


def test_what_is_large_and_sparse_is_sparse_by_columns():
    assert isinstance(plan((1_000_000, 30_000), part=0.05), SparsePlan)
    assert isinstance(plan((1_000_000, 30_000), part=0.4), DensePlan)
    assert isinstance(plan((100_000, 30_000), part=0.05), DensePlan)
    assert isinstance(plan((10, 10), part=0.05, layout="csc"), SparsePlan)
    assert isinstance(plan((1_000_000, 30_000), part=0.05, layout="dense"), DensePlan)


@pytest.mark.parametrize("shape", [(0, 5), (5, 0), (0, 0)])
def test_empty_matrices_have_chunks_of_at_least_one(shape):
    assert min(plan(shape).chunk_shape) >= 1
    assert plan(shape, layout="csc").chunk_size >= 1


@pytest.mark.parametrize(
    ("values", "dtype", "n_lost"),
    [
        ([0.0, 255.0], "uint8", 0),
        ([0, 256], "uint16", 0),
        ([0.0, 65536.0], "uint32", 0),
        ([-1, 127], "int8", 0),
        ([-129.0], "int16", 0),
        ([True, False], "uint8", 0),
        ([], "uint8", 0),
        ([0.5], "float32", 0),
        ([0.1], "float32", 1),
        ([1.0, np.nan], "float32", 0),
        ([1.0, np.inf], "float32", 0),
        ([0.5, 1e300], "float64", 0),
        ([2**33], "float32", 0),
        ([2**33 + 1], "float64", 0),
        ([2**60 + 1], "float64", 1),
    ],
)
def test_the_smallest_type_that_keeps_all_values(values, dtype, n_lost):
    survey = survey_values([np.asarray(values)])
    assert choose_dtype(survey) == np.dtype(dtype)
    assert count_lost(survey, choose_dtype(survey)) == n_lost


def test_blocks_are_surveyed_together():
    assert choose_dtype(survey_values([np.array([1.0]), np.array([-3.0]), np.array([300.0])])) == np.dtype("int16")
    assert choose_dtype(survey_values([np.array([1.0]), np.array([0.25])])) == np.dtype("float32")


def test_names_become_keys_that_are_all_different():
    names = ["a", "a", "b/c", "b_c", "", ".", "..", "_index", "__x", 5, "d\\e"]
    safe = make_names_safe(names)
    assert safe[0] == "a"
    assert safe[3] == "b_c"
    assert len(set(safe)) == len(names)
    assert not any("/" in name or "\\" in name or not name.strip(".") or name[:2] == "__" for name in safe)
    assert "_index" not in safe


def test_options_that_make_no_sense_are_refused():
    for wrong in ({"zarr_format": 4}, {"layout": "csr"}, {"max_files": 0}, {"max_memory_bytes": 0}, {"n_threads": 0}):
        with pytest.raises(InputError):
            AnnDataOptions(**wrong)
