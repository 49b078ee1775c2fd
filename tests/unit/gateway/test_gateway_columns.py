"""What of a table is shown first."""

import contents as make
import pytest

from vitrina.gateway.colors import choose_group_color
from vitrina.gateway.vitessce.columns import choose_embeddings, choose_genes, choose_sets, has_misleading_codes
from vitrina.gateway.vitessce.space import CoordinationSpace
from vitrina.model.content import Column, Embedding


def choose_names(*columns, shows_codes=False, **values):
    table = make.make_table(obs_columns=columns, **values)
    return [cell_set.name for cell_set in choose_sets(table, shows_codes=shows_codes)]


def test_cell_types_come_before_clusters_before_bookkeeping():
    columns = (
        make.make_category("sample_id", "a", "b", "c"),
        make.make_category("leiden", "0", "1", "2"),
        make.make_category("grade", "low", "high"),
        make.make_category("cell_type", "T", "B"),
    )
    assert choose_names(*columns) == ["cell_type", "leiden", "grade", "sample_id"]


def test_columns_with_one_or_very_many_categories_make_no_cell_sets():
    many = Column(name="barcode", dtype="category", n_categories=101)
    assert choose_names(make.make_category("organism", "human"), many) == []


def test_keys_of_the_regions_make_no_cell_sets():
    assert choose_names(make.make_category("region", "a", "b"), region_key="region") == []


def test_free_text_makes_cell_sets_only_by_a_telling_name():
    columns = (Column(name="barcode", dtype="string"), Column(name="cluster", dtype="string"))
    assert choose_names(*columns) == ["cluster"]


def test_nullable_columns_make_no_cell_sets():
    assert choose_names(Column(name="cluster", dtype="int64"), Column(name="annotated", dtype="bool")) == []


@pytest.mark.parametrize(
    ("categories", "is_misleading"),
    [
        (("10", "20", "30"), True),
        (("1", "2", "3"), True),
        (("0", "1", "2"), False),  # equal to their codes
        (("0", "1", "10", "2"), False),  # in text order, so they are text
        (("T cell", "B cell"), False),
        ((), False),
    ],
)
def test_integer_categories_that_the_viewer_would_show_as_codes_are_known(categories, is_misleading):
    column = make.make_category("stage", *categories)
    assert has_misleading_codes(column) is is_misleading
    if categories:
        assert (choose_names(column, shows_codes=True) == []) is is_misleading
        assert choose_names(column, shows_codes=False) == ["stage"]


def test_umap_comes_before_other_embeddings_before_pca():
    names = ("X_pca", "spatial", "X_scVI", "X_draw_graph_fa", "X_UMAP")
    dims = (50, 2, 30, 2, 2)
    embeddings = tuple(Embedding(name=name, n_dims=n) for name, n in zip(names, dims, strict=True))
    assert choose_embeddings(make.make_table(embeddings=embeddings)) == (
        ("UMAP", "X_UMAP"),
        ("draw_graph_fa", "X_draw_graph_fa"),
        ("PCA", "X_pca"),
    )


def test_the_first_gene_is_no_control_and_no_housekeeper():
    assert choose_genes(make.make_table(var_names=("Blank-1", "MT-CO1", "RPL3", "ACTA2"))) == ("ACTA2",)
    assert choose_genes(make.make_table(var_names=("MT-CO1",))) == ("MT-CO1",)


def test_the_first_two_dozen_groups_have_distinct_colours():
    assert len({choose_group_color(index) for index in range(24)}) == 24


def test_scopes_are_named_in_order_beyond_the_alphabet():
    space = CoordinationSpace()
    names = [space.add("obsType", index).name for index in range(53)]
    assert (names[0], names[25], names[26], names[52]) == ("A", "Z", "AA", "BA")
    assert space.build()["obsType"]["BA"] == 52
