"""The dtype words are those that LaminDB documents and accepts; canonical texts are written by hand."""

from __future__ import annotations

import pytest

from vitrina.errors import InputError, UnsupportedError
from vitrina.model.dtype import KINDS, Dtype, RegistryField, parse_dtype, parse_registry_field


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_means_itself(kind):
    assert parse_dtype(kind) == Dtype(kind=kind)
    assert str(parse_dtype(f"list[{kind}]")) == f"list[{kind}]"


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("cat[Tissue]", "cat[Tissue]"),
        ("cat[bionty.Tissue]", "cat[Tissue]"),
        ("cat[Tissue.name]", "cat[Tissue]"),
        ("cat[bionty.Tissue.ontology_id]", "cat[Tissue.ontology_id]"),
        ("cat[assay]", "cat[ExperimentalFactor]"),
        ("cat[ Tissue | CellType ]", "cat[Tissue|CellType]"),
        ("cat[bionty.Tissue.ontology_id|bionty.CellType.ontology_id]", "cat[Tissue.ontology_id|CellType.ontology_id]"),
        ("list[cat[ULabel]]", "list[cat[ULabel]]"),
        ("list[cat[bionty.Gene.ensembl_gene_id]]", "list[cat[Gene.ensembl_gene_id]]"),
        ("datetime64[ns, UTC]", "datetime"),
    ],
)
def test_categories_have_one_canonical_text(text, canonical):
    assert str(parse_dtype(text)) == canonical
    assert parse_dtype(canonical) == parse_dtype(text)


def test_a_union_names_its_registries_in_order():
    assert parse_dtype("cat[Tissue|CellType]") == Dtype(kind="cat", registries=("Tissue", "CellType"), field="name")


@pytest.mark.parametrize(
    ("text", "code", "hint"),
    [
        ("flaot", "dtype-unknown", "'float'"),
        ("category", "dtype-unknown", "cat[ULabel]"),
        ("Tissue", "dtype-unknown", "cat[Tissue]"),
        ("cat[]", "dtype-unknown", "cat[ULabel]"),
        ("cat[bionty.Tisue]", "registry-unknown", "Did you mean Tissue?"),
        ("cat[Tissue.ontolgy_id]", "registry-field-unknown", "ontology_id"),
        ("cat[Tissue.name|CellType.ontology_id]", "dtype-mixed-fields", "same field"),
        ("", "dtype-unknown", "str, int"),
        ("list[", "dtype-unknown", "list[...]"),
    ],
)
def test_what_is_no_dtype_is_refused_with_a_next_step(text, code, hint):
    with pytest.raises(InputError) as caught:
        parse_dtype(text)
    assert caught.value.code == code
    assert hint in caught.value.hint


@pytest.mark.parametrize("text", ["cat[bionty.CellType[source__uid='x']]", "list[list[str]]"])
def test_what_is_not_built_is_refused_as_such(text):
    with pytest.raises(UnsupportedError):
        parse_dtype(text)


def test_a_registry_field_says_what_identifies_a_term():
    assert parse_registry_field("bionty.Gene.ensembl_gene_id") == RegistryField(registry="Gene", name="ensembl_gene_id")
    assert str(parse_registry_field("Tissue.name")) == "Tissue"
