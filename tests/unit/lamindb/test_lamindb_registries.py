"""LaminDB's registries and dtypes in our words. Expected values follow LaminDB's documentation of dtypes.

Source: https://docs.lamin.ai/lamindb.feature
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from vitrina.lamindb.records import LaminTerm
from vitrina.lamindb.registries import map_registries, translate_dtype, translate_itype

REGISTRIES = {
    "ULabel": "ULabel",
    "Record": "ULabel",
    "bionty.Tissue": "Tissue",
    "bionty.CellType": "CellType",
    "bionty.Gene": "Gene",
    "bionty.Phenotype": "Sex",
}


def build_term(ontology_id):
    return LaminTerm(
        id=1,
        registry="bionty.Phenotype",
        uid="a",
        name="a",
        ontology_id=ontology_id,
        synonyms=(),
        description=None,
        parent_ids=(),
        attributes={},
        organism_id=None,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        created_by_id=1,
    )


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("float", "float"),
        ("datetime64[ns, UTC]", "datetime"),
        ("cat[bionty.Tissue]", "cat[Tissue]"),
        ("cat[bionty.Tissue.ontology_id]", "cat[Tissue.ontology_id]"),
        ("cat[bionty.Tissue.uid]", "cat[Tissue]"),
        ("cat[bionty.CellType[source__uid='x|y']]", "cat[CellType]"),
        ("cat[ULabel[Ab12]]", "cat[ULabel]"),
        ("cat[bionty.Gene[organism__name='human'].symbol]", "cat[Gene.symbol]"),
        ("cat[bionty.Tissue|bionty.CellType]", "cat[Tissue|CellType]"),
        ("list[cat[ULabel]]", "list[cat[ULabel]]"),
        ("list[str]", "list[str]"),
        ("cat[Record]", "cat[ULabel]"),
        ("cat[bionty.Phenotype]", "cat[Sex]"),
    ],
)
def test_a_dtype_keeps_its_meaning(theirs, ours):
    assert translate_dtype(theirs, REGISTRIES) == ours


@pytest.mark.parametrize("theirs", ["cat[User]", "cat[bionty.Source]", "cat[ULabel|User]", "wonder"])
def test_a_dtype_without_a_like_here_is_none(theirs):
    assert translate_dtype(theirs, REGISTRIES) is None


def test_members_of_schemas_are_fields_of_registries():
    assert translate_itype("bionty.Gene.ensembl_gene_id", REGISTRIES) == "Gene.ensembl_gene_id"
    assert translate_itype("bionty.Protein.uniprotkb_id", REGISTRIES) is None


def test_phenotypes_are_sexes_when_they_are_nothing_else():
    female, height = build_term("PATO:0000383"), build_term("EFO:0004339")
    assert map_registries({"bionty.Phenotype": [female]}) == {"bionty.Phenotype": "Sex"}
    assert map_registries({"bionty.Phenotype": [female, height]}) == {"bionty.Phenotype": "ULabel"}
    assert map_registries({"bionty.Phenotype": []}) == {"bionty.Phenotype": "ULabel"}


def test_registries_that_are_not_here_are_labels():
    assert map_registries({"bionty.Pathway": [], "bionty.Tissue": [], "Record": []}) == {
        "bionty.Pathway": "ULabel",
        "bionty.Tissue": "Tissue",
        "Record": "ULabel",
    }
