import fastobo
import pytest

from vitrina.model.term import TermDraft
from vitrina.ontology.file import Match
from vitrina.ontology.obo import build_term
from vitrina.ontology.organisms import get_short_name
from vitrina.ontology.reference import choose_best


def make_match(number, tier, **fields):
    return Match("x", TermDraft(registry="Tissue", name="x", ontology_id=f"UBERON:{number}", **fields), tier)


def list_ids(terms):
    return [term.ontology_id for term in terms]


def test_a_name_wins_over_a_synonym():
    assert list_ids(choose_best([make_match(1, 1), make_match(2, 0)])) == ["UBERON:2"]


def test_equally_good_ones_all_come():
    assert list_ids(choose_best([make_match(1, 1), make_match(2, 1)])) == ["UBERON:1", "UBERON:2"]


def test_an_obsolete_term_loses_even_by_its_name():
    assert list_ids(choose_best([make_match(1, 0, is_obsolete=True), make_match(2, 3)])) == ["UBERON:2"]


def test_an_obsolete_term_comes_when_it_is_the_only_one():
    assert list_ids(choose_best([make_match(1, 0, is_obsolete=True)])) == ["UBERON:1"]


@pytest.mark.parametrize("text", ["human", "Human", "Homo sapiens", "homo_sapiens", "NCBITaxon:9606"])
def test_an_organism_has_many_names(text):
    assert get_short_name(text) == "human"


def test_an_unknown_organism_keeps_its_name():
    assert get_short_name("unicorn") == "unicorn"


def test_a_stanza_gives_exact_synonyms_and_parents_by_is_a_and_part_of():
    # OBO 1.4, https://owlcollab.github.io/oboformat/doc/GO.format.obo-1_4.html#S.2.2
    stanza = """[Term]
id: UBERON:9
name: lobule
def: "A part." [LAB:me]
synonym: "lobulus" EXACT []
synonym: "part" BROAD []
is_a: UBERON:1 ! organ part
relationship: part_of UBERON:2 ! lung
relationship: develops_from UBERON:3
is_obsolete: true
replaced_by: UBERON:4
"""
    term = build_term(fastobo.loads(stanza)[0])
    assert (term.ontology_id, term.name, term.description) == ("UBERON:9", "lobule", "A part.")
    assert term.synonyms == ("lobulus",)
    assert term.parent_ids == ("UBERON:1", "UBERON:2")
    assert (term.is_obsolete, term.replaced_by) == (True, "UBERON:4")
