import pytest
from viewer_records import list_codes, list_severities

from vitrina.checks.viewer.tables import (
    check_categories,
    check_chunks,
    check_drawable,
    check_nullable,
    check_paths,
    check_rows,
)
from vitrina.checks.viewer.zarr_facts import ArrayFacts
from vitrina.model.content import Column, Embedding, TableElement


def facts_of(shape, chunks, dtype="float32", path="X"):
    return ArrayFacts(path=path, shape=shape, chunk_shape=chunks, dtype=dtype)


@pytest.mark.parametrize(
    ("shape", "chunks", "codes"),
    [
        ((100_000, 20_000), (100_000, 10), []),
        ((100_000, 20_000), (100_000, 100), ["anndata-chunk-vars"]),
        ((100_000, 20_000), (1_000, 10), ["anndata-chunk-obs"]),
        ((100_000, 20_000), (1_000, 20_000), ["anndata-chunk-vars", "anndata-chunk-obs"]),
        ((700, 765), (700, 765), []),
        ((3_000_000, 500), (3_000_000, 1), []),
        ((0, 500), (1, 500), []),
        ((100, 20_000), None, []),
    ],
)
def test_one_gene_must_take_few_bytes_and_few_requests(shape, chunks, codes):
    # 100,000 observations x 100 genes x 4 bytes are 40 MB; 100 chunks of 1,000 observations are 100 requests
    assert list_codes(check_chunks(facts_of(shape, chunks))) == codes


def test_a_large_matrix_sorted_by_observations_is_told_and_a_small_one_is_not():
    assert list_codes(check_rows(facts_of((10_000_000,), (1000,), path="X/data"), "X")) == ["anndata-chunk-vars"]
    assert list(check_rows(facts_of((10_000,), (1000,), path="X/data"), "X")) == []


def test_columns_that_are_listed_must_be_there():
    attrs = {"column-order": ["a", "b/c", "d"], "_index": "_index"}
    assert list(check_paths(attrs, "obs", {"a", "b", "d", "_index"})) == []
    found = list(check_paths(attrs, "obs", {"a", "b"}))
    assert [finding.path for finding in found] == ["obs#/column-order", "obs#/_index"]
    assert list_severities(found) == [("anndata-path-missing", "error")] * 2


def test_a_table_with_nothing_to_draw_is_an_error():
    empty = TableElement(name="t", path="", n_obs=5, obs_columns=(Column(name="n", dtype="int64"),))
    assert list_severities(check_drawable(empty)) == [("anndata-path-missing", "error")]
    drawn = TableElement(name="t", path="", n_obs=5, embeddings=(Embedding(name="X_umap", n_dims=2),))
    assert list(check_drawable(drawn)) == []


@pytest.mark.parametrize(
    ("encoding", "is_told"),
    [("nullable-integer", True), ("nullable-boolean", True), ("nullable-string-array", False)],
)
def test_values_with_a_mask_are_read_for_text_only(encoding, is_told):
    assert list_codes(check_nullable(encoding, "obs/n")) == (["anndata-nullable-column"] if is_told else [])


@pytest.mark.parametrize(
    ("categories", "text", "is_told"),
    [
        (("10", "20"), None, True),
        (("0.5", "1.5"), None, True),
        (("0", "1", "2"), None, False),
        (("10", "20"), "utf8", False),
    ],
)
def test_categories_that_are_numbers_other_than_their_codes_are_told(categories, text, is_told):
    column = Column(name="c", dtype="category", n_categories=len(categories), categories=categories)
    stored = ArrayFacts(path="obs/c/categories", text=text, dtype="text" if text else "int64")
    assert list_codes(check_categories(column, stored, "obs/c")) == (["anndata-integer-categories"] if is_told else [])
