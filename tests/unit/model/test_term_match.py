import pytest

from vitrina.model.term import TermDraft
from vitrina.model.term_match import MATCHES, get_field, list_identifiers, match_term

GENE = TermDraft(
    registry="Gene",
    name="BRCA2",
    ontology_id="ENSG00000139618",
    synonyms=("FANCD1", "brca2"),
    attributes={"symbol": "BRCA2", "ensembl_gene_id": "ENSG00000139618"},
)


@pytest.mark.parametrize(
    ("value", "matched_by", "place"),
    [
        ("BRCA2", "name", 0),
        ("ENSG00000139618", "identifier", 1),
        ("FANCD1", "synonym", 2),
        ("brca2", "synonym", 2),  # letter by letter, before the name in another case
        ("Brca2", "case", 3),
        ("ensg00000139618", "identifier", 4),
        ("fancd1", "synonym", 5),
    ],
)
def test_a_text_fits_a_term_in_one_of_six_ways(value, matched_by, place):
    assert match_term(value, GENE) == place
    assert MATCHES[place] == matched_by


@pytest.mark.parametrize("value", ["", "BRCA", "BRCA22"])
def test_other_texts_do_not_fit(value):
    assert match_term(value, GENE) is None


def test_a_gene_is_identified_by_its_id_and_not_twice_by_its_name():
    assert list_identifiers(GENE) == ("ENSG00000139618",)


def test_fields_are_those_of_the_record_and_its_attributes():
    fields = ("name", "ontology_id", "symbol", "ensembl_gene_id", "biotype", "uid")
    values = ["BRCA2", "ENSG00000139618", "BRCA2", "ENSG00000139618", None, None]
    assert [get_field(GENE, field) for field in fields] == values
