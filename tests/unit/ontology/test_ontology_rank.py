import pytest

from vitrina.model.term import TermDraft
from vitrina.ontology.rank import build_loose_query, build_queries, rank_found


def make_term(name, *, number=1, **fields):
    return TermDraft(registry="Tissue", name=name, ontology_id=f"UBERON:{number}", **fields)


def test_all_words_are_asked_for_and_the_last_may_be_unfinished():
    assert build_queries("t cell") == ('"t" AND "cell" *', '"t" * AND "cell" *')


def test_one_word_needs_one_query():
    assert build_queries("lung") == ('"lung" *',)


@pytest.mark.parametrize("text", ["", "  ", '"*()', "'--"])
def test_a_text_without_words_asks_for_nothing(text):
    assert build_queries(text) == ()
    assert build_loose_query(text) == ""


def test_operators_of_the_index_are_words_like_others():
    assert build_queries("a OR b) NEAR")[1] == '"a" * AND "OR" * AND "b" * AND "NEAR" *'


def test_names_come_before_synonyms_before_beginnings_before_the_rest():
    rest = make_term("alveolus of lung", number=1)
    longer = make_term("lung parenchyma", number=2)
    begins = make_term("lung bud", number=3)
    synonym = make_term("pulmo", number=4, synonyms=("Lung",))
    name = make_term("lung", number=5)
    assert rank_found("lung", [rest, longer, begins, synonym, name]) == [name, synonym, begins, longer, rest]


def test_obsolete_terms_come_last():
    old = make_term("lung", is_obsolete=True)
    new = make_term("right lung", number=2)
    assert rank_found("lung", [old, new]) == [new, old]


def test_the_first_of_two_with_the_same_id_counts():
    own, shipped = make_term("lung", source="own"), make_term("lung", source="shipped")
    assert rank_found("lung", [own, shipped]) == [own]
