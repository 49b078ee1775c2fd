"""AnnData: slots, and the data itself. Each fault is made by hand; what should be said of it follows from it."""

import warnings

import anndata
import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from curate_records import HandVocabulary, build_feature, build_schema, list_codes

from vitrina.curate.check import check_dataset
from vitrina.curate.data.anndata import check_anndata
from vitrina.curate.data.matrix import check_counts, check_finite, check_sparse
from vitrina.curate.data.mudata import check_mudata
from vitrina.curate.parts import find_parts, list_slots


def build_table(matrix=None, **parts):
    matrix = np.arange(12, dtype="float32").reshape(4, 3) if matrix is None else matrix
    n_obs, n_var = matrix.shape
    obs = pd.DataFrame({"tissue": ["lung"] * n_obs}, index=[f"c{i}" for i in range(n_obs)])
    var = pd.DataFrame(index=["TP53", "BRCA1", "NOPE"][:n_var])
    return anndata.AnnData(matrix, obs=obs, var=var, **parts)


def check(table, **slots):
    return check_dataset(table, build_schema(otype="AnnData", slots=slots), HandVocabulary())


GENES = build_schema(itype="Gene.symbol")
OBS = build_schema(build_feature("tissue", "cat[Tissue]"))


def test_slots_of_a_table_are_checked_under_their_own_paths():
    table = build_table(uns={"title": 3, "bio": {"tissue": "lugn"}})
    checked = check(table, **{"obs": OBS, "var.T": GENES, "uns:bio": OBS})
    assert sorted((one.code, one.path) for one in checked.findings) == [
        ("term-unknown", "uns/bio#/tissue"),
        ("term-unknown", "var#"),
    ]
    assert checked.non_validated == {"var.T": {"columns": ("NOPE",)}, "uns:bio": {"tissue": ("lugn",)}}
    assert [term.name for term in checked.terms["var.T", "columns"]] == ["TP53", "BRCA1"]


def test_a_slot_that_is_not_there_is_told_with_the_nearest():
    [finding] = check(build_table(uns={"bio": {}}), **{"uns:boi": OBS}).findings
    assert (finding.code, finding.fix) == ("slot-missing", "Did you mean 'uns:bio' or 'uns'?")


def test_a_schema_without_slots_says_where_features_could_be():
    [finding] = check_dataset(build_table(), OBS, HandVocabulary()).findings
    assert finding.code == "slots-needed"
    assert "slots={'obs': schema}" in finding.fix


def test_arrays_are_checked_by_key_and_dtype():
    table = build_table(obsm={"X_umap": np.zeros((4, 2))})
    good = build_schema(build_feature("X_umap", "float"), build_feature("X_pca", "float"), optional=("X_pca",))
    assert check(table, obsm=good).findings == ()
    wrong = build_schema(build_feature("X_umap", "int"), build_feature("X_pca", "float"))
    assert sorted(list_codes(check(table, obsm=wrong).findings)) == ["column-missing", "dtype-differs"]


def test_whole_numbers_are_asked_for_by_the_dtype_of_the_slot_however_they_are_stored():
    counts = build_schema(itype="Gene.symbol", dtype="int")
    whole = build_table(np.array([[1, 0], [2, 3]], dtype="float32"))
    assert check(whole, **{"var.T": counts}).findings == ()
    halves = build_table(scipy.sparse.csr_matrix(np.array([[1.5, 0], [2, 3]], dtype="float32")))
    assert list_codes(check(halves, **{"var.T": counts}).findings) == ["counts-not-integral"]


def test_variables_dropped_in_place_are_told():
    table = build_table(layers={"raw": np.zeros((4, 3))}, varm={"loadings": np.zeros((3, 2))})
    table.var.drop(index="NOPE", inplace=True)  # noqa: PD002 - what the test is about
    findings = check_anndata(table, "tables/table/")
    assert list_codes(findings) == ["var-length-differs"] * 3
    assert findings[0].path == "tables/table/var#"
    assert findings[0].message == (
        "tables/table/var has 2 rows, and tables/table/X has 3 variables; they must be equal."
    )


def test_observations_dropped_in_place_are_told():
    table = build_table(obsm={"X_umap": np.zeros((4, 2))}, obsp={"near": scipy.sparse.eye(4, format="csr")})
    table.obs.drop(index="c0", inplace=True)  # noqa: PD002 - what the test is about
    assert list_codes(check_anndata(table)) == ["obs-length-differs"] * 3


def test_a_sound_table_has_no_findings():
    table = build_table(
        scipy.sparse.csr_matrix(np.eye(4, 3, dtype="float32")),
        layers={"dense": np.zeros((4, 3))},
        obsm={"X_umap": np.zeros((4, 2)), "frame": pd.DataFrame({"a": range(4)}, index=[f"c{i}" for i in range(4)])},
        obsp={"near": scipy.sparse.eye(4, format="csr")},
        varm={"loadings": np.zeros((3, 2))},
    )
    table.raw = table.copy()
    assert check_anndata(table) == []
    assert check_anndata(table[1:3]) == []
    assert check_anndata(anndata.AnnData(obs=pd.DataFrame(index=["a"]))) == []


def test_names_that_repeat_are_warned_of():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table = anndata.AnnData(np.zeros((3, 1)), obs=pd.DataFrame(index=["a", "b", "a"]))
    [finding] = check_anndata(table)
    assert (finding.code, finding.severity) == ("obs-names-repeated", "warning")
    assert "'a'" in finding.message


def test_categories_without_rows_are_worth_knowing():
    table = build_table()
    table.obs["kind"] = pd.Categorical(["x", "x", "y", "y"], categories=["x", "y", "z"])
    assert [(one.code, one.path) for one in check_anndata(table)] == [("categories-unused", "obs#/kind")]


def test_embeddings_that_are_not_finite_are_warned_of():
    table = build_table(obsm={"X_umap": np.array([[0, np.nan], [0, 0], [np.inf, 0], [0, 0]])})
    [finding] = check_anndata(table)
    assert (finding.code, finding.path) == ("embedding-not-finite", "obsm/X_umap#")
    assert finding.message.startswith("2 values")


@pytest.mark.parametrize("encoding", ["csr", "csc"])
@pytest.mark.parametrize(
    ("part", "position", "value", "code"),
    [
        ("indices", 0, 99, "sparse-invalid"),
        ("indices", 0, -1, "sparse-invalid"),
        ("indptr", 1, 99, "sparse-invalid"),
        ("indptr", 0, 1, "sparse-invalid"),
    ],
)
def test_sparse_matrices_that_contradict_themselves_are_told(encoding, part, position, value, code):
    matrix = scipy.sparse.random(6, 5, density=0.5, format=encoding, random_state=0)
    assert check_sparse(matrix, "X") == []
    getattr(matrix, part)[position] = value
    assert list_codes(check_sparse(matrix, "X")) == [code]


def test_unsorted_indices_are_worth_knowing():
    matrix = scipy.sparse.csr_matrix((np.ones(2), np.array([1, 0]), np.array([0, 2])), shape=(1, 2))
    assert [(one.code, one.severity) for one in check_sparse(matrix, "X")] == [("sparse-unsorted", "info")]


def test_numbers_that_are_not_finite_are_counted_when_asked():
    matrix = np.array([[1.0, np.nan], [np.inf, 2.0]])
    assert check_finite(matrix, "X")[0].message == "2 values of X are NaN or infinite."
    assert check_finite(scipy.sparse.csr_matrix(matrix), "X")[0].code == "values-not-finite"
    assert check_finite(np.eye(2, dtype=int), "X") == []


@pytest.mark.parametrize(
    ("value", "is_count"), [(3.0, True), (0.0, True), (1.5, False), (-1.0, False), (np.nan, False)]
)
def test_counts_are_whole_and_not_negative(value, is_count):
    assert (check_counts(np.array([[1.0, value]], dtype="float32"), "X") == []) is is_count


class HandMuData:
    """What checking asks of a MuData; the class of that name is found by name."""

    axis = 0

    def __init__(self, mod, obs):
        self.mod = mod
        self.obs = obs
        self.var = pd.DataFrame()
        self.uns = {}
        self.obsm = {}


HandMuData.__name__ = "MuData"


def test_modalities_are_slots_and_their_observations_are_those_of_the_whole():
    rna, protein = build_table(), build_table(np.ones((2, 1), dtype="float32"))
    whole = HandMuData({"rna": rna, "protein": protein}, rna.obs)
    assert check_mudata(whole) == []
    [finding] = check_dataset(whole, build_schema(slots={"rna:var.T": GENES}), HandVocabulary()).findings
    assert (finding.code, finding.path) == ("term-unknown", "rna/var#")
    shorter = HandMuData({"rna": rna}, rna.obs.iloc[:2])
    assert list_codes(check_mudata(shorter)) == ["modality-obs-differs"]
    rna.var.drop(index="NOPE", inplace=True)  # noqa: PD002 - what the test is about
    assert [one.path for one in check_mudata(whole)] == ["mod/rna/var#"]


def test_every_slot_that_is_listed_is_found():
    table = build_table(uns={"bio": {"a": 1}})
    for slot in list_slots(table):
        assert find_parts(table, slot), slot


def test_arrays_that_may_not_miss_values_are_looked_at():
    table = build_table(
        np.array([[1, np.nan], [2, 3]], dtype="float32"), obsm={"X_umap": np.array([[np.inf, 0], [0, 0]])}
    )
    slots = {
        "X": build_schema(build_feature("X", "float", is_nullable=False)),
        "obsm": build_schema(build_feature("X_umap", "float", is_nullable=False)),
    }
    assert sorted((one.code, one.path) for one in check(table, **slots).findings if one.severity == "error") == [
        ("value-missing", "obsm#/X_umap"),
        ("values-not-finite", "X#"),
    ]
    assert list_codes(check(table, X=build_schema(build_feature("X", "float"))).findings) == []
